/* rows.c - what the store holds, as JSON objects; see internal.h. */
#include <inttypes.h>
#include <string.h>

#include "eval/internal.h"

const char *const eval_tables[][2] = {
    {"article", "id path title date source authors url region_code region_name text"},
    {"metric", "article_id start stop text value value_max unit cmp subject indicator aspect time_text from_date to_date "
               "region_code"},
    {"policy", "article_id start stop stage instrument"},
    {"ranking", "article_id start stop text rank scope streak"},
    {"programme", "article_id start stop text type"},
    {"timex", "article_id start stop text from_date to_date"},
    {"region", "article_id start stop text code name level"},
    {"block", "article_id seq kind start stop"},
    {NULL, NULL},
};

static json_t *cell_json(const th_cell *cell)
{
    json_t *out = NULL;

    switch (cell->type) {
    case TH_CELL_INTEGER:
        return json_integer(cell->integer);
    case TH_CELL_NUMBER:
        out = json_real(cell->number);
        return out ? out : json_null();
    case TH_CELL_TEXT:
        out = json_stringn(cell->text, cell->len);
        return out ? out : json_string("");
    default:
        return json_null();
    }
}

static bool add_object(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    json_t *row = values ? json_object() : NULL;

    for (size_t i = 0; row && i < count; i++)
        json_object_set_new(row, names[i], cell_json(&values[i]));
    if (row)
        json_array_append_new(ctx, row);
    return true;
}

/* The next word of `*words`; 0 length at the end. */
static size_t next_word(const char **words, const char **out)
{
    *words += strspn(*words, " ");
    *out = *words;
    *words += strcspn(*words, " ");
    return (size_t)(*words - *out);
}

static void split_columns(const char *wanted, json_t *have, json_t *known, th_str *missing)
{
    const char *word;
    size_t len;

    while ((len = next_word(&wanted, &word))) {
        json_t *name = json_stringn(word, len);
        bool found = false;
        for (size_t i = 0; i < json_array_size(have) && !found; i++)
            found = json_equal(json_object_get(json_array_get(have, i), "name"), name);
        if (found)
            json_array_append(known, name);
        else
            th_str_addf(missing, "%s%.*s", missing->len ? ", " : "", (int)len, word);
        json_decref(name);
    }
}

static th_status columns_of(struct eval *e, const char *table, const char *wanted, th_error *err)
{
    json_t *have = json_array(), *known = json_array();
    const th_cell name = {.type = TH_CELL_TEXT, .text = table, .len = strlen(table)};
    th_str missing = {0};
    th_status status =
        th_store_query(e->store, "SELECT name FROM pragma_table_info(?1)", &name, 1, add_object, have, err);

    split_columns(wanted, have, known, &missing);
    if (json_array_size(have) == 0)
        json_array_append_new(e->scores.warnings, json_sprintf("no table %s", table));
    else if (missing.len)
        json_array_append_new(e->scores.warnings, json_sprintf("%s lacks %s", table, th_str_text(&missing)));
    json_object_set_new(e->columns, table, known);
    json_decref(have);
    th_str_free(&missing);
    return status;
}

th_status rows_columns(struct eval *e, th_error *err)
{
    th_status status = TH_OK;

    for (size_t i = 0; eval_tables[i][0] && status == TH_OK; i++)
        status = columns_of(e, eval_tables[i][0], eval_tables[i][1], err);
    return status;
}

/* SELECT the wanted columns of a table, those it lacks as NULL. */
static th_status select_rows(struct eval *e, const char *table, const char *tail, const th_cell *params, size_t count,
                             json_t *out, th_error *err)
{
    th_str sql = {0};
    const char *wanted = NULL, *word;
    size_t len;

    for (size_t i = 0; eval_tables[i][0]; i++)
        if (strcmp(eval_tables[i][0], table) == 0)
            wanted = eval_tables[i][1];
    while ((len = next_word(&wanted, &word))) {
        json_t *name = json_stringn(word, len), *known = json_object_get(e->columns, table);
        bool has = json_array_size(known) && among(name, NULL, known);
        th_str_addf(&sql, "%s%s%.*s%s AS \"%.*s\"", sql.len ? ", " : "SELECT ", has ? "\"" : "NULL /* ", (int)len, word,
                    has ? "\"" : " */", (int)len, word);
        json_decref(name);
    }
    th_str_addf(&sql, " FROM \"%s\" %s", table, tail);
    th_status status = th_store_query(e->store, th_str_text(&sql), params, count, add_object, out, err);
    th_str_free(&sql);
    return status;
}

th_status rows_articles(struct eval *e, json_t **out, th_error *err)
{
    *out = json_array();
    return select_rows(e, "article", "ORDER BY id", NULL, 0, *out, err);
}

static void count_bad(struct scores *s, const char *table)
{
    json_int_t n = json_integer_value(json_object_get(s->bad, table));

    json_object_set_new(s->bad, table, json_integer(n + 1));
}

/* Is the row's span inside the text? Trim it, and compare the text it holds with the text beside it. */
static bool take_span(struct piece *p, const char *table, json_t *row, struct span *out)
{
    const json_t *start = json_object_get(row, "start"), *stop = json_object_get(row, "stop");
    const json_t *text = json_object_get(row, "text");
    json_int_t a = json_integer_value(start), b = json_integer_value(stop);

    if (!json_is_integer(start) || !json_is_integer(stop) || a < 0 || a >= b || (uint64_t)b > p->len) {
        count_bad(&p->eval->scores, table);
        return false;
    }
    *out = (struct span){(size_t)a, (size_t)b};
    if (json_is_string(text)) {
        struct key key;
        key_map(p->eval, p->text + a, (size_t)(b - a), false, &key);
        if (strcmp(key.text, key_of_json(p->eval, text)) != 0)
            count_bad(&p->eval->scores, table);
    }
    *out = piece_trim(p, *out);
    return out->start < out->stop;
}

static bool has_spans(struct eval *e, const char *table)
{
    const json_t *known = json_object_get(e->columns, table);
    static const char *const needed[] = {"article_id", "start", "stop"};
    size_t found = 0;

    for (size_t i = 0; i < json_array_size(known); i++)
        for (size_t j = 0; j < 3; j++)
            found += strcmp(json_string_value(json_array_get(known, i)), needed[j]) == 0;
    return found == 3;
}

th_status rows_read(struct piece *p, const char *table, struct items *out, th_error *err)
{
    json_t *rows = json_array();
    th_status status = TH_OK;

    *out = (struct items){0};
    if (p->row && has_spans(p->eval, table)) {
        const th_cell id = {.type = TH_CELL_INTEGER, .integer = json_integer_value(json_object_get(p->row, "id"))};
        status = select_rows(p->eval, table, "WHERE article_id = ?1 ORDER BY start, stop", &id, 1, rows, err);
    }
    out->at = take(p->eval, json_array_size(rows), sizeof *out->at);
    for (size_t i = 0; out->at && i < json_array_size(rows); i++) {
        struct item item = {.fields = json_array_get(rows, i)};
        if (take_span(p, table, item.fields, &item.span))
            out->at[out->count++] = item;
    }
    /* The rows live as long as the article's own row. */
    if (p->row)
        json_object_set(p->row, table, rows);
    json_decref(rows);
    return status;
}
