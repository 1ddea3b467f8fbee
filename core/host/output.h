/* output.h - files that scripts write, below the output folder and nowhere else (inside core/host only). */
#ifndef TH_HOST_OUTPUT_H
#define TH_HOST_OUTPUT_H

#include <lua.h>

#include "base/str.h"

/* Push the path of the file `name` (argument `arg`) below the output folder; the folders it stands in are made. Raises with `what`
 * in front when the name leads out of the folder or a folder can not be made. */
const char *th_output_path(lua_State *L, int arg, const char *what);

/* Write `text` to `path`, whole or not at all: what stood there before is replaced at the end. Raises when the system refuses. */
void th_output_write(lua_State *L, const char *path, const th_str *text, const char *what);

#endif
