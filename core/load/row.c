/* row.c - one row of a table, or one JSON object, as an article: its fields are metadata, its text is cleaned as a page is. */
#define _GNU_SOURCE 1 /* memmem */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "load/breaks.h"
#include "load/reading.h"
#include "text/unicode.h"

/* A date as a bare number: 20240305, or seconds or milliseconds since 1970, taken as China's time. */
static void spell_date(th_str *text)
{
    char day[16];
    struct tm tm;

    if (strspn(th_str_text(text), "0123456789") != text->len || (text->len != 8 && text->len != 10 && text->len != 13))
        return;
    if (text->len == 8) {
        snprintf(day, sizeof day, "%.4s-%.2s-%.2s", text->data, text->data + 4, text->data + 6);
    } else {
        time_t seconds = (time_t)(strtoll(text->data, NULL, 10) / (text->len == 13 ? 1000 : 1)) + 8 * 3600;
        if (!gmtime_r(&seconds, &tm) || !strftime(day, sizeof day, "%Y-%m-%d", &tm))
            return;
    }
    th_str_clear(text);
    th_str_puts(text, day);
}

/* Set a field of metadata from the row. */
static th_status set_field(th_draft *d, const th_row *row, th_field_of field, th_meta meta, th_error *err)
{
    char origin[200];
    th_str text = {0};

    if (!row->fields.text[field] || !row->fields.len[field])
        return TH_OK;
    th_status status = th_text_normalise(&text, row->fields.text[field], row->fields.len[field], NULL, err);
    for (size_t i = 0; i < text.len; i++)
        text.data[i] = text.data[i] == '\n' ? ' ' : text.data[i];
    if (field == TH_FIELD_DATE)
        spell_date(&text);
    snprintf(origin, sizeof origin, "%s %.150s", row->label, row->names[field]);
    if (status == TH_OK)
        th_draft_set(d, meta, th_str_text(&text), text.len, origin);
    th_str_free(&text);
    return status;
}

static bool holds(const char *text, size_t len, const char *piece)
{
    return memmem(text, len, piece, strlen(piece)) != NULL;
}

/* Is it a piece of HTML that does not begin like a page? */
static bool is_fragment(const char *text, size_t len)
{
    static const char *const tags[] = {"<br", "</p>", "</div>", "</span>", "<BR", "</P>", "</DIV>"};

    if (memchr(text, '<', len))
        for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
            if (holds(text, len, tags[i]))
                return true;
    return false;
}

/* Does it hold a link as Markdown writes it? */
static bool has_markdown_link(const char *text, size_t len)
{
    const char *end = text + len;

    for (const char *at = text; (at = memmem(at, (size_t)(end - at), "](", 2)); at += 2)
        if (memchr(text, '[', (size_t)(at - text)) && memchr(at, ')', (size_t)(end - at)) && at + 2 < end &&
            (at[2] == '/' || at[2] == 'h' || at[2] == '<'))
            return true;
    return false;
}

static bool is_blank(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] > ' ')
            return false;
    return true;
}

static th_status read_text(th_draft *d, const th_row *row, th_str *text, th_error *err)
{
    th_str broken = {0};
    th_normal_stats stats = {0};
    const char *cell = row->fields.text[TH_FIELD_TEXT];
    size_t len = row->fields.len[TH_FIELD_TEXT];

    if (!memchr(cell, '\n', len)) {
        th_breaks_restore(&broken, cell, len);
        cell = th_str_text(&broken);
        len = broken.len;
    }
    th_status status = th_text_normalise(text, cell, len, &stats, err);
    if (!th_str_ok(&broken))
        status = th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", row->path);
    th_str_free(&broken);
    if (status == TH_OK && is_blank(th_str_text(text), text->len))
        return th_error_set(err, TH_ERR_EMPTY, "%s: %sthe %s \"%s\" is empty", row->path, row->where, row->label,
                            row->names[TH_FIELD_TEXT]);
    if (status == TH_OK && stats.replaced)
        th_draft_warn(d, "%s: %s%zu damaged bytes became U+FFFD", row->path, row->where, stats.replaced);
    d->whole = text->data;
    d->whole_len = text->len;
    bool plain = status == TH_OK && !th_html_sniff(text->data, text->len) && !th_markdown_sniff(text->data, text->len);
    if (plain && is_fragment(text->data, text->len))
        return th_html_fragment(d, text->data, text->len, err);
    if (plain && has_markdown_link(text->data, text->len))
        return th_markdown_read(d, text->data, text->len, err);
    return status == TH_OK ? th_reading_lines(d, text->data, text->len, err) : status;
}

static th_status build(th_reading *r, const th_row *row, th_error *err)
{
    static const struct {
        th_field_of field;
        th_meta meta;
    } metas[] = {{TH_FIELD_TITLE, TH_META_TITLE}, {TH_FIELD_DATE, TH_META_DATE},     {TH_FIELD_SOURCE, TH_META_SOURCE},
                 {TH_FIELD_URL, TH_META_URL},     {TH_FIELD_REGION, TH_META_REGION}, {TH_FIELD_AUTHOR, TH_META_AUTHORS}};
    th_draft d = {.arena = r->arena, .path = row->path, .format = row->format};
    th_str text = {0};
    th_status status = TH_OK;

    if (!row->fields.text[TH_FIELD_TEXT])
        return th_error_set(err, TH_ERR_FORMAT, "%s: %sno %s holds the text (looked for: %s); name it in config.yaml: "
                            "columns: {text: NAME}", row->path, row->where, row->label, th_fields_help);
    for (size_t i = 0; status == TH_OK && i < sizeof metas / sizeof *metas; i++)
        status = set_field(&d, row, metas[i].field, metas[i].meta, err);
    if (row->warning)
        th_draft_warn(&d, "%s: %s%s", row->path, row->where, row->warning);
    if (status == TH_OK)
        status = read_text(&d, row, &text, err);
    if (status == TH_OK)
        status = th_reading_finish(r, &d, err);
    th_str_free(&text);
    th_str_free(&d.text);
    return status;
}

th_status th_reading_row(th_reading *r, const th_row *row, th_error *err)
{
    th_error own = {0};

    if (!th_reading_begin(r, row->path, row->fields.text[TH_FIELD_TEXT], row->fields.len[TH_FIELD_TEXT]))
        return TH_OK;
    if (build(r, row, &own) == TH_OK)
        return TH_OK;
    if (row->only)
        return th_error_set(err, own.status, "%s", own.text);
    return th_reading_fail(r, row->path, &own, err);
}
