/* files.c - writing files below one folder, and JSON; see internal.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "annotate/internal.h"
#include "base/file.h"

th_status file_write(const char *dir, const char *name, const char *text, size_t len, th_error *err)
{
    th_str path = {0};

    th_path_join(&path, dir, name);
    FILE *fp = th_str_ok(&path) ? fopen(th_str_text(&path), "wb") : NULL;
    bool ok = fp && fwrite(text, 1, len, fp) == len;
    if (fp && fclose(fp) != 0)
        ok = false;
    th_status status = ok ? TH_OK : th_error_set(err, TH_ERR_IO, "%s: %s", th_str_text(&path), strerror(errno));
    th_str_free(&path);
    return status;
}

static int add_bytes(const char *bytes, size_t len, void *out)
{
    th_str_add(out, bytes, len);
    return 0;
}

void json_line(const json_t *value, size_t flags, th_str *out)
{
    json_dump_callback(value, add_bytes, out, flags | JSON_REAL_PRECISION(15) | JSON_ENCODE_ANY);
}

/* The name lies in one folder and is no option of a program. */
void file_stem(const json_t *document, size_t n, th_str *out)
{
    const char *path = json_string_value(json_object_get(document, "path"));
    const char *name = th_path_base(path ? path : ""), *dot = strrchr(name, '.');
    size_t len = dot && dot != name && !strpbrk(dot, "#!") ? (size_t)(dot - name) : strlen(name);

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)name[i];
        bool bad = c < 0x20 || c == 0x7F || strchr("/\\!#:*?\"<>|", c) || (i == 0 && (c == '.' || c == '-'));
        th_str_putc(out, bad ? '_' : (char)c);
    }
    if (!len)
        th_str_puts(out, "article");
    if (n)
        th_str_addf(out, "-%zu", n + 1);
}

th_status json_read(const char *path, const char *bytes, size_t len, json_t **out, th_error *err)
{
    json_error_t fault;

    *out = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &fault);
    return *out ? TH_OK : th_error_set(err, TH_ERR_PARSE, "%s:%d:%d: %s", path, fault.line, fault.column, fault.text);
}
