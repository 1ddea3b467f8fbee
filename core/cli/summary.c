/* summary.c - what a job did, in lines and as JSON. */
#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/words.h"
#include "cli/cli.h"

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* The reasons why files and items failed, with numbers. */
static void add_reasons(const th_job_report *r, th_str *out, bool json)
{
    const char *between = "";

    for (int i = 1; i <= TH_ERR_PARSE; i++) {
        if (!r->reasons[i])
            continue;
        if (json)
            th_str_addf(out, "%s\"%s\":%zu", between, th_status_name((th_status)i), r->reasons[i]);
        else
            th_str_addf(out, "%s%zu %s", between, r->reasons[i], th_status_name((th_status)i));
        between = json ? "," : ", ";
    }
}

static bool is_idle(const th_job_report *r)
{
    return !r->fresh && !r->changed && !r->articles && !r->failures && !r->gone && !r->back;
}

static void summary_line(const th_job_report *r, th_str *out)
{
    bool idle = is_idle(r);

    if (idle)
        th_str_addf(out, th_words("nothing to do: %zu file%s unchanged"), r->unchanged, plural(r->unchanged));
    else
        th_str_addf(out, th_words("files: %zu new, %zu changed, %zu unchanged, %zu failed"), r->fresh, r->changed, r->unchanged,
                    r->files_failed);
    if (r->gone)
        th_str_addf(out, th_words(", %zu gone"), r->gone);
    if (r->exact || r->near)
        th_str_addf(out, th_words("; duplicates: %zu (%zu with small edits)"), r->exact + r->near, r->near);
    if (r->plugins && idle)
        th_str_addf(out, th_words(", %zu plugin%s up to date"), r->plugins, plural(r->plugins));
    else if (r->plugins)
        th_str_addf(out, th_words("; plugins: %zu ran on %zu article%s, %zu records"), r->plugins, r->articles,
                    plural(r->articles), r->records);
    if (r->failures)
        th_str_addf(out, th_words("; failures: %zu (SELECT * FROM failure tells more)"), r->failures);
    th_str_addf(out, th_words("; %.2f s"), r->seconds);
}

static void profile_json(const th_job_report *r, th_str *out)
{
    bool first = true;

    th_str_puts(out, "\"profile\":{");
    for (size_t i = 0; i < TH_PLUGINS_MAX; i++) {
        const th_plugin_cost *c = &r->profile.plugins[i];
        if (!c->calls || !r->plugin_names[i])
            continue;
        th_str_addf(out, "%s\"%s\":{\"calls\":%zu,\"cpu_s\":%.6f,\"p95_s\":%.7f,\"memory_kb\":%zu}", first ? "" : ",", r->plugin_names[i],
                    c->calls, c->cpu_s, th_profile_p95(c), c->memory / 1024);
        first = false;
    }
    th_str_puts(out, "},\"slowest\":[");
    for (size_t i = 0; i < TH_SLOWEST && r->profile.slowest[i].cpu_s > 0; i++) {
        const th_slow_pair *p = &r->profile.slowest[i];
        th_str_addf(out, "%s{\"plugin\":\"%s\",\"cpu_s\":%.6f,\"article\":", i ? "," : "",
                    r->plugin_names[p->plugin] ? r->plugin_names[p->plugin] : "", p->cpu_s);
        th_json_text(out, p->path, strlen(p->path));
        th_str_putc(out, '}');
    }
    th_str_puts(out, "],");
}

static void summary_json(const th_job_report *r, th_str *out)
{
    bool first = true;

    th_str_addf(out, "{\"files\":%zu,\"new\":%zu,\"changed\":%zu,\"unchanged\":%zu,\"files_failed\":%zu", r->files,
                r->fresh, r->changed, r->unchanged, r->files_failed);
    th_str_addf(out, ",\"duplicates\":%zu,\"near_duplicates\":%zu", r->exact + r->near, r->near);
    th_str_addf(out, ",\"articles\":%zu,\"plugins\":%zu,\"records\":%zu,\"failures\":%zu,\"warnings\":%zu", r->articles,
                r->plugins, r->records, r->failures, r->warnings);
    th_str_addf(out, ",\"gone\":%zu,\"back\":%zu,\"items_gone\":%zu,\"loaded\":%zu,\"items_failed\":%zu,\"read_again\":%zu,\"bytes\":%llu",
                r->gone, r->back, r->items_gone, r->loaded, r->items_failed, r->again,
                (unsigned long long)r->bytes);
    th_str_puts(out, ",\"reasons\":{");
    add_reasons(r, out, true);
    th_str_putc(out, '}');
    th_str_addf(out, ",\"seconds\":%.3f,\"load_cpu_s\":%.3f,\"store_s\":%.3f,\"parent_cpu_s\":%.3f,\"plugin_cpu_s\":{",
                r->seconds, r->load_s, r->store_s, r->parent_s);
    for (size_t i = 0; i < TH_PLUGINS_MAX; i++)
        if (r->plugin_names[i]) {
            th_str_addf(out, "%s\"%s\":%.3f", first ? "" : ",", r->plugin_names[i], r->profile.plugins[i].cpu_s);
            first = false;
        }
    th_str_puts(out, "},");
    profile_json(r, out);
    th_str_addf(out, "\"parent_peak_kb\":%ld,\"worker_peak_kb\":%ld}\n", r->parent_peak_kb, r->worker_peak_kb);
}

