/* log.h - lines for the person at the terminal, on standard error; and a progress line while work is long.
 * Messages are one line each: control characters in them become spaces. A progress line is drawn only on a terminal. */
#ifndef TH_BASE_LOG_H
#define TH_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

typedef enum th_log_level { TH_LOG_DEBUG, TH_LOG_INFO, TH_LOG_WARN, TH_LOG_ERROR } th_log_level;

/* Lines below `level` are left out. The start value is TH_LOG_INFO. */
void th_log_set_level(th_log_level level);

/* Are lines of `level` shown? */
bool th_log_shows(th_log_level level);

/* Write one line "talenthost: LEVEL: message" (no level for info). */
void th_log(th_log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A line that tells more of the message before it: indented, without name and level, shown where that level is. */
void th_log_more(th_log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Hand every line to `fn` instead of writing it (NULL: write again). A worker, which may write to nothing, sends its lines to the
 * parent. */
typedef void (*th_log_fn)(void *ctx, th_log_level level, const char *line);
void th_log_set_sink(th_log_fn fn, void *ctx);

/* Add every line that is shown to `out` too, up to 64 KB (NULL: no more). For the history of runs. */
struct th_str;
void th_log_keep(struct th_str *out);

/* Show that `done` of `total` things are done; at most ten times a second, and only on a terminal. */
void th_progress(const char *what, size_t done, size_t total);

/* Wipe the progress line, so that what follows starts on a clean line. */
void th_progress_end(void);

#endif
