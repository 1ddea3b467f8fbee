/* title.c - the headline, and the lines of a speech's head. See lines.h. */
#include "load/lines.h"

#include "load/clean.h"
#include "load/metadata.h"
#include "text/unicode.h"

enum { TAG_CHARS = 20, HEAD_LINES = 8 /* of a page, in which title, meeting and speaker stand */ };

/* Does a line say what the title says, white space and widths aside? */
static bool is_same(const char *a, size_t a_len, const char *b, size_t b_len)
{
    th_view x, y;

    if (a_len > 3 * TH_VIEW_MAX || b_len > 3 * TH_VIEW_MAX)
        return false;
    th_view_make(&x, a, a_len, false);
    th_view_make(&y, b, b_len, false);
    return x.n && x.n == y.n && !memcmp(x.c, y.c, x.n * sizeof *x.c);
}

/* Is the line the title behind a label or a column's tag: 原标题:…, 某某专栏丨…, 【通知】…? */
static bool is_tagged(const char *text, size_t len, const char *title)
{
    th_view line, v;

    if (len > 3 * TH_VIEW_MAX || strlen(title) > 3 * TH_VIEW_MAX)
        return false;
    th_view_make(&line, text, len, false);
    th_view_make(&v, title, strlen(title), false);
    if (!v.n || line.n <= v.n || line.n > v.n + TAG_CHARS || memcmp(line.c + line.n - v.n, v.c, v.n * sizeof *v.c))
        return false;
    uint32_t before = line.c[line.n - v.n - 1];
    return before == ':' || before == '|' || before == ']';
}

/* A headline is short and no sentence. */
static bool may_be_title(const th_draft *d, const th_line *line)
{
    size_t len = len_of(line);
    static const char *const ends[] = {"。", "；", "：", "，"};

    for (size_t i = 0; i < 4; i++)
        if (len >= 3 && !memcmp(text_of(d, line) + len - 3, ends[i], 3))
            return false;
    return th_utf8_count(text_of(d, line), len < 400 ? len : 0) <= 80 && len < 400;
}

/* Is the line a heading, a greeting or a label rather than part of a headline? */
static bool is_other_line(const th_chrome *chrome, const th_view *v)
{
    return th_is_numbered(v) || th_words_at(&chrome->salutations, v, 0) || th_words_fit(&chrome->heading_labels, v) ||
           (v->n && (v->c[0] == '-' || v->c[0] == '('));
}

/* The name of a medium or an account in a line of its own, above that of the day. */
static bool is_account(const th_chrome *chrome, const th_draft *d, size_t i, const th_view *v)
{
    const char *after = i + 1 < d->count ? d->lines[i + 1].reason : NULL;

    return !d->lines[i].reason && v->n >= 3 && v->n <= 12 && th_words_before(&chrome->media, v, 0, v->n) && after &&
           !strcmp(after, "date");
}

/* The office in one line, the kind of document in the next; or several lines above the line of source and date. */
static size_t title_lines(const th_chrome *chrome, const th_draft *d, size_t first)
{
    th_view v, next;
    size_t n = 1;

    th_view_make(&v, text_of(d, &d->lines[first]), len_of(&d->lines[first]), false);
    for (size_t i = first + 1; i < d->count && n < 3; i++, n++) {
        const th_line *line = &d->lines[i];
        const char *why = line->reason;
        if (why && (!strcmp(why, "source") || !strcmp(why, "date") || !strcmp(why, "byline")))
            return n;
        th_view_make(&next, text_of(d, line), len_of(line), false);
        if (is_account(chrome, d, i, &next))
            return n;
        if (why || line->outside || line->gap > 1 || !may_be_title(d, line) || next.n > 40 || is_other_line(chrome, &next))
            return 1;
        bool office = th_words_before(&chrome->organisations, &v, 0, v.n) || (v.n == 5 && v.c[4] == 0x5e74);
        if (n == 1 && office && th_words_before(&chrome->documents, &next, 0, next.n) &&
            !th_words_before(&chrome->documents, &v, 0, v.n))
            return 2;
    }
    return 1;
}

