/* clean.c - see clean.h. One pass of the rules, then the end of the article, then cuts inside the lines that stay. */
#define _GNU_SOURCE 1 /* memmem */
#include "load/clean.h"

#include <string.h>

#include "load/lines.h"
#include "load/metadata.h"
#include "text/unicode.h"

enum {
    CREDIT_BYTES = 60, /* of a photographer's credit without brackets */
    TAIL_BYTES = 300,  /* how far back from its end a line is searched for a credit */
    DATELINE_BYTES = 130, /* 某某社某地1月5日电, 30 characters at most */
    BYLINE_BYTES = 480, /* … and the names in brackets after it */
    PAIR_BYTES = 240,  /* a label and its value */
};

static bool ends_with_one(const char *text, size_t len, const char *const *ends, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (len >= 3 && !memcmp(text + len - 3, ends[i], 3))
            return true;
    return false;
}

static bool ends_sentence(const char *text, size_t len)
{
    static const char *const ends[] = {"。", "！", "？", "”", "…"};

    return ends_with_one(text, len, ends, sizeof ends / sizeof *ends);
}

/* Nothing of the sentence can follow in the next line. */
static bool ends_line(const char *text, size_t len)
{
    static const char *const ends[] = {"：", "；", "）"};

    return ends_sentence(text, len) || ends_with_one(text, len, ends, sizeof ends / sizeof *ends);
}

/* Cut the first `n` bytes of a line, or those from `at` on. */
static void cut_head(th_draft *d, th_line *line, size_t n, const char *reason)
{
    th_draft_drop(d, reason, text_of(d, line), n);
    line->start += (uint32_t)n;
    while (line->start < line->stop && d->text.data[line->start] == ' ')
        line->start++;
}

static void cut_tail(th_draft *d, th_line *line, size_t at, const char *reason)
{
    th_draft_drop(d, reason, text_of(d, line) + at, len_of(line) - at);
    line->stop = (uint32_t)(line->start + at);
    while (line->stop > line->start && d->text.data[line->stop - 1] == ' ')
        line->stop--;
}

/* ---- rules ---- */

/* How many different terms of a rule's list stand in [start, stop); `*at` walks the hits along with the lines. */
static size_t count_terms(const th_hits *hits, size_t *at, uint32_t start, uint32_t stop)
{
    uint64_t seen = 0;
    size_t n = 0;

    while (*at < hits->count && hits->items[*at].start < start)
        (*at)++;
    for (; *at < hits->count && hits->items[*at].start < stop; (*at)++) {
        uint64_t bit = 1ull << (hits->items[*at].term & 63);
        n += !(seen & bit);
        seen |= bit;
    }
    return n;
}

static bool pattern_fits(const th_words *patterns, const th_view *view)
{
    return view->whole && patterns->count && th_words_fit(patterns, view);
}

static bool has_word(const char *text, size_t len)
{
    for (size_t pos = 0; pos < len;) {
        uint32_t c = th_utf8_next(text, len, &pos);
        if ((c < 0x80 && ((c | 32) >= 'a' ? (c | 32) <= 'z' : c >= '0' && c <= '9')) || (c >= 0xc0 && (c < 0xe000 || c > 0xf8ff) && c != 0x2014 && (c < 0x2000 || c > 0x303f) && c < 0xff00))
            return true;
    }
    return false;
}

/* A line that is an address, or a link whose text is one. */
static bool is_address(const char *text, size_t len)
{
    return len > 8 && (!memcmp(text, "http://", 7) || !memcmp(text, "https:/", 7)) && !memchr(text, ' ', len);
}

static void note_address(th_draft *d, const char *address)
{
    d->has_links |= d->link && address && strcmp(d->link, address);
    d->link = d->link ? d->link : address;
}

