/* metadata.c - see metadata.h. */
#include "load/metadata.h"

#include <stdio.h>
#include <string.h>

#include "text/unicode.h"

/* ---- dates ---- */

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_real_day(int y, int m, int d)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

    return y >= 1949 && y <= 2100 && m >= 1 && m <= 12 && d >= 1 && d <= days[m - 1] && (leap || m != 2 || d <= 28);
}

static size_t skip_spaces(const th_view *v, size_t i)
{
    while (i < v->n && v->c[i] == ' ')
        i++;
    return i;
}

/* One to `max` digits at `*i`; -1 when there are none or more. */
static int read_digits(const th_view *v, size_t *i, size_t max)
{
    int value = 0;
    size_t from = *i;

    while (*i < v->n && is_digit(v->c[*i]) && *i - from <= max)
        value = value * 10 + (int)(v->c[(*i)++] - '0');
    return *i == from || *i - from > max ? -1 : value;
}

static int han_digit(uint32_t c)
{
    static const uint32_t digits[] = {0x3007, 0x4e00, 0x4e8c, 0x4e09, 0x56db, 0x4e94, 0x516d, 0x4e03, 0x516b, 0x4e5d};

    if (c == 0x96f6 || c == 0x25cb)
        return 0;
    for (int i = 0; i < 10; i++)
        if (digits[i] == c)
            return i;
    return c == 0x5341 ? 10 : -1;
}

/* 二〇二六 digit by digit, 二十七 by tens. */
static int read_han(const th_view *v, size_t *i)
{
    int value = 0, digit;
    size_t from = *i;

    for (; *i < v->n && *i - from < 4 && (digit = han_digit(v->c[*i])) >= 0; (*i)++)
        value = digit == 10 ? (value ? value * 10 : 10) : *i > from && v->c[*i - 1] == 0x5341 ? value + digit : value * 10 + digit;
    return *i == from ? -1 : value;
}

/* A number and the mark after it; `*mark` = 0 when none of ours follows. */
static int read_part(const th_view *v, size_t *i, size_t digits, bool han, uint32_t *mark)
{
    *i = skip_spaces(v, *i);
    int value = han ? read_han(v, i) : read_digits(v, i, digits);
    size_t next = skip_spaces(v, *i);
    uint32_t c = next < v->n ? v->c[next] : 0;

    *mark = 0;
    if (c == 0x5e74 || c == 0x6708 || c == 0x65e5) { /* 年 月 日 */
        *mark = c;
        *i = next + 1;
    } else if (*i < v->n && (v->c[*i] == '-' || v->c[*i] == '/' || v->c[*i] == '.')) {
        *mark = v->c[(*i)++];
    }
    return value;
}

/* The time of day after a date, with seconds and zone. */
static size_t skip_time(const th_view *v, size_t i)
{
    size_t at = i;

    at = skip_spaces(v, at);
    if (at < v->n && v->c[at] == 't')
        at++;
    size_t hour = at;
    if (read_digits(v, &at, 2) < 0 || at >= v->n || (v->c[at] != ':' && v->c[at] != 0x65f6))
        return i;
    at++;
    if (at > hour && at < v->n && is_digit(v->c[at]))
        read_digits(v, &at, 2);
    if (at + 1 < v->n && (v->c[at] == ':' || v->c[at] == '.') && is_digit(v->c[at + 1])) {
        at++;
        while (at < v->n && (is_digit(v->c[at]) || v->c[at] == '.'))
            at++;
    }
    if (at < v->n && (v->c[at] == 0x5206 || v->c[at] == 'z'))
        at++;
    size_t zone = skip_spaces(v, at);
    if (zone < v->n && (v->c[zone] == '+' || v->c[zone] == '-')) {
        zone++;
        while (zone < v->n && (is_digit(v->c[zone]) || v->c[zone] == ':'))
            zone++;
        at = zone;
    }
    return at;
}

