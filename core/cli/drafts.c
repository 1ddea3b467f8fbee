/* drafts.c - see drafts.h. */
#include "cli/drafts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/templates.h"
#include "host/doc.h"

/* `text` with every {{name}} replaced. */
static const char *fill(th_cli *cli, const char *text, const char *name)
{
    th_str out = {0};

    for (const char *at; (at = strstr(text, "{{name}}")) != NULL; text = at + strlen("{{name}}")) {
        th_str_add(&out, text, (size_t)(at - text));
        th_str_puts(&out, name);
    }
    th_str_puts(&out, text);
    const char *copy = th_str_ok(&out) ? th_arena_copy(cli->arena, th_str_text(&out), out.len) : NULL;
    th_str_free(&out);
    return copy;
}

const char *th_drafts_path(th_cli *cli, const char *dir, const char *name)
{
    th_str path = {0};

    th_path_join(&path, dir, name);
    const char *copy = th_str_ok(&path) ? th_arena_copy(cli->arena, th_str_text(&path), path.len) : NULL;
    th_str_free(&path);
    return copy;
}

void th_drafts_add(th_drafts *d, const char *dir, const char *path, const char *text, const char *name, bool shared)
{
    th_draft item = {.path = fill(d->cli, path, name), .text = fill(d->cli, text, name), .shared = shared};

    if (item.path && *dir)
        item.path = th_drafts_path(d->cli, dir, item.path);
    if (!item.path || !item.text || d->count == TH_DRAFTS_MAX)
        d->failed = true;
    else
        d->items[d->count++] = item;
}

void th_drafts_add_plugin(th_drafts *d, const char *dir, const char *docs, const char *name)
{
    th_drafts_add(d, dir, "{{name}}.lua", th_template_plugin, name, false);
    th_drafts_add(d, dir, "{{name}}_test.lua", th_template_test, name, false);
    th_drafts_add(d, dir, "data/{{name}}.yaml", th_template_words, name, false);
    th_drafts_add(d, dir, "fixtures/{{name}}.md", th_template_article, name, false);
    th_drafts_add(d, dir, "fixtures/{{name}}.{{name}}.jsonl", th_template_golden, name, false);
    th_drafts_add(d, docs, "{{name}}.md", th_template_doc, name, false);
}

void th_drafts_add_editor(th_drafts *d, const char *dir, bool shared)
{
    th_str meta = {0};

    th_drafts_add(d, dir, ".luarc.json", th_template_luarc, "", shared);
    th_drafts_add(d, dir, ".vscode/extensions.json", th_template_vscode, "", shared);
    th_doc_meta(&meta);
    if (!th_str_ok(&meta))
        d->failed = true;
    else
        th_drafts_add(d, dir, "lua/talenthost.meta.lua", th_str_text(&meta), "", shared);
    th_str_free(&meta);
}

static bool exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

static th_status write_draft(const th_draft *d, th_error *err)
{
    th_str dir = {0};

    th_path_dir(&dir, d->path);
    th_status status = th_folders_make(th_str_text(&dir), 0777, err);
    th_str_free(&dir);
    FILE *fp = status == TH_OK ? fopen(d->path, "wbx") : NULL;

    if (status != TH_OK)
        return status;
    if (!fp)
        return th_error_set(err, TH_ERR_IO, "%s: %s", d->path, strerror(errno));
    size_t len = strlen(d->text);
    bool ok = fwrite(d->text, 1, len, fp) == len;
    if (fclose(fp) != 0 || !ok)
        return th_error_set(err, TH_ERR_IO, "%s: %s", d->path, strerror(errno));
    return TH_OK;
}

th_status th_drafts_write(const th_drafts *d, th_error *err)
{
    th_status status = TH_OK;

    if (d->failed)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < d->count; i++)
        if (!d->items[i].shared && exists(d->items[i].path))
            return th_error_set(err, TH_ERR_USAGE, "%s: there is such a file already; nothing was written", d->items[i].path);
    for (size_t i = 0; status == TH_OK && i < d->count; i++) {
        if (exists(d->items[i].path))
            continue;
        status = write_draft(&d->items[i], err);
        if (status == TH_OK)
            printf("%s\n", d->items[i].path);
    }
    return status;
}
