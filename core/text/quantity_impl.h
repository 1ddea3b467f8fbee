/* quantity_impl.h - what the parts of the quantity scanner share: quantity.c, reading.c,
 * measures.c, units.c, words.c, refusals.c, comparators.c. */
#ifndef TH_TEXT_QUANTITY_IMPL_H
#define TH_TEXT_QUANTITY_IMPL_H

#include <string.h>

#include "text/numeral.h"
#include "text/quantity.h"
#include "text/unicode.h"

enum {
    BUCKETS = 1024,
    MAX_UNIT = 30,   /* bytes of the longest unit looked for */
    NAME_CHARS = 20, /* a quotation up to here without 。， is a name */
    TITLE_CHARS = 60
};

/* What units the rules treat apart are. */
typedef enum role {
    ROLE_PLAIN,
    ROLE_YEAR,
    ROLE_MONTH,
    ROLE_DAY,
    ROLE_SESSION,
    ROLE_ISSUE,
    ROLE_LEVEL,
    ROLE_GREAT,
    ROLE_TENTH,
    ROLE_DISCOUNT,
    ROLE_POINT,
    ROLE_DEGREE,
    ROLE_HOUSEHOLD,
    ROLE_ANNIVERSARY,
    ROLE_PLACE,
    ROLE_TIMES,
    ROLE_VAGUE,
    ROLE_CLOCK
} role;

typedef struct unit_entry {
    const char *form, *base, *dimension;
    uint8_t len;
    double factor;
    role role;
    int next; /* in its bucket, -1 at the end */
} unit_entry;

/* A fixed word, or one that begins like a unit, in a hash chain. */
typedef struct word_entry {
    const char *text, *unless;
    uint8_t len, offset; /* the numeral's place in a fixed word */
    int next;
} word_entry;

typedef struct word_index {
    int head[BUCKETS];
    word_entry *entries;
    size_t count, cap;
} word_index;

/* The other words of data/quantity_words.tsv, by kind; the file says what each is for. */
typedef enum list_id {
    LIST_ORDINAL,
    LIST_NOUN,
    LIST_MODIFIER,
    LIST_BEFORE,
    LIST_NOT_FAR,
    LIST_AFTER,
    LIST_COUNTED,
    LIST_TITLE,
    LIST_CLASS,
    LIST_COUNTER,
    LIST_SIGN,
    LIST_NAME,
    LIST_TOTAL,
    LIST_COUNT
} list_id;

typedef struct listed {
    const char *text;
    const char *not_after; /* characters in front that make it part of another word, or NULL */
    const char *option;    /* what its line says: a base unit; "-" for none */
    uint8_t len;
    th_cmp cmp;
    bool far;
} listed;

typedef struct word_list {
    listed *words; /* the longest first */
    size_t count, cap;
    uint8_t first[8192], last[8192]; /* a bit for each two bytes that a word begins or ends with */
} word_list;

/* What a character begins, for the fast skip; index is the code point less 0x2000. */
typedef enum kind { KIND_NONE, KIND_NUMERAL, KIND_QUOTE, KIND_TITLE } kind;

struct th_units {
    unit_entry *units;
    size_t count, cap;
    int head[BUCKETS];
    word_index fixed, not_unit;
    word_list lists[LIST_COUNT];
    char *text, *words_text; /* the files; entries point into them */
    uint8_t kinds[0x10000 - 0x2000];
};

typedef struct scan {
    const th_units *units;
    const char *s;
    size_t len;
    th_arena *arena;
    bool nomem, in_quotes; /* an open " on this line */
    size_t done;           /* end of the quantity before: what it took belongs to no other */
    size_t firms_until;    /* up to here 户 goes on to count firms */
    size_t ordinal_stop;   /* end of the ordinal before */
    const unit_entry *ordinal_unit;
} scan;