size_t th_date_at(const th_view *v, size_t pos, char out[11])
{
    uint32_t first, second, third;
    size_t i = pos;

    if (pos >= v->n)
        return 0;
    bool han = !is_digit(v->c[pos]);
    if (han && han_digit(v->c[pos]) < 0)
        return 0;
    int y = read_part(v, &i, 4, han, &first);
    if (!first || y < 1949)
        return 0;
    int m = read_part(v, &i, 2, han, &second);
    bool words = first == 0x5e74;
    if (m < 0 || (words ? second != 0x6708 : second != first))
        return 0;
    size_t before = i;
    int d = read_part(v, &i, 2, han, &third);
    if (!words) { /* 2024.11.22 and no fourth number */
        if (third && third != 0x65e5)
            i = before, d = read_digits(v, &i, 2);
    } else if (third != 0x65e5) {
        return 0;
    }
    if (!is_real_day(y, m, d))
        return 0;
    const int digits[] = {y / 1000, y / 100, y / 10, y, -1, m / 10, m, -1, d / 10, d};
    for (size_t k = 0; k < 10; k++)
        out[k] = digits[k] < 0 ? '-' : (char)('0' + digits[k] % 10);
    out[10] = '\0';
    return skip_time(v, i) - pos;
}

bool th_month_day_at(const th_view *v, size_t pos, char out[6])
{
    uint32_t first = 0, second = 0;
    size_t i = pos;

    if (pos >= v->n || !is_digit(v->c[pos]) || (pos && is_digit(v->c[pos - 1])))
        return false;
    int m = read_part(v, &i, 2, false, &first), d = first == 0x6708 ? read_part(v, &i, 2, false, &second) : -1;
    if (second != 0x65e5 || !is_real_day(2000, m, d))
        return false;
    snprintf(out, 6, "%02d-%02d", m % 100, d % 100);
    return true;
}

bool th_date_find(const char *text, size_t len, char out[11])
{
    th_view v;

    th_view_make(&v, text, len, true);
    for (size_t i = 0; i < v.n; i++) {
        if (th_date_at(&v, i, out))
            return true;
        while (i + 1 < v.n && is_digit(v.c[i]) && is_digit(v.c[i + 1]))
            i++; /* never begin inside a number */
    }
    return false;
}

/* Programmes and gazettes are named by their day: 《…》 (20240520). Elsewhere eight digits are any number. */
bool th_title_date(const char *title, char out[11])
{
    for (const char *p = title; (p = strpbrk(p, "0123456789")); p += strspn(p, "0123456789")) {
        bool opened = (p > title && p[-1] == '(') || (p - title >= 3 && memcmp(p - 3, "（", 3) == 0);
        int y, m, d;
        if (opened && strspn(p, "0123456789") == 8 && (p[8] == ')' || strncmp(p + 8, "）", 3) == 0) &&
            sscanf(p, "%4d%2d%2d", &y, &m, &d) == 3 && y >= 1949 && is_real_day(y, m, d)) {
            snprintf(out, 11, "%.4s-%.2s-%.2s", p, p + 4, p + 6);
            return true;
        }
    }
    return false;
}

/* ---- information lines ---- */

typedef struct parser {
    const th_chrome *chrome;
    const th_view *v;
    th_info *info;
    size_t pos;
    size_t guess_start, guess_stop; /* an unlabelled medium */
    th_name dated;                  /* … before a date, until one comes */
    bool made;                      /* that one is the document's, not of publication */
    th_name label;                  /* the label before what is being read, as bytes */
} parser;

static bool is_separator(uint32_t c)
{
    switch (c) {
    case ' ': case ',': case ';': case '/': case '|': case '(': case ')': case '[': case ']': case '-': case '_': case '>':
    case '&': case 0x3001: case 0xb7: case 0x25a1: case 0x25a0: case 0x25cf: case 0x25c6: case 0x25ce: case 0x25b2:
    case 0x2022: case 0x25aa: case 0x25c7: case 0x25cb: case '*': case '<':
        return true;
    default:
        return false;
    }
}

static uint32_t at(const parser *p, size_t i)
{
    return i < p->v->n ? p->v->c[i] : ' ';
}

static bool ends_at(const parser *p, size_t i)
{
    return i >= p->v->n || is_separator(p->v->c[i]);
}

