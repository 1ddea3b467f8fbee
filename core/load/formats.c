/* formats.c - see formats.h. */
#include "load/formats.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const th_format th_formats[] = {
    {"markdown", "front matter between --- lines (Jekyll, Hugo), or headings, lists and links in Markdown", NULL, NULL},
    {"html", "a doctype or tags at the start: saved pages, fragments, WeChat pages", NULL, NULL},
    {"docx", "a zip archive that holds word/document.xml", NULL, NULL},
    {"pdf", "%PDF- at the start; needs a text layer", "pdftotext", "poppler-utils"},
    {"csv, tsv", "rows with as many fields as a first row that names a text: 正文 内容 text content …, or columns: in config.yaml", NULL, NULL},
    {"json", "objects with such keys: one a line (NDJSON), or in an array", NULL, NULL},
    {"(archives)", "zip, tar (gz, xz, zst), 7z: their members in any of these formats, one archive in another at most", NULL, NULL},
    {"(web archives)", "WARC records; the pages among them", NULL, NULL},
    {"text", "text of no other kind; encodings: UTF-8, GB18030, Big5, UTF-16", NULL, NULL},
    {NULL, NULL, NULL, NULL},
};

static bool is_installed(const char *program)
{
    const char *path = getenv("PATH");
    char file[4096];

    for (const char *at = path && *path ? path : "/usr/bin:/bin"; at; at = strchr(at, ':') ? strchr(at, ':') + 1 : NULL) {
        int n = (int)strcspn(at, ":");
        if (n > 0 && (size_t)snprintf(file, sizeof file, "%.*s/%s", n, at, program) < sizeof file && access(file, X_OK) == 0)
            return true;
    }
    return false;
}

void th_format_needs(const th_format *format, char *out, size_t size)
{
    if (!format->program)
        snprintf(out, size, "-");
    else if (is_installed(format->program))
        snprintf(out, size, "%s: present", format->program);
    else
        snprintf(out, size, "%s: missing; install the package %s", format->program, format->package);
}
