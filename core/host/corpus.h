/* corpus.h - reading the store for scripts (inside core/host only): statements, and the filters that become statements. */
#ifndef TH_HOST_CORPUS_H
#define TH_HOST_CORPUS_H

#include "host/internal.h"

enum { TH_PARAMS = 64, TH_COLUMNS = 256 };

/* A statement being put together: its text in the state's buffer, its parameters. Texts of parameters are kept by the Lua
 * tables they came from. */
typedef struct th_statement {
    lua_State *L;
    th_str *sql;
    th_cell params[TH_PARAMS];
    size_t param_count;
    const char *what; /* the function, for messages */
} th_statement;

/* The Lua value at `index` as a parameter; raises for tables and the like. */
th_cell th_to_cell(lua_State *L, int index, const char *what);
void th_push_cell(lua_State *L, const th_cell *cell);

/* Push the rows of the statement: a list of lists (`keyed` false) or of tables by column name, and in either case `.columns`, the
 * list of names. Raises where the statement is refused. */
void th_push_rows(th_statement *s, bool keyed);

/* Append " AND …" for every key of the filter table at `index` (0: none) to a statement over `article` and, when `kind` is not NULL,
 * the record table of that name; then ORDER BY and LIMIT. Keys: the kind's fields, and region, source, path, title, from, to,
 * duplicates, order, limit. A list of values means any of them. */
void th_add_filter(th_statement *s, const char *kind, int index);

/* Raise unless the store has records of the kind. */
void th_check_kind(th_statement *s, const char *kind);

/* corpus:table, corpus:report, corpus:workbook */
int th_corpus_table(lua_State *L);
int th_corpus_report(lua_State *L);
int th_corpus_workbook(lua_State *L);

#endif
