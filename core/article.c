/* article.c - see article.h. */
#include "article.h"

#include <string.h>

#include "base/pack.h"
#include "text/sentence.h"
#include "text/unicode.h"

#define MAGIC 0x31414854u /* "THA1" */

/* The fewest bytes an item can take on the wire: no count may ask for more than the message holds. */
enum { LEAST_TEXT = 5, BLOCK_SIZE = 16, SENTENCE_SIZE = 12, LEAST_DROPPED = 2 * LEAST_TEXT };

static const char *const kind_names[] = {
    [TH_BLOCK_TITLE] = "title",     [TH_BLOCK_HEADING] = "heading", [TH_BLOCK_PARAGRAPH] = "paragraph",
    [TH_BLOCK_CAPTION] = "caption", [TH_BLOCK_LIST] = "list",       [TH_BLOCK_TABLE] = "table",
};

enum { KIND_COUNT = sizeof kind_names / sizeof *kind_names };

const char *th_block_kind_name(th_block_kind kind)
{
    return (size_t)kind < KIND_COUNT ? kind_names[kind] : "unknown";
}

const char *th_meta_name(th_meta field)
{
    static const char *const names[TH_META_COUNT] = {"title", "date", "source", "authors", "url", "region"};

    return names[field];
}

int th_block_kind_of(const char *name)
{
    for (int i = 0; i < KIND_COUNT; i++)
        if (strcmp(kind_names[i], name) == 0)
            return i;
    return -1;
}

th_status th_article_split(th_article *a, th_arena *arena, th_error *err)
{
    th_sentence *items = NULL;
    size_t count = 0, cap = 0;

    for (size_t b = 0; b < a->block_count; b++) {
        size_t pos = a->blocks[b].start, start, end;
        while (th_sentence_next(a->text, a->blocks[b].stop, &pos, &start, &end)) {
            th_sentence *grown = th_arena_grow(arena, items, count, &cap, sizeof *items);
            if (!grown)
                return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory while splitting sentences", a->path);
            items = grown;
            items[count++] = (th_sentence){(uint32_t)start, (uint32_t)end, (uint32_t)b};
        }
    }
    a->sentences = items;
    a->sentence_count = count;
    return TH_OK;
}

/* What stands between the first and the last long block: headlines, bylines and a site's frame would make short articles of one
 * site alike. */
static void body_of(const th_article *a, size_t *start, size_t *stop)
{
    enum { LONG = 180 };
    size_t first = 0, last = a->block_count;

    while (first < a->block_count && a->blocks[first].stop - a->blocks[first].start < LONG)
        first++;
    while (last > first && a->blocks[last - 1].stop - a->blocks[last - 1].start < LONG)
        last--;
    *start = first < last ? a->blocks[first].start : 0;
    *stop = first < last ? a->blocks[last - 1].stop : a->len;
}

void th_article_sketch(th_article *a)
{
    size_t start, stop;

    body_of(a, &start, &stop);
    th_sketch_make(&a->sketch, a->text, start, stop, a->len, a->title, a->date);
}

th_status th_article_seal(th_article *a, th_error *err)
{
    th_article nameless = *a;
    th_str bytes = {0};
    th_status status = TH_OK;

    nameless.id = 0;
    nameless.path = "";
    memset(nameless.hash, 0, sizeof nameless.hash);
    memset(nameless.origins, 0, sizeof nameless.origins);
    nameless.sketch = (th_sketch){0};
    nameless.edges = (th_edges){0};
    th_article_sketch(a);
    th_article_write(&nameless, &bytes);
    if (th_str_ok(&bytes))
        th_hash_text(a->hash, bytes.data, bytes.len);
    else
        status = th_error_set(err, TH_ERR_NOMEM, "%s: out of memory while hashing", a->path);
    th_str_free(&bytes);
    return status;
}

