/* docx_styles.h - what a Word document's styles and lists say of a paragraph: is it a heading and of which level, and
 * which number stands before it. (ECMA-376 part 1, 17.7 and 17.9.) Internal to load/. */
#ifndef TH_LOAD_DOCX_STYLES_H
#define TH_LOAD_DOCX_STYLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

enum { TH_LIST_LEVELS = 9, TH_STYLE_NAME = 64 };

typedef enum th_style_role { TH_STYLE_PLAIN, TH_STYLE_TITLE, TH_STYLE_CONTENTS, TH_STYLE_CAPTION } th_style_role;

typedef struct th_style {
    char id[TH_STYLE_NAME], parent[TH_STYLE_NAME];
    th_style_role role;
    int level;         /* of a heading, from 1; 0: none; -1: not said here */
    int list;          /* numId; 0: none; -1: not said here */
    int list_level;    /* ilvl; -1: not said here */
    bool is_default;   /* of paragraphs */
    bool bold;
} th_style;

typedef struct th_list_level {
    char text[TH_STYLE_NAME]; /* "%1、" */
    char style[TH_STYLE_NAME]; /* the paragraph style that uses it, "" for none */
    char format[32];           /* decimal, chineseCounting, … */
    int start;
    bool all_decimal;
} th_list_level;

typedef struct th_list_kind { /* w:abstractNum */
    int id;
    th_list_level levels[TH_LIST_LEVELS];
    int counters[TH_LIST_LEVELS];
    bool running[TH_LIST_LEVELS];
} th_list_kind;

typedef struct th_list { /* w:num */
    int id, kind;
    int starts[TH_LIST_LEVELS]; /* -1: as the kind says */
    bool begun;
} th_list;

typedef struct th_docx_styles {
    th_arena *arena;
    th_style *styles;
    size_t style_count, style_cap;
    th_list_kind *kinds;
    size_t kind_count, kind_cap;
    th_list *lists;
    size_t list_count, list_cap;
    bool failed; /* memory ran out */
} th_docx_styles;

/* Read word/styles.xml and word/numbering.xml (`len` 0: there is none). What is damaged is left out. */
void th_docx_styles_read(th_docx_styles *s, const char *bytes, size_t len);
void th_docx_lists_read(th_docx_styles *s, const char *bytes, size_t len);

/* Everything the style `id` says, its parents asked; `id` NULL or "": the default style of paragraphs. */
th_style th_docx_style(const th_docx_styles *s, const char *id);

/* Count the paragraph in list `list` at `level` (a negative one: the level that belongs to `style`) and append its number
 * to `out`: "一、", "1.2 ". False when it has a bullet or nothing before it. */
bool th_docx_number(th_docx_styles *s, int list, int level, const char *style, th_str *out);

#endif
