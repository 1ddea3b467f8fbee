/* rows.c - see rows.h. A record is split where it lies in the stream's view; only the cells of known columns are looked at
 * again, and copied only when they hold doubled quotes. */
#define _GNU_SOURCE 1 /* strcasestr */
#include "load/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "load/sniff.h"
#include "text/unicode.h"

enum {
    CELLS_MAX = 1024,     /* columns looked at */
    HEAD_ROWS = 20,       /* rows of the head that must agree */
    HEADER_WITHIN = 5,    /* a heading may stand above the header: it is looked for in so many rows */
    NAME_MAX_BYTES = 100, /* a longer cell is no column's name */
    ATTEMPTS_MAX = 64     /* how often reading starts again behind a quote that is never closed */
};

typedef struct cell {
    const char *text;
    size_t len;
    bool doubled; /* holds "" for " */
} cell;

typedef struct record {
    cell cells[CELLS_MAX];
    size_t count;
    size_t breaks;   /* line breaks it covers, its own included */
    bool undoubled;  /* a quote inside a quoted cell stood alone */
    bool unclosed;   /* the text ended inside quotes */
} record;

/* ---- splitting ---- */

static void add_cell(record *rec, const char *from, const char *to, bool doubled)
{
    if (rec->count < CELLS_MAX)
        rec->cells[rec->count] = (cell){from, (size_t)(to - from), doubled};
    rec->count++;
}

/* The end of the quoted cell whose text begins at `at`: its closing quote, or NULL when there is none before `end`. A quote that no
 * delimiter or line end follows belongs to the text. `*after` = what stands behind the cell. */
static const char *close_quote(record *rec, const char *at, const char *end, char delimiter, bool last, bool *doubled,
                               const char **after)
{
    for (const char *quote; (quote = memchr(at, '"', (size_t)(end - at))); at = quote + 1) {
        const char *next = quote + 1;
        while (next < end && *next == ' ')
            next++;
        *after = next;
        if (next == end)
            return last ? quote : NULL;
        if (*next == delimiter || *next == '\n' || *next == '\r')
            return quote;
        if (quote[1] == '"') {
            *doubled = true;
            quote++;
        } else {
            rec->undoubled = true;
        }
    }
    return NULL;
}

static size_t count_breaks(const char *text, const char *end)
{
    size_t n = 0;

    for (; (text = memchr(text, '\n', (size_t)(end - text))); text++)
        n++;
    return n;
}

static const char *skip_plain(const char *at, const char *end, char delimiter)
{
    while (at < end && *at != delimiter && *at != '\n' && *at != '\r')
        at++;
    return at;
}

/* Split the record at the start of `text`. Returns its bytes with the line end, 0 when it is not whole; with `last` (nothing comes
 * after `text`) only one that is unclosed is not whole. */
static size_t split(record *rec, const char *text, size_t len, char delimiter, bool last)
{
    const char *at = text, *end = text + len;

    rec->count = rec->breaks = 0;
    rec->undoubled = rec->unclosed = false;
    for (;;) {
        if (at < end && *at == '"') {
            bool doubled = false;
            const char *after, *close = close_quote(rec, at + 1, end, delimiter, last, &doubled, &after);
            if (!close) {
                rec->unclosed = true;
                return 0;
            }
            rec->breaks += count_breaks(at, close);
            add_cell(rec, at + 1, close, doubled);
            at = after;
        } else {
            const char *stop = skip_plain(at, end, delimiter);
            add_cell(rec, at, stop, false);
            at = stop;
        }
        if (at == end)
            return last ? len : 0;
        if (*at != delimiter)
            break;
        at++;
    }
    if (*at == '\r' && at + 1 == end && !last)
        return 0; /* a \n may follow */
    at += *at == '\r' && at + 1 < end && at[1] == '\n' ? 2 : 1;
    rec->breaks++;
    return (size_t)(at - text);
}

