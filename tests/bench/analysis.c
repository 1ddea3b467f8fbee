/* analysis.c - what one core does in C alone: articles loaded, their quantities, terms and places found. No Lua, no store, one process.
 *
 * usage: bench_analysis CONFIG TERMS FILE…
 *
 * TERMS holds one term a line. Prints one line of JSON: CPU seconds of loading and of each scan. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "run/assets.h"
#include "text/lexicon.h"

typedef struct analysis {
    th_arena *arena, *scratch;
    th_gazetteer *gazetteer;
    th_units *units;
    th_lexset *terms;
    size_t articles, bytes, quantities, hits, places;
    double quantities_s, terms_s, places_s;
} analysis;

static double cpu_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void check(th_status status, const th_error *err)
{
    if (status == TH_OK)
        return;
    fprintf(stderr, "bench_analysis: %s\n", err->text);
    exit(1);
}

static th_status take_article(void *ctx, uint64_t number, th_article *article, th_error *err)
{
    analysis *a = ctx;
    th_quantities quantities;
    th_places places;
    th_hits *hits;
    double start = cpu_now();
    (void)number;

    th_arena_reset(a->scratch);
    th_status status = th_quantity_scan(a->units, article->text, article->len, a->scratch, &quantities, err);
    double after = cpu_now();
    a->quantities_s += after - start;
    if (status == TH_OK)
        status = th_lexset_scan(a->terms, article->text, article->len, a->scratch, &hits, err);
    start = cpu_now();
    a->terms_s += start - after;
    if (status == TH_OK)
        status = th_gazetteer_find(a->gazetteer, article->text, article->len, a->scratch, &places, err);
    a->places_s += cpu_now() - start;
    if (status != TH_OK)
        return status;
    a->articles++;
    a->quantities += quantities.count;
    a->hits += hits[0].count;
    a->places += places.count;
    return TH_OK;
}

static void read_terms(analysis *a, const char *path)
{
    char line[256];
    FILE *file = fopen(path, "r");
    th_error err = {0};

    a->terms = th_lexset_new();
    if (!file || !a->terms || th_lexset_add(a->terms) != 0)
        check(th_error_set(&err, TH_ERR_MISSING, "%s: can not be read", path), &err);
    while (fgets(line, sizeof line, file))
        th_lexset_add_term(a->terms, 0, line, strcspn(line, "\n"));
    fclose(file);
    check(th_lexset_compile(a->terms, &err), &err);
}

static void load(analysis *a, const th_loader *loader, const char *path)
{
    const th_sink sink = {.article = take_article, .ctx = a};
    th_stream source;
    th_error err = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    th_stream_fd(&source, path, fd);
    check(th_load(loader, &source, a->arena, &sink, &err), &err);
    a->bytes += (size_t)lseek(fd, 0, SEEK_END);
    th_stream_close(&source);
    close(fd);
}

int main(int argc, char **argv)
{
    analysis a = {.arena = th_arena_new(), .scratch = th_arena_new()};
    th_arena *fixed = th_arena_new();
    th_loader *loader = NULL;
    th_config config;
    th_assets assets = {0};
    th_error err = {0};

    if (argc < 4 || !a.arena || !a.scratch || !fixed) {
        fprintf(stderr, "usage: bench_analysis CONFIG TERMS FILE...\n");
        return 2;
    }
    check(th_config_load(&config, fixed, argv[1], &err), &err);
    check(th_assets_read(&assets, fixed, &config, &err), &err);
    check(th_assets_units(&assets, &a.units, &err), &err);
    check(th_gazetteer_load(&a.gazetteer, assets.divisions.path, assets.divisions.bytes, assets.divisions.len, assets.zones.path,
                            assets.zones.bytes, assets.zones.len, &err), &err);
    check(th_loader_open(&loader, assets.chrome.path, assets.chrome.bytes, assets.chrome.len, a.gazetteer, &err), &err);
    read_terms(&a, argv[2]);
    double start = cpu_now();
    for (int i = 3; i < argc; i++)
        load(&a, loader, argv[i]);
    double all = cpu_now() - start, load_s = all - a.quantities_s - a.terms_s - a.places_s;
    printf("{\"articles\":%zu,\"bytes\":%zu,\"quantities\":%zu,\"hits\":%zu,\"places\":%zu,\"cpu_s\":%.6f,\"load_s\":%.6f,"
           "\"quantities_s\":%.6f,\"terms_s\":%.6f,\"places_s\":%.6f}\n", a.articles, a.bytes, a.quantities, a.hits, a.places, all, load_s,
           a.quantities_s, a.terms_s, a.places_s);
    th_loader_free(loader);
    th_lexset_free(a.terms);
    th_units_free(a.units);
    th_gazetteer_free(a.gazetteer);
    th_arena_free(fixed);
    th_arena_free(a.scratch);
    th_arena_free(a.arena);
    return 0;
}