/* What plugins cost, to standard error: most of it first. */
static void report_profile(const th_job_report *r)
{
    static const char *const names[] = {"plugin", "calls", "CPU s", "mean µs", "p95 µs", "memory kB"};
    static const char *const slow[] = {"slowest", "CPU ms", "article"};
    th_table *costs = th_table_new(names, 6), *pairs = th_table_new(slow, 3);
    th_str out = {0};

    for (size_t i = 0; costs && i < TH_PLUGINS_MAX; i++) {
        const th_plugin_cost *c = &r->profile.plugins[i];
        if (!c->calls || !r->plugin_names[i])
            continue;
        th_table_row(costs);
        th_table_text(costs, r->plugin_names[i], strlen(r->plugin_names[i]));
        th_table_integer(costs, (int64_t)c->calls);
        th_table_number(costs, round(c->cpu_s * 1e4) / 1e4);
        th_table_number(costs, round(c->cpu_s / (double)c->calls * 1e7) / 10);
        th_table_number(costs, round(th_profile_p95(c) * 1e7) / 10);
        th_table_integer(costs, (int64_t)(c->memory / 1000));
    }
    for (size_t i = 0; pairs && i < TH_SLOWEST && r->profile.slowest[i].cpu_s > 0; i++) {
        const th_slow_pair *p = &r->profile.slowest[i];
        const char *name = r->plugin_names[p->plugin] ? r->plugin_names[p->plugin] : "";
        th_table_row(pairs);
        th_table_text(pairs, name, strlen(name));
        th_table_number(pairs, round(p->cpu_s * 1e5) / 100);
        th_table_text(pairs, p->path, strlen(p->path));
    }
    if (costs && pairs) {
        th_table_print(costs, &out, th_terminal_width(stderr));
        th_table_print(pairs, &out, th_terminal_width(stderr));
        fputs(th_str_text(&out), stderr);
    }
    th_str_free(&out);
    th_table_free(costs);
    th_table_free(pairs);
}

int th_cli_report_job(const th_cli *cli, const th_job_report *r)
{
    th_str text = {0};
    int status = r->failures ? EXIT_SOME_FAILED : EXIT_WELL;

    if (cli->json) {
        summary_json(r, &text);
        status = th_cli_emit(&text, status);
    } else {
        summary_line(r, &text);
        th_log(TH_LOG_INFO, "%s", th_str_text(&text));
        if (cli->verbose || cli->profile)
            report_profile(r);
    }
    th_str_free(&text);
    return status;
}

static void load_lines(const th_job_report *r, th_str *out)
{
    double mb = (double)r->bytes / 1e6;

    th_str_addf(out, th_words("files: %zu seen, %zu new, %zu changed, %zu unchanged, %zu failed"), r->files, r->fresh, r->changed,
                r->unchanged, r->files_failed);
    if (r->files_failed + r->items_failed) {
        th_str_puts(out, th_words(r->items_failed ? " (with their items: " : " ("));
        add_reasons(r, out, false);
        th_str_puts(out, th_words(")"));
    }
    th_str_addf(out, th_words(", %zu gone"), r->gone);
    if (r->back)
        th_str_addf(out, th_words(", %zu back"), r->back);
    th_str_addf(out, th_words("\narticles: %zu read, %zu duplicate%s (%zu with small edits)"), r->loaded, r->exact + r->near,
                plural(r->exact + r->near), r->near);
    if (r->items_failed)
        th_str_addf(out, th_words(", %zu item%s failed"), r->items_failed, plural(r->items_failed));
    if (r->items_gone)
        th_str_addf(out, th_words(", %zu gone from %s file"), r->items_gone, r->items_gone == 1 ? "its" : "their");
    if (r->warnings)
        th_str_addf(out, th_words(", %zu with a warning"), r->warnings);
    if (r->again)
        th_str_addf(out, th_words("; %zu file%s read again for lines that recur"), r->again, plural(r->again));
    if (r->failures)
        th_str_puts(out, th_words("; the table `failure` tells more"));
    th_str_addf(out, th_words("\n%.1f MB in %.2f s"), mb, r->seconds);
    if (r->bytes && r->seconds > 0 && r->load_s > 0)
        th_str_addf(out, th_words(": %.1f MB/s, %.1f MB/s of a worker's time"), mb / r->seconds, mb / r->load_s);
}

int th_cli_report_load(const th_cli *cli, const th_job_report *r)
{
    th_str text = {0};

    if (cli->json || is_idle(r))
        return th_cli_report_job(cli, r);
    load_lines(r, &text);
    for (char *line = text.data, *end; line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        th_log(TH_LOG_INFO, "%s%s", cli->dry_run ? th_words("would be: ") : "", line);
    }
    th_str_free(&text);
    return r->failures ? EXIT_SOME_FAILED : EXIT_WELL;
}
