/* gazetteer.c - see gazetteer.h. Loading the tables and looking a region up; places.c reads texts. */
#include "text/gazetteer.h"

#include <stdlib.h>
#include <string.h>

#include "text/gazetteer_impl.h"
#include "text/gazetteer_words.h"

enum { MAX_FIELDS = 5, HAN = 3 /* bytes of a Han character */, MAX_TERM = 255 };

struct field {
    const char *text;
    size_t len;
};

/* A line of either table, before parents are known. */
struct row {
    struct field code, name, level, parent, aliases;
    int line;
    bool is_zone;
};

struct loader {
    th_gazetteer *g;
    th_error *err;
    struct row *rows;
    size_t row_count, row_cap;
    size_t name_cap;
    const char *divisions, *zones; /* the tables' names, for messages */
};

static th_status no_memory(th_error *err)
{
    return th_error_set(err, TH_ERR_NOMEM, "gazetteer: out of memory");
}

static th_status bad_line(struct loader *l, const struct row *row, const char *what, struct field value)
{
    return th_error_set(l->err, TH_ERR_PARSE, "%s:%d: %s \"%.*s\"", row->is_zone ? l->zones : l->divisions, row->line,
                        what, (int)(value.len < 200 ? value.len : 200), value.text);
}

/* ---- lines and fields ---- */

static size_t split(struct field *fields, const char *at, const char *end)
{
    size_t count = 0;

    for (;;) {
        const char *tab = memchr(at, '\t', (size_t)(end - at));
        const char *stop = tab ? tab : end;
        if (count < MAX_FIELDS)
            fields[count] = (struct field){at, (size_t)(stop - at)};
        count++;
        if (!tab)
            return count;
        at = tab + 1;
    }
}

static bool is_code(struct field f)
{
    if (f.len != 6)
        return false;
    for (size_t i = 0; i < f.len; i++)
        if (f.text[i] < '0' || f.text[i] > '9')
            return false;
    return true;
}

static bool same(struct field f, const char *text)
{
    return f.len == strlen(text) && memcmp(f.text, text, f.len) == 0;
}

static th_status check_row(struct loader *l, const struct row *row)
{
    if (!row->is_zone && !is_code(row->code))
        return bad_line(l, row, "a code is six digits, not", row->code);
    if (row->name.len < (size_t)2 * HAN || row->name.len > MAX_TERM)
        return bad_line(l, row, "a name has 2 to 85 characters, not", row->name);
    if (!row->is_zone && !same(row->level, "province") && !same(row->level, "city") && !same(row->level, "county"))
        return bad_line(l, row, "level is province, city or county, not", row->level);
    if (row->parent.len && !is_code(row->parent))
        return bad_line(l, row, "a parent's code is six digits or empty, not", row->parent);
    return TH_OK;
}

static th_status add_row(struct loader *l, const char *at, const char *end, int line, bool is_zone)
{
    struct field f[MAX_FIELDS] = {{"", 0}, {"", 0}, {"", 0}, {"", 0}, {"", 0}};
    struct row row = {.line = line, .is_zone = is_zone};
    size_t count = split(f, at, end), most = is_zone ? 4 : 5;

    if (count < most - 1 || count > most) /* aliases may be left out with their tab */
        return th_error_set(l->err, TH_ERR_PARSE, "%s:%d: expected %zu tab-separated fields (%s), got %zu",
                            is_zone ? l->zones : l->divisions, line, most,
                            is_zone ? "name kind parent_code aliases" : "code name level parent_code aliases", count);
    if (is_zone) {
        row.name = f[0], row.parent = f[2], row.aliases = f[3];
    } else {
        row.code = f[0], row.name = f[1], row.level = f[2], row.parent = f[3], row.aliases = f[4];
    }
    if (check_row(l, &row) != TH_OK)
        return TH_ERR_PARSE;
    struct row *rows = th_arena_grow(l->g->arena, l->rows, l->row_count, &l->row_cap, sizeof *rows);
    if (!rows)
        return no_memory(l->err);
    l->rows = rows;
    l->rows[l->row_count++] = row;
    return TH_OK;
}