/* The label at `i`: its kind and length, 0 when there is none. The longest of all kinds wins. */
static size_t label_at(const parser *p, size_t i, th_label *kind)
{
    size_t best = 0;

    for (int k = 0; k < TH_LABEL_KINDS; k++) {
        size_t n = th_words_at(&p->chrome->labels[k], p->v, i);
        if (n > best) {
            best = n;
            *kind = (th_label)k;
        }
    }
    return best;
}

/* The mark between label and value at `i`: ':' '/' '|' with white space around; `*strong` = there was one. */
static size_t after_mark(const parser *p, size_t i, bool *strong)
{
    size_t next = skip_spaces(p->v, i);

    *strong = next < p->v->n && (p->v->c[next] == ':' || p->v->c[next] == '/' || p->v->c[next] == '|');
    return *strong ? skip_spaces(p->v, next + 1) : next;
}

/* Is what begins at `i` the next label and no value? "来源： 发布时间：2024-01-23" */
static bool is_empty_value(const parser *p, size_t i)
{
    th_label kind;
    bool strong = false;
    size_t n = label_at(p, i, &kind);

    if (n)
        after_mark(p, i + n, &strong);
    return strong && at(p, i + n) != '/';
}

/* Does a new field begin at `i`, after white space? */
static bool field_begins(const parser *p, size_t i)
{
    th_label kind;
    char date[11];
    size_t n = label_at(p, i, &kind);

    if (n) {
        bool strong;
        after_mark(p, i + n, &strong);
        if (strong || (n > 1 && kind != TH_LABEL_SOURCE))
            return true;
    }
    return th_date_at(p->v, i, date) > 0;
}

/* The end of a value that begins at `i`: two spaces, a bracket, or a space before the next field. */
static size_t value_end(const parser *p, size_t i)
{
    size_t from = i;

    for (; i < p->v->n; i++) {
        uint32_t c = p->v->c[i];
        if (c == ')' || c == '|' || c == ']' || (c == ';' && i > from))
            break;
        if (c == ' ' && (at(p, i + 1) == ' ' || field_begins(p, skip_spaces(p->v, i)) || is_digit(at(p, i + 1))))
            break;
    }
    return i;
}

static void add_name(parser *p, size_t from, size_t to)
{
    if (p->info->name_count < TH_NAMES_MAX)
        p->info->names[p->info->name_count++] = (th_name){p->v->at[from], p->v->at[to]};
}

/* A run of Han characters at `i` (names from the west of the country have a dot), up to the next role in it. */
static size_t run_end(const parser *p, size_t i)
{
    size_t from = i;
    th_label kind;

    while (i < p->v->n && (th_is_han(p->v->c[i]) || (p->v->c[i] == 0xb7 && i > from))) {
        if (i > from && label_at(p, i, &kind) > 1)
            break;
        i++;
    }
    return i;
}

static bool has_dot(const parser *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (p->v->c[i] == 0xb7)
            return true;
    return false;
}

/* Take one token of a list of names at p->pos. `given`: a mark says that a name must follow. False when it is none. */
static bool take_names(parser *p, bool given)
{
    th_name names[TH_NAMES_MAX];
    size_t from = p->pos, to = run_end(p, from), next = skip_spaces(p->v, to);

    if (to == from) { /* a foreign name, only where one is announced */
        while (to < p->v->n && ((p->v->c[to] >= 'a' && p->v->c[to] <= 'z') || (to > from && strchr(" .-", (int)(p->v->c[to] & 0x7f)) && p->v->c[to] < 0x80)))
            to++;
        if (!given || to - from < 2)
            return false;
        add_name(p, from, to);
        p->pos = to;
        return true;
    }
    /* A name set wide: 林　岑. */
    if (to - from == 1 && next > to && run_end(p, next) - next <= 2 && run_end(p, next) > next) {
        add_name(p, from, run_end(p, next));
        p->pos = run_end(p, next);
        return true;
    }
    size_t n = th_names_split(p->chrome, p->v, from, to, names, TH_NAMES_MAX);
    if (th_words_before(&p->chrome->organisations, p->v, from, to) && to - from >= 4) {
        p->pos = to; /* an office among the names is none */
        return true;
    }
    if (!n && !(has_dot(p, from, to) || (given && to - from >= 2 && to - from <= 4)))
        return false;
    for (size_t i = 0; i < n; i++)
        add_name(p, names[i].start, names[i].stop);
    if (!n)
        add_name(p, from, to);
    p->pos = to;
    return true;
}