/* A number on its way to become a quantity. */
typedef struct reading {
    size_t start, stop; /* number */
    th_numeral n;
    double low, high;
    bool is_range, is_share; /* 百分之…, 1/10 */
    bool is_fraction;        /* a share that is no 百分之: 四分之三 */
    bool has_parts;          /* smaller units joined on: 五块二 */
    bool half;               /* 半 */
    const char *money;       /* base unit of a currency sign or word before the number */
    size_t money_start;
    const unit_entry *unit;
    size_t unit_start, unit_stop;
    const char *base, *dimension;
    bool inner; /* 多/余 between number and unit */
    th_cmp inner_cmp;
} reading;

typedef struct comparison {
    th_cmp cmp;
    size_t from; /* where the comparator begins; the number's start when it is not adjoining */
    bool found, far;
} comparison;

/* ---- text ---- */

static inline bool at(const scan *c, size_t pos, const char *word)
{
    size_t n;

    if (pos >= c->len || c->s[pos] != *word)
        return false;
    n = strlen(word);
    return n <= c->len - pos && memcmp(c->s + pos, word, n) == 0;
}

static inline bool ends(const scan *c, size_t pos, const char *word)
{
    size_t n = strlen(word);
    return n <= pos && c->s[pos - 1] == word[n - 1] && memcmp(c->s + pos - n, word, n) == 0;
}

/* The Han character or its like in the three bytes at `s`; 0 when there is none, or one that needs a closer look. */
static inline uint32_t three_bytes(const char *s)
{
    unsigned char a = (unsigned char)s[0], b = (unsigned char)s[1], c = (unsigned char)s[2];

    if (a <= 0xE0 || a > 0xEF || a == 0xED || (b & 0xC0) != 0x80 || (c & 0xC0) != 0x80)
        return 0;
    return (uint32_t)((a & 15) << 12 | (b & 63) << 6 | (c & 63));
}

/* The character at or before a place, width folded, 0 at the text's ends. */
static inline uint32_t char_at(const scan *c, size_t pos)
{
    uint32_t ch;

    if (pos >= c->len)
        return 0;
    if ((unsigned char)c->s[pos] < 0x80)
        return (unsigned char)c->s[pos];
    ch = c->len - pos >= 3 ? three_bytes(c->s + pos) : 0;
    return th_fold_width(ch ? ch : th_utf8_next(c->s, c->len, &pos));
}

static inline uint32_t char_before(const scan *c, size_t pos)
{
    uint32_t ch;

    if (pos == 0)
        return 0;
    if ((unsigned char)c->s[pos - 1] < 0x80)
        return (unsigned char)c->s[pos - 1];
    ch = pos >= 3 ? three_bytes(c->s + pos - 3) : 0;
    return th_fold_width(ch ? ch : th_utf8_prev(c->s, &pos));
}

static inline size_t step_over(const scan *c, size_t pos)
{
    if (pos >= c->len)
        return pos;
    if ((unsigned char)c->s[pos] < 0x80)
        return pos + 1;
    if (c->len - pos >= 3 && three_bytes(c->s + pos))
        return pos + 3;
    th_utf8_next(c->s, c->len, &pos);
    return pos;
}

static inline size_t step_back(const scan *c, size_t pos)
{
    if (pos == 0)
        return 0;
    if ((unsigned char)c->s[pos - 1] < 0x80)
        return pos - 1;
    if (pos >= 3 && three_bytes(c->s + pos - 3))
        return pos - 3;
    th_utf8_prev(c->s, &pos);
    return pos;
}

static inline bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}
static inline bool is_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline bool is_alnum(uint32_t c)
{
    return is_digit(c) || is_letter(c) || c == '_';
}
static inline bool is_dash(uint32_t c)
{
    return c == '-' || c == 0x2013 || c == 0x2014 || c == 0x2212 || c == 0x2015 || c == '~' || c == 0x301C ||
           c == 0x223C;
}
static inline bool is_blank(uint32_t c)
{
    return c == ' ' || c == 0x3000;
}
static inline bool is_stroke(uint32_t c)
{
    return c == '/' || c == 0xFF0F;
}
static inline bool is_colon(uint32_t c)
{
    return c == ':' || c == 0x2236;
}

static inline bool char_in(const char *list, const char *s, size_t n)
{
    char one[5] = "";

    if (n == 0 || n > 4)
        return false;
    memcpy(one, s, n);
    return strstr(list, one) != NULL;
}

