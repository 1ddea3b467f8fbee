/* units.c - units as hash chains, read from data/units.tsv; see quantity.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/quantity_impl.h"

unsigned th_bucket_of(const char *s, size_t n)
{
    unsigned h = 2166136261u;

    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)s[i]) * 16777619u;
    return (h ^ (h >> 15)) % BUCKETS;
}

size_t th_char_len(const char *s)
{
    unsigned char b = (unsigned char)*s;
    size_t want = b < 0x80 ? 1 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4, n = 1;

    while (n < want && s[n] != '\0')
        n++;
    return n;
}

static role role_of(const char *form, const char *dimension)
{
    static const struct {
        const char *form;
        role role;
    } roles[] = {
        {"年", ROLE_YEAR},          {"月", ROLE_MONTH}, {"日", ROLE_DAY},           {"届", ROLE_SESSION},
        {"期", ROLE_ISSUE},         {"级", ROLE_LEVEL}, {"大", ROLE_GREAT},         {"成", ROLE_TENTH},
        {"折", ROLE_DISCOUNT},      {"分", ROLE_POINT}, {"度", ROLE_DEGREE},        {"户", ROLE_HOUSEHOLD},
        {"周年", ROLE_ANNIVERSARY}, {"次", ROLE_TIMES}, {"点", ROLE_CLOCK},         {"代", ROLE_VAGUE},
        {"站", ROLE_VAGUE},         {"环", ROLE_VAGUE}, {"平", ROLE_VAGUE},         {"方", ROLE_VAGUE},
        {"里", ROLE_VAGUE},         {"角", ROLE_VAGUE}, {"毛", ROLE_VAGUE},         {"人民币", ROLE_PLAIN},
        {"寸", ROLE_VAGUE},         {"斗", ROLE_VAGUE}, {"口", ROLE_VAGUE},         {"开", ROLE_VAGUE},
        {"节", ROLE_VAGUE},         {"段", ROLE_VAGUE}, {"季度", ROLE_ANNIVERSARY}, {"世纪", ROLE_ANNIVERSARY},
        {"担", ROLE_VAGUE},         {"刻", ROLE_VAGUE}, {"章", ROLE_VAGUE},         {"步", ROLE_PLAIN},
        {"马克", ROLE_VAGUE},       {"回", ROLE_PLAIN}, {"员", ROLE_VAGUE},         {"字", ROLE_VAGUE},
        {"面", ROLE_VAGUE},         {"目", ROLE_VAGUE}, {"科", ROLE_VAGUE},         {"基", ROLE_VAGUE},
        {"死", ROLE_VAGUE},         {"伤", ROLE_VAGUE}, {"响", ROLE_VAGUE},         {"孔", ROLE_VAGUE},
        {"钱", ROLE_VAGUE},         {"两", ROLE_VAGUE}, {"链", ROLE_VAGUE},         {"安", ROLE_VAGUE}, {"码", ROLE_VAGUE},
    };

    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp(form, roles[i].form) == 0)
            return roles[i].role;
    return strcmp(dimension, "place") == 0 ? ROLE_PLACE : ROLE_PLAIN;
}

/* The longest unit at `pos` that is not the beginning of another word, or NULL. */
const unit_entry *th_unit_at(const scan *c, size_t pos)
{
    const th_units *u = c->units;
    const unit_entry *best = NULL;
    size_t first = step_over(c, pos) - pos, other;
    unsigned bucket;

    if (first == 0)
        return NULL;
    bucket = th_bucket_of(c->s + pos, first);
    other = th_word_at(c, &u->not_unit, pos, bucket);
    for (int i = u->head[bucket]; i >= 0; i = u->units[i].next) {
        const unit_entry *e = &u->units[i];

        if ((best != NULL && e->len <= best->len) || e->len > c->len - pos ||
            c->s[pos + e->len - 1] != e->form[e->len - 1] || memcmp(c->s + pos, e->form, e->len) != 0)
            continue;
        if (e->len < other ||
            (is_letter((uint32_t)(unsigned char)e->form[e->len - 1]) && is_alnum(char_at(c, pos + e->len))))
            continue;
        best = e;
    }
    return best;
}

const unit_entry *th_counter_at(const scan *c, size_t pos)
{
    const listed *word = th_listed_at(c, LIST_COUNTER, pos);
    const th_units *u = c->units;

    if (word == NULL)
        return NULL;
    for (int i = u->head[th_bucket_of(word->text, th_char_len(word->text))]; i >= 0; i = u->units[i].next)
        if (strcmp(u->units[i].form, word->text) == 0)
            return &u->units[i];
    return NULL;
}

/* ---- loading ---- */