static bool is_between_names(uint32_t c)
{
    return c == ' ' || c == ',' || c == 0x3001 || c == ';' || c == '&' || c == 0xb7;
}

static bool is_photo_word(const parser *p, size_t i)
{
    size_t n = th_words_at(&p->chrome->labels[TH_LABEL_PHOTO], p->v, i);

    return n && ends_at(p, i + n);
}

/* The names after a role. */
static bool take_people(parser *p, size_t i, th_label kind)
{
    bool strong, any = false;
    size_t count = p->info->name_count, before = 0;
    th_label other;

    p->pos = after_mark(p, i, &strong);
    if (p->pos >= p->v->n)
        return strong || kind == TH_LABEL_EDITOR;
    while (p->pos < p->v->n) {
        size_t n = label_at(p, p->pos, &other);
        bool split = n && (n > 1 || !th_is_han(at(p, p->pos + n)));
        if (split || th_words_at(&p->chrome->fillers, p->v, p->pos) > 1)
            break;
        before = p->info->name_count;
        if (!take_names(p, strong && !any))
            break;
        any |= p->info->name_count > before || p->pos > i;
        while (p->pos < p->v->n && is_between_names(p->v->c[p->pos]))
            p->pos++;
    }
    if (is_photo_word(p, p->pos) && kind == TH_LABEL_AUTHOR && at(p, p->pos + 1) != '/' && any) {
        p->info->name_count = count;
        p->info->has_photo = true;
        return true;
    }
    if (kind != TH_LABEL_AUTHOR)
        p->info->name_count = count;
    /* 文/记者 林岑: one role after the other, the name comes with the last. */
    bool chained = !any && strong && label_at(p, p->pos, &other) > 1;
    if (any && kind == TH_LABEL_AUTHOR && !p->info->has_author)
        p->info->author_label = p->label;
    if (any && kind == TH_LABEL_AUTHOR)
        p->info->has_author = true;
    return any || chained;
}

static bool is_quote(uint32_t c)
{
    return c == 0x300a || c == 0x300b || c == 0x201c || c == 0x201d || c == '"'; /* 《》 “” */
}

static bool take_source(parser *p, size_t i)
{
    bool strong;
    size_t from = after_mark(p, i, &strong), to = is_empty_value(p, from) ? from : value_end(p, from);

    if (!strong || to - from > 40)
        return false;
    while (to > from + 2 && is_quote(p->v->c[from]) && is_quote(p->v->c[to - 1])) {
        from++;
        to--;
    }
    while (to > from && p->v->c[to - 1] == ' ')
        to--;
    p->info->has_source = true;
    if (to > from && p->info->source_start == p->info->source_stop) {
        p->info->source_label = p->label;
        p->info->source_start = p->v->at[from];
        p->info->source_stop = p->v->at[to];
    }
    p->pos = to < p->v->n && is_quote(p->v->c[to]) ? to + 1 : to;
    return true;
}

static bool take_photo(parser *p, size_t i, size_t label)
{
    bool strong;
    size_t from = after_mark(p, i + label, &strong);

    p->info->has_photo = true;
    if (strong || at(p, i + label - 1) == 0x7531) { /* …由 */
        p->pos = value_end(p, from);
        return true;
    }
    if (ends_at(p, i + label) && label > 1 && take_people(p, i + label, TH_LABEL_PHOTO))
        return true;
    p->pos = i + label;
    return ends_at(p, p->pos);
}

static bool take_count(parser *p, size_t i)
{
    bool strong;

    p->pos = after_mark(p, i, &strong);
    while (p->pos < p->v->n && (is_digit(p->v->c[p->pos]) || p->v->c[p->pos] == '+' || p->v->c[p->pos] == 0x4e07 || p->v->c[p->pos] == '.'))
        p->pos++;
    p->info->has_count = true;
    return ends_at(p, p->pos) || p->v->c[p->pos] == 0x6b21 || p->v->c[p->pos] == 0x4eba; /* 次 人 */
}