static inline bool char_at_in(const scan *c, size_t pos, const char *list)
{
    return pos < c->len && char_in(list, c->s + pos, step_over(c, pos) - pos);
}

static inline bool char_before_in(const scan *c, size_t pos, const char *list)
{
    size_t from = step_back(c, pos);
    return pos > 0 && char_in(list, c->s + from, pos - from);
}

/* A numeral character that can begin one, so that a look back knows where numbers are. */
static inline bool is_numeral_char(uint32_t c)
{
    return is_digit(c) || th_numeral_digit(c) >= 0 || th_numeral_scale(c) > 0;
}

/* ---- words.c ---- */

/* The end of the fixed word (一样, 三明) that covers the numeral at `pos`, or 0. */
size_t th_fixed_at(const scan *c, size_t pos);

/* The length of the longest word of `x` whose place `offset` is at `pos`, less that offset; 0 when none. */
size_t th_word_at(const scan *c, const word_index *x, size_t pos, unsigned bucket);

/* The longest word of a list at, or ending at, `pos`; NULL when none. */
const listed *th_listed_at(const scan *c, list_id id, size_t pos);
const listed *th_listed_before(const scan *c, list_id id, size_t pos);

/* Read the words into `u`; `words` may be NULL. */
th_status th_words_read(th_units *u, const th_data *words, th_error *err);
void th_words_free(th_units *u);

/* ---- reading.c: numbers ---- */

/* Read the number that begins at `pos`; false when there is none. */
bool th_read_number(const scan *c, size_t pos, reading *r);

/* Take a sign in front into the number. */
void th_read_sign(const scan *c, reading *r);

/* Join a second number to a range. `*bad` is where to go on when what stands there is neither range nor number. */
bool th_read_range(scan *c, reading *r, size_t *bad);

/* ---- measures.c: what the number counts ---- */

/* Read the unit behind the number; false when there is none. */
bool th_read_unit(scan *c, reading *r);

/* Read the unit behind a fraction, which then is no share. */
void th_read_fraction_unit(scan *c, reading *r);

/* Join smaller units to the larger: 五元二角, 一米八. */
void th_read_small_parts(const scan *c, reading *r);

/* Note a currency in front of the number. */
void th_read_money_before(const scan *c, reading *r);

/* Settle base unit and dimension once number and unit are read. */
void th_settle_unit(scan *c, reading *r);

/* Is the number, which has no unit, one of people, firms or entities? Sets the unit then. */
bool th_counts_nouns(const scan *c, reading *r);

/* ---- units.c ---- */

unsigned th_bucket_of(const char *s, size_t n);

/* The bytes of the UTF-8 character `s` begins with, not beyond a NUL. */
size_t th_char_len(const char *s);

/* A copy of the text that ends in NUL, for the caller to free; NULL when out of memory. */
char *th_data_copy(const th_data *data);

/* End the line at its break; returns the next line, NULL when there is none. */
char *th_cut_line(char *line);

/* The longest unit at `pos` that is not the beginning of another word, or NULL. */
const unit_entry *th_unit_at(const scan *c, size_t pos);

/* One of the counters that digits need not fear to cut out of a longer word (5个展区), or NULL. */
const unit_entry *th_counter_at(const scan *c, size_t pos);

/* ---- refusals.c: is the number and unit just read no quantity, by what stands around it? ---- */

bool th_is_date(const scan *c, const reading *r);
bool th_is_ordinal_unit(const scan *c, const reading *r);
bool th_is_code(const scan *c, const reading *r);
bool th_is_ordinal(const scan *c, const reading *r);

/* Is it a dimension that is measured, not counted? */
bool th_is_measure(const char *dimension);

/* ---- comparators.c ---- */

/* The comparator before `start`, adjoining or a few words away; TH_CMP_EXACT when there is none. */
comparison th_compare_before(const scan *c, const reading *r, size_t start);

/* The comparator behind `stop` (以上, 左右 …) in `*out`; false when there is none. */
bool th_compare_after(const scan *c, const reading *r, size_t stop, comparison *out);

#endif