/* 原文链接：http://… */
static void note_address_in(th_draft *d, const char *text, size_t len)
{
    const char *at = memmem(text, len, "http", 4);
    size_t n = 0;

    while (at && at + n < text + len && at[n] > ' ' && at[n] < 0x7f)
        n++;
    if (n > 8 && is_address(at, n))
        note_address(d, th_draft_text(d, at, n));
}

/* The article's own address: one that stands in the page as a line, or where "read the original" leads. */
static void take_address(th_draft *d, th_line *line)
{
    const char *text = text_of(d, line);

    if (is_address(text, len_of(line))) {
        note_address(d, th_draft_text(d, text, len_of(line)));
        drop_line(d, line, "share");
    }
}

/* A sentence, or a numbered line: what a short pattern may say of a tool line it may not say of these. */
static bool is_text(const th_view *view)
{
    uint32_t last = view->n ? view->c[view->n - 1] : 0;

    for (size_t i = 0; i < view->n; i++)
        if (view->c[i] == 0x3002)
            return true;
    return last == ';' || th_is_numbered(view);
}

static const th_rule *rule_for(const th_chrome *chrome, const th_draft *d, const th_line *line, const th_view *view,
                               const th_hits *hits, size_t *cursors)
{
    const th_rule *found = NULL;
    bool text = is_text(view);

    for (size_t i = 0; i < chrome->rule_count; i++) {
        const th_rule *rule = &chrome->rules[i];
        size_t n = rule->lexicon < 0 ? 0 : count_terms(&hits[rule->lexicon], &cursors[2 * i], line->start, line->stop);
        bool also = rule->also < 0 || count_terms(&hits[rule->also], &cursors[2 * i + 1], line->start, line->stop);
        bool words = rule->lexicon >= 0 && n >= rule->needs && also &&
                     (len_of(line) <= rule->max || th_utf8_count(text_of(d, line), len_of(line)) <= rule->max);
        bool fits = words || (view->n <= rule->max && (rule->prose || !text) && pattern_fits(&rule->match, view));
        if (!found && fits)
            found = rule;
    }
    return found;
}

/* What the rules say of each line. `marks[i]` = the rule of line i, or NULL. Cursors of the hits go along, so all rules are
 * asked for each line. */
static th_status mark_lines(const th_chrome *chrome, th_draft *d, const th_rule **marks, th_error *err)
{
    th_hits *hits = NULL;
    size_t *cursors = th_arena_zalloc(d->arena, 2 * chrome->rule_count + 1, sizeof *cursors);
    th_status status = th_lexset_scan(chrome->terms, th_str_text(&d->text), d->text.len, d->arena, &hits, err);
    th_view view;

    if (status != TH_OK || !cursors)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", d->path);
    for (size_t i = 0; i < d->count; i++) {
        th_line *line = &d->lines[i];
        view.n = TH_VIEW_MAX;
        view.whole = false;
        if (len_of(line) <= 3 * TH_VIEW_MAX)
            th_view_make(&view, text_of(d, line), len_of(line), false);
        marks[i] = rule_for(chrome, d, line, &view, hits, cursors);
    }
    return TH_OK;
}

static bool is_office(const th_chrome *chrome, const char *text, size_t len)
{
    th_view v;

    th_view_make(&v, text, len, false);
    return th_words_before(&chrome->media, &v, 0, v.n) || th_words_before(&chrome->organisations, &v, 0, v.n);
}

/* A label alone in its line, as tables have it: the line after it is its value. */
static bool read_pair(const th_chrome *chrome, th_draft *d, th_line *label, th_line *value)
{
    char text[PAIR_BYTES];
    size_t n = len_of(label), m = len_of(value);
    th_info info;

    if (n + m > sizeof text)
        return false;
    memcpy(text, text_of(d, label), n);
    memcpy(text + n, text_of(d, value), m);
    /* A label may as well be empty, and the next line the article's. */
    bool numbers = false;
    for (size_t i = n; i < n + m; i++)
        numbers |= text[i] >= '0' && text[i] <= '9';
    if (m < 3 || !memcmp(text + n + m - 3, "：", 3) || !th_info_read(chrome, text, n + m, &info) || info.is_label)
        return false;
    bool office = info.has_source && is_office(chrome, text + info.source_start, info.source_stop - info.source_start);
    if (!office && !info.date[0] && !info.made[0] && !info.name_count && info.title_stop == info.title_start && !numbers)
        return false;
    th_info_take(d, &info, text, n + m);
    drop_line(d, label, th_info_reason(&info));
    drop_line(d, value, th_info_reason(&info));
    return true;
}