static th_status read_table(struct loader *l, const char *text, size_t len, bool is_zone)
{
    const char *at = th_arena_copy(l->g->arena, text, len), *end = at + len;
    th_status status = at ? TH_OK : no_memory(l->err);

    for (int line = 1; status == TH_OK && at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline ? newline : end, *next = newline ? newline + 1 : end;
        if (stop > at && stop[-1] == '\r')
            stop--;
        if (stop > at && *at != '#')
            status = add_row(l, at, stop, line, is_zone);
        at = next;
    }
    return status;
}

/* ---- regions ---- */

static int by_code(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    if (x->is_zone != y->is_zone)
        return x->is_zone ? 1 : -1;
    int order = x->is_zone ? 0 : memcmp(x->code.text, y->code.text, 6);
    return order ? order : x->line - y->line;
}

static th_region *division(const th_gazetteer *g, const char *code)
{
    size_t low = 0, high = g->division_count;

    while (low < high) {
        size_t mid = (low + high) / 2;
        int order = memcmp(code, g->regions[mid].code, 6);
        if (order == 0)
            return &g->regions[mid];
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

static th_level level_of(const struct row *row)
{
    if (row->is_zone)
        return TH_LEVEL_ZONE;
    return row->level.text[0] == 'p' ? TH_LEVEL_PROVINCE : row->level.text[1] == 'i' ? TH_LEVEL_CITY : TH_LEVEL_COUNTY;
}

static th_status link_parent(struct loader *l, uint32_t index)
{
    const struct row *row = &l->rows[index];
    th_region *region = &l->g->regions[index];

    if (index > 0 && !row->is_zone && memcmp(row->code.text, l->rows[index - 1].code.text, 6) == 0)
        return bad_line(l, row, "this code stands twice:", row->code);
    if (row->parent.len) {
        region->parent = division(l->g, row->parent.text);
        if (!region->parent)
            return bad_line(l, row, "no division has the parent's code", row->parent);
        if (!row->is_zone && region->parent->level >= region->level)
            return bad_line(l, row, "the parent is not of a higher level:", row->parent);
    } else if (!row->is_zone && region->level != TH_LEVEL_PROVINCE) {
        return bad_line(l, row, "a parent's code is missing for", row->name);
    }
    if (row->is_zone)
        region->code = region->parent ? region->parent->code : "";
    return TH_OK;
}

static th_status make_regions(struct loader *l)
{
    th_gazetteer *g = l->g;
    th_status status = TH_OK;

    if (l->row_count)
        qsort(l->rows, l->row_count, sizeof *l->rows, by_code);
    g->region_count = (uint32_t)l->row_count;
    g->regions = th_arena_zalloc(g->arena, l->row_count + 1, sizeof *g->regions);
    if (!g->regions)
        return no_memory(l->err);
    for (uint32_t i = 0; i < g->region_count; i++) {
        const struct row *row = &l->rows[i];
        g->regions[i].level = level_of(row);
        g->regions[i].name = th_arena_copy(g->arena, row->name.text, row->name.len);
        g->regions[i].code = row->is_zone ? "" : th_arena_copy(g->arena, row->code.text, row->code.len);
        if (!g->regions[i].name || !g->regions[i].code)
            return no_memory(l->err);
        g->division_count += !row->is_zone;
    }
    for (uint32_t i = 0; status == TH_OK && i < g->region_count; i++)
        status = link_parent(l, i);
    return status;
}

/* ---- names ---- */

static th_status add_name(struct loader *l, const char *text, size_t len, uint32_t region, bool is_short)
{
    th_gazetteer *g = l->g;
    th_name *names = th_arena_grow(g->arena, g->names, g->name_count, &l->name_cap, sizeof *names);

    if (!names)
        return no_memory(l->err);
    g->names = names;
    g->names[g->name_count++] = (th_name){text, (uint32_t)len, region, is_short};
    return TH_OK;
}

/* An alias of a zone that says what it is (东侨开发区) is as good as its full name. */
static bool is_full_alias(const struct row *row, struct field alias)
{
    return row->is_zone && alias.len >= 4 * HAN &&
           (th_ends_with(alias.text, alias.len, "区", HAN) || th_ends_with(alias.text, alias.len, "园", HAN));
}

/* 宁德东侨 is 宁德 and 东侨, two places; only what says that it is a zone is one name. */
static bool is_chain(const struct loader *l, const struct row *row, struct field alias, uint32_t region)
{
    if (!row->is_zone || is_full_alias(row, alias))
        return false;
    for (const th_region *above = l->g->regions[region].parent; above; above = above->parent) {
        size_t len = strlen(above->name) - HAN; /* without 市, 区, 省 */
        if (len >= 2 * HAN && alias.len > len && memcmp(alias.text, above->name, len) == 0)
            return true;
    }
    return false;
}

static th_status add_alias(struct loader *l, const struct row *row, struct field alias, uint32_t region)
{
    if (alias.len < 2 * HAN || alias.len > MAX_TERM || (alias.len == row->name.len &&
        memcmp(alias.text, row->name.text, alias.len) == 0))
        return TH_OK; /* 闽, 厦: one character never names a place */
    if (is_chain(l, row, alias, region))
        return TH_OK;
    return add_name(l, alias.text, alias.len, region, !is_full_alias(row, alias));
}

static th_status add_names(struct loader *l, uint32_t region)
{
    const struct row *row = &l->rows[region];
    const char *at = row->aliases.text, *end = at + row->aliases.len;
    /* 和县, 沙县: two characters are read as a short form, for they stand inside many words. */
    th_status status = add_name(l, row->name.text, row->name.len, region, row->name.len == 2 * HAN);

    while (status == TH_OK && at < end) {
        const char *stop = at;
        while (stop < end && *stop != '|' && *stop != ',' && *stop != ';' && *stop != ' ')
            stop++;
        status = add_alias(l, row, (struct field){at, (size_t)(stop - at)}, region);
        at = stop < end ? stop + 1 : end;
    }
    return status;
}

static int by_text(const void *a, const void *b)
{
    const th_name *x = a, *y = b;
    int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);

    if (order == 0)
        order = (int)x->len - (int)y->len;
    if (order == 0)
        order = (int)x->is_short - (int)y->is_short;
    return order ? order : (int)x->region - (int)y->region;
}

static bool same_text(const th_name *a, const th_name *b)
{
    return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* Sort, and drop what stands twice (an alias given and derived). */
static void sort_names(th_gazetteer *g)
{
    uint32_t kept = 0;

    if (g->name_count)
        qsort(g->names, g->name_count, sizeof *g->names, by_text);
    for (uint32_t i = 0; i < g->name_count; i++) {
        bool twice = false;
        for (uint32_t k = kept; k > 0 && same_text(&g->names[k - 1], &g->names[i]) && !twice; k--)
            twice = g->names[k - 1].region == g->names[i].region;
        if (!twice)
            g->names[kept++] = g->names[i];
    }
    g->name_count = kept;
}

/* ---- terms ---- */

/* The next word of a list, or false at its end. */
static bool next_word(const char **at, struct field *word)
{
    *at += strspn(*at, " \n");
    *word = (struct field){*at, strcspn(*at, " \n")};
    *at += word->len;
    return word->len > 0;
}

static th_term *term_named(const th_gazetteer *g, const char *text, size_t len)
{
    uint32_t low = 0, high = g->term_count;

    while (low < high) {
        uint32_t mid = (low + high) / 2;
        const th_name *name = &g->names[g->terms[mid].first];
        int order = memcmp(text, name->text, len < name->len ? len : name->len);
        if (order == 0)
            order = (len > name->len) - (len < name->len);
        if (order == 0)
            return &g->terms[mid];
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

static void mark_terms(th_gazetteer *g, const char *list, th_term_kind kind)
{
    struct field word;

    while (next_word(&list, &word)) {
        th_term *term = term_named(g, word.text, word.len);
        if (term)
            term->kind = kind;
    }
}

static size_t count_words(const char *list)
{
    struct field word;
    size_t count = 0;

    while (next_word(&list, &word))
        count++;
    return count;
}

/* One term per distinct name, in the names' order, so that term_named() can search; then the words that are none. */
static th_status make_terms(struct loader *l)
{
    th_gazetteer *g = l->g;
    size_t most = g->name_count + count_words(stop_words) + count_words(generic_zones) + 1;

    g->terms = th_arena_zalloc(g->arena, most, sizeof *g->terms);
    if (!g->terms)
        return no_memory(l->err);
    for (uint32_t i = 0; i < g->name_count; i++) {
        if (i == 0 || !same_text(&g->names[i - 1], &g->names[i]))
            g->terms[g->term_count++] = (th_term){.first = i};
        g->terms[g->term_count - 1].count++;
    }
    mark_terms(g, weak_short, TH_TERM_WEAK);
    mark_terms(g, never_short, TH_TERM_STOP);
    mark_terms(g, word_names, TH_TERM_WORD);
    return TH_OK;
}

static th_status add_term(struct loader *l, const char *text, size_t len, uint32_t want)
{
    int term = th_lexset_add_term(l->g->set, 0, text, len);

    if (term < 0)
        return no_memory(l->err);
    return (uint32_t)term == want
               ? TH_OK
               : th_error_set(l->err, TH_ERR_PARSE, "gazetteer: \"%.*s\" stands in two lists", (int)len, text);
}

static th_status add_generic(struct loader *l, struct field word, uint32_t *at)
{
    th_gazetteer *g = l->g;
    size_t len = strcspn(word.text, ":");
    const char *kind = th_arena_copy(g->arena, word.text + len + 1, word.len - len - 1);

    if (!kind)
        return no_memory(l->err);
    g->terms[*at] = (th_term){.kind = TH_TERM_GENERIC, .generic = kind};
    return add_term(l, word.text, len, (*at)++);
}

static th_status make_set(struct loader *l)
{
    th_gazetteer *g = l->g;
    th_status status = TH_OK;
    struct field word;
    uint32_t at = g->term_count; /* terms past term_count have no names, so term_named() must not see them */

    g->set = th_lexset_new();
    if (!g->set || th_lexset_add(g->set) != 0)
        return no_memory(l->err);
    for (uint32_t i = 0; status == TH_OK && i < g->term_count; i++)
        status = add_term(l, g->names[g->terms[i].first].text, g->names[g->terms[i].first].len, i);
    for (const char *list = stop_words; status == TH_OK && next_word(&list, &word);) {
        if (term_named(g, word.text, word.len))
            continue;
        g->terms[at] = (th_term){.kind = TH_TERM_STOP};
        int term = th_lexset_add_term(g->set, 0, word.text, word.len);
        if (term < 0)
            return no_memory(l->err);
        at += (uint32_t)term == at; /* a word listed twice has its number already */
    }
    for (const char *list = generic_zones; status == TH_OK && next_word(&list, &word);)
        if (!term_named(g, word.text, strcspn(word.text, ":")))
            status = add_generic(l, word, &at);
    return status == TH_OK ? th_lexset_compile(g->set, l->err) : status;
}

/* ---- the lists a text is read with ---- */

static int by_word(const void *a, const void *b)
{
    return strcmp(((const th_word *)a)->text, ((const th_word *)b)->text);
}

static th_status make_list(struct loader *l, th_wordlist *out, const char *list)
{
    th_arena *arena = l->g->arena;
    struct field word;

    out->items = th_arena_zalloc(arena, count_words(list) + 1, sizeof *out->items);
    if (!out->items)
        return no_memory(l->err);
    while (next_word(&list, &word)) {
        const char *bang = memchr(word.text, '!', word.len);
        size_t len = bang ? (size_t)(bang - word.text) : word.len;
        th_word *item = &out->items[out->count++];
        item->text = th_arena_copy(arena, word.text, len);
        item->unless = bang ? th_arena_copy(arena, bang + 1, word.len - len - 1) : "";
        item->len = (uint32_t)len;
        if (!item->text || !item->unless)
            return no_memory(l->err);
    }
    qsort(out->items, out->count, sizeof *out->items, by_word);
    return TH_OK;
}

static th_status make_lists(struct loader *l)
{
    th_gazetteer *g = l->g;
    const struct {
        th_wordlist *out;
        const char *words;
    } lists[] = {{&g->far_tails, far_tails}, {&g->near_tails, near_tails}, {&g->trades, trade_words},
                 {&g->lands, land_tails},    {&g->breaks, break_words},    {&g->he_names, he_names},
                 {&g->shared_ends, shared_ends}};
    th_status status = TH_OK;

    g->break_chars = break_chars;
    g->surnames = surnames;
    g->foreign = foreign;
    g->generic_before = generic_before;
    for (size_t i = 0; status == TH_OK && i < sizeof lists / sizeof *lists; i++)
        status = make_list(l, lists[i].out, lists[i].words);
    return status;
}

static th_status build(struct loader *l, const char *divisions_text, size_t divisions_len, const char *zones_text,
                       size_t zones_len)
{
    th_status status = read_table(l, divisions_text, divisions_len, false);

    if (status == TH_OK)
        status = read_table(l, zones_text, zones_len, true);
    if (status == TH_OK)
        status = make_regions(l);
    for (uint32_t i = 0; status == TH_OK && i < l->g->region_count; i++)
        status = add_names(l, i);
    if (status != TH_OK)
        return status;
    sort_names(l->g);
    status = make_terms(l);
    if (status == TH_OK)
        status = make_set(l);
    return status == TH_OK ? make_lists(l) : status;
}

th_status th_gazetteer_load(th_gazetteer **out, const char *divisions, const char *divisions_text,
                            size_t divisions_len, const char *zones, const char *zones_text, size_t zones_len,
                            th_error *err)
{
    th_gazetteer *g = calloc(1, sizeof *g);
    struct loader loader = {.g = g, .err = err, .divisions = divisions, .zones = zones};
    th_status status = TH_OK;

    *out = NULL;
    if (!g || !(g->arena = th_arena_new())) {
        status = no_memory(err);
        goto done;
    }
    status = build(&loader, divisions_text, divisions_len, zones_text, zones_len);
    if (status != TH_OK)
        goto done;
    *out = g;
    g = NULL; /* the caller's now */
done:
    th_gazetteer_free(g);
    return status;
}

void th_gazetteer_free(th_gazetteer *g)
{
    if (!g)
        return;
    th_lexset_free(g->set);
    th_arena_free(g->arena);
    free(g);
}

/* The one candidate of a kind, or NULL when there are none or several. */
static const th_region *only(const th_gazetteer *g, const th_term *term, bool is_short, th_level highest)
{
    const th_region *found = NULL;

    for (uint32_t i = 0; i < term->count; i++) {
        const th_name *name = &g->names[term->first + i];
        const th_region *region = &g->regions[name->region];
        if (name->is_short != is_short || region->level > highest)
            continue;
        if (found)
            return NULL;
        found = region;
    }
    return found;
}

const th_region *th_gazetteer_get(const th_gazetteer *g, const char *key, size_t len)
{
    if (is_code((struct field){key, len}))
        return division(g, key);
    const th_term *term = term_named(g, key, len);
    if (!term)
        return NULL;
    if (!g->names[term->first].is_short) /* full names sort first */
        return only(g, term, false, TH_LEVEL_ZONE);
    const th_region *province = only(g, term, true, TH_LEVEL_PROVINCE);
    return province ? province : only(g, term, true, TH_LEVEL_ZONE);
}

const char *th_level_name(th_level level)
{
    static const char *const names[] = {"province", "city", "county", "zone"};

    return names[level];
}