/* The office in a line of its own, above the headline of a document that begins with its name. */
static bool is_letterhead(const th_chrome *chrome, const th_draft *d, const th_line *line, const th_line *next)
{
    th_view v, below;

    if (next->reason || next->outside || len_of(next) <= len_of(line) || !may_be_title(d, next) ||
        memcmp(text_of(d, line), text_of(d, next), len_of(line)) != 0)
        return false;
    th_view_make(&v, text_of(d, line), len_of(line), false);
    th_view_make(&below, text_of(d, next), len_of(next), false);
    return th_words_before(&chrome->organisations, &v, 0, v.n) && th_words_before(&chrome->documents, &below, 0, below.n);
}

/* The headline in the lines from `first` on. */
static void take_title(const th_chrome *chrome, th_draft *d, size_t first, const char **hint)
{
    if (first + 1 < d->count && is_letterhead(chrome, d, &d->lines[first], &d->lines[first + 1])) {
        drop_line(d, &d->lines[first], "title");
        first++;
    }
    size_t n = title_lines(chrome, d, first);
    th_str text = {0};

    for (size_t i = first; i < first + n; i++) {
        /* 2024年 and 政府工作报告 are one, an office and its report two. */
        bool year = i > first && text.len >= 3 && !memcmp(text.data + text.len - 3, "年", 3);
        if (i > first && !year)
            th_str_putc(&text, ' ');
        th_str_add(&text, text_of(d, &d->lines[i]), len_of(&d->lines[i]));
        d->lines[i].reason = "title";
    }
    d->failed |= !th_str_ok(&text);
    d->origins[TH_META_TITLE] = th_draft_place(d, text_of(d, &d->lines[first]), len_of(&d->lines[first]), "", 0);
    d->title = th_title_clean(chrome, d, th_str_text(&text), text.len, false, hint);
    th_str_free(&text);
}

/* A page's name often is its headline cut short: "政府工作报告" for 2024年某省政府工作报告. */
static void take_longer(th_draft *d)
{
    size_t n = strlen(d->title), seen = 0;

    for (size_t i = 0; i < d->count && seen < 4; i++) {
        const th_line *line = &d->lines[i];
        const char *text = text_of(d, line);
        size_t len = len_of(line);
        if (line->reason)
            continue;
        seen += !line->outside;
        bool holds = len > n && (!memcmp(text, d->title, n) || !memcmp(text + len - n, d->title, n));
        if (!holds || n < 12 || len > 3 * n || !may_be_title(d, line))
            continue;
        d->title = th_draft_text(d, text, len);
        d->origins[TH_META_TITLE] = th_draft_place(d, text, len, "", 0);
        return;
    }
}

/* A caption above the headline: 图为…, …（某某 摄）. */
static bool is_picture(const th_chrome *chrome, const th_draft *d, const th_line *line)
{
    th_view v;

    if (line->hint == TH_HINT_CAPTION)
        return true;
    if (len_of(line) > 3 * TH_VIEW_MAX)
        return false;
    th_view_make(&v, text_of(d, line), len_of(line), false);
    size_t n = v.n && v.c[v.n - 1] == ')' ? v.n - 1 : v.n;
    return n > 3 && (v.c[n - 1] == 0x6444 || (v.c[0] == 0x56fe && th_words_at(&chrome->caption_starts, &v, 0))); /* 摄, 图 */
}

void th_title_read(const th_chrome *chrome, th_draft *d, const char **hint)
{
    size_t first = 0;
    const char *stated = d->title;

    while (first < d->count && (d->lines[first].reason || d->lines[first].outside || is_picture(chrome, d, &d->lines[first])))
        first++;
    if (!d->title && first < d->count && may_be_title(d, &d->lines[first]))
        take_title(chrome, d, first, hint);
    else if (d->title)
        d->title = th_title_clean(chrome, d, d->title, strlen(d->title), d->title_is_page_name, hint);
    if (d->title && d->title_is_page_name)
        take_longer(d);
    /* Pages repeat their headline above the text. */
    size_t seen = 0;
    for (size_t i = 0; i < d->count && d->title && seen < 5; i++) {
        th_line *line = &d->lines[i];
        if (line->reason)
            continue;
        seen += !line->outside;
        if (is_same(text_of(d, line), len_of(line), d->title, strlen(d->title)) ||
            (stated && (is_same(text_of(d, line), len_of(line), stated, strlen(stated)) ||
                        is_tagged(text_of(d, line), len_of(line), d->title))))
            drop_line(d, line, "title");
    }
}

