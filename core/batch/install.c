/* install.c - see install.h. */
#include "batch/install.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "batch/spawn.h"

/* The configuration by its whole path: whose lines these are. */
static void add_owner(th_str *out, const th_install *in)
{
    th_path_join(out, in->place->folder, in->place->config);
}

static th_status no_memory(th_error *err)
{
    return th_error_set(err, TH_ERR_NOMEM, "out of memory");
}

/* Run a program, keep what it says. */
static th_status call(const char *const *argv, const char *input, int *exit_status, th_str *said, th_error *err)
{
    const th_spawn what = {.argv = argv, .input = input, .quiet = true, .whole = true};
    th_spawned done;
    th_status status = th_spawn_run(&what, &done, err);

    *exit_status = done.exit_status;
    if (said)
        *said = done.said;
    else
        th_str_free(&done.said);
    return status;
}

/* ---- marks ---- */

static const char first_line[] = "# talenthost schedule install ";

/* "# talenthost schedule install SUM /home/me/config.yaml", then the text that SUM is of. */
static void add_marked(th_str *out, const char *owner, const th_str *text)
{
    char sum[TH_HASH_TEXT];

    th_hash_text(sum, th_str_text(text), text->len);
    th_str_addf(out, "%s%.16s %s\n", first_line, sum, owner);
    th_str_add(out, th_str_text(text), text->len);
}

typedef enum mark { NOT_OURS, OURS, CHANGED } mark;

/* Whose is the marked text of `len` bytes? */
static mark read_mark(const char *text, size_t len, const char *owner)
{
    const size_t head = sizeof first_line - 1, sum_len = 16, owner_len = strlen(owner);
    const char *end = memchr(text, '\n', len);
    char sum[TH_HASH_TEXT];

    if (!end || (size_t)(end - text) != head + sum_len + 1 + owner_len || memcmp(text, first_line, head) != 0 ||
        memcmp(end - owner_len, owner, owner_len) != 0)
        return NOT_OURS;
    th_hash_text(sum, end + 1, len - (size_t)(end + 1 - text));
    return memcmp(sum, text + head, sum_len) == 0 ? OURS : CHANGED;
}

static mark read_file_mark(const char *path, const char *owner)
{
    th_str text = {0};
    mark found = th_file_read(&text, path, 1 << 20, NULL) == TH_OK ? read_mark(th_str_text(&text), text.len, owner) : NOT_OURS;

    th_str_free(&text);
    return found;
}

/* ---- systemd ---- */

static const char *under_root(void)
{
    const char *root = getenv("DESTDIR");

    return root ? root : "";
}

static void add_unit_folder(th_str *out, const th_install *in)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    if (in->place->user)
        th_str_addf(out, "%s/etc/systemd/system", under_root());
    else if (config && *config)
        th_str_addf(out, "%s/systemd/user", config);
    else
        th_str_addf(out, "%s/.config/systemd/user", home ? home : "");
}

static th_status systemctl(const th_install *in, const char *verb, const char *option, const char *unit, th_error *err)
{
    const char *argv[6] = {"systemctl"};
    th_str said = {0};
    size_t n = 1;
    int exit_status;

    if (in->place->user && *under_root())
        return TH_OK;
    if (!in->place->user)
        argv[n++] = "--user";
    argv[n++] = verb;
    if (option)
        argv[n++] = option;
    if (unit)
        argv[n++] = unit;
    th_status status = call(argv, NULL, &exit_status, &said, err);
    if (status == TH_OK && exit_status)
        status = th_error_set(err, TH_ERR_IO, "systemctl %s%s%s ended with %d: %.300s", verb, unit ? " " : "", unit ? unit : "", exit_status,
                              th_str_text(&said));
    th_str_free(&said);
    return status;
}

static th_status write_unit(const th_install *in, const char *folder, const char *owner, const th_batch_job *job, bool timer, th_str *told,
                            th_error *err)
{
    th_str text = {0}, marked = {0}, path = {0};
    th_status status = TH_OK;

    th_str_addf(&path, "%s/talenthost-%s.%s", folder, job->name, timer ? "timer" : "service");
    if (timer)
        th_unit_timer(in->config, job, &text);
    else
        th_unit_service(in->place, job, &text);
    add_marked(&marked, owner, &text);
    if (!th_str_ok(&text) || !th_str_ok(&path))
        status = no_memory(err);
    else if (access(path.data, F_OK) == 0 && read_file_mark(path.data, owner) != OURS)
        status = th_error_set(err, TH_ERR_USAGE, "%s: is there already, and not as it was written for %s; rename the job or move the file away",
                              path.data, owner);
    else
        status = th_file_replace(path.data, &marked, err);
    if (status == TH_OK)
        th_str_addf(told, "%s\n", path.data);
    th_str_free(&text);
    th_str_free(&marked);
    th_str_free(&path);
    return status;
}