static const struct {
    uint16_t c;
    uint8_t kind;
} MARKS[] = {
    {0x201C, KIND_QUOTE}, {0x2018, KIND_QUOTE},   {0x300C, KIND_QUOTE},   {0x300E, KIND_QUOTE},
    {0x300A, KIND_TITLE}, {0x534A, KIND_NUMERAL}, {0x5EFF, KIND_NUMERAL}, {0x5345, KIND_NUMERAL},
    {0x534C, KIND_NUMERAL}, {0x6298, KIND_NUMERAL},
};

static void build_kinds(th_units *u)
{
    for (uint32_t c = 0x2000; c < 0x10000; c++)
        if (th_numeral_digit(c) >= 0 || th_numeral_scale(c) > 0 || (c >= 0xFF10 && c <= 0xFF19))
            u->kinds[c - 0x2000] = KIND_NUMERAL;
    for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++)
        u->kinds[MARKS[i].c - 0x2000] = MARKS[i].kind;
}

/* Take one line apart in place: form, base, factor, dimension. */
static th_status add_unit(th_units *u, char *line, const char *name, int lineno, th_error *err)
{
    char *field[4], *end, *save = line;
    unit_entry *e;
    unsigned bucket;

    for (int i = 0; i < 4; i++) {
        field[i] = save;
        if (save != NULL && (save = strchr(save, '\t')) != NULL)
            *save++ = '\0';
        if (field[i] == NULL || *field[i] == '\0')
            return th_error_set(
                err, TH_ERR_PARSE,
                "%s:%d:1: expected form, base unit, factor and dimension parted by tabs, found %d fields", name, lineno,
                i);
    }
    if (save != NULL)
        return th_error_set(err, TH_ERR_PARSE, "%s:%d:1: more than four fields", name, lineno);
    if (strlen(field[0]) > MAX_UNIT)
        return th_error_set(err, TH_ERR_PARSE, "%s:%d:1: unit longer than %d bytes: %.40s", name, lineno, MAX_UNIT,
                            field[0]);
    if (u->count == u->cap) {
        size_t cap = u->cap ? u->cap * 2 : 1024;
        unit_entry *more = realloc(u->units, cap * sizeof *more);
        if (more == NULL)
            return th_error_set(err, TH_ERR_NOMEM, "out of memory");
        u->units = more;
        u->cap = cap;
    }
    e = &u->units[u->count];
    bucket = th_bucket_of(field[0], th_char_len(field[0]));
    *e = (unit_entry){.form = field[0],
                      .base = field[1],
                      .dimension = field[3],
                      .len = (uint8_t)strlen(field[0]),
                      .factor = strtod(field[2], &end),
                      .role = role_of(field[0], field[3]),
                      .next = u->head[bucket]};
    if (end == field[2] || *end != '\0' || !isfinite(e->factor) || e->factor <= 0)
        return th_error_set(err, TH_ERR_PARSE, "%s:%d:1: factor: expected a number above 0, got \"%.40s\"", name,
                            lineno, field[2]);
    u->head[bucket] = (int)u->count++;
    return TH_OK;
}

char *th_data_copy(const th_data *data)
{
    char *copy = malloc(data->len + 1);

    if (copy != NULL) {
        memcpy(copy, data->text, data->len);
        copy[data->len] = '\0';
    }
    return copy;
}

char *th_cut_line(char *line)
{
    char *next = strchr(line, '\n');
    size_t n;

    if (next != NULL)
        *next++ = '\0';
    n = strlen(line);
    if (n > 0 && line[n - 1] == '\r')
        line[n - 1] = '\0';
    return next;
}

static th_status read_lines(th_units *u, const char *name, th_error *err)
{
    th_status status = TH_OK;
    int lineno = 0;

    for (char *line = u->text, *next; line != NULL && status == TH_OK; line = next) {
        next = th_cut_line(line);
        lineno++;
        if (*line != '\0' && *line != '#')
            status = add_unit(u, line, name, lineno, err);
    }
    return status;
}

th_status th_units_load(th_units **out, const th_data *units, const th_data *words, th_error *err)
{
    th_units *u = calloc(1, sizeof *u);
    th_status status;

    *out = NULL;
    if (u == NULL || (u->text = th_data_copy(units)) == NULL) {
        status = th_error_set(err, TH_ERR_NOMEM, "out of memory");
        goto done;
    }
    for (size_t i = 0; i < BUCKETS; i++)
        u->head[i] = -1;
    build_kinds(u);
    if ((status = th_words_read(u, words, err)) != TH_OK || (status = read_lines(u, units->name, err)) != TH_OK)
        goto done;
    *out = u;
    u = NULL;
done:
    th_units_free(u);
    return status;
}

void th_units_free(th_units *units)
{
    if (units == NULL)
        return;
    th_words_free(units);
    free(units->units);
    free(units->text);
    free(units);
}