size_t th_article_sentence_at(const th_article *a, size_t pos)
{
    size_t low = 0, high = a->sentence_count; /* the first sentence that begins after pos */

    if (pos >= a->len)
        return a->sentence_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (a->sentences[middle].start <= pos)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? low - 1 : a->sentence_count;
}

size_t th_article_block_at(const th_article *a, size_t pos)
{
    size_t low = 0, high = a->block_count; /* the first block that ends after pos */

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (a->blocks[middle].stop <= pos)
            low = middle + 1;
        else
            high = middle;
    }
    return low < a->block_count && a->blocks[low].start <= pos ? low : a->block_count;
}

size_t th_article_section(const th_article *a, size_t pos, th_section out[TH_LEVEL_MAX])
{
    size_t at = 0, high = a->block_count, n = 0; /* at: the first block that ends after pos */

    while (at < high) {
        size_t middle = at + (high - at) / 2;
        if (a->blocks[middle].stop <= pos)
            at = middle + 1;
        else
            high = middle;
    }
    uint32_t below = TH_LEVEL_MAX + 1;
    if (at < a->block_count && a->blocks[at].kind == TH_BLOCK_HEADING)
        below = a->blocks[at].level;
    while (at-- > 0 && below > 1) {
        const th_block *b = &a->blocks[at];
        if (b->kind != TH_BLOCK_HEADING || !b->level || b->level >= below)
            continue;
        out[n++] = (th_section){b->start, b->stop};
        below = b->level;
        while (at && b[-1].kind == TH_BLOCK_HEADING && b[-1].level == below) { /* its first line */
            out[n - 1].start = (--b)->start;
            at--;
        }
    }
    for (size_t i = 0; i < n / 2; i++) {
        th_section other = out[i];
        out[i] = out[n - 1 - i];
        out[n - 1 - i] = other;
    }
    return n;
}

/* ---- the wire ---- */

