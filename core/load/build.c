/* build.c - see build.h. */
#include "load/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/clean.h"
#include "load/metadata.h"

static th_status add_blocks(th_article *a, const th_draft *d, th_error *err)
{
    size_t count = 0, len = 0;

    for (size_t i = 0; i < d->count; i++)
        if (!d->lines[i].reason) {
            count++;
            len += d->lines[i].stop - d->lines[i].start + 1;
        }
    if (!count)
        return th_error_set(err, TH_ERR_EMPTY, "%s: no article in it, only site chrome (%zu lines)", d->path, d->count);
    th_block *blocks = th_arena_zalloc(d->arena, count, sizeof *blocks);
    char *text = th_arena_alloc(d->arena, len);
    if (!blocks || !text)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", d->path);
    size_t at = 0, k = 0;
    for (size_t i = 0; i < d->count; i++) {
        const th_line *line = &d->lines[i];
        if (line->reason)
            continue;
        if (k)
            text[at++] = '\n';
        size_t n = line->stop - line->start;
        memcpy(text + at, d->text.data + line->start, n);
        blocks[k++] = (th_block){line->kind, (uint32_t)at, (uint32_t)(at + n), line->kind == TH_BLOCK_HEADING ? line->level : 0};
        at += n;
    }
    text[at] = '\0';
    a->text = text;
    a->len = at;
    a->blocks = blocks;
    a->block_count = count;
    return TH_OK;
}

/* A day out of a date field of any form; NULL when it holds none. */
static const char *day_of(th_draft *d, const char *field)
{
    char day[11];

    return field && th_date_of_field(field, day) ? th_draft_text(d, day, 10) : NULL;
}

static void take_day(th_article *a, th_draft *d, const char *day, const char *origin)
{
    if (a->date || !day)
        return;
    a->date = th_draft_text(d, day, 10);
    d->origins[TH_META_DATE] = origin;
}

/* The year of a dateline's 1月5日: that of the address or the meeting, the one before when the day would come after it. */
static const char *dateline_day(th_draft *d, const char *near)
{
    char day[11];

    if (!d->dateline || !near)
        return NULL;
    int year = atoi(near) - (strcmp(d->dateline, near + 5) > 0);
    snprintf(day, sizeof day, "%04d-%s", year % 10000, d->dateline);
    return th_draft_text(d, day, 10);
}

/* The day of publication: what is stated, else what the dateline, the title, the document or the address says. */
static void add_date(th_article *a, th_draft *d)
{
    char title[11] = "", address[11] = "";
    const char *url = a->url && th_date_of_address(a->url, address) ? address : NULL;
    const char *path = !url && th_date_of_path(d->path, address) ? address : NULL;

    a->date = day_of(d, d->date);
    take_day(a, d, dateline_day(d, url ? url : path ? path : d->made), d->dateline_origin);
    take_day(a, d, th_title_date(a->title, title) ? title : NULL, "title");
    take_day(a, d, d->made, d->made_origin);
    take_day(a, d, url, "url");
    take_day(a, d, path, "path");
}

/* The medium after the tag of a dump: 某某日报新闻 is news of 某某日报. */
static const char *source_of_tag(const th_chrome *chrome, th_draft *d)
{
    static const char news[] = "新闻";
    size_t len = d->tags ? strlen(d->tags) : 0, cut = sizeof news - 1;
    th_view v;

    if (!len || len > 90)
        return NULL;
    if (len > 2 * cut && !memcmp(d->tags + len - cut, news, cut))
        len -= cut;
    th_view_make(&v, d->tags, len, true);
    return th_words_before(&chrome->media, &v, 0, v.n) && v.n > 2 ? th_draft_text(d, d->tags, len) : NULL;
}

/* The title with the title lines of the text: they name the assembly and the speaker's office. */
static const char *whole_title(const th_article *a, th_draft *d)
{
    th_str text = {0};

    th_str_puts(&text, a->title);
    for (size_t i = 0; i < a->block_count; i++)
        if (a->blocks[i].kind == TH_BLOCK_TITLE) {
            th_str_putc(&text, '\n');
            th_str_add(&text, a->text + a->blocks[i].start, a->blocks[i].stop - a->blocks[i].start);
        }
    const char *copy = th_draft_text(d, th_str_text(&text), text.len);
    d->failed |= text.failed;
    th_str_free(&text);
    return copy ? copy : "";
}