/* A paragraph; a long headline is none. */
static bool has_prose(const th_draft *d, const th_line *from, const th_line *to)
{
    for (; from < to; from++)
        if (!from->reason && !from->outside && len_of(from) >= PROSE_BYTES && memmem(text_of(d, from), len_of(from), "。", 3))
            return true;
    return false;
}

static bool is_day_only(const th_info *info)
{
    return info->date[0] && !info->made[0] && !info->has_source && !info->has_author && !info->has_editor && !info->has_photo &&
           !info->has_count && !info->has_tool;
}

/* "时间：2024年3月5日" under the text is when something takes place, not when it was published, and a day that stands alone
 * between paragraphs belongs to them. */
static bool is_appointment(const th_draft *d, const th_line *line, const th_info *info)
{
    size_t n = info->date_label.stop - info->date_label.start;
    const char *label = text_of(d, line) + info->date_label.start;
    bool bare = n == 6 && (!memcmp(label, "时间", 6) || !memcmp(label, "日期", 6));
    if (!is_day_only(info) || (n && !bare) || !has_prose(d, d->lines, line))
        return false;
    return bare || has_prose(d, line + 1, d->lines + d->count);
}

/* Drop address lines, ornaments and lines of nothing but fields; `*is_editor` = an editor's name stands in it. */
static void read_info(const th_chrome *chrome, th_draft *d, th_line *line, bool *is_editor)
{
    th_info info;

    *is_editor = false;
    take_address(d, line);
    if (line->reason)
        return;
    if (!has_word(text_of(d, line), len_of(line)) || (len_of(line) <= 6 && (len_of(line) < 3 || line->is_link))) {
        drop_line(d, line, "ornament");
        return;
    }
    /* A short line that is a link and nothing else leads to another page. */
    if (line->is_link && line->href && len_of(line) <= PROSE_BYTES && line->hint != TH_HINT_HEADING) {
        drop_line(d, line, "navigation");
        return;
    }
    if (!th_info_read(chrome, text_of(d, line), len_of(line), &info))
        return;
    if (is_appointment(d, line, &info))
        return;
    if (info.is_label && line + 1 < d->lines + d->count && read_pair(chrome, d, line, line + 1))
        return;
    th_info_take(d, &info, text_of(d, line), len_of(line));
    *is_editor = info.has_editor && !info.date[0];
    drop_line(d, line, th_info_reason(&info));
}

/* A line that a rule drops may hold metadata all the same: "来源：某某发布微信公众号". */
static void read_marked(const th_chrome *chrome, th_draft *d, const th_line *line, const th_rule *rule)
{
    th_info info;

    if (line->is_link && line->href && !strcmp(rule->reason, "share") && !strncmp(line->href, "http", 4))
        note_address(d, line->href);
    else if (!strcmp(rule->reason, "share"))
        note_address_in(d, text_of(d, line), len_of(line));
    if (rule->ends == TH_ENDS_NOTHING && th_info_read(chrome, text_of(d, line), len_of(line), &info))
        th_info_take(d, &info, text_of(d, line), len_of(line));
}

/* ---- the end of the article ---- */

/* The number a line is listed under ("2、", "3."), or 0. */
static unsigned list_number(const th_draft *d, const th_line *line)
{
    const char *at = text_of(d, line);
    unsigned n = 0;

    while (*at >= '0' && *at <= '9' && n < 100)
        n = n * 10 + (unsigned)(*at++ - '0');
    return n && (!strncmp(at, "、", 3) || !strncmp(at, "．", 3) || *at == '.') ? n : 0;
}

