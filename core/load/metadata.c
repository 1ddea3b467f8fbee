/* metadata.c - see metadata.h. */
#include "load/metadata.h"

#include <string.h>

#include "text/unicode.h"

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

/* ---- information lines ---- */

typedef struct parser {
    const th_chrome *chrome;
    const th_view *v;
    th_info *info;
    size_t pos;
    size_t guess_start, guess_stop; /* an unlabelled medium */
    bool is_original;               /* the line begins 原创, as those of WeChat accounts do */
    th_name writer, account;        /* characters of such a line */
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

    *kind = TH_LABEL_OTHER;
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
    size_t next = th_skip_spaces(p->v, i);

    *strong = next < p->v->n && (p->v->c[next] == ':' || p->v->c[next] == '/' || p->v->c[next] == '|');
    return *strong ? th_skip_spaces(p->v, next + 1) : next;
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
    int square = 0, round = 0; /* 云政〔2024〕8号 is one value, 报告（2024年） too */

    for (; i < p->v->n; i++) {
        uint32_t c = p->v->c[i];
        square += (c == '[') - (c == ']');
        round += (c == '(') - (c == ')');
        if (c == '|' || square < 0 || round < 0 || (c == ';' && i > from))
            break;
        if (c == ' ' && (at(p, i + 1) == ' ' || field_begins(p, th_skip_spaces(p->v, i)) || is_digit(at(p, i + 1))))
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
    size_t from = p->pos, to = run_end(p, from), next = th_skip_spaces(p->v, to);

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

/* 文/图 记者 张三: one person did both, and further roles may stand before the name. */
static void skip_roles(parser *p, bool *strong)
{
    for (;;) {
        th_label kind;
        size_t n = label_at(p, p->pos, &kind), end = p->pos + n;
        bool mark, role = n && (kind == TH_LABEL_PHOTO || kind == TH_LABEL_AUTHOR) && (ends_at(p, end) || at(p, end) == ':');
        size_t next = after_mark(p, end, &mark);
        if (!role || next >= p->v->n)
            return;
        /* 文/张三 图/李四: the second role has its own name, the first had one. */
        *strong |= mark;
        p->pos = next;
    }
}

/* The names after a role. */
static bool take_people(parser *p, size_t i, th_label kind)
{
    bool strong, any = false;
    size_t count = p->info->name_count, before = 0;
    th_label other;

    p->pos = after_mark(p, i, &strong);
    if (kind == TH_LABEL_AUTHOR && strong)
        skip_roles(p, &strong);
    if (p->pos >= p->v->n) { /* "作者：" and nobody */
        p->info->has_field |= strong;
        return strong || kind == TH_LABEL_EDITOR;
    }
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
    th_label kind;
    size_t n = label_at(p, from, &kind);
    if (strong && n && kind == TH_LABEL_AUTHOR && (ends_at(p, from + n) || at(p, from + n) == ':')) /* 图/文 张三 */
        return take_people(p, from + n, kind);
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
    return ends_at(p, p->pos) || at(p, p->pos) == '{' || p->v->c[p->pos] == 0x6b21 || p->v->c[p->pos] == 0x4eba; /* 次 人 */
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
    size_t next = is_lent_picture(p, to) ? to : th_skip_spaces(p->v, to);
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
    size_t next = th_skip_spaces(p->v, to);
    bool slash = next < p->v->n && p->v->c[next] == '/';
    next = slash ? th_skip_spaces(p->v, next + 1) : next;
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

/* 原创 张三 某某发布 2024-01-05 20:30: what stands before the day in such a line is the account and, before it, the author. */
static bool take_account(parser *p)
{
    size_t from = p->pos, to = from;

    if (!p->is_original || p->info->date[0])
        return false;
    while (to < p->v->n && !is_separator(p->v->c[to]) && p->v->c[to] != ':')
        to++;
    if (to - from < 2 || to - from > 16)
        return false;
    p->writer = p->account;
    p->account = (th_name){from, to};
    p->pos = to;
    return true;
}

/* 发表于某地 */
static bool take_posted(parser *p)
{
    size_t n = th_words_at(&p->chrome->posted, p->v, p->pos), i = p->pos + n, from;

    if (!n)
        return false;
    i = th_skip_spaces(p->v, i + (at(p, i) == ':'));
    for (from = i; i < p->v->n && th_is_han(p->v->c[i]) && i - from < 8; i++)
        ;
    p->info->has_field = true;
    p->pos = i;
    return ends_at(p, i) || is_digit(at(p, i));
}

/* 6932次浏览 */
static bool take_number(parser *p)
{
    size_t i = p->pos;

    while (i < p->v->n && (is_digit(p->v->c[i]) || p->v->c[i] == '.' || p->v->c[i] == 0x4e07 || p->v->c[i] == '+'))
        i++;
    size_t next = th_skip_spaces(p->v, i);
    size_t n = i > p->pos ? th_words_at(&p->chrome->labels[TH_LABEL_COUNT], p->v, next) : 0;
    if (!n)
        return false;
    p->info->has_count = true;
    p->pos = next + n;
    return true;
}

/* www.example.gov.cn, http://…: the site's address beside its name. */
static bool take_host(parser *p)
{
    static const char *const starts[] = {"www.", "http://", "https://"};
    size_t i = p->pos;
    bool is_host = false;

    for (size_t s = 0; s < sizeof starts / sizeof *starts; s++) {
        size_t n = 0;
        while (starts[s][n] && at(p, i + n) == (uint32_t)starts[s][n])
            n++;
        is_host |= !starts[s][n];
    }
    if (!is_host)
        return false;
    while (i < p->v->n && p->v->c[i] > ' ' && p->v->c[i] < 0x7f)
        i++;
    p->info->has_field = true;
    p->pos = i;
    return true;
}

/* {{ count }}: a value that the page's program never filled in. */
static bool take_template(parser *p)
{
    size_t i = p->pos;

    if (at(p, i) != '{' || at(p, i + 1) != '{')
        return false;
    while (i < p->v->n && p->v->c[i] != '}')
        i++;
    while (i < p->v->n && p->v->c[i] == '}')
        i++;
    p->pos = i;
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
    if (take_posted(p))
        return true;
    p->pos = from;
    n = th_words_at(&p->chrome->fillers, p->v, from);
    if (n && ends_at(p, from + n)) {
        p->is_original |= !from && th_words_at(&p->chrome->originals, p->v, from) == n;
        p->pos += n;
        return true;
    }
    return take_number(p) || take_lender(p) || take_reversed(p) || take_medium(p) || take_template(p) ||
           take_host(p) || take_account(p);
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
    if (p.account.stop && info->date[0]) {
        th_name writer = p.guess_stop ? p.account : p.writer; /* a medium among them is the account */
        if (!p.guess_stop) {
            p.guess_start = v.at[p.account.start];
            p.guess_stop = v.at[p.account.stop];
        }
        if (writer.stop)
            add_name(&p, writer.start, writer.stop);
        info->has_author |= writer.stop > 0;
    }
    if (info->date[0] && p.guess_stop && !info->has_source) {
        info->has_source = info->is_guess = true;
        info->source_start = p.guess_start;
        info->source_stop = p.guess_stop;
    }
    info->is_label = p.label.stop && !p.label.start && !info->name_count && !info->date[0] && !info->made[0] && info->source_start == info->source_stop &&
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
    from = th_skip_spaces(v, from);
    while (to > from && v->c[to - 1] == ' ')
        to--;
    return to - from >= 2 && to - from <= 20 && th_words_before(&chrome->media, v, from, to);
}

/* … or the office whose site it is? */
static bool is_office_name(const th_chrome *chrome, const th_view *v, size_t from, size_t to)
{
    from = th_skip_spaces(v, from);
    while (to > from && v->c[to - 1] == ' ')
        to--;
    return to - from >= 4 && to - from <= 24 && th_words_before(&chrome->organisations, v, from, to);
}

/* Cut view[*from..*to) at a bar: a short part before it is a column's name, a site's name after it the site's. */
static void cut_bars(const th_chrome *chrome, const th_view *v, bool is_page_name, size_t *from, size_t *to)
{
    bool cut = false;
    for (size_t i = *to; i-- > *from + 5;) {
        bool bar = v->c[i] == '_' || (v->c[i] == '-' && (is_page_name || (v->c[i - 1] == ' ' && at(&(parser){.v = v}, i + 1) == ' ')));
        /* Between headline and site's name a page's name may have the section's, which is short. */
        bool section = cut && *to - i <= 7;
        if (bar && (section || is_site_name(chrome, v, i + 1, *to) || (is_page_name && is_office_name(chrome, v, i + 1, *to)) || (is_page_name && v->c[i] == '_'))) {
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

/* 政 府 工 作 报 告 set wide is 政府工作报告. */
static const char *close_up(th_draft *d, const char *text, size_t len)
{
    char closed[3 * TH_VIEW_MAX + 1];
    size_t n = 0, han = 0;
    th_view v;

    th_view_make(&v, text, len, true);
    for (size_t i = 0; i < v.n; i++) {
        bool wide = th_is_han(v.c[i]) && (i + 1 == v.n || v.c[i + 1] == ' ') && v.at[i + 1] - v.at[i] == 3;
        if (v.c[i] != ' ' && !wide)
            return th_draft_text(d, text, len);
        if (wide) {
            memcpy(closed + n, text + v.at[i], 3);
            n += 3;
            han++;
        }
    }
    return han >= 4 && v.whole ? th_draft_text(d, closed, n) : th_draft_text(d, text, len);
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
    return close_up(d, text + start, stop - start);
}