/* The region the file states, else the one the text is about. */
static void add_region(th_article *a, const th_gazetteer *gazetteer, th_draft *d, const char *hint)
{
    const th_region *region = d->region ? th_gazetteer_get(gazetteer, d->region, strlen(d->region)) : NULL;
    const char *clue = d->region ? d->region : hint ? hint : a->source, *why = d->origins[TH_META_REGION];

    if (!region)
        region = th_gazetteer_about(gazetteer, whole_title(a, d), a->text, a->len, clue, d->arena, &why);
    a->region_code = region ? region->code : NULL;
    a->region_name = region ? region->name : NULL;
    d->origins[TH_META_REGION] = why;
}

static void add_metadata(th_article *a, const th_chrome *chrome, const th_gazetteer *gazetteer, th_draft *d, const char *hint)
{
    a->title = d->title ? d->title : "";
    a->url = d->url;
    add_date(a, d);
    a->source = d->source;
    if (!a->source && d->guess) {
        a->source = d->guess;
        d->origins[TH_META_SOURCE] = d->guess_origin;
    } else if (!a->source && (a->source = source_of_tag(chrome, d))) {
        d->origins[TH_META_SOURCE] = "front matter: tags";
    } else if (!a->source && d->site) {
        a->source = d->site;
        d->origins[TH_META_SOURCE] = d->site_origin;
    }
    a->lang = "zh";
    a->authors = d->authors;
    a->author_count = d->author_count;
    if (gazetteer)
        add_region(a, gazetteer, d, hint);
}

/* An empty field comes from nowhere; what a reader set without a word comes from its format. */
static void add_origins(th_article *a, const th_draft *d)
{
    const bool filled[TH_META_COUNT] = {*a->title != '\0', a->date != NULL, a->source != NULL, a->author_count > 0,
                                        a->url != NULL, a->region_name != NULL};

    for (int i = 0; i < TH_META_COUNT; i++)
        a->origins[i] = !filled[i] ? NULL : d->origins[i] ? d->origins[i] : d->format;
}

static th_status finish(th_article *a, th_draft *d, th_error *err)
{
    add_origins(a, d);
    a->path = th_arena_copy(d->arena, d->path, strlen(d->path));
    a->format = d->format;
    a->edges = d->edges;
    a->dropped = d->dropped;
    a->dropped_count = d->dropped_count;
    a->warnings = d->warnings;
    a->warning_count = d->warning_count;
    if (d->failed || !a->path)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", d->path);
    th_status status = th_article_split(a, d->arena, err);
    return status == TH_OK ? th_article_seal(a, err) : status;
}

th_status th_build(th_article **out, const th_chrome *chrome, const th_gazetteer *gazetteer, th_draft *d, th_error *err)
{
    th_article *a = th_arena_zalloc(d->arena, 1, sizeof *a);
    const char *hint = NULL, *byline = d->byline;
    th_status status;

    if (!a)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", d->path);
    if (byline)
        th_names_take(chrome, d, byline);
    th_outline_contents(d);
    status = th_clean(chrome, d, &hint, err);
    if (status != TH_OK)
        return status;
    th_blocks_tell(chrome, d);
    th_outline(d);
    status = add_blocks(a, d, err);
    if (status != TH_OK)
        return status;
    add_metadata(a, chrome, gazetteer, d, hint);
    *out = a;
    return finish(a, d, err);
}

th_status th_build_plain(th_article **out, th_draft *d, const char *title, const char *date, th_error *err)
{
    th_article *a = th_arena_zalloc(d->arena, 1, sizeof *a);

    if (!a)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", d->path);
    for (size_t i = 0; i < d->count; i++)
        d->lines[i].kind = TH_BLOCK_PARAGRAPH;
    th_status status = add_blocks(a, d, err);
    if (status != TH_OK)
        return status;
    a->title = title ? th_draft_text(d, title, strlen(title)) : "";
    a->title = a->title ? a->title : "";
    a->date = day_of(d, date);
    a->lang = "zh";
    *out = a;
    return finish(a, d, err);
}
