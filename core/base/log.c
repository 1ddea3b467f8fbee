/* log.c - see log.h. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "base/words.h"

#define WIPE_LINE "\r\033[K"

enum { REDRAW_NS = 100 * 1000 * 1000, LONGEST_LINE = 4096, KEPT_MOST = 64 << 10 };

static th_log_level lowest = TH_LOG_INFO;
static bool progress_shown;
static struct timespec progress_time;
static th_log_fn sink;
static void *sink_ctx;
static th_str *kept;

void th_log_set_level(th_log_level level)
{
    lowest = level;
}

bool th_log_shows(th_log_level level)
{
    return level >= lowest;
}

void th_log_set_sink(th_log_fn fn, void *ctx)
{
    sink = fn;
    sink_ctx = ctx;
}

void th_log_keep(struct th_str *out)
{
    kept = out;
}

/* All of it in one write where the system takes it, so that lines of several processes do not mix; where it does not, there is nowhere
 * left to complain. */
static void say(const char *text, size_t len)
{
    th_write_all(STDERR_FILENO, text, len);
}

/* A line with its end. */
static void keep(const char *line, size_t len)
{
    if (!kept || kept->len >= KEPT_MOST)
        return;
    th_str_add(kept, line, len);
    if (kept->len >= KEPT_MOST)
        th_str_puts(kept, "[… more was said]\n");
}

/* Control characters become spaces: C0, DEL, C1 as UTF-8 (C2 80 to C2 9F) and C1 as bare bytes. */
static void clean_line(char *text, size_t len)
{
    size_t tail = 0; /* bytes the current character still wants */

    for (size_t i = 0; i < len; i++) {
        unsigned char b = (unsigned char)text[i];
        bool is_tail = tail > 0 && (b & 0xC0) == 0x80;
        if (b < 0x20 || b == 0x7F || (b >= 0x80 && b < 0xA0 && !is_tail)) {
            text[i] = ' ';
        } else if (b == 0xC2 && i + 1 < len && ((unsigned char)text[i + 1] & 0xE0) == 0x80) {
            text[i] = text[i + 1] = ' ';
            i++;
        }
        tail = is_tail ? tail - 1 : b >= 0xF0 ? 3 : b >= 0xE0 ? 2 : b >= 0xC2 ? 1 : 0;
    }
}

static const char *level_prefix(th_log_level level)
{
    switch (level) {
    case TH_LOG_DEBUG:
        return "debug: ";
    case TH_LOG_WARN:
        return "warning: ";
    case TH_LOG_ERROR:
        return "error: ";
    default:
        return "";
    }
}

void th_log(th_log_level level, const char *fmt, ...)
{
    char line[LONGEST_LINE];
    va_list args;

    if (!th_log_shows(level))
        return;
    th_progress_end();
    size_t len = sink ? 0 : (size_t)snprintf(line, sizeof line, "talenthost: %s", level_prefix(level));
    va_start(args, fmt);
    vsnprintf(line + len, sizeof line - len - 1, th_words(fmt), args); /* a byte is kept for the line end */
    va_end(args);
    len = strlen(line);
    clean_line(line, len);
    if (sink) {
        sink(sink_ctx, level, line);
        return;
    }
    line[len++] = '\n';
    keep(line, len);
    say(line, len);
}

void th_log_more(th_log_level level, const char *fmt, ...)
{
    char line[LONGEST_LINE] = "    ";
    va_list args;

    if (level < lowest)
        return;
    va_start(args, fmt);
    vsnprintf(line + 4, sizeof line - 5, fmt, args);
    va_end(args);
    size_t len = strlen(line);
    clean_line(line, len);
    line[len++] = '\n';
    keep(line, len);
    say(line, len);
}

static bool is_due(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    long long passed =
        (now.tv_sec - progress_time.tv_sec) * 1000000000LL + (now.tv_nsec - progress_time.tv_nsec);
    if (passed < REDRAW_NS)
        return false;
    progress_time = now;
    return true;
}

void th_progress(const char *what, size_t done, size_t total)
{
    char line[256];

    if (lowest > TH_LOG_INFO || !is_due() || !isatty(STDERR_FILENO))
        return;
    snprintf(line, sizeof line, "%s %zu/%zu", what, done, total);
    clean_line(line, strlen(line));
    say(WIPE_LINE, sizeof WIPE_LINE - 1);
    say(line, strlen(line));
    progress_shown = true;
}

void th_progress_end(void)
{
    if (progress_shown)
        say(WIPE_LINE, sizeof WIPE_LINE - 1);
    progress_shown = false;
}
