/* gazetteer.h - administrative divisions (GB/T 2260) and development zones, and where a text names them.
 *
 * Data: data/divisions.tsv and data/zones.tsv. A full name counts wherever it stands; a short form (同安 for 同安区) only
 * where the text makes it one: the full name or a place above it is named too, or it is a province's or a city's own
 * short name. The longest name wins, and a name inside another word (城区, 合作) is none. */
#ifndef TH_TEXT_GAZETTEER_H
#define TH_TEXT_GAZETTEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef enum th_level { TH_LEVEL_PROVINCE, TH_LEVEL_CITY, TH_LEVEL_COUNTY, TH_LEVEL_ZONE } th_level;

typedef struct th_region {
    const char *code; /* six digits; a zone has its parent's */
    const char *name; /* full name; what identifies a region is the pair (code, name) */
    th_level level;
    const struct th_region *parent; /* NULL for a province */
} th_region;

typedef struct th_gazetteer th_gazetteer;

typedef struct th_place {
    uint32_t start, stop;     /* bytes in the text */
    const th_region *region;  /* lives as long as the gazetteer */
    bool is_short;            /* written in a short form */
} th_place;

typedef struct th_places {
    const th_place *items; /* in text order, not overlapping */
    size_t count;
} th_places;

/* Build from the two tables' bytes; messages name `divisions` or `zones` and the line ("data/zones.tsv:7: …").
 * A line is `code name level parent_code aliases` or `name kind parent_code aliases`, tab-separated; aliases are
 * separated by '|' or ','; '#' starts a comment line. A zone without parent_code has the code "" and no parent.
 * The texts are copied. The caller frees the gazetteer with th_gazetteer_free(). */
th_status th_gazetteer_load(th_gazetteer **out, const char *divisions, const char *divisions_text,
                            size_t divisions_len, const char *zones, const char *zones_text, size_t zones_len,
                            th_error *err);
void th_gazetteer_free(th_gazetteer *g); /* NULL is fine */

/* A region by six-digit code (the division, never a zone) or by full name or short form when that names one only;
 * NULL when there is none or several. A full name outweighs a short form, a province's short form every other
 * (吉林 is the province). */
const th_region *th_gazetteer_get(const th_gazetteer *g, const char *key, size_t len);

/* The places `text` names. */
th_status th_gazetteer_find(const th_gazetteer *g, const char *text, size_t len, th_arena *arena, th_places *out,
                            th_error *err);

/* The region an article is about, judged by its title, its lead and how often a place is named (a place inside a
 * named one supports it); NULL when nothing stands out. `hint` (source line, column tag; may be NULL) breaks ties.
 * `*why` (may be NULL) = what named it: "title and frequency", "lead and frequency", …; a constant. */
const th_region *th_gazetteer_about(const th_gazetteer *g, const char *title, const char *text, size_t len,
                                    const char *hint, th_arena *arena, const char **why);

const char *th_level_name(th_level level); /* "province", "city", "county", "zone" */

#endif