static bool is_blank_record(const record *rec)
{
    for (size_t i = 0; i < rec->count && i < CELLS_MAX; i++)
        for (size_t k = 0; k < rec->cells[i].len; k++)
            if ((unsigned char)rec->cells[i].text[k] > ' ')
                return false;
    return true;
}

/* ---- what is a table ---- */

/* The field a header cell names, -1 for none. */
static int field_of(const th_columns *columns, const cell *c)
{
    if (c->len <= NAME_MAX_BYTES)
        for (int f = 0; f < TH_FIELDS; f++)
            if (th_column_fits(columns, f, c->text, c->len))
                return f;
    return -1;
}

/* How many of the cells are names of fields; `*has_text`: one of them is the text's. */
static size_t count_known(const th_columns *columns, const record *rec, bool *has_text)
{
    size_t known = 0;

    *has_text = false;
    if (rec->count && rec->cells[0].len && rec->cells[0].text[0] == '#')
        return 0; /* a heading of Markdown */
    for (size_t i = 0; i < rec->count && i < CELLS_MAX; i++) {
        int f = field_of(columns, &rec->cells[i]);
        known += f >= 0;
        *has_text |= f == TH_FIELD_TEXT;
    }
    return known;
}

/* Might these cells be names: short, none empty, no sentence and no number among them? */
static bool are_names(const record *rec)
{
    static const char *const marks[] = {"。", "，", "；", "！", "？"};

    for (size_t i = 0; i < rec->count && i < CELLS_MAX; i++) {
        const cell *c = &rec->cells[i];
        size_t digits = 0;
        if (!c->len || c->len > NAME_MAX_BYTES)
            return false;
        for (size_t k = 0; k < c->len; k++)
            digits += c->text[k] >= '0' && c->text[k] <= '9';
        if (digits == c->len)
            return false;
        for (size_t m = 0; m < sizeof marks / sizeof *marks; m++)
            if (memmem(c->text, c->len, marks[m], strlen(marks[m])))
                return false;
    }
    return true;
}

static bool ends_with(const char *path, size_t len, const char *suffix)
{
    size_t n = strlen(suffix);

    return len >= n && strncasecmp(path + len - n, suffix, n) == 0;
}

bool th_rows_named(const char *path)
{
    static const char *const packed[] = {".gz", ".xz", ".zst", ".bz2"};
    size_t len = strlen(path);

    for (size_t i = 0; i < sizeof packed / sizeof *packed; i++)
        if (ends_with(path, len, packed[i])) {
            len -= strlen(packed[i]);
            break;
        }
    return ends_with(path, len, ".csv") || ends_with(path, len, ".tsv");
}

/* "sep=;" as Excel reads it: a line that names the delimiter. Its bytes, 0 when there is none. */
static size_t sep_line(const char *text, size_t len, char *delimiter)
{
    if (len < 6 || strncasecmp(text, "sep=", 4) != 0 || (text[5] != '\n' && text[5] != '\r'))
        return 0;
    *delimiter = text[4];
    return len > 6 && text[5] == '\r' && text[6] == '\n' ? 7 : 6;
}

/* How sure it is that the text is a table with this delimiter: 0 not at all, 2 by its columns' names, 1 by its shape. */
static int weigh(record *rec, const th_columns *columns, const char *text, size_t len, bool whole, char delimiter, bool named)
{
    size_t at = 0, width = 0, rows = 0, same = 0, used;
    bool header = false, has_text = false, shapely = true;
    size_t known = 0;

    for (size_t i = 0; rows < HEAD_ROWS && (used = split(rec, text + at, len - at, delimiter, whole)); i++, at += used) {
        if (is_blank_record(rec))
            continue;
        if (!header || (!has_text && i < HEADER_WITHIN)) {
            bool with_text;
            size_t n = count_known(columns, rec, &with_text);
            if (!header || (with_text && (rec->count > 1 || named))) {
                shapely = are_names(rec);
                header = true;
                has_text = with_text;
                known = n;
                width = rec->count;
                rows = same = 0;
                continue;
            }
        }
        rows++;
        same += rec->count == width;
        if (at + used >= len)
            break;
    }
    if (has_text && width > 1)
        return known > 1 || ((named || rows) && same * 2 >= rows) ? 2 : 0;
    if (has_text && named)
        return 2; /* a table of one column */
    bool agrees = width > 1 && shapely && same == rows;
    return agrees && (named ? rows >= 1 : known >= 2 && (rows >= 2 || !whole)) ? 1 : 0;
}

