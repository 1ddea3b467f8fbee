/* words.c - the scanner's words, read from data/quantity_words.tsv; see quantity_impl.h. */
#include <stdlib.h>
#include <string.h>

#include "text/quantity_impl.h"

static bool add_word(word_index *x, const char *word, size_t offset, unsigned bucket)
{
    const char *bang = strchr(word, '!');
    size_t len = bang != NULL ? (size_t)(bang - word) : strlen(word);

    if (x->count == x->cap) {
        size_t cap = x->cap ? x->cap * 2 : 512;
        word_entry *more = realloc(x->entries, cap * sizeof *more);
        if (more == NULL)
            return false;
        x->entries = more;
        x->cap = cap;
    }
    x->entries[x->count] = (word_entry){.text = word,
                                        .unless = bang != NULL ? bang + 1 : NULL,
                                        .len = (uint8_t)len,
                                        .offset = (uint8_t)offset,
                                        .next = x->head[bucket]};
    x->head[bucket] = (int)x->count++;
    return true;
}

size_t th_word_at(const scan *c, const word_index *x, size_t pos, unsigned bucket)
{
    size_t best = 0;

    for (int i = x->head[bucket]; i >= 0; i = x->entries[i].next) {
        const word_entry *w = &x->entries[i];
        size_t from = pos - w->offset;

        if (w->offset > pos || w->len > c->len - from || w->len - w->offset <= (int)best ||
            c->s[from + w->len - 1] != w->text[w->len - 1] || memcmp(c->s + from, w->text, w->len) != 0)
            continue;
        if (w->unless == NULL || !char_at_in(c, from + w->len, w->unless))
            best = (size_t)w->len - w->offset;
    }
    return best;
}

static bool starts_numeral(const char *s)
{
    size_t pos = 0;
    uint32_t c = th_utf8_next(s, th_char_len(s), &pos);

    return is_numeral_char(c) || c == 0x534A || c == 0x5EFF || c == 0x5345 || c == 0x534C;
}

/* Enter a fixed word under each numeral in it and the character next to that. */
static bool add_fixed(word_index *x, const char *word)
{
    bool before = false;

    for (size_t i = 0, prev = 0; word[i] != '\0' && word[i] != '!'; prev = i, i += th_char_len(word + i)) {
        size_t n = th_char_len(word + i);
        bool numeral = starts_numeral(word + i);
        bool last = word[i + n] == '\0' || word[i + n] == '!';

        if (numeral && !before) {
            size_t from = last ? prev : i, len = last ? i + n - prev : n + th_char_len(word + i + n);
            if (!add_word(x, word, i, th_bucket_of(word + from, len)))
                return false;
        }
        before = numeral;
    }
    return true;
}

/* The end of the fixed word that covers the numeral at `pos`, or 0. */
size_t th_fixed_at(const scan *c, size_t pos)
{
    const word_index *x = &c->units->fixed;
    size_t next = step_over(c, pos), prev = step_back(c, pos), n;

    n = th_word_at(c, x, pos, th_bucket_of(c->s + pos, step_over(c, next) - pos));
    if (n == 0 && prev < pos)
        n = th_word_at(c, x, pos, th_bucket_of(c->s + prev, next - prev));
    return n > 0 ? pos + n : 0;
}

/* ---- loading ---- */

static const char *const KINDS[LIST_COUNT] = {
    [LIST_ORDINAL] = "ordinal", [LIST_NOUN] = "noun",       [LIST_MODIFIER] = "modifier", [LIST_BEFORE] = "before",
    [LIST_NOT_FAR] = "not_far", [LIST_AFTER] = "after",     [LIST_COUNTED] = "counted",   [LIST_TITLE] = "title",
    [LIST_CLASS] = "class",     [LIST_COUNTER] = "counter", [LIST_SIGN] = "sign",         [LIST_NAME] = "name",
    [LIST_TOTAL] = "total",
};

/* What an option says: a comparator, far or not, or (noun, total, sign) the base unit. */
typedef struct option {
    const char *text;
    th_cmp cmp;
    bool far;
} option;

static bool read_option(option *out, list_id list, char *text)
{
    out->text = text;
    out->far = false;
    if (list == LIST_BEFORE || list == LIST_AFTER) {
        char *far = strchr(text, ' ');
        out->far = far != NULL && strcmp(far, " far") == 0;
        if (far != NULL)
            *far = '\0';
        for (out->cmp = TH_CMP_OVER; out->cmp <= TH_CMP_AT_MOST; out->cmp++)
            if (strcmp(text, th_cmp_name(out->cmp)) == 0)
                return far == NULL || out->far;
        return false;
    }
    return (strcmp(text, "-") == 0) != (list == LIST_NOUN || list == LIST_TOTAL || list == LIST_SIGN);
}

static bool add_listed(word_list *list, const char *word, const option *o)
{
    char *bang = strchr(word, '!');

    if (list->count == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 32;
        listed *more = realloc(list->words, cap * sizeof *more);
        if (more == NULL)
            return false;
        list->words = more;
        list->cap = cap;
    }
    if (bang != NULL)
        *bang = '\0';
    list->words[list->count++] = (listed){.text = word,
                                          .not_after = bang != NULL ? bang + 1 : NULL,
                                          .option = o->text,
                                          .len = (uint8_t)strlen(word),
                                          .cmp = o->cmp,
                                          .far = o->far};
    return true;
}

/* Enter one word under its kind; `list` is a list_id, or -1 for fixed, -2 for not_unit. */
static bool enter(th_units *u, int list, char *word, const option *o)
{
    if (list == -1)
        return add_fixed(&u->fixed, word);
    if (list == -2)
        return add_word(&u->not_unit, word, 0, th_bucket_of(word, th_char_len(word)));
    return add_listed(&u->lists[list], word, o);
}