static bool take_editor(parser *p, size_t i)
{
    bool strong;
    size_t from = after_mark(p, i, &strong);

    p->info->has_editor = true;
    if (strong) {
        p->pos = value_end(p, from);
        return p->pos - from <= 30;
    }
    return take_people(p, i, TH_LABEL_EDITOR);
}

static bool take_title(parser *p, size_t i)
{
    bool strong;
    size_t from = after_mark(p, i, &strong), to = is_empty_value(p, from) ? from : value_end(p, from);

    if (!strong || at(p, i) == '/')
        return false;
    p->info->has_field = true;
    p->info->title_label = p->label;
    p->info->title_start = p->v->at[from];
    p->info->title_stop = p->v->at[to];
    p->pos = to;
    return true;
}

static bool take_field(parser *p, th_label kind, size_t label)
{
    size_t i = p->pos + label;
    bool strong;

    p->label = (th_name){p->v->at[p->pos], p->v->at[i]};
    switch (kind) {
    case TH_LABEL_SOURCE: return take_source(p, i);
    case TH_LABEL_AUTHOR: return (label > 1 || !th_is_han(at(p, i))) && take_people(p, i, kind);
    case TH_LABEL_EDITOR: return take_editor(p, i);
    case TH_LABEL_PHOTO: return take_photo(p, p->pos, label);
    case TH_LABEL_COUNT: return take_count(p, i);
    case TH_LABEL_DATE:
    case TH_LABEL_MADE:
        p->dated = p->label;
        p->made = kind == TH_LABEL_MADE;
        p->pos = after_mark(p, i, &strong);
        p->info->has_field |= strong;
        return true;
    case TH_LABEL_TITLE: return take_title(p, i);
    default:
        p->pos = after_mark(p, i, &strong);
        if (strong && !is_empty_value(p, p->pos))
            p->pos = value_end(p, p->pos);
        p->info->has_field |= strong;
        return strong || ends_at(p, p->pos);
    }
}

static bool is_lent_picture(const parser *p, size_t i)
{
    return at(p, i) == 0x4f9b && at(p, i + 1) == 0x56fe && ends_at(p, i + 2); /* 供图 */
}

/* 某某部供图: whoever it is, only the picture is theirs. */
static bool take_lender(parser *p)
{
    size_t to = p->pos;

    while (to < p->v->n && th_is_han(p->v->c[to]) && !is_lent_picture(p, to))
        to++;
    size_t next = is_lent_picture(p, to) ? to : skip_spaces(p->v, to);
    if (to - p->pos < 2 || to - p->pos > 20 || !is_lent_picture(p, next))
        return false;
    p->info->has_photo = true;
    p->pos = next + 2;
    return true;
}

/* 张三/文, 李四 摄: the role after the names. */
static bool take_reversed(parser *p)
{
    size_t from = p->pos, to = from, count = p->info->name_count;
    th_name names[TH_NAMES_MAX];

    while (to < p->v->n && th_is_han(p->v->c[to]))
        to++;
    bool joined = to - from >= 3 && p->v->c[to - 1] == 0x6444; /* 摄 */
    size_t n = th_names_split(p->chrome, p->v, from, to - joined, names, TH_NAMES_MAX);
    if (!n || n > 4)
        return false;
    size_t next = skip_spaces(p->v, to);
    bool slash = next < p->v->n && p->v->c[next] == '/';
    next = slash ? skip_spaces(p->v, next + 1) : next;
    bool text = slash && th_words_at(&p->chrome->labels[TH_LABEL_AUTHOR], p->v, next) && ends_at(p, next + 1);
    bool photo = joined || is_photo_word(p, next);
    if (!text && !photo)
        return false;
    for (size_t i = 0; text && i < n; i++)
        add_name(p, names[i].start, names[i].stop);
    p->info->has_author |= p->info->name_count > count;
    p->info->has_photo |= photo;
    p->pos = joined ? to : next + (text ? 1 : th_words_at(&p->chrome->labels[TH_LABEL_PHOTO], p->v, next));
    return true;
}