char th_rows_sniff(const th_columns *columns, const char *path, const char *text, size_t len, bool whole)
{
    static const char delimiters[] = {',', '\t', ';'};
    bool named = th_rows_named(path);
    char best = 0;
    int most = 0;

    if (sep_line(text, len, &best))
        return best;
    record *rec = malloc(sizeof *rec);
    for (size_t i = 0; rec && i < sizeof delimiters; i++) {
        if (!named && !memchr(text, delimiters[i], len))
            continue; /* a table has two columns, unless its name says that it is one */
        int sure = weigh(rec, columns, text, len, whole, delimiters[i], named);
        if (sure > most) {
            most = sure;
            best = delimiters[i];
        }
    }
    free(rec);
    return best;
}

/* ---- reading ---- */

typedef struct table {
    th_reading *r;
    th_stream *s;
    char delimiter;
    record *rec;
    size_t width;                /* cells of the header */
    int column[TH_FIELDS];       /* which cell is the field, -1: none */
    char *names[TH_FIELDS];      /* what the header calls it */
    th_str cells[TH_FIELDS];     /* for cells with doubled quotes */
    th_str path, where;
    uint64_t row;                /* rows so far, the header not counted */
    uint64_t line;               /* of the record at hand, from 1 */
    uint64_t bad_from;           /* the first of lines that can not be read; 0: none */
    unsigned attempts;
} table;

static char *copy(const char *text, size_t len)
{
    char *out = malloc(len + 1);

    if (out) {
        memcpy(out, text, len);
        out[len] = '\0';
    }
    return out;
}

/* Bring the next record into t->rec. `*used` = its bytes, 0 at the end; t->rec->unclosed when a quote in it is never closed. */
static th_status next_record(table *t, size_t *used, th_error *err)
{
    const char *text;
    size_t len, want = 1;

    *used = 0;
    t->rec->unclosed = false;
    for (;;) {
        th_status status = th_stream_peek(t->s, want, &text, &len, err);
        if (status != TH_OK || !len)
            return status;
        bool last = t->s->ended || len >= TH_ITEM_MAX;
        *used = split(t->rec, text, len, t->delimiter, t->s->ended);
        if (*used || last)
            break;
        want = len * 2 < TH_ITEM_MAX ? len * 2 : TH_ITEM_MAX;
    }
    if (!*used) { /* no end of the record within the limit: the line at hand is lost */
        const char *stop = memchr(text, '\n', len);
        t->rec->unclosed = true;
        t->rec->breaks = stop != NULL;
        *used = stop ? (size_t)(stop + 1 - text) : len;
    }
    return TH_OK;
}

static void take_record(table *t, size_t used)
{
    th_stream_take(t->s, used);
    t->line += t->rec->breaks;
}

static void name_row(table *t)
{
    th_str_clear(&t->path);
    th_str_addf(&t->path, "%s#%llu", t->s->path, (unsigned long long)t->row);
    th_str_clear(&t->where);
    th_str_addf(&t->where, "%s:%llu: ", t->s->path, (unsigned long long)t->line);
}

/* Find the best column for each field in the header at hand. */
static bool choose_columns(table *t)
{
    const th_columns *columns = &t->r->loader->columns;

    for (int f = 0; f < TH_FIELDS; f++) {
        int best = 0;
        t->column[f] = -1;
        for (size_t i = 0; i < t->rec->count && i < CELLS_MAX; i++) {
            const cell *c = &t->rec->cells[i];
            int fits = c->len <= NAME_MAX_BYTES ? th_column_fits(columns, f, c->text, c->len) : 0;
            if (fits > best) {
                best = fits;
                t->column[f] = (int)i;
            }
        }
    }
    t->width = t->rec->count;
    return t->column[TH_FIELD_TEXT] >= 0;
}

