/* tokenizer.c - the FTS5 tokenizer `han`: every Han character is a token, and so is every run of other letters and digits, folded
 * to lower case and narrow width. Punctuation and white space set tokens apart and are none. */
#include <ctype.h>
#include <string.h>

#include "store/internal.h"
#include "text/unicode.h"

enum { LONGEST = 64 }; /* bytes of a token; longer runs are cut into several */

static int create(void *ctx, const char **args, int count, Fts5Tokenizer **out)
{
    static int nothing;

    (void)ctx;
    (void)args;
    (void)count;
    *out = (Fts5Tokenizer *)&nothing; /* it keeps no state */
    return SQLITE_OK;
}

static void destroy(Fts5Tokenizer *tokenizer)
{
    (void)tokenizer;
}

static bool is_word(uint32_t c)
{
    return c < 0x80 ? isalnum((int)c) != 0 : c >= 0xC0 && !th_is_space(c) && !(c >= 0x2000 && c < 0x2E80) && !(c >= 0x3000 && c < 0x3040) &&
                                                 !(c >= 0xFE10 && c < 0xFE70) && !(c >= 0xFF00 && c < 0xFFF0);
}

/* The run of word characters from `pos` on, folded into `token`; `*stop` is behind it. */
static size_t take_run(const char *text, size_t len, size_t pos, char token[LONGEST + 4], size_t *stop)
{
    size_t n = 0;

    *stop = pos;
    while (pos < len && n < LONGEST) {
        uint32_t c = th_fold_width(th_utf8_next(text, len, &pos));
        if (th_is_han(c) || !is_word(c))
            break;
        if (c < 0x80) {
            token[n++] = (char)tolower((int)c);
        } else {
            memcpy(token + n, text + *stop, pos - *stop);
            n += pos - *stop;
        }
        *stop = pos;
    }
    return n;
}

static int tokenize(Fts5Tokenizer *tokenizer, void *ctx, int flags, const char *text, int bytes,
                    int (*take)(void *, int, const char *, int, int, int))
{
    size_t len = (size_t)bytes;
    int code = SQLITE_OK;

    (void)tokenizer;
    (void)flags;
    for (size_t pos = 0; code == SQLITE_OK && pos < len;) {
        char token[LONGEST + 4];
        size_t next = pos, stop;
        uint32_t c = th_utf8_next(text, len, &next);
        if (th_is_han(c)) {
            code = take(ctx, 0, text + pos, (int)(next - pos), (int)pos, (int)next);
            pos = next;
            continue;
        }
        size_t n = take_run(text, len, pos, token, &stop);
        if (n)
            code = take(ctx, 0, token, (int)n, (int)pos, (int)stop);
        pos = n ? stop : next;
    }
    return code;
}

static fts5_api *api_of(sqlite3 *db)
{
    sqlite3_stmt *stmt = NULL;
    fts5_api *api = NULL;

    if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &stmt, NULL) == SQLITE_OK) {
        sqlite3_bind_pointer(stmt, 1, &api, "fts5_api_ptr", NULL);
        sqlite3_step(stmt);
    }
    sqlite3_finalize(stmt);
    return api;
}

void th_store_tokenizer_register(sqlite3 *db)
{
    fts5_tokenizer han = {create, destroy, tokenize};
    fts5_api *api = api_of(db);

    if (api)
        api->xCreateTokenizer(api, "han", NULL, &han, NULL);
}
