/* fuzz_docx.c - any bytes as the parts of a Word document: the body, its styles, lists and notes. The zip around them is
 * written here, since a fuzzer would spend its time on checksums; the bytes as they are go to the reader too.
 *
 * Parts are separated by a line "=== N", where N says which part follows: 0 body, 1 styles, 2 lists, 3 footnotes, 4 core. */
#include <archive.h>
#include <archive_entry.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "load/docx.h"

static char zip[4 << 20];

static void add(struct archive *a, const char *name, const char *bytes, size_t len)
{
    struct archive_entry *e = archive_entry_new();

    archive_entry_set_pathname(e, name);
    archive_entry_set_size(e, (la_int64_t)len);
    archive_entry_set_filetype(e, AE_IFREG);
    if (archive_write_header(a, e) == ARCHIVE_OK)
        archive_write_data(a, bytes, len);
    archive_entry_free(e);
}

static size_t pack(const char *data, size_t size)
{
    static const char *const names[] = {"word/document.xml", "word/styles.xml", "word/numbering.xml", "word/footnotes.xml", "docProps/core.xml"};
    struct archive *a = archive_write_new();
    size_t used = 0, part = 0;
    const char *end = data + size;

    archive_write_set_format_zip(a);
    archive_write_zip_set_compression_store(a);
    archive_write_open_memory(a, zip, sizeof zip, &used);
    while (data < end) {
        const char *stop = memmem(data, (size_t)(end - data), "\n=== ", 5);
        add(a, names[part], data, (size_t)((stop ? stop : end) - data));
        if (!stop || end - stop < 7)
            break;
        part = (size_t)((unsigned char)stop[5] - '0') % 5;
        data = stop + 7;
    }
    archive_write_close(a);
    archive_write_free(a);
    return used;
}

static void read_one(const char *bytes, size_t len)
{
    th_draft d = {.arena = th_arena_new(), .path = "input"};
    th_error err = {0};

    if (th_docx_read(&d, bytes, len, &err) == TH_OK && (!d.count || err.status != TH_OK))
        abort();
    th_str_free(&d.text);
    th_arena_free(d.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_one((const char *)data, size);
    if (size < sizeof zip / 4)
        read_one(zip, pack((const char *)data, size));
    return 0;
}