static th_status keep_names(table *t, th_error *err)
{
    for (int f = 0; f < TH_FIELDS; f++)
        if (t->column[f] >= 0) {
            const cell *c = &t->rec->cells[t->column[f]];
            th_str name = {0};
            if (th_text_normalise(&name, c->text, c->len, NULL, err) != TH_OK)
                return err->status;
            t->names[f] = copy(th_str_text(&name), name.len);
            th_str_free(&name);
            if (!t->names[f])
                return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", t->s->path);
        }
    return TH_OK;
}

static th_status no_text_column(table *t, const char *columns, th_error *err)
{
    const char *stated = t->r->loader->columns.names[TH_FIELD_TEXT];

    if (stated)
        return th_error_set(err, TH_ERR_FORMAT, "%s: no column \"%s\", which config.yaml names for the text; columns: %s",
                            t->s->path, stated, columns);
    return th_error_set(err, TH_ERR_FORMAT, "%s: no column holds the text (looked for: %s); columns: %s; name it in config.yaml: "
                        "columns: {text: NAME}", t->s->path, th_fields_help, columns);
}

/* The names of the record's cells, for a message. */
static void list_cells(th_str *out, const record *rec)
{
    for (size_t i = 0; i < rec->count && i < CELLS_MAX && out->len < 300; i++) {
        if (i)
            th_str_puts(out, ", ");
        th_text_normalise(out, rec->cells[i].text, rec->cells[i].len < 60 ? rec->cells[i].len : 60, NULL, NULL);
    }
}

/* Read up to the header and past it. The table's first row is taken for it when none names the text's column. */
static th_status read_header(table *t, th_error *err)
{
    th_str first = {0};
    const char *text;
    size_t used, len;
    bool found = false;
    char ignored;
    th_status status = th_stream_peek(t->s, TH_SNIFF_BYTES, &text, &len, err);

    used = status == TH_OK ? sep_line(text, len, &ignored) : 0;
    th_stream_take(t->s, used);
    t->line += used > 0;
    for (int i = 0; status == TH_OK && !found && i < HEADER_WITHIN; i++) {
        if ((status = next_record(t, &used, err)) != TH_OK || !used)
            break;
        if (!t->rec->unclosed && !is_blank_record(t->rec)) {
            if (!first.len)
                list_cells(&first, t->rec);
            if ((found = choose_columns(t)))
                status = keep_names(t, err);
        }
        take_record(t, used);
    }
    if (status == TH_OK && !found)
        status = no_text_column(t, th_str_text(&first), err);
    th_str_free(&first);
    return status;
}

/* The text of a cell, with its doubled quotes made single ones. */
static void take_cell(table *t, th_row *row, int field)
{
    const cell *c = &t->rec->cells[t->column[field]];
    th_str *out = &t->cells[field];

    row->fields.text[field] = c->text;
    row->fields.len[field] = c->len;
    if (!c->doubled)
        return;
    th_str_clear(out);
    const char *at = c->text, *end = c->text + c->len;
    while (at < end) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        if (!quote)
            quote = end;
        else
            quote++;
        th_str_add(out, at, (size_t)(quote - at));
        at = quote < end && *quote == '"' ? quote + 1 : quote;
    }
    row->fields.text[field] = th_str_text(out);
    row->fields.len[field] = out->len;
}

static bool has_surplus(const record *rec, size_t width)
{
    for (size_t i = width; i < rec->count && i < CELLS_MAX; i++)
        if (rec->cells[i].len)
            return true;
    return rec->count > CELLS_MAX;
}