/* A disclaimer whose second item shows it begins with its first. */
static size_t begin_of_list(const th_draft *d, size_t i)
{
    unsigned number = list_number(d, &d->lines[i]);
    size_t begin = i;

    for (size_t k = i; number > 1 && k-- && i - k < 6;) {
        unsigned n = list_number(d, &d->lines[k]);
        if (n && n < number) {
            begin = k;
            number = n;
        }
    }
    return number == 1 ? begin : i;
}

/* From the first line that ends articles and has more prose before it than after, nothing is of the article. Names of
 * editors and disclaimers at the top of a page end nothing. */
static void drop_tail(th_draft *d, const th_rule **marks, const bool *editors)
{
    size_t after = 0, before = 0, end = d->count;

    for (size_t i = 0; i < d->count; i++)
        if (!marks[i] && !d->lines[i].reason && !d->lines[i].outside && len_of(&d->lines[i]) >= PROSE_BYTES)
            after += len_of(&d->lines[i]);
    for (size_t i = 0; i < d->count && end == d->count; i++) {
        bool late = editors[i] || (marks[i] && marks[i]->ends == TH_ENDS_LATE);
        bool last = marks[i] && marks[i]->ends == TH_ENDS_LAST;
        if (before && ((late && before >= after) || (last && !after)) && !d->lines[i].outside)
            end = i;
        if (!marks[i] && !d->lines[i].reason && !d->lines[i].outside && len_of(&d->lines[i]) >= PROSE_BYTES) {
            before += len_of(&d->lines[i]);
            after -= len_of(&d->lines[i]);
        }
    }
    if (end == d->count)
        return;
    bool disclaims = marks[end] && !strcmp(marks[end]->reason, "disclaimer");
    for (size_t i = disclaims ? begin_of_list(d, end) : end; i < d->count; i++)
        if (!d->lines[i].reason)
            drop_line(d, &d->lines[i], marks[i] ? marks[i]->reason : disclaims ? "disclaimer" : "after-end");
}

/* ---- pages ---- */

/* A paragraph that a page's number tore in two is one. */
static void join_pages(th_draft *d)
{
    size_t before = d->count;
    bool torn = false;

    for (size_t i = 0; i < d->count; i++) {
        th_line *line = &d->lines[i];
        if (line->reason) {
            torn |= !strcmp(line->reason, "page-number");
            continue;
        }
        th_line *head = before < i ? &d->lines[before] : NULL;
        if (torn && head && len_of(head) >= PROSE_BYTES / 2 && !ends_line(text_of(d, head), len_of(head)) &&
            !head->outside && !line->outside && line->hint == head->hint) {
            uint32_t start = (uint32_t)d->text.len;
            th_str_reserve(&d->text, len_of(head) + len_of(line) + 1);
            th_str_add(&d->text, text_of(d, head), len_of(head));
            th_str_add(&d->text, text_of(d, line), len_of(line));
            if (!th_str_ok(&d->text)) {
                d->failed = true;
                return;
            }
            head->start = start;
            head->stop = (uint32_t)d->text.len;
            line->reason = "joined"; /* it is there, in the line before */
        } else {
            before = i;
        }
        torn = false;
    }
}

/* ---- cuts inside lines ---- */

/* The bracket that opens the group a line ends with: its offset, or SIZE_MAX; `*inner` and `*n` = what it holds. */
static size_t last_group(const char *text, size_t len, const char **inner, size_t *n)
{
    size_t wide = len >= 3 && !memcmp(text + len - 3, "）", 3) ? 3 : len && text[len - 1] == ')' ? 1 : 0;
    size_t floor = len > TAIL_BYTES ? len - TAIL_BYTES : 0;

    for (size_t i = len - wide; wide && i-- > floor;) {
        size_t open = text[i] == '(' ? 1 : i + 3 <= len && !memcmp(text + i, "（", 3) ? 3 : 0;
        if (open) {
            *inner = text + i + open;
            *n = len - wide - i - open;
            return i;
        }
    }
    return SIZE_MAX;
}

