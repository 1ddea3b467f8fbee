/* metadata.h - source, date and authors out of lines written for people: "来源：某报 2023年1月5日 记者 张三". Internal to load/. */
#ifndef TH_LOAD_METADATA_H
#define TH_LOAD_METADATA_H

#include <stdbool.h>
#include <stddef.h>

#include "load/chrome.h"
#include "load/draft.h"

enum { TH_NAMES_MAX = 24 };

typedef struct th_name {
    size_t start, stop; /* characters of a view */
} th_name;

/* What an information line says. Texts are bytes of the line given to th_info_read(). */
typedef struct th_info {
    th_name names[TH_NAMES_MAX]; /* of authors, as bytes */
    size_t name_count;
    size_t source_start, source_stop; /* equal when none */
    th_name source_label, date_label, made_label, author_label, title_label; /* the words that announced them, as bytes; empty when none did */
    size_t title_start, title_stop;
    char date[11], made[11];          /* of publication, of the document; "" when none */
    bool is_guess; /* the source has no label */
    bool has_source, has_author, has_editor, has_photo, has_count, has_tool;
    bool has_field; /* some label stands in it, with a value or without */
    bool is_label;  /* nothing but one label: its value is in the next line */
} th_info;

/* Is all of `text` labelled fields, dates, counts and words that go with them? Then `*info` says what they hold. */
bool th_info_read(const th_chrome *chrome, const char *text, size_t len, th_info *info);

/* Keep what `info` found in `text`, unless the draft has it already. */
void th_info_take(th_draft *d, const th_info *info, const char *text, size_t len);

/* The reason under which a line with this information is dropped: source, byline, photo, editor, date, counts, tools. */
const char *th_info_reason(const th_info *info);

/* Split view[from..to) into personal names by surname; 0 when it is not names from end to end. */
size_t th_names_split(const th_chrome *chrome, const th_view *view, size_t from, size_t to, th_name *out, size_t max);

/* Read the date that begins at view[pos], with the time of day after it. Returns the characters taken, 0 for none. */
size_t th_date_at(const th_view *view, size_t pos, char out[11]);

/* 1月5日 at view[pos], as "01-05". */
bool th_month_day_at(const th_view *view, size_t pos, char out[6]);

/* The first character of the view from `i` on that is no space. */
size_t th_skip_spaces(const th_view *view, size_t i);

/* The first date written in `text`, or false. */
bool th_date_find(const char *text, size_t len, char out[11]);

/* The day a field that holds nothing but a date means: any written form, 20240305, a spreadsheet's day number, seconds or milliseconds since 1970 (in
 * China's time, as is an instant in UTC). */
bool th_date_of_field(const char *field, char out[11]);

/* The day in an address: /20240123/, /2024-01/23/, /202401/t20240123_1.html, /2024/01/23/. */
bool th_date_of_address(const char *url, char out[11]);

/* The same from a path, which must look like a site's: t20240123_1.html or /2024-01/23/. */
bool th_date_of_path(const char *path, char out[11]);

/* The day a headline names itself by, or false. */
bool th_title_date(const char *title, char out[11]);

/* The headline in `text`: without 原标题:, column tag and site's name; what is cut is dropped. `hint` = the column tag or NULL. */
const char *th_title_clean(const th_chrome *chrome, th_draft *d, const char *text, size_t len, bool is_page_name,
                           const char **hint);

/* Names from a field that holds nothing else ("张三，李四"). */
void th_names_take(const th_chrome *chrome, th_draft *d, const char *text);

#endif