static th_status fail_row(table *t, const char *what, th_error *err)
{
    th_error own = {0};

    th_error_set(&own, TH_ERR_PARSE, "%s: %s%s", th_str_text(&t->path), th_str_text(&t->where), what);
    return th_reading_fail(t->r, th_str_text(&t->path), &own, err);
}

static th_status read_row(table *t, th_error *err)
{
    char warning[160] = "";
    th_row row = {.path = th_str_text(&t->path), .where = th_str_text(&t->where), .format = t->delimiter == '\t' ? "tsv" : "csv",
                  .label = "column"};
    const record *rec = t->rec;

    if (has_surplus(rec, t->width) || (size_t)t->column[TH_FIELD_TEXT] >= rec->count) {
        snprintf(warning, sizeof warning, "%zu cells, and the header has %zu: is a cell with the delimiter in it not quoted?",
                 rec->count, t->width);
        return fail_row(t, warning, err);
    }
    for (int f = 0; f < TH_FIELDS; f++) {
        row.names[f] = t->names[f];
        if (t->column[f] >= 0 && (size_t)t->column[f] < rec->count && t->column[f] < CELLS_MAX)
            take_cell(t, &row, f);
    }
    if (rec->count < t->width)
        snprintf(warning, sizeof warning, "only %zu cells, and the header has %zu", rec->count, t->width);
    else if (rec->undoubled)
        snprintf(warning, sizeof warning, "quotes inside a quoted cell are not doubled; they were read as text");
    row.warning = *warning ? warning : NULL;
    return th_reading_row(t->r, &row, err);
}

/* The lines from a quote that is never closed up to where rows of the right length begin again. */
static th_status fail_lines(table *t, uint64_t end, th_error *err)
{
    char what[120];
    uint64_t from = t->bad_from;

    t->bad_from = 0;
    th_str_clear(&t->where);
    th_str_addf(&t->where, "%s:%llu: ", t->s->path, (unsigned long long)from);
    snprintf(what, sizeof what, "a quote opened here is never closed (or the row is over 16 MB); lines %llu to %llu were left out", (unsigned long long)from,
             (unsigned long long)(end > from ? end - 1 : from));
    return fail_row(t, what, err);
}

static th_status read_records(table *t, th_error *err)
{
    size_t used;
    th_status status;

    while ((status = next_record(t, &used, err)) == TH_OK && used) {
        bool whole = !t->rec->unclosed && !is_blank_record(t->rec);
        if (t->rec->unclosed) {
            if (!t->bad_from) {
                t->row++;
                name_row(t);
                t->bad_from = t->line;
            }
            if (++t->attempts > ATTEMPTS_MAX)
                return th_error_set(err, TH_ERR_PARSE, "%s:%llu: quotes are opened and never closed again and again; the rows "
                                    "from here on were not read", t->s->path, (unsigned long long)t->line);
        } else if (whole && t->bad_from && t->rec->count == t->width) {
            status = fail_lines(t, t->line, err);
        }
        if (whole && !t->bad_from && status == TH_OK) {
            t->row++;
            name_row(t);
            status = read_row(t, err);
        }
        if (status != TH_OK)
            return status;
        take_record(t, used);
    }
    if (status == TH_OK && t->bad_from)
        status = fail_lines(t, t->line + 1, err);
    if (status == TH_OK && !t->row)
        status = th_error_set(err, TH_ERR_EMPTY, "%s: a table without rows", t->s->path);
    return status;
}

th_status th_rows_read(th_reading *r, th_stream *s, char delimiter, th_error *err)
{
    table t = {.r = r, .s = s, .delimiter = delimiter, .line = 1, .rec = malloc(sizeof *t.rec)};
    th_status status = t.rec ? read_header(&t, err) : th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", s->path);

    if (status == TH_OK)
        status = read_records(&t, err);
    for (int f = 0; f < TH_FIELDS; f++) {
        free(t.names[f]);
        th_str_free(&t.cells[f]);
    }
    th_str_free(&t.path);
    th_str_free(&t.where);
    free(t.rec);
    return status;
}