/* A medium that stands in the line without a label. */
static bool take_medium(parser *p)
{
    size_t from = p->pos, to = from;

    th_label kind = TH_LABEL_OTHER;
    bool role = false;

    while (to < p->v->n && !role && (th_is_han(p->v->c[to]) || (p->v->c[to] >= 'a' && p->v->c[to] <= 'z'))) {
        to++;
        role = label_at(p, to, &kind) > 1 && kind == TH_LABEL_AUTHOR && th_words_before(&p->chrome->media, p->v, from, to);
    }
    if (to - from < 3 || to - from > 16 || !th_words_before(&p->chrome->media, p->v, from, to) || !(role || ends_at(p, to)))
        return false;
    if (p->guess_start == p->guess_stop) {
        p->guess_start = p->v->at[from];
        p->guess_stop = p->v->at[to];
    }
    p->pos = to;
    return true;
}

/* 6932次浏览 */
static bool take_number(parser *p)
{
    size_t i = p->pos;

    while (i < p->v->n && (is_digit(p->v->c[i]) || p->v->c[i] == '.' || p->v->c[i] == 0x4e07 || p->v->c[i] == '+'))
        i++;
    size_t next = skip_spaces(p->v, i);
    size_t n = i > p->pos ? th_words_at(&p->chrome->labels[TH_LABEL_COUNT], p->v, next) : 0;
    if (!n)
        return false;
    p->info->has_count = true;
    p->pos = next + n;
    return true;
}

static bool take_next(parser *p)
{
    char date[11];
    th_label kind;
    size_t from = p->pos, n = th_date_at(p->v, from, date);

    if (n) {
        char *slot = p->made ? p->info->made : p->info->date;
        if (!slot[0]) {
            memcpy(slot, date, sizeof date);
            *(p->made ? &p->info->made_label : &p->info->date_label) = p->dated;
        }
        p->dated = (th_name){0, 0};
        p->made = false;
        p->pos += n;
        return true;
    }
    th_info saved = *p->info;
    kind = TH_LABEL_OTHER;
    n = label_at(p, from, &kind);
    if (n && take_field(p, kind, n) && p->pos > from)
        return true;
    *p->info = saved;
    p->pos = from;
    n = th_words_at(&p->chrome->tools, p->v, from);
    if (n && (ends_at(p, from + n) || at(p, from + n) == ':' || th_words_at(&p->chrome->tools, p->v, from + n))) {
        p->info->has_tool = true;
        p->pos += n;
        return true;
    }
    n = th_words_at(&p->chrome->fillers, p->v, from);
    if (n && ends_at(p, from + n)) {
        p->pos += n;
        return true;
    }
    return take_number(p) || take_lender(p) || take_reversed(p) || take_medium(p);
}

/* "发布日期：" and no more. */
static bool ends_with_label(const parser *p)
{
    const th_view *v = p->v;
    size_t end = v->n;

    while (end && v->c[end - 1] == ' ')
        end--;
    return end && v->c[end - 1] == ':' && v->at[end - 1] >= p->label.stop && v->at[end - 1] <= p->label.stop + 6;
}

bool th_info_read(const th_chrome *chrome, const char *text, size_t len, th_info *info)
{
    th_view v;
    parser p = {.chrome = chrome, .v = &v, .info = info};

    *info = (th_info){0};
    if (len > 3 * TH_VIEW_MAX)
        return false;
    th_view_make(&v, text, len, true);
    if (!v.whole)
        return false;
    while (p.pos < v.n) {
        if (is_separator(v.c[p.pos]) || (v.c[p.pos] == ':' && p.pos)) {
            p.pos++;
            continue;
        }
        if (!take_next(&p))
            return false;
    }
    if (info->date[0] && p.guess_stop && !info->has_source) {
        info->has_source = info->is_guess = true;
        info->source_start = p.guess_start;
        info->source_stop = p.guess_stop;
    }
    info->is_label = p.label.stop && !info->name_count && !info->date[0] && !info->made[0] && info->source_start == info->source_stop &&
                     info->title_start == info->title_stop && ends_with_label(&p);
    return info->has_source || info->has_author || info->has_editor || info->has_photo || info->has_count || info->has_tool ||
           info->has_field || info->date[0] || info->made[0];
}

static const char *place(th_draft *d, const char *text, size_t len, th_name label)
{
    return th_draft_place(d, text, len, text + label.start, label.stop - label.start);
}