/* （张三 李四） after the last sentence: names and nothing else. */
static bool is_bare_byline(const th_chrome *chrome, const char *text, size_t at, const char *inner, size_t n, th_info *info)
{
    th_view v;
    th_name names[4];
    size_t from = 0, to, count = 0;

    if (n > 60 || (at && !ends_sentence(text, at)))
        return false;
    *info = (th_info){.has_author = true};
    th_view_make(&v, inner, n, true);
    while (from < v.n) {
        for (to = from; to < v.n && v.c[to] != ' ' && v.c[to] != 0x3001; to++)
            ;
        size_t k = th_names_split(chrome, &v, from, to, names, 1);
        bool office = to - from > 3 && th_words_before(&chrome->organisations, &v, from, to);
        if (to > from && !k && !office)
            return false;
        if (to > from && !office && count < TH_NAMES_MAX)
            info->names[count++] = (th_name){v.at[names[0].start], v.at[names[0].stop]};
        from = to + 1;
    }
    info->name_count = count;
    return count > 0;
}

/* （完） */
static bool is_ending(const th_chrome *chrome, const char *inner, size_t n)
{
    th_view v;

    th_view_make(&v, inner, n, false);
    return v.whole && th_words_fit(&chrome->endings, &v);
}

/* May a photographer or a lender of pictures be named in the last bytes of a line? Most lines are told by this alone. */
static bool may_name_photo(const th_chrome *chrome, const char *text, size_t len)
{
    size_t pos = len > CREDIT_BYTES ? len - CREDIT_BYTES : 0;

    while (pos < len) {
        uint32_t c = th_utf8_next(text, len, &pos);
        if (c == 0x6444 || c == 0x4f9b || th_words_begin(&chrome->labels[TH_LABEL_PHOTO], c)) /* 摄, 供 */
            return true;
    }
    return false;
}

/* Cut credits at the end of a line: (文/记者 … 图/… 提供), （文章来源：…）, and without brackets "… 张三 摄". */
static void cut_credits(const th_chrome *chrome, th_draft *d, th_line *line, bool is_last)
{
    const char *inner = NULL;
    size_t n = 0;
    th_info info;

    for (int rounds = 0; rounds < 3; rounds++) {
        const char *text = text_of(d, line);
        size_t at = last_group(text, len_of(line), &inner, &n);
        if (at != SIZE_MAX && at && is_ending(chrome, inner, n)) {
            cut_tail(d, line, at, "ending");
            continue;
        }
        if (at == SIZE_MAX || !(th_info_read(chrome, inner, n, &info) ||
                                (is_last && is_bare_byline(chrome, text, at, inner, n, &info))))
            break;
        if (!at && is_day_only(&info))
            break;
        /* The size of things in brackets (图) is no credit; a caption's photographer is no author. */
        bool photo = info.has_photo && !info.has_author;
        th_info_take(d, &info, inner, n);
        line->has_photo_credit |= photo;
        cut_tail(d, line, at, photo ? "photo" : th_info_reason(&info));
    }
    size_t len = len_of(line), at = len;
    if (len > 2 * TAIL_BYTES || !may_name_photo(chrome, text_of(d, line), len))
        return;
    while (at && len - at <= CREDIT_BYTES && (at == len || !(text_of(d, line)[at] == ' ' || ends_sentence(text_of(d, line), at))))
        at--;
    while (at && len - at < CREDIT_BYTES) { /* the tail after a sentence or a space, the longest that reads as a credit */
        size_t from = at;
        if (th_info_read(chrome, text_of(d, line) + from, len - from, &info) && info.has_photo && !info.date[0]) {
            size_t more = from;
            th_info longer;
            while (more > 0 && len - more < CREDIT_BYTES) {
                more--;
                if ((text_of(d, line)[more] == ' ' || ends_sentence(text_of(d, line), more)) &&
                    th_info_read(chrome, text_of(d, line) + more, len - more, &longer) && longer.has_photo)
                    from = more;
            }
            line->has_photo_credit = true;
            cut_tail(d, line, from, "photo");
            return;
        }
        do
            at--;
        while (at && !(text_of(d, line)[at] == ' ' || ends_sentence(text_of(d, line), at)));
    }
}