th_status th_install_units(const th_install *in, th_str *told, th_error *err)
{
    th_str folder = {0}, owner = {0}, gone = {0};

    th_status status = th_remove_units(in, &gone, err);
    th_str_free(&gone);
    add_unit_folder(&folder, in);
    add_owner(&owner, in);
    if (status == TH_OK)
        status = th_folders_make(th_str_text(&folder), 0755, err);
    for (size_t i = 0; status == TH_OK && i < in->config->batch_count; i++) {
        const th_batch_job *job = &in->config->batch[i];
        if (!job->when)
            continue;
        status = write_unit(in, th_str_text(&folder), th_str_text(&owner), job, false, told, err);
        if (status == TH_OK)
            status = write_unit(in, th_str_text(&folder), th_str_text(&owner), job, true, told, err);
    }
    if (status == TH_OK)
        status = systemctl(in, "daemon-reload", NULL, NULL, err);
    for (size_t i = 0; status == TH_OK && i < in->config->batch_count; i++) {
        char unit[96];
        snprintf(unit, sizeof unit, "talenthost-%s.timer", in->config->batch[i].name);
        if (in->config->batch[i].when)
            status = systemctl(in, "enable", "--now", unit, err);
    }
    th_str_free(&folder);
    th_str_free(&owner);
    return status;
}

static bool is_unit(const char *name)
{
    const char *end = strrchr(name, '.');

    return strncmp(name, "talenthost-", 11) == 0 && end && (strcmp(end, ".timer") == 0 || strcmp(end, ".service") == 0);
}

static th_status remove_unit(const th_install *in, const char *path, const char *name, const char *owner, th_str *told, th_error *err)
{
    mark found = read_file_mark(path, owner);
    th_error ignored = {0};

    if (found == NOT_OURS)
        return TH_OK;
    if (found == CHANGED)
        return th_error_set(err, TH_ERR_USAGE, "%s: was changed since it was written; remove it by hand", path);
    if (strstr(name, ".timer"))
        systemctl(in, "disable", "--now", name, &ignored); /* it may never have been enabled */
    if (unlink(path) != 0)
        return th_error_set(err, TH_ERR_IO, "%s: can not be removed: %s", path, strerror(errno));
    th_str_addf(told, "%s\n", path);
    return TH_OK;
}

th_status th_remove_units(const th_install *in, th_str *told, th_error *err)
{
    th_str folder = {0}, owner = {0}, path = {0};
    th_status status = TH_OK;
    struct dirent *entry;
    size_t before = told->len;

    add_unit_folder(&folder, in);
    add_owner(&owner, in);
    DIR *dir = opendir(th_str_text(&folder));
    while (dir && status == TH_OK && (entry = readdir(dir))) {
        if (!is_unit(entry->d_name))
            continue;
        th_str_clear(&path);
        th_str_addf(&path, "%s/%s", th_str_text(&folder), entry->d_name);
        status = th_str_ok(&path) ? remove_unit(in, path.data, entry->d_name, th_str_text(&owner), told, err) : no_memory(err);
    }
    if (dir)
        closedir(dir);
    if (told->len > before) {
        th_error ignored = {0};
        systemctl(in, "daemon-reload", NULL, NULL, &ignored);
    }
    th_str_free(&folder);
    th_str_free(&owner);
    th_str_free(&path);
    return status;
}

/* ---- cron ---- */

static const char last_line[] = "# talenthost schedule end\n";

/* The lines of ours in a crontab: where they begin, and how long they are with both marks. TH_ERR_USAGE when they were changed. */
static th_status find_block(const char *crontab, const char *owner, size_t *at, size_t *len, th_error *err)
{
    size_t number = 1;

    *len = 0;
    for (const char *p = crontab; *p; number++) {
        size_t line = strcspn(p, "\n") + 1;
        const char *end = strstr(p, last_line);
        if (end && read_mark(p, (size_t)(end - p), owner) == OURS) {
            *at = (size_t)(p - crontab);
            *len = (size_t)(end - p) + strlen(last_line);
            return TH_OK;
        }
        if (read_mark(p, strlen(p), owner) != NOT_OURS)
            return th_error_set(err, TH_ERR_USAGE, "crontab:%zu: the lines of talenthost were changed since they were written; remove them by hand",
                                number);
        p += p[line - 1] ? line : line - 1;
    }
    return TH_OK;
}

static void add_block(const th_install *in, const char *owner, th_str *out)
{
    th_str lines = {0};

    th_cron_lines(in->place, in->config, in->local, &lines);
    add_marked(out, owner, &lines);
    th_str_puts(out, last_line);
    out->failed |= !th_str_ok(&lines);
    th_str_free(&lines);
}

