/* names.c - personal names written one after the other, told apart by their surnames.
 *
 * The cheapest division wins: a name of three characters costs less than one of two, a rare surname more than a common
 * one. Runs are at most TH_VIEW_MAX characters, so the table stays small. */
#include <string.h>

#include "load/metadata.h"
#include "text/unicode.h"

enum { NEVER = 1 << 20 };

/* The cost of taking view[at..at+n) as one name. */
static int name_cost(const th_chrome *chrome, const th_view *view, size_t at, size_t n)
{
    int compound = NEVER, simple = NEVER;

    if (n >= 3 && th_words_at(&chrome->surnames_compound, view, at) == 2)
        compound = n == 4 ? 2 : 4;
    if (n <= 3 && th_words_hold(&chrome->surnames_common, view->c[at]))
        simple = n == 3 ? 2 : 3;
    else if (n <= 3 && th_words_hold(&chrome->surnames_rare, view->c[at]))
        simple = n == 3 ? 5 : 7;
    return compound < simple ? compound : simple;
}

size_t th_names_split(const th_chrome *chrome, const th_view *view, size_t from, size_t to, th_name *out, size_t max)
{
    int cost[TH_VIEW_MAX + 1];
    size_t back[TH_VIEW_MAX + 1], n = to - from, count = 0;

    for (size_t i = from; i < to; i++)
        if (!th_is_han(view->c[i]))
            return 0;
    cost[0] = 0;
    for (size_t i = 1; i <= n; i++) {
        cost[i] = NEVER;
        for (size_t k = 2; k <= 4 && k <= i; k++) {
            int c = cost[i - k] >= NEVER ? NEVER : cost[i - k] + name_cost(chrome, view, from + i - k, k);
            if (c < cost[i]) {
                cost[i] = c;
                back[i] = k;
            }
        }
    }
    if (n < 2 || cost[n] >= NEVER)
        return 0;
    for (size_t i = n; i; i -= back[i])
        count++;
    if (count > max)
        return 0;
    size_t k = count;
    for (size_t i = n; i; i -= back[i])
        out[--k] = (th_name){from + i - back[i], from + i};
    return count;
}

void th_names_take(const th_chrome *chrome, th_draft *d, const char *text)
{
    size_t len = strlen(text);
    th_view view;

    th_view_make(&view, text, len, true);
    for (size_t i = 0; i < view.n;) {
        size_t from = i;
        th_name names[TH_NAMES_MAX];
        while (i < view.n && !strchr(" ,;/|", (int)(view.c[i] < 0x80 ? view.c[i] : 'x')) && view.c[i] != 0x3001)
            i++;
        size_t n = th_names_split(chrome, &view, from, i, names, TH_NAMES_MAX);
        bool office = th_words_before(&chrome->organisations, &view, from, i) > 0;
        if (n && !office)
            for (size_t k = 0; k < n; k++)
                th_draft_author(d, text + view.at[names[k].start], view.at[names[k].stop] - view.at[names[k].start]);
        else if (i > from && i - from <= 20 && !office)
            th_draft_author(d, text + view.at[from], view.at[i] - view.at[from]);
        i++;
    }
}
