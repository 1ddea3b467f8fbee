/* piece.c - one article addressable by byte, by key and by sentence; see internal.h. */
#include <ctype.h>
#include <string.h>

#include "eval/internal.h"
#include "text/unicode.h"

static bool is_one_of(uint32_t c, const char *set)
{
    size_t len = strlen(set);

    for (size_t pos = 0; pos < len;)
        if (th_utf8_next(set, len, &pos) == c)
            return true;
    return false;
}

static bool is_end(uint32_t c)
{
    return is_one_of(c, "。！？!?；;");
}

static bool is_close(uint32_t c)
{
    return is_one_of(c, "”’」』）)\"");
}

static bool is_inside(uint32_t c)
{
    return !is_end(c) && c != '\n';
}

static void skip_while(const struct piece *p, size_t *pos, bool (*test)(uint32_t))
{
    while (*pos < p->len) {
        size_t next = *pos;
        if (!test(th_utf8_next(p->text, p->len, &next)))
            return;
        *pos = next;
    }
}

static bool is_blank_span(const struct piece *p, struct span span)
{
    for (size_t pos = span.start; pos < span.stop;)
        if (!is_white(th_utf8_next(p->text, p->len, &pos)))
            return false;
    return true;
}

/* The yardstick has sentences of its own, so that it measures the core's as well. */
static void find_sentences(struct piece *p)
{
    size_t cap = 0, pos = 0;

    while (pos < p->len) {
        struct span span = {pos, pos};
        skip_while(p, &pos, is_inside);
        skip_while(p, &pos, is_end);
        skip_while(p, &pos, is_close);
        span.stop = pos;
        if (span.stop == span.start) { /* at a line's end */
            pos++;
            continue;
        }
        if (is_blank_span(p, span))
            continue;
        struct span *grown = th_arena_grow(p->eval->arena, p->sentences, p->sentence_count, &cap, sizeof *grown);
        if (!grown) {
            p->eval->failed = true;
            return;
        }
        p->sentences = grown;
        p->sentences[p->sentence_count++] = span;
    }
}

void piece_open(struct piece *p, struct eval *e, const char *where, json_t *row)
{
    const json_t *text = json_object_get(row, "text");

    *p = (struct piece){.eval = e, .where = where, .row = row, .text = "", .key = {.text = ""}};
    if (json_is_string(text)) {
        p->text = json_string_value(text);
        p->len = json_string_length(text);
    }
    key_map(e, p->text, p->len, true, &p->key);
    find_sentences(p);
}

static const char *find_bytes(const char *text, size_t len, const char *what, size_t what_len)
{
    return what_len ? memmem(text, len, what, what_len) : NULL;
}

static struct span span_of(const struct piece *p, size_t at, size_t len)
{
    return (struct span){p->key.starts[at], p->key.stops[at + len - 1]};
}

bool piece_find(const struct piece *p, const char *quote, struct span *out)
{
    const char *key = key_of(p->eval, quote);
    size_t len = strlen(key);
    const char *at = p->row ? find_bytes(p->key.text, p->key.len, key, len) : NULL;

    if (at)
        *out = span_of(p, (size_t)(at - p->key.text), len);
    return at != NULL;
}

struct span *piece_everywhere(const struct piece *p, const char *key, size_t *count)
{
    size_t len = strlen(key), cap = 0;
    struct span *spans = NULL;
    const char *at = p->key.text, *end = p->key.text + p->key.len;

    *count = 0;
    while ((at = find_bytes(at, (size_t)(end - at), key, len))) {
        struct span *grown = th_arena_grow(p->eval->arena, spans, *count, &cap, sizeof *spans);
        if (!grown) {
            p->eval->failed = true;
            break;
        }
        spans = grown;
        spans[(*count)++] = span_of(p, (size_t)(at - p->key.text), len);
        at += len;
    }
    return spans;
}

/* Where `text` stands in `context`: not in the middle of a number, if there is a choice. */
static const char *find_in_context(const char *context, const char *text)
{
    const char *first = *text ? strstr(context, text) : NULL;

    for (const char *at = first; at; at = strstr(at + 1, text))
        if (at == context || !(isdigit((unsigned char)at[-1]) || at[-1] == '.'))
            return at;
    return first;
}

bool piece_within(const struct piece *p, const char *around, const char *wanted, struct span *out)
{
    const char *context = key_of(p->eval, around), *text = key_of(p->eval, wanted);
    const char *inside = find_in_context(context, text);
    const char *at = p->row ? find_bytes(p->key.text, p->key.len, context, strlen(context)) : NULL;

    if (!inside || !at)
        return false;
    *out = span_of(p, (size_t)(at - p->key.text) + (size_t)(inside - context), strlen(text));
    return true;
}

void piece_place(const struct piece *p, json_t *list, struct items *found, struct items *lost)
{
    size_t count = json_array_size(list);

    *found = (struct items){take(p->eval, count, sizeof(struct item)), 0};
    *lost = (struct items){take(p->eval, count, sizeof(struct item)), 0};
    for (size_t i = 0; i < count && found->at && lost->at; i++) {
        struct item item = {.fields = json_array_get(list, i)};
        bool ok = piece_within(p, field_text(item.fields, "context"), field_text(item.fields, "text"), &item.span);
        struct items *to = ok ? found : lost;
        to->at[to->count++] = item;
    }
}

size_t piece_sentence(const struct piece *p, struct span span)
{
    size_t stop = span.stop > span.start ? span.stop : span.start + 1, best = 0, found = p->sentence_count;
    size_t low = 0, high = p->sentence_count;

    while (low < high) { /* the first sentence that ends after the span's start */
        size_t middle = low + (high - low) / 2;
        if (p->sentences[middle].stop <= span.start)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < p->sentence_count && p->sentences[i].start < stop; i++) {
        size_t n = overlap(p->sentences[i], (struct span){span.start, stop});
        if (n > best) {
            best = n;
            found = i;
        }
    }
    return found;
}

struct span piece_trim(const struct piece *p, struct span span)
{
    while (span.start < span.stop) {
        size_t next = span.start;
        if (!is_white(th_utf8_next(p->text, span.stop, &next)))
            break;
        span.start = next;
    }
    while (span.stop > span.start) {
        size_t before = span.stop;
        if (!is_white(th_utf8_prev(p->text, &before)))
            break;
        span.stop = before;
    }
    return span;
}

const char *piece_slice(const struct piece *p, struct span span)
{
    span = piece_trim(p, span);
    return say(p->eval, "%.*s", (int)(span.stop - span.start), p->text + span.start);
}

const char *piece_quote(const struct piece *p, struct span span)
{
    size_t i = piece_sentence(p, span);

    return piece_slice(p, i < p->sentence_count ? p->sentences[i] : span);
}
