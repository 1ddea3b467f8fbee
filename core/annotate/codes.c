/* codes.c - the codes offered as choices; see internal.h. */
#include <string.h>

#include "annotate/internal.h"

struct reader {
    json_t *codes; /* code -> name */
};

static bool add_code(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    struct reader *r = ctx;

    (void)names;
    if (values && count && values[0].type == TH_CELL_TEXT && values[0].len && !json_object_get(r->codes, values[0].text))
        json_object_set_new(r->codes, values[0].text, json_null());
    return true;
}

static bool note_row(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    (void)names;
    (void)count;
    *(bool *)ctx = values != NULL;
    return true;
}

static void add_labels(const th_node *labels, const char *field, json_t *codes)
{
    const th_node *section = th_node_get(labels, field);

    for (size_t i = 0; section && section->kind == TH_NODE_MAP && i < section->count; i++) {
        const th_node *name = th_node_get(&section->items[i], "zh");
        json_object_set_new(codes, section->keys[i].text, name && name->text ? json_string(name->text) : json_null());
    }
}

static th_status add_stored(th_store *store, const char *table, const char *field, json_t *codes, th_error *err)
{
    const th_cell params[] = {{.type = TH_CELL_TEXT, .text = table, .len = strlen(table)},
                              {.type = TH_CELL_TEXT, .text = field, .len = strlen(field)}};
    struct reader r = {codes};
    bool there = false;
    th_str sql = {0};
    th_status status = th_store_query(store, "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2", params, 2, note_row, &there, err);

    th_str_addf(&sql, "SELECT DISTINCT \"%s\" FROM \"%s\" ORDER BY 1", field, table);
    if (status == TH_OK && there)
        status = th_store_query(store, th_str_text(&sql), NULL, 0, add_code, &r, err);
    th_str_free(&sql);
    return status;
}

th_status codes_of(th_store *store, const th_node *labels, json_t **out, th_error *err)
{
    th_status status = TH_OK;

    *out = json_object();
    for (size_t i = 0; i < KINDS; i++) {
        json_t *fields = json_object();
        json_object_set_new(*out, kinds[i].name, fields);
        for (const struct field *f = kinds[i].fields; f->name && status == TH_OK; f++) {
            if ((f->type != FIELD_CODE && f->type != FIELD_CODES) || f->is_context)
                continue;
            json_t *codes = json_object();
            json_object_set_new(fields, f->name, codes);
            add_labels(labels, f->name, codes);
            status = add_stored(store, kinds[i].name, f->name, codes, err);
        }
    }
    return status;
}