static bool is_word_at(const th_view *v, size_t i, uint32_t a, uint32_t b)
{
    return i + 1 < v->n && v->c[i] == a && v->c[i + 1] == b;
}

/* Where a dateline ("本报讯", "某某社某地1月5日电", "某某网消息") that begins the view ends; 0 when there is none.
 * `*medium` = the characters of the medium's name. */
static size_t dateline_end(const th_chrome *chrome, const th_view *v, size_t *begin, size_t *medium)
{
    size_t from = 0, own, name = 0, i;

    while (from < v->n && (v->c[from] == '[' || v->c[from] == ' ' || v->c[from] == 0x25a0 || v->c[from] == 0x25cf))
        from++;
    own = th_words_at(&chrome->datelines, v, from);
    for (i = from; i < v->n && i - from < 30; i++) {
        uint32_t c = v->c[i];
        if (!name && !own && i - from >= 2 && i - from <= 12 && th_words_before(&chrome->media, v, from, i) &&
            !th_words_at(&chrome->media, v, i))
            name = i - from;
        /* 讯 and 电; 通讯, 资讯 and 音讯 are other words. */
        uint32_t before = i ? v->c[i - 1] : 0;
        bool speaks = c == 0x7535 || (c == 0x8baf && before != 0x901a && before != 0x8d44 && before != 0x97f3);
        bool news = is_word_at(v, i, 0x6d88, 0x606f); /* 消息 */
        if ((own || name) && (speaks || news) && (c != 0x7535 || v->c[i - 1] == 0x65e5)) {
            size_t end = i + (news ? 2 : 1);
            uint32_t next = end < v->n ? v->c[end] : 0;
            bool closed = next == ' ' || next == '(' || next == ':' || next == ']' || next == ',' || next == '-';
            *begin = from;
            *medium = own ? 0 : name;
            return closed && !(news && next == ',') ? end : 0;
        }
        if (c == ',' || c == 0x3002 || c == ';' || c == 0x201c || c == ':')
            return 0;
    }
    return 0;
}

/* 1月5日 in a dateline. */
static void note_day(th_draft *d, const th_line *line, const th_view *v, size_t end)
{
    char day[6];

    for (size_t i = 0; i < end && !d->dateline; i++)
        if (th_month_day_at(v, i, day)) {
            d->dateline = th_draft_text(d, day, 5);
            d->dateline_origin = th_draft_place(d, text_of(d, line), v->at[end], "dateline", 8);
        }
}

/* May a line begin with a dateline or a byline in brackets? One of 讯, 电 and 消(息) stands near its beginning then; most lines are
 * told by this alone. */
static bool may_have_dateline(const char *text, size_t len)
{
    size_t n = len < 4 * 32 ? len : 4 * 32;
    unsigned char first = len ? (unsigned char)text[0] : 0;

    if (!((first >= 0xE4 && first <= 0xE9) || (first >= '0' && first <= '9') || ((first | 32) >= 'a' && (first | 32) <= 'z')))
        return true; /* brackets and marks may stand before it */
    for (size_t i = 0; i + 3 <= n; i++) {
        unsigned char a = (unsigned char)text[i];
        if ((a == 0xE8 && !memcmp(text + i, "讯", 3)) || (a == 0xE7 && !memcmp(text + i, "电", 3)) ||
            (a == 0xE6 && !memcmp(text + i, "消", 3)))
            return true;
    }
    return false;
}