/* Does the title hold what the view says, white space aside? */
static bool is_part(const char *title, const th_view *v)
{
    th_view whole;

    th_view_make(&whole, title, strlen(title), false);
    for (size_t i = 0; v->n && i + v->n <= whole.n; i++)
        if (!memcmp(whole.c + i, v->c, v->n * sizeof *v->c))
            return true;
    return false;
}

/* The next line of the article. */
static th_line *next_line(th_draft *d, const th_line *line)
{
    for (th_line *at = d->lines + (line - d->lines) + 1; at < d->lines + d->count; at++)
        if (!at->reason && !at->outside)
            return at;
    return NULL;
}

/* A line of the head that names the meeting and the day: "——2024年1月23日在某省…会议上", which may go on in the next. */
static bool read_meeting(const th_chrome *chrome, th_draft *d, const th_line *line, const th_view *v)
{
    char day[11];
    th_view rest;
    th_line *next = next_line(d, line);

    if (!th_date_find(text_of(d, line), len_of(line), day))
        return false;
    if (!th_words_in(&chrome->meetings, v)) {
        if (!next || len_of(next) > PROSE_BYTES)
            return false;
        th_view_make(&rest, text_of(d, next), len_of(next), false);
        if (!th_words_in(&chrome->meetings, &rest) || th_words_at(&chrome->salutations, &rest, 0))
            return false;
        next->is_title = true;
    }
    if (!d->made) {
        d->made = th_draft_text(d, day, 10);
        d->made_origin = th_draft_place(d, text_of(d, line), len_of(line), "meeting", 7);
    }
    return true;
}

/* Title lines under the title, up to the greeting or the first prose. */
void th_title_head(const th_chrome *chrome, th_draft *d)
{
    size_t seen = 0;
    bool office = false; /* the line before ends with one: its holder's name follows */
    th_view v;

    /* A headline of news may be followed by a heading that names an office; a report's by who gives it. */
    th_view_make(&v, d->title ? d->title : "", d->title ? strlen(d->title) : 0, false);
    bool speech = th_words_in(&chrome->documents, &v);

    for (size_t i = 0; i < d->count && seen < HEAD_LINES; i++) {
        th_line *line = &d->lines[i];
        if (line->reason || line->outside)
            continue;
        if (len_of(line) >= 2 * PROSE_BYTES || line->hint == TH_HINT_LIST)
            return;
        seen++;
        th_view_make(&v, text_of(d, line), len_of(line), false);
        if (th_words_at(&chrome->salutations, &v, 0) || th_is_numbered(&v))
            return;
        uint32_t last = v.n ? v.c[v.n - 1] : 0;
        if (is_account(chrome, d, i, &v) && !d->guess) {
            d->guess = th_draft_text(d, text_of(d, line), len_of(line));
            d->guess_origin = th_draft_place(d, text_of(d, line), len_of(line), "", 0);
            drop_line(d, line, "source");
            continue;
        }
        bool fragment = last != 0x3002 && last != ':' && last != ',' && last != ';' && last != '!';
        bool meeting = fragment && read_meeting(chrome, d, line, &v);
        speech |= meeting;
        bool speaker = speech && fragment && v.n <= 20 && th_words_in(&chrome->officials, &v);
        bool name = office && v.n >= 2 && v.n <= 4 && th_is_han(v.c[0]);
        office = speaker && th_words_before(&chrome->officials, &v, 0, v.n);
        bool repeats = v.n >= 4 && d->title && is_part(d->title, &v);
        line->is_title = line->is_title || meeting || speaker || name || repeats || (fragment && v.n > 2 && v.c[0] == '-' && v.c[1] == '-' && seen <= 3);
    }
}
