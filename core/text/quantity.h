/* quantity.h - numbers in use: value, unit, comparator, each with its span (codebook, section 2).
 *
 * One linear pass, no backtracking beyond a fixed number of characters, so that a line without a break costs the same
 * per byte as short lines. Reads Arabic digits (full-width and grouped ones too), Chinese numerals, mixtures (3万5千),
 * percent in all forms, ranges and comparators. Refuses by context what is no quantity: dates, ordinals, codes, names
 * with digits, quoted names, idioms, words that merely contain a numeral. */
#ifndef TH_TEXT_QUANTITY_H
#define TH_TEXT_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

/* Units, counters and words as data: data/units.tsv, data/quantity_words.tsv. */
typedef struct th_units th_units;

/* A data file in memory; `name` starts error messages. */
typedef struct th_data {
    const char *name, *text;
    size_t len;
} th_data;

typedef enum th_cmp {
    TH_CMP_EXACT,
    TH_CMP_OVER,
    TH_CMP_UNDER,
    TH_CMP_ABOUT,
    TH_CMP_AT_LEAST,
    TH_CMP_AT_MOST
} th_cmp;

typedef struct th_quantity {
    uint32_t start, stop;             /* number and unit; 多/余 between them included, other comparators left out */
    uint32_t outer_start, outer_stop; /* the same with the comparators around it (超…, …以上) */
    uint32_t unit_start;              /* the unit as written is unit_start..stop; equal to stop when there is none */
    double value;                     /* in the base unit: 9954万元 is 99540000 */
    double value_max;                 /* end of a range; equal to value when it is none */
    double number, number_max;        /* as written, in the unit as written: 3毛 is 3, 三分之二 is 0.667, 三折 is 3 */
    bool is_range;
    th_cmp cmp;
    const char *unit;      /* base unit (元 人 % 平方米 …, compound 元/人), "" when none; lives as long as the units
                            * and the arena */
    const char *dimension; /* people, money, area, share, time, count, …; "" when none; lives as long as the units */
} th_quantity;

typedef struct th_quantities {
    const th_quantity *items; /* in text order, not overlapping */
    size_t count;
} th_quantities;

/* Read units (a TSV: written form, base unit, factor, dimension) and words (a TSV: kind, option, words; NULL for none); '#'
 * starts a comment line. The caller frees what comes out with th_units_free(). */
th_status th_units_load(th_units **out, const th_data *units, const th_data *words, th_error *err);
void th_units_free(th_units *units); /* NULL is fine */

/* Find the quantities of `text` (valid UTF-8). The array is in `arena`. Fails only with TH_ERR_NOMEM. */
th_status th_quantity_scan(const th_units *units, const char *text, size_t len, th_arena *arena, th_quantities *out,
                           th_error *err);

/* "exact", "over", "under", "about", "at_least", "at_most". */
const char *th_cmp_name(th_cmp cmp);

/* Read the numeral that `text` starts with (Arabic or Chinese, 二〇二一 digit by digit too). Returns the bytes it takes,
 * 0 when there is none, and its value in `*value`. */
size_t th_numeral_read(const char *text, size_t len, double *value);

#endif