static th_status read_line(th_units *u, char *line, const char *name, int lineno, th_error *err)
{
    char *text = strchr(line, '\t'), *words = text != NULL ? strchr(text + 1, '\t') : NULL, *next;
    option o = {NULL, TH_CMP_EXACT, false};
    int list = strncmp(line, "fixed\t", 6) == 0 ? -1 : strncmp(line, "not_unit\t", 9) == 0 ? -2 : LIST_COUNT;

    if (words == NULL || words[1] == '\0')
        return th_error_set(err, TH_ERR_PARSE, "%s:%d:1: expected kind, option and words parted by tabs", name, lineno);
    *text++ = '\0';
    *words++ = '\0';
    for (int i = 0; i < LIST_COUNT && list == LIST_COUNT; i++)
        if (strcmp(line, KINDS[i]) == 0)
            list = i;
    if (list == LIST_COUNT)
        return th_error_set(err, TH_ERR_PARSE, "%s:%d:1: unknown kind \"%.40s\"", name, lineno, line);
    if (list < 0 ? strcmp(text, "-") != 0 : !read_option(&o, (list_id)list, text))
        return th_error_set(err, TH_ERR_PARSE, "%s:%d:%d: option \"%.40s\" does not fit kind %s", name, lineno,
                            (int)strlen(line) + 2, text, line);
    for (char *word = words; word != NULL; word = next) {
        if ((next = strchr(word, ' ')) != NULL)
            *next++ = '\0';
        if (*word == '\0' || *word == '!' || strlen(word) > UINT8_MAX)
            return th_error_set(err, TH_ERR_PARSE, "%s:%d:1: words are parted by one space and at most 255 bytes long",
                                name, lineno);
        if (!enter(u, list, word, &o))
            return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    }
    return TH_OK;
}

static int longer_first(const void *a, const void *b)
{
    const listed *x = a, *y = b;

    return x->len != y->len ? (int)y->len - (int)x->len : strcmp(x->text, y->text);
}

static inline unsigned two_bytes(unsigned char a, unsigned char b)
{
    return (unsigned)a << 8 | b;
}

static inline bool has_bit(const uint8_t *bits, unsigned n)
{
    return bits[n >> 3] >> (n & 7) & 1;
}

static inline void set_bit(uint8_t *bits, unsigned n)
{
    bits[n >> 3] |= (uint8_t)(1 << (n & 7));
}

/* Note the bytes a word begins and ends with; beside a word of a single byte any other may stand. */
static void note_ends(word_list *list, const listed *w)
{
    const unsigned char *t = (const unsigned char *)w->text;

    if (w->len > 1) {
        set_bit(list->first, two_bytes(t[0], t[1]));
        set_bit(list->last, two_bytes(t[w->len - 2], t[w->len - 1]));
        return;
    }
    for (unsigned other = 0; other < 256; other++) {
        set_bit(list->first, two_bytes(t[0], (unsigned char)other));
        set_bit(list->last, two_bytes((unsigned char)other, t[0]));
    }
}

/* Sort a list so that the first word that fits is the longest, and note the characters its words begin and end with. */
static void settle(word_list *list)
{
    if (list->count > 0)
        qsort(list->words, list->count, sizeof *list->words, longer_first);
    for (size_t i = 0; i < list->count; i++)
        note_ends(list, &list->words[i]);
}

th_status th_words_read(th_units *u, const th_data *words, th_error *err)
{
    th_status status = TH_OK;
    int lineno = 0;

    for (size_t i = 0; i < BUCKETS; i++)
        u->fixed.head[i] = u->not_unit.head[i] = -1;
    if (words == NULL)
        return TH_OK;
    if ((u->words_text = th_data_copy(words)) == NULL)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    for (char *line = u->words_text, *next; line != NULL && status == TH_OK; line = next) {
        next = th_cut_line(line);
        lineno++;
        if (*line != '\0' && *line != '#')
            status = read_line(u, line, words->name, lineno, err);
    }
    for (int i = 0; i < LIST_COUNT; i++)
        settle(&u->lists[i]);
    return status;
}

void th_words_free(th_units *u)
{
    for (int i = 0; i < LIST_COUNT; i++)
        free(u->lists[i].words);
    free(u->fixed.entries);
    free(u->not_unit.entries);
    free(u->words_text);
}

/* ---- looking up ---- */

const listed *th_listed_at(const scan *c, list_id id, size_t pos)
{
    const word_list *list = &c->units->lists[id];

    if (pos >= c->len ||
        !has_bit(list->first, two_bytes((unsigned char)c->s[pos], pos + 1 < c->len ? (unsigned char)c->s[pos + 1] : 0)))
        return NULL;
    for (size_t i = 0; i < list->count; i++) {
        const listed *w = &list->words[i];
        if (w->len <= c->len - pos && c->s[pos + w->len - 1] == w->text[w->len - 1] &&
            memcmp(c->s + pos, w->text, w->len) == 0)
            return w;
    }
    return NULL;
}

const listed *th_listed_before(const scan *c, list_id id, size_t pos)
{
    const word_list *list = &c->units->lists[id];

    if (pos == 0 ||
        !has_bit(list->last, two_bytes(pos > 1 ? (unsigned char)c->s[pos - 2] : 0, (unsigned char)c->s[pos - 1])))
        return NULL;
    for (size_t i = 0; i < list->count; i++) {
        const listed *w = &list->words[i];
        if (w->len <= pos && c->s[pos - 1] == w->text[w->len - 1] && c->s[pos - w->len] == *w->text &&
            memcmp(c->s + pos - w->len, w->text, w->len) == 0 &&
            (w->not_after == NULL || !char_before_in(c, pos - w->len, w->not_after)))
            return w;
    }
    return NULL;
}
