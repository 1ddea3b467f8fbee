/* functions.h - the C functions behind `host` and its tables (inside core/host only); api_host.c describes them. */
#ifndef TH_HOST_FUNCTIONS_H
#define TH_HOST_FUNCTIONS_H

#include <lua.h>

/* manifest.c, script.c, api_lexicon.c */
int th_host_plugin(lua_State *L);
int th_host_script(lua_State *L);
int th_host_lexicon(lua_State *L);

/* api_data.c */
int th_host_codebook(lua_State *L);
int th_host_keys(lua_State *L);
int th_host_place(lua_State *L);
int th_host_lines(lua_State *L);
int th_host_tsv(lua_State *L);
int th_host_json(lua_State *L);

/* api_values.c */
int th_host_region(lua_State *L);
int th_host_number(lua_State *L);
int th_host_quantities(lua_State *L);
int th_host_date(lua_State *L);
int th_host_ymd(lua_State *L);
int th_host_cjk_width(lua_State *L);

#endif
