/* quotes.c - see gold.h: the same placing as in scoring, asked backwards. */
#include <stdlib.h>
#include <string.h>

#include "eval/gold.h"
#include "eval/internal.h"
#include "text/unicode.h"

enum { MARGIN = 4, WIDEST = 200 }; /* characters on each side: what is tried first, and last */

struct th_quotes {
    struct eval eval;
    th_arena *scratch; /* of one question */
    json_t *row;
    struct piece piece;
};

th_quotes *th_quotes_new(const char *text, size_t len)
{
    th_quotes *q = calloc(1, sizeof *q);

    if (!q)
        return NULL;
    q->eval.arena = th_arena_new();
    q->scratch = th_arena_new();
    q->row = json_object();
    if (q->eval.arena && q->scratch && json_object_set_new(q->row, "text", json_stringn(text, len)) == 0) {
        piece_open(&q->piece, &q->eval, "", q->row);
        q->piece.text = text;
        if (!q->eval.failed)
            return q;
    }
    th_quotes_free(q);
    return NULL;
}

void th_quotes_free(th_quotes *q)
{
    if (!q)
        return;
    th_arena_free(q->eval.arena);
    th_arena_free(q->scratch);
    json_decref(q->row);
    free(q);
}

/* Answer in memory that is given back: the text's own key stays in the other arena. */
static void begin(th_quotes *q)
{
    th_arena_reset(q->scratch);
    th_arena *own = q->eval.arena;
    q->eval.arena = q->scratch;
    q->scratch = own;
}

static void end(th_quotes *q)
{
    th_arena *own = q->scratch;

    q->scratch = q->eval.arena;
    q->eval.arena = own;
}

bool th_quotes_sentence(th_quotes *q, size_t *start, size_t *stop)
{
    size_t i = piece_sentence(&q->piece, (struct span){*start, *stop});

    if (i == q->piece.sentence_count)
        return false;
    struct span span = piece_trim(&q->piece, q->piece.sentences[i]);
    *start = span.start;
    *stop = span.stop;
    return true;
}

static bool is_found(th_quotes *q, struct span around, struct span wanted)
{
    struct items found, lost;

    begin(q);
    json_t *list = json_pack("[{s:o, s:o}]", "text", json_stringn(q->piece.text + wanted.start, wanted.stop - wanted.start), "context",
                             json_stringn(q->piece.text + around.start, around.stop - around.start));
    piece_place(&q->piece, list, &found, &lost);
    bool ok = found.count && found.at[0].span.start == wanted.start && found.at[0].span.stop == wanted.stop;

    end(q);
    json_decref(list);
    return ok;
}

static struct span widened(const struct piece *p, struct span span, int before, int behind)
{
    for (int i = 0; i < before && span.start > 0; i++)
        th_utf8_prev(p->text, &span.start);
    for (int i = 0; i < behind && span.stop < p->len; i++)
        th_utf8_next(p->text, p->len, &span.stop);
    return span;
}

bool th_quotes_around(th_quotes *q, size_t start, size_t stop, th_str *out)
{
    struct span wanted = piece_trim(&q->piece, (struct span){start, stop}), around = wanted;

    if (wanted.start >= wanted.stop)
        return false;
    /* Where the same words stand before it too (第七座、七座), the quotation begins with those that are meant. */
    for (int side = MARGIN; side <= WIDEST; side *= 2)
        for (int before = side; before >= 0; before -= side) {
            around = widened(&q->piece, wanted, before, side);
            if (!is_found(q, around, wanted))
                continue;
            th_str_add(out, q->piece.text + around.start, around.stop - around.start);
            return th_str_ok(out);
        }
    return false;
}

bool th_quotes_has(th_quotes *q, const char *quotation)
{
    struct span span;

    begin(q);
    bool ok = piece_find(&q->piece, quotation, &span);

    end(q);
    return ok;
}

bool th_quotes_leads(th_quotes *q, const char *quotation, size_t start)
{
    struct span span;

    begin(q);
    bool ok = piece_find(&q->piece, quotation, &span) && span.start == start;

    end(q);
    return ok;
}
