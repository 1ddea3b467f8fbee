/* import.c - th_annotate_import(); see annotate.h. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "annotate/internal.h"
#include "base/file.h"
#include "eval/gold.h"

typedef th_status (*read_fn)(const char *path, json_t *out, th_error *err);

static const struct {
    read_fn read;
    const char *endings[2]; /* of files that are read from a folder */
} formats[TH_ANNOTATE_FORMATS] = {
    [TH_LABELSTUDIO] = {labelstudio_read, {".json", NULL}},
    [TH_BRAT] = {brat_read, {".ann", NULL}},
    [TH_DOCCANO] = {doccano_read, {".jsonl", ".json"}},
    [TH_NDJSON] = {ndjson_read, {".ndjson", ".jsonl"}},
};

struct importer {
    th_store *store;
    th_annotate_format format;
    const char *dir;
    th_annotate_report *report;
    json_t *seen;  /* path of an article -> where it was first */
    json_t *stems; /* names of gold files taken */
};

static const char *text_in(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void say_all(struct importer *m, const json_t *document)
{
    static const char *const lists[] = {"problems", "warnings"};
    const json_t *line;
    size_t i;

    for (int k = 0; k < 2; k++)
        json_array_foreach(json_object_get(document, lists[k]), i, line) {
            th_str text = {0};
            th_str_addf(&text, "%s: %s", text_in(document, "where"), json_string_value(line));
            m->report->say(m->report->ctx, k == 0, th_str_text(&text));
            m->report->warnings += k == 1;
            th_str_free(&text);
        }
}

/* The article of the store that the document is of, for what the file does not hold. */
static th_status complete(struct importer *m, json_t *document, th_error *err)
{
    const char *path = text_in(document, "path");
    json_t *stored = NULL, *gold = json_object_get(document, "gold");
    th_error missing = {0};
    int64_t id = 0;

    if (!path) {
        if (!json_array_size(json_object_get(document, "problems")))
            problem_add(document, "problems", "no \"path\"; without it nobody knows which article it is");
        return TH_OK;
    }
    if (th_store_article_find(m->store, path, &id, &missing) != TH_OK) {
        if (!json_object_get(gold, "body_first") || !json_object_get(document, "text"))
            problem_add(document, "problems", "article %s is not in the store; load it, or name its store with --store", path);
        return TH_OK;
    }
    th_status status = document_read(m->store, id, &stored, err);
    if (status != TH_OK)
        return status;
    if (!json_object_get(document, "text"))
        json_object_set(document, "text", json_object_get(stored, "text"));
    else if (!json_equal(json_object_get(document, "text"), json_object_get(stored, "text")))
        problem_add(document, "warnings", "the article's text in the store is another; what it does not hold will count as missed");
    json_object_update_missing(gold, json_object_get(stored, "gold"));
    json_decref(stored);
    return TH_OK;
}

static void check_once(struct importer *m, json_t *document)
{
    const char *path = text_in(document, "path"), *where = text_in(document, "where");
    const json_t *first = path ? json_object_get(m->seen, path) : NULL;

    if (first)
        problem_add(document, "problems", "article %s is there twice, first at %s; take one away", path, json_string_value(first));
    else if (path)
        json_object_set_new(m->seen, path, json_string(where));
}

static th_status write_gold(struct importer *m, json_t *document, json_t *gold, th_error *err)
{
    th_str name = {0}, text = {0};
    size_t n = 0;

    do {
        th_str_clear(&name);
        file_stem(document, n++, &name);
    } while (json_object_get(m->stems, th_str_text(&name)));
    json_object_set_new(m->stems, th_str_text(&name), json_true());
    th_str_puts(&name, ".json");
    json_line(gold, JSON_INDENT(1), &text);
    th_str_putc(&text, '\n');
    th_status status = th_str_ok(&text) ? file_write(m->dir, th_str_text(&name), text.data, text.len, err)
                                        : th_error_set(err, TH_ERR_NOMEM, "import: out of memory");
    m->report->written += status == TH_OK;
    th_str_free(&name);
    th_str_free(&text);
    return status;
}

static th_status take_document(struct importer *m, json_t *document, th_error *err)
{
    json_t *problems = json_object_get(document, "problems"), *gold = NULL;
    th_error wrong = {0};
    th_status status;

    check_once(m, document);
    status = complete(m, document, err);
    if (status == TH_OK && json_object_get(document, "text")) {
        const char *text = text_in(document, "text");
        size_t len = json_string_length(json_object_get(document, "text"));
        place_marks(document, text, len);
        gold = gold_of(document, text, len, false);
        if (!gold)
            status = th_error_set(err, TH_ERR_NOMEM, "import: out of memory");
        else if (!json_array_size(problems) && th_gold_check(text_in(document, "where"), gold, &wrong) != TH_OK)
            problem_add(document, "problems", "%s", wrong.text + strlen(text_in(document, "where")) + 2);
    }
    say_all(m, document);
    if (status == TH_OK && json_array_size(problems))
        m->report->refused++;
    else if (status == TH_OK)
        status = write_gold(m, document, gold, err);
    json_decref(gold);
    return status;
}

static th_status take_file(struct importer *m, const char *path, th_error *err)
{
    json_t *documents = json_array(), *document;
    th_status status = formats[m->format].read(path, documents, err);
    size_t i;

    json_array_foreach(documents, i, document)
        if (status == TH_OK)
            status = take_document(m, document, err);
    json_decref(documents);
    return status;
}

static bool has_ending(const char *name, const char *ending)
{
    size_t len = strlen(name), part = ending ? strlen(ending) : 0;

    return part && len > part && name[0] != '.' && strcmp(name + len - part, ending) == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static th_status take_folder(struct importer *m, const char *path, th_error *err)
{
    struct dirent **names = NULL;
    int count = scandir(path, &names, NULL, by_bytes);
    th_status status = count < 0 ? th_error_set(err, TH_ERR_UNREADABLE, "%s: %s", path, strerror(errno)) : TH_OK;
    size_t taken = 0;

    for (int i = 0; i < count; i++) {
        const char *const *endings = formats[m->format].endings;
        if (status == TH_OK && (has_ending(names[i]->d_name, endings[0]) || has_ending(names[i]->d_name, endings[1]))) {
            th_str file = {0};
            th_path_join(&file, path, names[i]->d_name);
            status = take_file(m, th_str_text(&file), err);
            th_str_free(&file);
            taken++;
        }
        free(names[i]);
    }
    free(names);
    if (status == TH_OK && !taken)
        status = th_error_set(err, TH_ERR_MISSING, "%s: no *%s file in it", path, formats[m->format].endings[0]);
    return status;
}

th_status th_annotate_import(th_store *store, th_annotate_format format, const char *const *paths, size_t count, const char *dir,
                             th_annotate_report *report, th_error *err)
{
    struct importer m = {store, format, dir, report, json_object(), json_object()};
    th_status status = th_folders_make(dir, 0777, err);

    for (size_t i = 0; i < count && status == TH_OK; i++) {
        struct stat info;
        if (stat(paths[i], &info) != 0)
            status = th_error_set(err, errno == ENOENT ? TH_ERR_MISSING : TH_ERR_UNREADABLE, "%s: %s", paths[i], strerror(errno));
        else
            status = (S_ISDIR(info.st_mode) ? take_folder : take_file)(&m, paths[i], err);
    }
    json_decref(m.seen);
    json_decref(m.stems);
    return status;
}
