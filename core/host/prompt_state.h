/* prompt_state.h - what prompt.c and api_test.c share. */
#ifndef TH_HOST_PROMPT_STATE_H
#define TH_HOST_PROMPT_STATE_H

#include "host/internal.h"
#include "host/prompt.h"

typedef struct th_golden {
    char *name;
    th_str rows;
} th_golden;

struct th_prompt {
    th_plugin self; /* no plugin, but a state like one */
    th_source source;
    th_host *host;
    th_prompt_options options;
    th_arena *arena; /* of the article made from a text */
    const th_article *article;
    th_records records;
    th_str out; /* what is printed */
    th_golden *golden;
    size_t golden_count, golden_cap;
};

/* The value at `index` as one would write it. */
void th_prompt_show(lua_State *L, int index, th_str *out);

/* Push { kind = { row, … } }: what plugin `m` recorded in the current article. */
void th_push_plugin_rows(lua_State *L, th_host *host, const th_manifest *m);

/* api_test.c: require "test". */
void th_test_open(lua_State *L);

#endif