/* A user without one has an empty one. */
static th_status read_crontab(th_str *out, th_error *err)
{
    static const char *const argv[] = {"crontab", "-l", NULL};
    int exit_status;
    th_status status = call(argv, NULL, &exit_status, out, err);

    if (status != TH_OK || exit_status == 0)
        return status;
    if (exit_status == 1 && strstr(th_str_text(out), "no crontab for")) {
        th_str_clear(out);
        return TH_OK;
    }
    if (exit_status == 127)
        return th_error_set(err, TH_ERR_IO, "there is no program crontab here; `schedule install --systemd` and `schedule run` need none");
    return th_error_set(err, TH_ERR_IO, "crontab -l ended with %d: %.300s", exit_status, th_str_text(out));
}

static th_status write_crontab(const th_str *text, th_error *err)
{
    static const char *const write[] = {"crontab", "-", NULL}, *const clear[] = {"crontab", "-r", NULL};
    th_str said = {0};
    int exit_status;
    th_status status = call(text->len ? write : clear, th_str_text(text), &exit_status, &said, err);

    if (status == TH_OK && exit_status)
        status = th_error_set(err, TH_ERR_IO, "crontab ended with %d: %.300s", exit_status, th_str_text(&said));
    th_str_free(&said);
    return status;
}

/* Put `block` where the old one is, else at the end; NULL: take it out. */
static th_status change_crontab(const th_install *in, const th_str *block, th_str *told, th_error *err)
{
    th_str before = {0}, after = {0}, owner = {0};
    size_t at = 0, len = 0;
    th_status status = read_crontab(&before, err);

    add_owner(&owner, in);
    if (status == TH_OK)
        status = find_block(th_str_text(&before), th_str_text(&owner), &at, &len, err);
    if (status == TH_OK && (block || len)) {
        if (!len)
            at = before.len;
        th_str_add(&after, th_str_text(&before), at);
        if (block)
            th_str_add(&after, th_str_text(block), block->len);
        th_str_add(&after, th_str_text(&before) + at + len, before.len - at - len);
        status = th_str_ok(&after) ? write_crontab(&after, err) : no_memory(err);
        if (status == TH_OK)
            th_str_puts(told, "the crontab\n");
    }
    th_str_free(&before);
    th_str_free(&after);
    th_str_free(&owner);
    return status;
}

/* /etc/cron.d/talenthost-1234abcd: a name for each configuration, of what cron takes in a name. */
static void add_cron_file(th_str *out, const char *owner)
{
    th_str_addf(out, "%s/etc/cron.d/talenthost-%08llx", under_root(), (unsigned long long)(th_hash_64(owner, strlen(owner)) & 0xFFFFFFFF));
}

static th_status change_cron_file(const th_install *in, const th_str *block, th_str *told, th_error *err)
{
    th_str path = {0}, owner = {0}, folder = {0};
    th_status status = TH_OK;

    add_owner(&owner, in);
    add_cron_file(&path, th_str_text(&owner));
    th_str_addf(&folder, "%s/etc/cron.d", under_root());
    bool there = access(th_str_text(&path), F_OK) == 0;
    size_t at = 0, len = 0;
    th_str text = {0};
    if (there)
        status = th_file_read(&text, th_str_text(&path), 1 << 20, err);
    if (status == TH_OK && there)
        status = find_block(th_str_text(&text), th_str_text(&owner), &at, &len, err);
    if (status == TH_OK && there && len != text.len)
        status = th_error_set(err, TH_ERR_USAGE, "%s: was changed since it was written; remove it by hand", th_str_text(&path));
    if (status == TH_OK && block)
        status = th_folders_make(th_str_text(&folder), 0755, err);
    if (status == TH_OK && block)
        status = th_file_replace(th_str_text(&path), block, err);
    else if (status == TH_OK && there && unlink(th_str_text(&path)) != 0)
        status = th_error_set(err, TH_ERR_IO, "%s: can not be removed: %s", th_str_text(&path), strerror(errno));
    if (status == TH_OK && (block || there))
        th_str_addf(told, "%s\n", th_str_text(&path));
    th_str_free(&path);
    th_str_free(&owner);
    th_str_free(&folder);
    th_str_free(&text);
    return status;
}

th_status th_install_cron(const th_install *in, th_str *told, th_error *err)
{
    th_str block = {0}, owner = {0};
    th_status status;

    add_owner(&owner, in);
    add_block(in, th_str_text(&owner), &block);
    if (!th_str_ok(&block))
        status = no_memory(err);
    else
        status = in->place->user ? change_cron_file(in, &block, told, err) : change_crontab(in, &block, told, err);
    th_str_free(&block);
    th_str_free(&owner);
    return status;
}

th_status th_remove_cron(const th_install *in, th_str *told, th_error *err)
{
    return in->place->user ? change_cron_file(in, NULL, told, err) : change_crontab(in, NULL, told, err);
}
