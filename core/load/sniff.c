/* sniff.c - see sniff.h. */
#define _GNU_SOURCE 1 /* memmem */
#include "load/sniff.h"

#include <stdbool.h>
#include <string.h>

#include "load/decode.h"

static const struct {
    const char *bytes;
    size_t len;
    th_kind kind;
    const char *what;
} magics[] = {
    {"\x89PNG\r\n", 6, TH_KIND_BINARY, "a PNG image"},
    {"\xff\xd8\xff", 3, TH_KIND_BINARY, "a JPEG image"},
    {"GIF8", 4, TH_KIND_BINARY, "a GIF image"},
    {"\x7f" "ELF", 4, TH_KIND_BINARY, "a program"},
    {"SQLite format 3", 15, TH_KIND_FORMAT, "an SQLite database"},
    {"%PDF-", 5, TH_KIND_PDF, "a PDF document"},
    {"{\\rtf", 5, TH_KIND_FORMAT, "an RTF document; save it as .docx"},
    {"\xd0\xcf\x11\xe0", 4, TH_KIND_FORMAT, "an old Office document (doc, xls, ppt, wps) or one with a password; save it as .docx or .csv, without a password"},
    {"Rar!\x1a", 5, TH_KIND_FORMAT, "a RAR archive; pack it as .zip"},
    {"\x1f\x8b", 2, TH_KIND_ARCHIVE, "a gzip archive"},
    {"BZh", 3, TH_KIND_ARCHIVE, "a bzip2 archive"},
    {"7z\xbc\xaf\x27\x1c", 6, TH_KIND_ARCHIVE, "a 7z archive"},
    {"\x28\xb5\x2f\xfd", 4, TH_KIND_ARCHIVE, "a zstd archive"},
    {"\xfd" "7zXZ", 5, TH_KIND_ARCHIVE, "an xz archive"},
    {"PK\x05\x06", 4, TH_KIND_ARCHIVE, "an empty zip archive"},
    {"WARC/0.", 7, TH_KIND_WARC, "a WARC file"},
    {"WARC/1.", 7, TH_KIND_WARC, "a WARC file"},
};

/* ---- zip: an archive, or an Office document in one ---- */

/* What a member's name tells of the document around it. */
static const struct {
    const char *prefix;
    th_kind kind;
    const char *what;
} members[] = {
    {"word/", TH_KIND_DOCX, "a Word document"},
    {"xl/", TH_KIND_FORMAT, "an Excel workbook; save its sheet as .csv"},
    {"ppt/", TH_KIND_FORMAT, "a PowerPoint presentation; save it as .pdf"},
};

static bool starts(const char *at, const char *end, const char *text)
{
    size_t n = strlen(text);

    return (size_t)(end - at) >= n && !memcmp(at, text, n);
}

/* The local headers in view. Office writes "[Content_Types].xml" or "_rels/.rels" among the first members; OpenDocument and
 * EPUB begin with "mimetype", not compressed (OASIS ODF 1.2 part 3, EPUB OCF 3). */
static th_kind sniff_zip(const char *head, size_t len, const char **what)
{
    const char *end = head + len;
    bool office = false;

    if (len > 38 && starts(head + 30, end, "mimetypeapplication/")) {
        *what = starts(head + 38, end, "application/epub") ? "an EPUB book; save it as .txt or .html"
                                                           : "an OpenDocument file; save it as .docx or .csv";
        return TH_KIND_FORMAT;
    }
    for (const char *at = head; (at = memmem(at, (size_t)(end - at), "PK\x03\x04", 4)) && end - at > 30; at += 4) {
        const char *name = at + 30;
        office |= starts(name, end, "[Content_Types].xml") || starts(name, end, "_rels/.rels");
        for (size_t i = 0; office && i < sizeof members / sizeof *members; i++)
            if (starts(name, end, members[i].prefix)) {
                *what = members[i].what;
                return members[i].kind;
            }
    }
    *what = "a zip archive";
    return TH_KIND_ARCHIVE;
}

/* A tar header's checksum: the sum of its 512 bytes with the checksum's own eight as spaces (POSIX.1, pax). */
static bool is_tar(const char *head, size_t len)
{
    unsigned long sum = 8 * ' ', stated = 0;

    if (len < 512 || !head[0])
        return false;
    for (size_t i = 0; i < 512; i++)
        sum += i >= 148 && i < 156 ? 0 : (unsigned char)head[i];
    for (size_t i = 148; i < 156 && head[i] && !(head[i] == ' ' && stated); i++)
        if (head[i] != ' ') {
            if (head[i] < '0' || head[i] > '7')
                return false;
            stated = stated * 8 + (unsigned long)(head[i] - '0');
        }
    return sum == stated;
}

static bool is_webp_or_media(const char *head, size_t len, const char **what)
{
    if (len >= 12 && !memcmp(head, "RIFF", 4)) {
        *what = !memcmp(head + 8, "WEBP", 4) ? "a WebP image" : "sound or video";
        return true;
    }
    if (len >= 12 && !memcmp(head + 4, "ftyp", 4)) {
        *what = "sound or video";
        return true;
    }
    return false;
}

th_kind th_sniff(const char *head, size_t len, const char **what)
{
    *what = "text";
    if (!len)
        return TH_KIND_EMPTY;
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (len >= magics[i].len && !memcmp(head, magics[i].bytes, magics[i].len)) {
            *what = magics[i].what;
            return magics[i].kind;
        }
    if (len >= 4 && !memcmp(head, "PK\x03\x04", 4))
        return sniff_zip(head, len, what);
    if (is_webp_or_media(head, len, what))
        return TH_KIND_BINARY;
    if (is_tar(head, len)) {
        *what = "a tar archive";
        return TH_KIND_ARCHIVE;
    }
    if (th_looks_binary(head, len)) {
        *what = "binary data";
        return TH_KIND_BINARY;
    }
    return TH_KIND_TEXT;
}
