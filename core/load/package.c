/* package.c - see package.h. */
#include "load/package.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

/* Text in XML is packed to a tenth or a thirtieth; whatever expands a hundredfold and is large was made to hurt. */
enum { RATIO_MAX = 100, FREE_BYTES = 16 << 20, PART_MAX = 256 << 20, MEMBERS_MAX = 10000, STEP = 64 << 10 };

static bool fits(const th_part *part, const char *name)
{
    size_t n = strlen(name), a = strlen(part->prefix), b = strlen(part->suffix);

    return n >= a + b && !memcmp(name, part->prefix, a) && !memcmp(name + n - b, part->suffix, b);
}

static th_status damaged(struct archive *zip, const char *path, th_error *err)
{
    const char *why = archive_error_string(zip);

    return th_error_set(err, TH_ERR_PARSE, "%s: a damaged zip: %s", path, why ? why : "it breaks off");
}

static th_status read_part(th_part *part, struct archive *zip, const char *path, size_t most, th_error *err)
{
    char piece[STEP];
    la_ssize_t got;

    part->found = true;
    while ((got = archive_read_data(zip, piece, sizeof piece)) > 0) {
        th_str_add(&part->bytes, piece, (size_t)got);
        if (!th_str_ok(&part->bytes))
            return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", path);
        if (part->bytes.len > most)
            return th_error_set(err, TH_ERR_BOMB, "%s: its part %s… expands to more than %zu MB", path, part->prefix, most >> 20);
    }
    return got < 0 ? damaged(zip, path, err) : TH_OK;
}

th_status th_package_read(th_part *parts, size_t count, const char *path, const char *bytes, size_t len, th_error *err)
{
    struct archive *zip = archive_read_new();
    struct archive_entry *entry;
    size_t most = len > PART_MAX / RATIO_MAX ? PART_MAX : len * RATIO_MAX > FREE_BYTES ? len * RATIO_MAX : FREE_BYTES;
    th_status status = TH_OK;
    int got;

    if (!zip || archive_read_support_format_zip(zip) != ARCHIVE_OK) {
        archive_read_free(zip);
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", path);
    }
    if (archive_read_open_memory(zip, bytes, len) != ARCHIVE_OK)
        status = damaged(zip, path, err);
    for (int n = 0; status == TH_OK && n < MEMBERS_MAX; n++) {
        got = archive_read_next_header(zip, &entry);
        if (got == ARCHIVE_EOF)
            break;
        if (got < ARCHIVE_WARN) {
            status = damaged(zip, path, err);
            break;
        }
        const char *name = archive_entry_pathname(entry);
        for (size_t i = 0; name && i < count; i++) {
            if (parts[i].found || !fits(&parts[i], name))
                continue;
            if (archive_entry_is_data_encrypted(entry))
                status = th_error_set(err, TH_ERR_UNREADABLE, "%s: is encrypted; save it without a password", path);
            else
                status = read_part(&parts[i], zip, path, most, err);
            break;
        }
    }
    archive_read_free(zip);
    return status;
}
