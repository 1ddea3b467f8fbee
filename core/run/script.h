/* script.h - a Lua script in a confined process of its own (run/confine.h), with the store open for reading only. */
#ifndef TH_RUN_SCRIPT_H
#define TH_RUN_SCRIPT_H

#include "base/arena.h"
#include "base/error.h"
#include "config.h"
#include "host/host.h"
#include "run/assets.h"

/* The plugins the script needs, in `arena`. Its chunk runs in a child process. */
th_status th_script_probe(const th_script_options *options, const th_assets *assets, th_arena *arena,
                          const char ***needs, size_t *count, th_error *err);

/* What it says of itself: its summary, its arguments with defaults and words, the plugins it needs. */
th_status th_script_help(const th_script_options *options, const th_assets *assets, th_str *out, th_error *err);

/* Run it over the store of `config`; what it prints goes to standard output. */
th_status th_script_execute(const th_script_options *options, const th_config *config, const th_assets *assets, th_error *err);

#endif
