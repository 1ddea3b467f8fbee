/* error.c - see error.h. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/words.h"

static const char *const names[] = {
    [TH_OK] = "ok",
    [TH_ERR_RUNTIME] = "runtime",
    [TH_ERR_LIMIT_CPU] = "limit-cpu",
    [TH_ERR_LIMIT_MEMORY] = "limit-memory",
    [TH_ERR_LIMIT_OUTPUT] = "limit-output",
    [TH_ERR_TIMEOUT] = "timeout",
    [TH_ERR_CRASH] = "crash",
    [TH_ERR_USAGE] = "usage",
    [TH_ERR_MISSING] = "missing",
    [TH_ERR_UNREADABLE] = "unreadable",
    [TH_ERR_EMPTY] = "empty",
    [TH_ERR_BINARY] = "binary",
    [TH_ERR_FORMAT] = "format",
    [TH_ERR_ENCODING] = "encoding",
    [TH_ERR_BOMB] = "bomb",
    [TH_ERR_PARSE] = "parse",
    [TH_ERR_NOMEM] = "no-memory",
    [TH_ERR_IO] = "io",
    [TH_ERR_STORE] = "store",
    [TH_ERR_BUSY] = "busy",
};

/* Drop the bytes of a character that the buffer cut in two. */
static void trim_to_character(char *text)
{
    size_t len = strlen(text), back = 0;

    while (back < 3 && back < len && ((unsigned char)text[len - 1 - back] & 0xC0) == 0x80)
        back++;
    if (back >= len)
        return;
    unsigned char lead = (unsigned char)text[len - 1 - back];
    size_t want = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (back < want)
        text[len - 1 - back] = '\0';
}

th_status th_error_set(th_error *err, th_status status, const char *fmt, ...)
{
    va_list args;

    if (!err || err->status != TH_OK)
        return status;
    err->status = status;
    va_start(args, fmt);
    if (vsnprintf(err->text, sizeof err->text, th_words(fmt), args) >= (int)sizeof err->text)
        trim_to_character(err->text);
    va_end(args);
    return status;
}

void th_error_clear(th_error *err)
{
    err->status = TH_OK;
    err->text[0] = '\0';
}

const char *th_status_name(th_status status)
{
    return (size_t)status < sizeof names / sizeof *names ? names[status] : "unknown";
}