void th_info_take(th_draft *d, const th_info *info, const char *text, size_t len)
{
    size_t from = info->source_start, n = info->source_stop - from, names = d->author_count;

    if (n && info->is_guess && !d->guess) {
        d->guess = th_draft_text(d, text + from, n);
        d->guess_origin = place(d, text, len, info->source_label);
    } else if (n && !info->is_guess && !d->source) {
        th_draft_set(d, TH_META_SOURCE, text + from, n, place(d, text, len, info->source_label));
    }
    if (info->title_stop > info->title_start && !d->title)
        th_draft_set(d, TH_META_TITLE, text + info->title_start, info->title_stop - info->title_start,
                     place(d, text, len, info->title_label));
    if (info->made[0] && !d->made) {
        d->made = th_draft_text(d, info->made, strlen(info->made));
        d->made_origin = place(d, text, len, info->made_label);
    }
    if (info->date[0] && !d->date)
        th_draft_set(d, TH_META_DATE, info->date, strlen(info->date), place(d, text, len, info->date_label));
    for (size_t i = 0; i < info->name_count; i++)
        th_draft_author(d, text + info->names[i].start, info->names[i].stop - info->names[i].start);
    if (d->author_count > names && !names)
        d->origins[TH_META_AUTHORS] = place(d, text, len, info->author_label);
}

const char *th_info_reason(const th_info *info)
{
    return info->has_source ? "source" : info->has_author ? "byline" : info->has_editor ? "editor"
           : info->has_photo ? "photo" : info->date[0] || info->made[0] ? "date" : info->has_count ? "counts"
           : info->has_tool ? "tools" : "fields";
}

/* ---- titles ---- */

/* Does view[from..to) name a site or one of its parts? */
static bool is_site_name(const th_chrome *chrome, const th_view *v, size_t from, size_t to)
{
    from = skip_spaces(v, from);
    while (to > from && v->c[to - 1] == ' ')
        to--;
    return to - from >= 2 && to - from <= 20 && th_words_before(&chrome->media, v, from, to);
}

/* Cut view[*from..*to) at a bar: a short part before it is a column's name, a site's name after it the site's. */
static void cut_bars(const th_chrome *chrome, const th_view *v, bool is_page_name, size_t *from, size_t *to)
{
    bool cut = false;
    for (size_t i = *to; i-- > *from + 5;) {
        bool bar = v->c[i] == '_' || (v->c[i] == '-' && (is_page_name || (v->c[i - 1] == ' ' && at(&(parser){.v = v}, i + 1) == ' ')));
        /* Between headline and site's name a page's name may have the section's, which is short. */
        bool section = cut && *to - i <= 7;
        if (bar && (section || is_site_name(chrome, v, i + 1, *to) || (is_page_name && v->c[i] == '_'))) {
            *to = i;
            cut = is_page_name;
        }
    }
    for (size_t i = *from; i < *to; i++) {
        if (v->c[i] != '|')
            continue;
        if (is_site_name(chrome, v, i + 1, *to) && i - *from >= 6) {
            *to = i;
            return;
        }
        if (i - *from <= 14 && *to - i > 4)
            *from = i + 1;
    }
}

const char *th_title_clean(const th_chrome *chrome, th_draft *d, const char *text, size_t len, bool is_page_name,
                           const char **hint)
{
    th_view v;

    th_view_make(&v, text, len, true);
    size_t from = th_words_at(&chrome->title_prefixes, &v, 0), to = v.n;
    if (v.n && v.c[0] == '[') { /* 【关注】 before the headline */
        size_t close = 0;
        while (close < v.n && v.c[close] != ']')
            close++;
        if (close < 16 && close + 5 < v.n)
            from = close + 1;
    }
    cut_bars(chrome, &v, is_page_name, &from, &to);
    size_t start = v.at[from], stop = v.whole || to < v.n ? v.at[to] : len;
    if (start) {
        th_draft_drop(d, "title-tag", text, start);
        *hint = th_draft_text(d, text, start);
    }
    th_draft_drop(d, "site-name", text + stop, len - stop);
    return th_draft_text(d, text + start, stop - start);
}
