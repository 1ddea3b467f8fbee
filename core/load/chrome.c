/* chrome.c - see chrome.h. */
#include "load/chrome.h"

#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"
#include "text/unicode.h"

enum { ANY = 0x110000, NUMBER, ONE, DEFAULT_MAX = 40 };

/* The one form of marks that come in two widths or several shapes. */
static uint32_t fold(uint32_t c)
{
    static const struct {
        uint32_t from, to;
    } marks[] = {{0xff08, '('}, {0xff09, ')'}, {0xff1a, ':'}, {0x2236, ':'}, {0xff0c, ','}, {0xff1b, ';'}, {0xff01, '!'},
                 {0xff1f, '?'}, {0xff0f, '/'}, {0x2215, '/'}, {0xff5c, '|'}, {0x4e28, '|'}, {0x2502, '|'}, {0x2223, '|'},
                 {0x2503, '|'}, {0xfe31, '|'}, {0x3010, '['}, {0x3011, ']'}, {0xff3b, '['}, {0xff3d, ']'}, {0x3014, '['},
                 {0x3015, ']'}, {0x3000, ' '}, {0xff3f, '_'}, {0xff1e, '>'}, {0x203a, '>'}, {0x00bb, '>'}, {0xff1c, '<'},
                 {0xff0a, 0x2a}, {0x2014, '-'}, {0x2013, '-'}, {0xff03, '#'}};

    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    if (c >= 0x4e00 && c <= 0x9fff && c != 0x4e28)
        return c;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (marks[i].from == c)
            return marks[i].to;
    c = th_fold_width(c);
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static void note(uint64_t has[4], uint32_t c)
{
    uint32_t bit = c * 0x9e3779b1u >> 24;

    has[bit >> 6] |= 1ull << (bit & 63);
}

static bool may_hold(const uint64_t has[4], uint32_t c)
{
    uint32_t bit = c * 0x9e3779b1u >> 24;

    return has[bit >> 6] >> (bit & 63) & 1;
}

void th_view_make(th_view *view, const char *text, size_t len, bool keep_spaces)
{
    size_t pos = 0, n = 0;

    memset(view->has, 0, sizeof view->has);
    while (pos < len && n < TH_VIEW_MAX) {
        size_t at = pos;
        const unsigned char *b = (const unsigned char *)text + pos;
        uint32_t c;
        if (*b >= 0xe5 && *b <= 0xe9 && len - pos >= 3) { /* Han, which folds to itself; the text is valid */
            c = (uint32_t)(b[0] & 0x0f) << 12 | (uint32_t)(b[1] & 0x3f) << 6 | (b[2] & 0x3f);
            pos += 3;
        } else {
            c = fold(th_utf8_next(text, len, &pos));
        }
        if (c <= ' ' && !keep_spaces)
            continue;
        view->c[n] = c;
        note(view->has, c);
        view->at[n++] = (uint32_t)at;
    }
    view->n = n;
    view->at[n] = (uint32_t)pos;
    view->whole = pos >= len;
}

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

bool th_pattern_fits(const th_pattern *p, const th_view *view, size_t from)
{
    size_t i = from, k = 0, star = SIZE_MAX, mark = 0;

    while (i < view->n) {
        if (k < p->n && p->c[k] == ANY) {
            star = k++;
            mark = i;
        } else if (k < p->n && p->c[k] == NUMBER && is_digit(view->c[i])) {
            while (i < view->n && (is_digit(view->c[i]) || (view->c[i] == ',' && i + 1 < view->n && is_digit(view->c[i + 1]))))
                i++;
            k++;
        } else if (k < p->n && (p->c[k] == view->c[i] || p->c[k] == ONE)) {
            i++;
            k++;
        } else if (star != SIZE_MAX) {
            k = star + 1;
            i = ++mark;
        } else {
            return false;
        }
    }
    while (k < p->n && p->c[k] == ANY)
        k++;
    return k == p->n;
}

static bool may_fit(const th_pattern *p, const th_view *view)
{
    uint64_t missing = 0;

    for (int i = 0; i < 4; i++)
        missing |= p->needs[i] & ~view->has[i];
    return !missing;
}

/* The first of the words that begin with `c`, or where they would stand. */
static size_t first_of(const th_words *words, uint32_t c)
{
    size_t low = 0, high = words->plain;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (words->items[middle].c[0] < c)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool th_words_fit(const th_words *words, const th_view *view)
{
    size_t i = view->n && may_hold(words->firsts, view->c[0]) ? first_of(words, view->c[0]) : words->plain;

    for (; i < words->plain && words->items[i].c[0] == view->c[0]; i++)
        if (may_fit(&words->items[i], view) && th_pattern_fits(&words->items[i], view, 0))
            return true;
    for (i = words->plain; i < words->count; i++)
        if (may_fit(&words->items[i], view) && th_pattern_fits(&words->items[i], view, 0))
            return true;
    return false;
}

bool th_words_hold(const th_words *words, uint32_t c)
{
    if (!may_hold(words->firsts, c))
        return false;
    for (size_t i = first_of(words, c); i < words->plain && words->items[i].c[0] == c; i++)
        if (words->items[i].n == 1)
            return true;
    return false;
}

static size_t word_length_at(const th_pattern *word, const th_view *view, size_t pos)
{
    size_t i = pos, k = 0;

    while (k < word->n) {
        while (k && i < view->n && view->c[i] == ' ')
            i++;
        if (i >= view->n || view->c[i] != word->c[k])
            return 0;
        i++;
        k++;
    }
    return i - pos;
}

size_t th_words_at(const th_words *words, const th_view *view, size_t pos)
{
    size_t best = 0;

    if (pos >= view->n || !may_hold(words->firsts, view->c[pos]))
        return 0;
    for (size_t i = first_of(words, view->c[pos]); i < words->plain && words->items[i].c[0] == view->c[pos]; i++) {
        size_t n = word_length_at(&words->items[i], view, pos);
        best = n > best ? n : best;
    }
    return best;
}

size_t th_words_before(const th_words *words, const th_view *view, size_t begin, size_t end)
{
    size_t best = 0;

    if (begin >= end || !may_hold(words->lasts, view->c[end - 1]))
        return 0;
    for (size_t i = 0; i < words->count; i++) {
        size_t n = words->items[i].n;
        if (n > best && begin + n <= end && !memcmp(view->c + end - n, words->items[i].c, n * sizeof(uint32_t)))
            best = n;
    }
    return best;
}

bool th_words_begin(const th_words *words, uint32_t c)
{
    return may_hold(words->firsts, c);
}

bool th_words_in(const th_words *words, const th_view *view)
{
    for (size_t i = 0; i < view->n; i++)
        if (th_words_at(words, view, i))
            return true;
    return false;
}

/* ---- reading the file ---- */

typedef struct reader {
    th_arena *arena;
    const char *name;
    th_error *err;
} reader;

static th_status fail(const reader *r, const th_node *node, const char *what)
{
    return th_error_set(r->err, TH_ERR_PARSE, "%s:%d:%d: %s", r->name, node->line, node->column, what);
}

static th_status out_of_memory(const reader *r)
{
    return th_error_set(r->err, TH_ERR_NOMEM, "%s: out of memory", r->name);
}

/* One pattern; `wild` says whether * # ? are special. */
static th_status compile(const reader *r, const th_node *node, bool wild, th_pattern *out)
{
    th_view view;

    if (node->kind != TH_NODE_SCALAR || !node->len)
        return fail(r, node, "expected a word or pattern");
    th_view_make(&view, node->text, node->len, false);
    if (!view.whole || !view.n)
        return fail(r, node, "pattern is empty or longer than 160 characters");
    uint32_t *c = th_arena_zalloc(r->arena, view.n, sizeof *c);
    if (!c)
        return out_of_memory(r);
    for (size_t i = 0; i < view.n; i++)
        c[i] = !wild ? view.c[i] : view.c[i] == '*' ? ANY : view.c[i] == '#' ? NUMBER : view.c[i] == '?' ? ONE : view.c[i];
    *out = (th_pattern){.c = c, .n = view.n};
    for (size_t i = 0; i < view.n; i++)
        if (c[i] < ANY)
            note(out->needs, c[i]);
    return TH_OK;
}

static int by_first(const void *a, const void *b)
{
    const th_pattern *x = a, *y = b;

    return x->c[0] != y->c[0] ? (x->c[0] < y->c[0] ? -1 : 1) : x->c < y->c ? -1 : x->c > y->c;
}

static th_words words_of(th_pattern *items, size_t count)
{
    th_words words = {.items = items, .count = count};

    if (count)
        qsort(items, count, sizeof *items, by_first);
    for (size_t i = 0; i < count; i++) {
        words.plain += items[i].c[0] < ANY;
        note(words.firsts, items[i].c[0]);
        note(words.lasts, items[i].c[items[i].n - 1]);
    }
    return words;
}

static th_status read_words(const reader *r, const th_node *node, bool wild, th_words *out)
{
    if (node->kind != TH_NODE_LIST)
        return fail(r, node, "expected a list of words");
    th_pattern *items = th_arena_zalloc(r->arena, node->count + 1, sizeof *items);
    if (!items)
        return out_of_memory(r);
    for (size_t i = 0; i < node->count; i++) {
        th_status status = compile(r, &node->items[i], wild, &items[i]);
        if (status != TH_OK)
            return status;
    }
    *out = words_of(items, node->count);
    return TH_OK;
}

/* Surnames of one character stand in one text, one after the other. */
static th_status read_characters(const reader *r, const th_node *node, th_words *out)
{
    if (node->kind != TH_NODE_SCALAR)
        return fail(r, node, "expected a text of surnames");
    th_pattern *items = th_arena_zalloc(r->arena, node->len + 1, sizeof *items);
    uint32_t *c = th_arena_zalloc(r->arena, node->len + 1, sizeof *c);
    size_t pos = 0, n = 0;
    if (!items || !c)
        return out_of_memory(r);
    while (pos < node->len) {
        c[n] = th_utf8_next(node->text, node->len, &pos);
        if (!th_is_han(c[n]))
            continue;
        items[n] = (th_pattern){.c = &c[n], .n = 1};
        n++;
    }
    *out = words_of(items, n);
    return TH_OK;
}

static th_status read_terms(const reader *r, th_chrome *chrome, const th_node *node, int *lexicon)
{
    if (node->kind != TH_NODE_LIST)
        return fail(r, node, "contains, also: expected a list of words");
    *lexicon = th_lexset_add(chrome->terms);
    if (*lexicon < 0)
        return out_of_memory(r);
    for (size_t i = 0; i < node->count; i++)
        if (node->items[i].kind != TH_NODE_SCALAR ||
            th_lexset_add_term(chrome->terms, *lexicon, node->items[i].text, node->items[i].len) < 0)
            return fail(r, &node->items[i], "contains, also: expected a word of 1 to 255 bytes");
    return TH_OK;
}

static th_status read_count(const reader *r, const th_node *node, const char *key, size_t *out)
{
    double value;

    if (!th_node_number(node, &value) || value < 1 || value > 10000 || value != (double)(size_t)value)
        return th_error_set(r->err, TH_ERR_PARSE, "%s:%d:%d: %s: expected a whole number from 1 to 10000", r->name,
                            node->line, node->column, key);
    *out = (size_t)value;
    return TH_OK;
}

static th_status unknown_key(const reader *r, const th_node *key)
{
    return th_error_set(r->err, TH_ERR_PARSE, "%s:%d:%d: unknown key \"%s\"", r->name, key->line, key->column, key->text);
}

static th_status read_rule(const reader *r, th_chrome *chrome, const th_node *node, th_rule *rule)
{
    th_status status = TH_OK;

    *rule = (th_rule){.max = DEFAULT_MAX, .needs = 1, .lexicon = -1, .also = -1};
    if (node->kind != TH_NODE_MAP)
        return fail(r, node, "expected a rule with reason, and match or contains");
    for (size_t i = 0; i < node->count && status == TH_OK; i++) {
        const th_node *key = &node->keys[i], *value = &node->items[i];
        if (!strcmp(key->text, "reason") && value->kind == TH_NODE_SCALAR)
            rule->reason = value->text;
        else if (!strcmp(key->text, "max"))
            status = read_count(r, value, "max", &rule->max);
        else if (!strcmp(key->text, "needs"))
            status = read_count(r, value, "needs", &rule->needs);
        else if (!strcmp(key->text, "ends_article")) {
            bool late = value->kind == TH_NODE_SCALAR && !strcmp(value->text, "late");
            rule->ends = late ? TH_ENDS_LATE : TH_ENDS_LAST;
            if (!late && (value->kind != TH_NODE_SCALAR || strcmp(value->text, "last")))
                status = fail(r, value, "ends_article: expected late or last");
        } else if (!strcmp(key->text, "prose")) {
            if (!th_node_bool(value, &rule->prose))
                status = fail(r, value, "prose: expected true or false");
        } else if (!strcmp(key->text, "match"))
            status = read_words(r, value, true, &rule->match);
        else if (!strcmp(key->text, "contains"))
            status = read_terms(r, chrome, value, &rule->lexicon);
        else if (!strcmp(key->text, "also"))
            status = read_terms(r, chrome, value, &rule->also);
        else
            status = unknown_key(r, key);
    }
    if (status == TH_OK && (!rule->reason || (!rule->match.count && rule->lexicon < 0)))
        status = fail(r, node, "a rule needs a reason, and match or contains");
    return status;
}

static th_status read_rules(const reader *r, th_chrome *chrome, const th_node *node)
{
    if (node->kind != TH_NODE_LIST)
        return fail(r, node, "rules: expected a list");
    th_rule *rules = th_arena_zalloc(r->arena, node->count + 1, sizeof *rules);
    if (!rules)
        return out_of_memory(r);
    for (size_t i = 0; i < node->count; i++) {
        th_status status = read_rule(r, chrome, &node->items[i], &rules[i]);
        if (status != TH_OK)
            return status;
    }
    chrome->rules = rules;
    chrome->rule_count = node->count;
    return TH_OK;
}

typedef struct slot {
    const char *key;
    th_words *words;
    bool characters;
} slot;

static th_status read_map(const reader *r, const th_node *node, const slot *slots, size_t count)
{
    if (node->kind != TH_NODE_MAP)
        return fail(r, node, "expected a map of word lists");
    for (size_t i = 0; i < node->count; i++) {
        size_t k = 0;
        while (k < count && strcmp(slots[k].key, node->keys[i].text))
            k++;
        if (k == count)
            return unknown_key(r, &node->keys[i]);
        th_status status = slots[k].characters ? read_characters(r, &node->items[i], slots[k].words)
                                               : read_words(r, &node->items[i], false, slots[k].words);
        if (status != TH_OK)
            return status;
    }
    return TH_OK;
}

static th_status read_section(const reader *r, th_chrome *c, const th_node *key, const th_node *value)
{
    const slot labels[] = {{"source", &c->labels[TH_LABEL_SOURCE], false}, {"author", &c->labels[TH_LABEL_AUTHOR], false},
                           {"editor", &c->labels[TH_LABEL_EDITOR], false}, {"photo", &c->labels[TH_LABEL_PHOTO], false},
                           {"date", &c->labels[TH_LABEL_DATE], false},     {"count", &c->labels[TH_LABEL_COUNT], false},
                           {"other", &c->labels[TH_LABEL_OTHER], false},   {"made", &c->labels[TH_LABEL_MADE], false},
                           {"title", &c->labels[TH_LABEL_TITLE], false}};
    const slot words[] = {{"fillers", &c->fillers, false},
                          {"tools", &c->tools, false},
                          {"posted", &c->posted, false},
                          {"originals", &c->originals, false},
                          {"salutations", &c->salutations, false},
                          {"documents", &c->documents, false},
                          {"endings", &c->endings, false},
                          {"officials", &c->officials, false},
                          {"meetings", &c->meetings, false},
                          {"media", &c->media, false},
                          {"organisations", &c->organisations, false},
                          {"title_prefixes", &c->title_prefixes, false},
                          {"datelines", &c->datelines, false},
                          {"heading_labels", &c->heading_labels, false}};
    const slot captions[] = {{"starts", &c->caption_starts, false},
                             {"ends", &c->caption_ends, false},
                             {"contains", &c->caption_contains, false}};
    const slot edges[] = {{"frame", &c->frame_words, false},
                          {"own", &c->own_words, false},
                          {"document_ends", &c->document_ends, false}};
    const slot surnames[] = {{"common", &c->surnames_common, true},
                             {"rare", &c->surnames_rare, true},
                             {"compound", &c->surnames_compound, false}};

    if (!strcmp(key->text, "rules"))
        return read_rules(r, c, value);
    if (!strcmp(key->text, "labels"))
        return read_map(r, value, labels, sizeof labels / sizeof *labels);
    if (!strcmp(key->text, "words"))
        return read_map(r, value, words, sizeof words / sizeof *words);
    if (!strcmp(key->text, "captions"))
        return read_map(r, value, captions, sizeof captions / sizeof *captions);
    if (!strcmp(key->text, "edges"))
        return read_map(r, value, edges, sizeof edges / sizeof *edges);
    if (!strcmp(key->text, "surnames"))
        return read_map(r, value, surnames, sizeof surnames / sizeof *surnames);
    return unknown_key(r, key);
}

th_status th_chrome_parse(th_chrome *out, th_arena *arena, const char *name, const char *text, size_t len, th_error *err)
{
    const reader r = {arena, name, err};
    th_node *root = NULL;

    *out = (th_chrome){.terms = th_lexset_new()};
    if (!out->terms)
        return out_of_memory(&r);
    th_status status = th_yaml_parse(&root, arena, name, text, len, err);
    if (status != TH_OK)
        return status;
    if (root->kind != TH_NODE_MAP)
        return th_error_set(err, TH_ERR_PARSE, "%s:1:1: expected a map with rules, labels, words, captions and surnames", name);
    for (size_t i = 0; i < root->count && status == TH_OK; i++)
        status = read_section(&r, out, &root->keys[i], &root->items[i]);
    return status == TH_OK ? th_lexset_compile(out->terms, err) : status;
}