static void write_texts(const char **texts, size_t count, th_str *out)
{
    th_pack_u32(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        th_pack_cstr(out, texts[i]);
}

static void write_spans(const th_article *a, th_str *out)
{
    th_pack_u32(out, (uint32_t)a->block_count);
    for (size_t i = 0; i < a->block_count; i++) {
        th_pack_u32(out, a->blocks[i].kind);
        th_pack_u32(out, a->blocks[i].start);
        th_pack_u32(out, a->blocks[i].stop);
        th_pack_u32(out, a->blocks[i].level);
    }
    th_pack_u32(out, (uint32_t)a->sentence_count);
    for (size_t i = 0; i < a->sentence_count; i++) {
        th_pack_u32(out, a->sentences[i].start);
        th_pack_u32(out, a->sentences[i].stop);
        th_pack_u32(out, a->sentences[i].block);
    }
}

void th_article_write(const th_article *a, th_str *out)
{
    th_pack_u32(out, MAGIC);
    th_pack_u64(out, (uint64_t)a->id);
    th_pack_cstr(out, a->path);
    th_pack_cstr(out, a->format);
    th_pack_cstr(out, a->hash);
    th_pack_cstr(out, a->title);
    th_pack_cstr(out, a->date);
    th_pack_cstr(out, a->source);
    write_texts(a->authors, a->author_count, out);
    th_pack_cstr(out, a->url);
    th_pack_cstr(out, a->region_code);
    th_pack_cstr(out, a->region_name);
    for (size_t i = 0; i < TH_META_COUNT; i++)
        th_pack_cstr(out, a->origins[i]);
    th_pack_cstr(out, a->lang);
    th_pack_text(out, a->text, a->len);
    write_spans(a, out);
    th_pack_u32(out, (uint32_t)a->dropped_count);
    for (size_t i = 0; i < a->dropped_count; i++) {
        th_pack_cstr(out, a->dropped[i].reason);
        th_pack_cstr(out, a->dropped[i].text);
    }
    write_texts(a->warnings, a->warning_count, out);
    th_pack_u64(out, a->sketch.text);
    th_pack_u32(out, a->sketch.shingles);
    th_str_add(out, a->sketch.bins, sizeof a->sketch.bins);
    th_edges_write(&a->edges, out);
}

void th_edges_write(const th_edges *edges, th_str *out)
{
    for (size_t i = 0; i < TH_EDGE_GROUPS; i++)
        th_pack_u64(out, edges->groups[i]);
    th_pack_u32(out, edges->dropped);
    th_pack_u32(out, edges->count);
    for (size_t i = 0; i < edges->count; i++)
        th_pack_u64(out, edges->lines[i]);
}

bool th_edges_read(th_edges *edges, th_unpack *in)
{
    *edges = (th_edges){0};
    for (size_t i = 0; i < TH_EDGE_GROUPS; i++)
        edges->groups[i] = th_unpack_u64(in);
    edges->dropped = th_unpack_u32(in);
    edges->count = th_unpack_u32(in);
    if (edges->count > TH_EDGES_MAX)
        in->failed = true;
    for (size_t i = 0; !in->failed && i < edges->count; i++)
        edges->lines[i] = th_unpack_u64(in);
    if (in->failed)
        *edges = (th_edges){0};
    return !in->failed;
}

/* Reads like th_unpack and fails like it: a first fault sets `in.failed`, out of memory is told apart. */
struct reader {
    th_unpack in;
    th_arena *arena;
    bool no_memory;
};

static void *room(struct reader *r, size_t count, size_t size)
{
    void *items = th_arena_zalloc(r->arena, count, size);

    if (!items)
        r->no_memory = r->in.failed = true;
    return items;
}

/* A count of items of at least `least` bytes each. */
static size_t read_count(struct reader *r, size_t least)
{
    size_t count = th_unpack_u32(&r->in);

    if (count > (size_t)(r->in.end - r->in.at) / least)
        r->in.failed = true;
    return r->in.failed ? 0 : count;
}

static const char *copy_text(struct reader *r, const char *text, size_t len)
{
    if (r->in.failed || !th_utf8_valid(text, len, NULL)) {
        r->in.failed = true;
        return "";
    }
    char *copy = th_arena_copy(r->arena, text, len);
    if (!copy)
        r->no_memory = r->in.failed = true;
    return copy;
}

static const char *read_optional(struct reader *r)
{
    const char *text = th_unpack_cstr(&r->in);

    return text ? copy_text(r, text, strlen(text)) : NULL;
}

static const char *read_text(struct reader *r)
{
    const char *text = read_optional(r);

    if (!text)
        r->in.failed = true;
    return text ? text : "";
}

static const char **read_texts(struct reader *r, size_t *count)
{
    *count = read_count(r, LEAST_TEXT);
    const char **texts = room(r, *count, sizeof *texts);
    for (size_t i = 0; !r->in.failed && i < *count; i++)
        texts[i] = read_text(r);
    return texts;
}

static void read_hash(struct reader *r, th_article *a)
{
    const char *hash = read_text(r);
    size_t len = strlen(hash);

    if ((len != 0 && len != TH_HASH_TEXT - 1) || strspn(hash, "0123456789abcdef") != len)
        r->in.failed = true;
    else
        memcpy(a->hash, hash, len + 1);
}

static bool is_span(const th_article *a, size_t start, size_t stop)
{
    return start <= stop && stop <= a->len && th_utf8_boundary(a->text, a->len, start) &&
           th_utf8_boundary(a->text, a->len, stop);
}

static void read_blocks(struct reader *r, th_article *a)
{
    size_t count = read_count(r, BLOCK_SIZE), last = 0;
    th_block *blocks = room(r, count, sizeof *blocks);

    for (size_t i = 0; !r->in.failed && i < count; i++) {
        uint32_t kind = th_unpack_u32(&r->in), start = th_unpack_u32(&r->in), stop = th_unpack_u32(&r->in);
        uint32_t level = th_unpack_u32(&r->in);
        if (r->in.failed || kind >= KIND_COUNT || level > TH_LEVEL_MAX || start < last || !is_span(a, start, stop)) {
            r->in.failed = true;
            break;
        }
        blocks[i] = (th_block){(th_block_kind)kind, start, stop, level};
        last = stop;
    }
    a->blocks = blocks;
    a->block_count = count;
}

static void read_sentences(struct reader *r, th_article *a)
{
    size_t count = read_count(r, SENTENCE_SIZE), last = 0;
    th_sentence *sentences = room(r, count, sizeof *sentences);

    for (size_t i = 0; !r->in.failed && i < count; i++) {
        uint32_t start = th_unpack_u32(&r->in), stop = th_unpack_u32(&r->in), block = th_unpack_u32(&r->in);
        if (r->in.failed || start < last || block >= a->block_count || !is_span(a, start, stop) ||
            start < a->blocks[block].start || stop > a->blocks[block].stop) {
            r->in.failed = true;
            break;
        }
        sentences[i] = (th_sentence){start, stop, block};
        last = stop;
    }
    a->sentences = sentences;
    a->sentence_count = count;
}

static void read_dropped(struct reader *r, th_article *a)
{
    size_t count = read_count(r, LEAST_DROPPED);
    th_dropped *dropped = room(r, count, sizeof *dropped);

    for (size_t i = 0; !r->in.failed && i < count; i++) {
        dropped[i].reason = read_text(r);
        dropped[i].text = read_text(r);
    }
    a->dropped = dropped;
    a->dropped_count = count;
}

static void read_sketch(struct reader *r, th_sketch *sketch)
{
    sketch->text = th_unpack_u64(&r->in);
    sketch->shingles = th_unpack_u32(&r->in);
    if (r->in.failed || (size_t)(r->in.end - r->in.at) < sizeof sketch->bins) {
        r->in.failed = true;
        return;
    }
    memcpy(sketch->bins, r->in.at, sizeof sketch->bins);
    r->in.at += sizeof sketch->bins;
}

static void read_article(struct reader *r, th_article *a)
{
    if (th_unpack_u32(&r->in) != MAGIC)
        r->in.failed = true;
    a->id = (int64_t)th_unpack_u64(&r->in);
    a->path = read_text(r);
    a->format = read_text(r);
    read_hash(r, a);
    a->title = read_text(r);
    a->date = read_optional(r);
    a->source = read_optional(r);
    a->authors = read_texts(r, &a->author_count);
    a->url = read_optional(r);
    a->region_code = read_optional(r);
    a->region_name = read_optional(r);
    for (size_t i = 0; i < TH_META_COUNT; i++)
        a->origins[i] = read_optional(r);
    a->lang = read_text(r);
    const char *text = th_unpack_text(&r->in, &a->len);
    a->text = copy_text(r, text, a->len);
    read_blocks(r, a);
    read_sentences(r, a);
    read_dropped(r, a);
    a->warnings = read_texts(r, &a->warning_count);
    read_sketch(r, &a->sketch);
    th_edges_read(&a->edges, &r->in);
    if (r->in.at != r->in.end)
        r->in.failed = true;
}

th_status th_article_read(th_article **out, th_arena *arena, const void *bytes, size_t len, th_error *err)
{
    struct reader r = {{bytes, (const char *)bytes + len, false}, arena, false};
    th_article *a = th_arena_zalloc(arena, 1, sizeof *a);

    *out = NULL;
    if (a)
        read_article(&r, a);
    if (!a || r.no_memory)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory while reading an article of %zu bytes", len);
    if (r.in.failed)
        return th_error_set(err, TH_ERR_PARSE, "an article from a worker is damaged: its %zu bytes do not add up", len);
    *out = a;
    return TH_OK;
}
