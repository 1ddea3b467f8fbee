/* gold.c - reading annotated articles; see eval.h. Everything is checked here, so that scoring need not. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "eval/gold.h"
#include "eval/internal.h"

enum { LARGEST_GOLD = 64 << 20 };

/* What a gold file must hold: the lists, and the texts of each of their items. */
struct section {
    const char *name;
    const char *texts[6]; /* "" after the last; NULL: the items are texts themselves */
    const char *lists[2];
};

static const struct section sections[] = {
    {"headings", {NULL}, {NULL}},
    {"boilerplate", {NULL}, {NULL}},
    {"captions", {NULL}, {NULL}},
    {"metrics", {"text", "unit", "cmp", "indicator", "context", ""}, {NULL}},
    {"policies", {"sentence", ""}, {"stages", "instruments"}},
    {"programmes", {"text", "type", ""}, {NULL}},
    {"rankings", {"text", "context", ""}, {NULL}},
    {"times", {"text", "context", ""}, {NULL}},
    {"regions", {"text", "level", ""}, {NULL}},
};

static th_status wrong(const char *path, const char *where, size_t item, const char *what, th_error *err)
{
    return th_error_set(err, TH_ERR_PARSE, "%s: %s[%zu]: expected %s", path, where, item, what);
}

static bool is_text_list(const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!json_is_string(json_array_get(list, i)))
            return false;
    return json_is_array(list);
}

static th_status check_item(const char *path, const struct section *section, size_t i, const json_t *item, th_error *err)
{
    char what[64];

    if (!section->texts[0])
        return json_is_string(item) ? TH_OK : wrong(path, section->name, i, "a text", err);
    for (size_t k = 0; section->texts[k] && *section->texts[k]; k++) {
        snprintf(what, sizeof what, "a text \"%s\"", section->texts[k]);
        if (!field_text(item, section->texts[k]))
            return wrong(path, section->name, i, what, err);
    }
    for (size_t k = 0; k < 2 && section->lists[k]; k++) {
        snprintf(what, sizeof what, "a list of texts \"%s\"", section->lists[k]);
        if (!is_text_list(json_object_get(item, section->lists[k])))
            return wrong(path, section->name, i, what, err);
    }
    return TH_OK;
}

static th_status check_metrics(const char *path, const json_t *list, th_error *err)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!json_is_number(json_object_get(json_array_get(list, i), "value")))
            return wrong(path, "metrics", i, "a number \"value\"", err);
    return TH_OK;
}

th_status th_gold_check(const char *path, const json_t *gold, th_error *err)
{
    static const char *const texts[] = {"article", "body_first", "body_last"};
    th_status status = TH_OK;

    if (!json_is_object(gold))
        return th_error_set(err, TH_ERR_PARSE, "%s: expected an object with the gold of one article", path);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!field_text(gold, texts[i]))
            return th_error_set(err, TH_ERR_PARSE, "%s: %s: expected a text", path, texts[i]);
    if (!json_is_object(json_object_get(gold, "meta")))
        return th_error_set(err, TH_ERR_PARSE, "%s: meta: expected an object", path);
    for (size_t i = 0; i < sizeof sections / sizeof *sections && status == TH_OK; i++) {
        const json_t *list = json_object_get(gold, sections[i].name);
        if (!json_is_array(list))
            return th_error_set(err, TH_ERR_PARSE, "%s: %s: expected a list", path, sections[i].name);
        for (size_t k = 0; k < json_array_size(list) && status == TH_OK; k++)
            status = check_item(path, &sections[i], k, json_array_get(list, k), err);
    }
    return status == TH_OK ? check_metrics(path, json_object_get(gold, "metrics"), err) : status;
}

static th_status read_file(const char *path, json_t **out, th_error *err)
{
    th_str text = {0};
    json_error_t fault;
    th_status status = th_file_read(&text, path, LARGEST_GOLD, err);

    *out = NULL;
    if (status == TH_OK) {
        *out = json_loadb(th_str_text(&text), text.len, JSON_REJECT_DUPLICATES, &fault);
        if (!*out)
            status = th_error_set(err, TH_ERR_PARSE, "%s:%d:%d: %s", path, fault.line, fault.column, fault.text);
    }
    if (status == TH_OK)
        status = th_gold_check(path, *out, err);
    th_str_free(&text);
    return status;
}

static int is_gold_name(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return len > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + len - 5, ".json") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static th_status add_file(json_t *list, const char *dir, const char *name, th_error *err)
{
    th_str path = {0};
    json_t *gold = NULL;

    th_path_join(&path, dir, name);
    th_status status = read_file(th_str_text(&path), &gold, err);
    if (status == TH_OK)
        json_array_append_new(list, json_pack("{s:o, s:O}", "stem", json_stringn(name, strlen(name) - 5), "gold", gold));
    json_decref(gold);
    th_str_free(&path);
    return status;
}

th_status gold_read(const char *dir, json_t **out, th_error *err)
{
    struct dirent **names = NULL;
    th_status status = TH_OK;
    int count = scandir(dir, &names, is_gold_name, by_bytes);

    *out = json_array();
    if (count < 0)
        return th_error_set(err, errno == ENOENT ? TH_ERR_MISSING : TH_ERR_UNREADABLE, "%s: %s", dir, strerror(errno));
    if (count == 0)
        status = th_error_set(err, TH_ERR_MISSING, "%s: no *.json file with gold in it", dir);
    for (int i = 0; i < count; i++) {
        if (status == TH_OK)
            status = add_file(*out, dir, names[i]->d_name, err);
        free(names[i]);
    }
    free(names);
    return status;
}
