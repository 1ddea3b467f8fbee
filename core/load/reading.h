/* reading.h - the state of one th_load() that readers of containers pass on, and what they share. Internal to load/.
 *
 * A container's reader takes a source, finds its items and calls th_reading_one() or th_reading_any() for each, in order, and
 * th_reading_fail() for those that can not be read. */
#ifndef TH_LOAD_READING_H
#define TH_LOAD_READING_H

#include "load/chrome.h"
#include "load/draft.h"
#include "load/fields.h"
#include "load/load.h"

enum {
    TH_ITEM_MAX = 16 << 20,    /* bytes of one row or JSON value */
    TH_MEMBER_MAX = 256 << 20, /* bytes of a member of an archive that has to be in memory whole */
    TH_LAYERS_MAX = 2          /* archives in one another */
};

struct th_loader {
    th_chrome chrome;
    th_arena *arena;
    const th_gazetteer *gazetteer;
    th_columns columns;
    const th_repeated *repeated;
};

typedef struct th_reading {
    const th_loader *loader;
    th_arena *arena; /* of the item at hand */
    const th_sink *sink;
    uint64_t number;   /* of the item at hand */
    uint64_t begun;    /* the last one that th_reading_begin() let pass */
    uint64_t expanded; /* bytes that came out of archives so far */
    int layers;        /* archives around the source at hand */
    bool stopped;      /* the sink ended the loading */
} th_reading;

/* Begin the item at `path`, whose raw bytes are `raw` (of a row: those of its text): the arena is emptied. False: it is to be left
 * out, or of another shard, and is over. */
bool th_reading_begin(th_reading *r, const char *path, const char *raw, size_t bytes);

/* The item failed as `item` says. Returns TH_OK when the others shall go on. */
th_status th_reading_fail(th_reading *r, const char *path, const th_error *item, th_error *err);

/* Build the article of a draft whose lines are read and give it to the sink. */
th_status th_reading_finish(th_reading *r, th_draft *d, th_error *err);

/* Read `bytes` as the one article at `path`. `url` may be NULL. A failure that is not the sink's leaves r->stopped false. */
th_status th_reading_one(th_reading *r, const char *path, const char *bytes, size_t len, const char *url, th_error *err);

/* Read whatever the source holds: an article or many. As th_reading_one(). */
th_status th_reading_any(th_reading *r, th_stream *s, const char *url, th_error *err);

/* A row of a table or an object with its fields. */
typedef struct th_row {
    const char *path;   /* the row's: file#3 */
    const char *where;  /* "file:line: ", for messages */
    const char *format; /* csv, json */
    const char *label;  /* what its fields are called there: "column", "key" */
    th_fields fields;
    const char *names[TH_FIELDS]; /* how each field is called there; NULL where there is none */
    const char *warning;          /* NULL: none */
    bool only;                    /* it is all the file holds: its failure is the file's */
} th_row;

/* Build its article (not begun yet) and give it to the sink. One that fails is reported; the others go on unless it is the
 * only one. */
th_status th_reading_row(th_reading *r, const th_row *row, th_error *err);

/* Read normalised text into the draft with the first format that fits; d->format is set unless it is already. */
th_status th_reading_lines(th_draft *d, const char *text, size_t len, th_error *err);

#endif
