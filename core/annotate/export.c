/* export.c - th_annotate_export(); see annotate.h. */
#include <errno.h>
#include <string.h>

#include "annotate/internal.h"
#include "base/file.h"

static const char *const format_names[TH_ANNOTATE_FORMATS] = {"labelstudio", "brat", "doccano", "ndjson"};

const char *th_annotate_format_name(th_annotate_format format)
{
    return format_names[format];
}

int th_annotate_format_of(const char *name)
{
    for (int i = 0; i < TH_ANNOTATE_FORMATS; i++)
        if (strcmp(format_names[i], name) == 0)
            return i;
    return -1;
}

struct exporter {
    th_store *store;
    th_annotate_format format;
    const char *dir;
    FILE *out;
    const char *out_name;
    size_t count;    /* written so far */
    json_t *stems;   /* brat: names taken, without case (some file systems have none) */
    th_str index;    /* brat: documents.tsv */
};

static th_status put(struct exporter *x, const th_str *text, th_error *err)
{
    if (!th_str_ok(text))
        return th_error_set(err, TH_ERR_NOMEM, "export: out of memory");
    if (text->len && fwrite(text->data, 1, text->len, x->out) != text->len)
        return th_error_set(err, TH_ERR_IO, "%s: %s", x->out_name, strerror(errno));
    return TH_OK;
}

static th_status put_brat(struct exporter *x, json_t *document, th_error *err)
{
    th_str stem = {0}, name = {0}, ann = {0};
    const json_t *text = json_object_get(document, "text");
    size_t n = 0;

    do {
        th_str_clear(&stem);
        file_stem(document, n++, &stem);
    } while (json_object_get(x->stems, th_str_text(&stem)));
    json_object_set_new(x->stems, th_str_text(&stem), json_true());
    th_str_addf(&x->index, "%s\t%s\n", th_str_text(&stem), json_string_value(json_object_get(document, "path")));
    brat_write(document, &ann);
    th_str_addf(&name, "%s.txt", th_str_text(&stem));
    th_status status = file_write(x->dir, th_str_text(&name), json_string_value(text), json_string_length(text), err);
    th_str_clear(&name);
    th_str_addf(&name, "%s.ann", th_str_text(&stem));
    if (status == TH_OK)
        status = file_write(x->dir, th_str_text(&name), th_str_text(&ann), ann.len, err);
    th_str_free(&stem);
    th_str_free(&name);
    th_str_free(&ann);
    return status;
}

static th_status put_document(struct exporter *x, json_t *document, th_error *err)
{
    th_str text = {0};
    th_status status;

    if (x->format == TH_BRAT)
        return put_brat(x, document, err);
    if (x->format == TH_LABELSTUDIO) {
        th_str_puts(&text, x->count ? ",\n" : "[\n");
        labelstudio_write(document, &text);
    } else {
        (x->format == TH_DOCCANO ? doccano_write : ndjson_write)(document, &text);
        th_str_putc(&text, '\n');
    }
    status = put(x, &text, err);
    th_str_free(&text);
    return status;
}

/* What describes the labels to the tool. */
static th_status put_config(struct exporter *x, const th_node *labels, th_error *err)
{
    bool is_brat = x->format == TH_BRAT;
    json_t *codes = NULL;
    th_str text = {0};
    th_status status = TH_OK;

    if (!is_brat && x->format != TH_LABELSTUDIO)
        return TH_OK;
    status = codes_of(x->store, labels, &codes, err);
    if (status == TH_OK) {
        (is_brat ? brat_config : labelstudio_config)(codes, &text);
        status = file_write(x->dir, is_brat ? "annotation.conf" : "config.xml", th_str_text(&text), text.len, err);
    }
    if (status == TH_OK && is_brat)
        status = file_write(x->dir, "documents.tsv", th_str_text(&x->index), x->index.len, err);
    json_decref(codes);
    th_str_free(&text);
    return status;
}

static th_status put_all(struct exporter *x, const int64_t *ids, size_t count, th_error *err)
{
    th_status status = TH_OK;

    for (x->count = 0; x->count < count && status == TH_OK; x->count++) {
        json_t *document = NULL;
        status = document_read(x->store, ids[x->count], &document, err);
        if (status == TH_OK)
            status = put_document(x, document, err);
        json_decref(document);
    }
    if (status == TH_OK && x->format == TH_LABELSTUDIO) {
        th_str end = {0};
        th_str_puts(&end, count ? "\n]\n" : "[]\n");
        status = put(x, &end, err);
        th_str_free(&end);
    }
    return status;
}

th_status th_annotate_export(th_store *store, th_annotate_format format, const int64_t *ids, size_t count, const th_node *labels,
                             const char *dir, FILE *out, th_error *err)
{
    static const char *const names[TH_ANNOTATE_FORMATS] = {"tasks.json", NULL, "articles.jsonl", "articles.ndjson"};
    struct exporter x = {.store = store, .format = format, .dir = dir, .out = out, .out_name = "standard output", .stems = json_object()};
    th_str path = {0};
    th_status status = TH_OK;

    if (format == TH_BRAT && !dir)
        status = th_error_set(err, TH_ERR_USAGE, "export: brat has two files for each article; give --output DIR");
    if (status == TH_OK && dir)
        status = th_folders_make(dir, 0777, err);
    if (status == TH_OK && dir && names[format]) {
        th_str_addf(&path, "%s/%s", dir, names[format]);
        x.out_name = th_str_text(&path);
        x.out = fopen(x.out_name, "wb");
        if (!x.out)
            status = th_error_set(err, TH_ERR_IO, "%s: %s", x.out_name, strerror(errno));
    }
    if (status == TH_OK)
        status = put_all(&x, ids, count, err);
    if (x.out && (dir ? fclose(x.out) : fflush(x.out)) != 0 && status == TH_OK && names[format])
        status = th_error_set(err, TH_ERR_IO, "%s: %s", x.out_name, strerror(errno));
    if (status == TH_OK && dir)
        status = put_config(&x, labels, err);
    json_decref(x.stems);
    th_str_free(&x.index);
    th_str_free(&path);
    return status;
}