static void cut_dateline(const th_chrome *chrome, th_draft *d, th_line *line)
{
    if (!may_have_dateline(text_of(d, line), len_of(line)))
        return;
    th_view v;
    size_t begin = 0, medium = 0, len = len_of(line);
    th_info info;

    /* A dateline is short: most lines are done with after a look at their first words. */
    th_view_make(&v, text_of(d, line), len < DATELINE_BYTES ? len : DATELINE_BYTES, true);
    size_t end = dateline_end(chrome, &v, &begin, &medium);
    size_t i = th_skip_spaces(&v, 0);
    if (!end && (i >= v.n || v.c[i] != '('))
        return;
    th_view_make(&v, text_of(d, line), len < BYLINE_BYTES ? len : BYLINE_BYTES, true);
    i = end;
    while (i < v.n && v.c[i] == ' ')
        i++;
    if (i < v.n && v.c[i] == '(' && (end || i == 0)) {
        size_t close = i;
        while (close < v.n && v.c[close] != ')')
            close++;
        size_t from = v.at[i + 1], n = close < v.n ? v.at[close] - from : 0;
        bool byline = n && th_info_read(chrome, text_of(d, line) + from, n, &info) && (end || !is_day_only(&info));
        if (byline)
            th_info_take(d, &info, text_of(d, line) + from, n);
        if (n && (byline || (end && close - i <= 30)))
            end = close + 1;
    }
    if (!end)
        return;
    while (end < v.n && strchr(" :]-", (int)(v.c[end] < 0x80 ? v.c[end] : 'x')))
        end++;
    note_day(d, line, &v, end);
    if (medium && !d->source)
        th_draft_set(d, TH_META_SOURCE, text_of(d, line) + v.at[begin], v.at[begin + medium] - v.at[begin],
                     th_draft_place(d, text_of(d, line), v.at[end], "dateline", 8));
    cut_head(d, line, v.at[end], "byline");
}

/* ---- all of it ---- */

static void cut_lines(const th_chrome *chrome, th_draft *d)
{
    size_t last = d->count;

    while (last && (d->lines[last - 1].reason || d->lines[last - 1].outside))
        last--;
    for (size_t i = 0; i < d->count; i++) {
        th_line *line = &d->lines[i];
        if (line->reason || line->outside)
            continue;
        cut_dateline(chrome, d, line);
        cut_credits(chrome, d, line, i + 1 == last);
        if (line->start == line->stop)
            line->reason = "byline";
    }
}

static void drop_outside(th_draft *d)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->lines[i].outside && !d->lines[i].reason)
            drop_line(d, &d->lines[i], "chrome");
}

th_status th_clean(const th_chrome *chrome, th_draft *d, const char **hint, th_error *err)
{
    const th_rule **marks = th_arena_zalloc(d->arena, d->count + 1, sizeof *marks);
    bool *editors = th_arena_zalloc(d->arena, d->count + 1, sizeof *editors);

    if (!marks || !editors)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", d->path);
    th_status status = mark_lines(chrome, d, marks, err);
    if (status != TH_OK)
        return status;
    for (size_t i = 0; i < d->count; i++)
        if (d->lines[i].reason)
            continue;
        else if (marks[i])
            read_marked(chrome, d, &d->lines[i], marks[i]);
        else
            read_info(chrome, d, &d->lines[i], &editors[i]);
    if (!d->url && !d->has_links && d->link)
        th_draft_set(d, TH_META_URL, d->link, strlen(d->link), "link in the text");
    drop_tail(d, marks, editors);
    for (size_t i = 0; i < d->count; i++)
        if (marks[i] && !d->lines[i].reason && marks[i]->ends != TH_ENDS_LAST)
            drop_line(d, &d->lines[i], marks[i]->reason);
    join_pages(d);
    th_edges_take(chrome, d);
    th_title_read(chrome, d, hint);
    th_title_head(chrome, d);
    cut_lines(chrome, d);
    drop_outside(d);
    return d->failed ? th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", d->path) : TH_OK;
}
