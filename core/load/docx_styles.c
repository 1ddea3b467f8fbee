/* docx_styles.c - see docx_styles.h. */
#include "load/docx_styles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "load/xml.h"

enum { PARENTS_MAX = 16, STYLES_MAX = 2000, LISTS_MAX = 2000 };

static int number_of(const char *text, int otherwise)
{
    char *end;
    long n = text ? strtol(text, &end, 10) : 0;

    return text && *text && !*end && n >= -1 && n <= 1000000 ? (int)n : otherwise;
}

static bool is_word_space(const char *space)
{
    return strstr(space, "wordprocessingml") != NULL;
}

/* ---- styles ---- */

/* "heading 2", "标题 2", "标题2": the level in a style's name; 0 when it is none. */
static int level_in_name(const char *name)
{
    static const char *const words[] = {"heading", "标题", "標題"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (strncasecmp(name, words[i], n) != 0)
            continue;
        const char *at = name + n;
        while (*at == ' ')
            at++;
        if (*at >= '1' && *at <= '9' && !at[1])
            return *at - '0';
    }
    return 0;
}

static th_style_role role_of_name(const char *name)
{
    static const struct {
        const char *name;
        th_style_role role;
        bool numbered; /* a number follows */
    } roles[] = {{"title", TH_STYLE_TITLE, false},     {"标题", TH_STYLE_TITLE, false},  {"標題", TH_STYLE_TITLE, false},
                 {"toc heading", TH_STYLE_CONTENTS, false}, {"TOC 标题", TH_STYLE_CONTENTS, false},
                 {"toc", TH_STYLE_CONTENTS, true},     {"目录", TH_STYLE_CONTENTS, true}, {"contents heading", TH_STYLE_CONTENTS, false},
                 {"contents", TH_STYLE_CONTENTS, true}, {"caption", TH_STYLE_CAPTION, false}, {"题注", TH_STYLE_CAPTION, false}};

    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        size_t n = strlen(roles[i].name);
        if (strncasecmp(name, roles[i].name, n) != 0)
            continue;
        const char *at = name + n;
        while (*at == ' ')
            at++;
        if (roles[i].numbered ? *at >= '1' && *at <= '9' : !*at)
            return roles[i].role;
    }
    return TH_STYLE_PLAIN;
}

typedef struct style_walk {
    th_docx_styles *s;
    th_style *style; /* the one at hand */
} style_walk;

static void open_style(style_walk *w, const th_xml_attrs *attrs)
{
    th_docx_styles *s = w->s;
    char value[16];

    w->style = NULL;
    if (!th_xml_attr(attrs, "type", value, sizeof value) || strcmp(value, "paragraph") || s->style_count >= STYLES_MAX)
        return;
    th_style *grown = th_arena_grow(s->arena, s->styles, s->style_count, &s->style_cap, sizeof *grown);
    if (!grown) {
        s->failed = true;
        return;
    }
    s->styles = grown;
    w->style = &grown[s->style_count++];
    *w->style = (th_style){.level = -1, .list = -1, .list_level = -1};
    th_xml_attr(attrs, "styleId", w->style->id, sizeof w->style->id);
    const char *is_default = th_xml_attr(attrs, "default", value, sizeof value);
    w->style->is_default = is_default && strcmp(is_default, "0") && strcmp(is_default, "false");
}

static void style_open(void *ctx, const char *space, const char *name, const th_xml_attrs *attrs)
{
    style_walk *w = ctx;
    char value[TH_STYLE_NAME];

    if (!is_word_space(space))
        return;
    if (!strcmp(name, "style")) {
        open_style(w, attrs);
        return;
    }
    const char *val = w->style ? th_xml_attr(attrs, "val", value, sizeof value) : NULL;
    if (!w->style)
        return;
    if (!strcmp(name, "b"))
        w->style->bold = !val || (strcmp(val, "0") && strcmp(val, "false"));
    if (!val)
        return;
    if (!strcmp(name, "name")) {
        int level = level_in_name(val);
        w->style->role = role_of_name(val);
        w->style->level = level ? level : w->style->level;
    } else if (!strcmp(name, "basedOn")) {
        snprintf(w->style->parent, sizeof w->style->parent, "%s", val);
    } else if (!strcmp(name, "outlineLvl") && w->style->level <= 0) {
        int level = number_of(val, 9);
        w->style->level = level >= 0 && level < 9 ? level + 1 : 0;
    } else if (!strcmp(name, "numId")) {
        w->style->list = number_of(val, 0);
    } else if (!strcmp(name, "ilvl")) {
        w->style->list_level = number_of(val, 0);
    }
}

static void style_close(void *ctx, const char *space, const char *name)
{
    if (is_word_space(space) && !strcmp(name, "style"))
        ((style_walk *)ctx)->style = NULL;
}

static void no_text(void *ctx, const char *text, size_t len)
{
    (void)ctx;
    (void)text;
    (void)len;
}

void th_docx_styles_read(th_docx_styles *s, const char *bytes, size_t len)
{
    static const th_xml_handler handler = {style_open, style_close, no_text};
    style_walk w = {.s = s};

    if (len)
        th_xml_read(bytes, len, &handler, &w, NULL);
}

static const th_style *find_style(const th_docx_styles *s, const char *id)
{
    for (size_t i = 0; i < s->style_count; i++)
        if (id && *id ? !strcmp(s->styles[i].id, id) : s->styles[i].is_default)
            return &s->styles[i];
    return NULL;
}

th_style th_docx_style(const th_docx_styles *s, const char *id)
{
    th_style out = {.level = -1, .list = -1, .list_level = -1};
    const th_style *style = find_style(s, id);

    /* A document whose styles are lost: Word's own ids are telling. */
    if (!style && id && !strncasecmp(id, "heading", 7) && id[7] >= '1' && id[7] <= '9' && !id[8])
        out.level = id[7] - '0';
    if (style)
        out.role = style->role;
    for (int n = 0; style && n < PARENTS_MAX; n++) {
        out.level = out.level < 0 ? style->level : out.level;
        out.list = out.list < 0 ? style->list : out.list;
        out.list_level = out.list_level < 0 ? style->list_level : out.list_level;
        out.bold |= style->bold;
        style = *style->parent ? find_style(s, style->parent) : NULL;
    }
    out.level = out.level < 0 ? 0 : out.level;
    out.list = out.list < 0 ? 0 : out.list;
    snprintf(out.id, sizeof out.id, "%s", id ? id : "");
    return out;
}

/* ---- lists ---- */

typedef struct list_walk {
    th_docx_styles *s;
    th_list_kind *kind;
    th_list_level *level;
    th_list *list;
    int override; /* the level that is overridden; -1: none */
} list_walk;

static void open_kind(list_walk *w, int id)
{
    th_docx_styles *s = w->s;
    th_list_kind *grown = s->kind_count < LISTS_MAX / 10
                              ? th_arena_grow(s->arena, s->kinds, s->kind_count, &s->kind_cap, sizeof *grown) : NULL;

    w->kind = NULL;
    if (!grown)
        return;
    s->kinds = grown;
    w->kind = &grown[s->kind_count++];
    *w->kind = (th_list_kind){.id = id};
    for (int i = 0; i < TH_LIST_LEVELS; i++) {
        w->kind->levels[i].start = 1;
        snprintf(w->kind->levels[i].format, sizeof w->kind->levels[i].format, "none");
    }
}

static void open_list(list_walk *w, int id)
{
    th_docx_styles *s = w->s;
    th_list *grown = s->list_count < LISTS_MAX
                         ? th_arena_grow(s->arena, s->lists, s->list_count, &s->list_cap, sizeof *grown) : NULL;

    w->list = NULL;
    if (!grown)
        return;
    s->lists = grown;
    w->list = &grown[s->list_count++];
    *w->list = (th_list){.id = id, .kind = -1};
    for (int i = 0; i < TH_LIST_LEVELS; i++)
        w->list->starts[i] = -1;
}

static int list_level_of(const th_xml_attrs *attrs)
{
    char value[16];
    int level = number_of(th_xml_attr(attrs, "ilvl", value, sizeof value), -1);

    return level >= 0 && level < TH_LIST_LEVELS ? level : -1;
}

static void set_level(list_walk *w, const char *name, const char *val)
{
    th_list_level *level = w->level;

    if (!strcmp(name, "start"))
        level->start = number_of(val, 1);
    else if (!strcmp(name, "numFmt"))
        snprintf(level->format, sizeof level->format, "%s", val);
    else if (!strcmp(name, "lvlText"))
        snprintf(level->text, sizeof level->text, "%s", val);
    else if (!strcmp(name, "pStyle"))
        snprintf(level->style, sizeof level->style, "%s", val);
}

static void list_open(void *ctx, const char *space, const char *name, const th_xml_attrs *attrs)
{
    list_walk *w = ctx;
    char value[TH_STYLE_NAME];
    int level;

    if (!is_word_space(space))
        return;
    const char *val = th_xml_attr(attrs, "val", value, sizeof value);
    if (!strcmp(name, "abstractNum")) {
        open_kind(w, number_of(th_xml_attr(attrs, "abstractNumId", value, sizeof value), -1));
    } else if (!strcmp(name, "num")) {
        open_list(w, number_of(th_xml_attr(attrs, "numId", value, sizeof value), -1));
    } else if (!strcmp(name, "abstractNumId") && w->list) {
        w->list->kind = number_of(val, -1);
    } else if (!strcmp(name, "lvlOverride")) {
        w->override = list_level_of(attrs);
    } else if (!strcmp(name, "startOverride") && w->list && w->override >= 0) {
        w->list->starts[w->override] = number_of(val, 1);
    } else if (!strcmp(name, "lvl") && w->kind) {
        level = list_level_of(attrs);
        w->level = level >= 0 ? &w->kind->levels[level] : NULL;
    } else if (!strcmp(name, "isLgl") && w->level) {
        w->level->all_decimal = true;
    } else if (val && w->level) {
        set_level(w, name, val);
    }
}

static void list_close(void *ctx, const char *space, const char *name)
{
    list_walk *w = ctx;

    if (!is_word_space(space))
        return;
    if (!strcmp(name, "lvl"))
        w->level = NULL;
    else if (!strcmp(name, "abstractNum"))
        w->kind = NULL;
    else if (!strcmp(name, "num"))
        w->list = NULL;
    else if (!strcmp(name, "lvlOverride"))
        w->override = -1;
}

void th_docx_lists_read(th_docx_styles *s, const char *bytes, size_t len)
{
    static const th_xml_handler handler = {list_open, list_close, no_text};
    list_walk w = {.s = s, .override = -1};

    if (len)
        th_xml_read(bytes, len, &handler, &w, NULL);
}

/* ---- numbers ---- */

static void add_han(th_str *out, int n, const char *const *digits, const char *const *scales)
{
    int scale = n >= 1000 ? 1000 : n >= 100 ? 100 : n >= 10 ? 10 : 1;
    bool zero = false, first = true;

    for (int i = scale == 1000 ? 3 : scale == 100 ? 2 : scale == 10 ? 1 : 0; scale; scale /= 10, i--) {
        int digit = n / scale % 10;
        if (!digit) {
            zero = true;
            continue;
        }
        if (zero && !first)
            th_str_puts(out, digits[0]);
        zero = false;
        if (!(first && i == 1 && digit == 1)) /* 十二, not 一十二 */
            th_str_puts(out, digits[digit]);
        th_str_puts(out, scales[i]);
        first = false;
    }
}

static void add_roman(th_str *out, int n, bool upper)
{
    static const struct {
        int value;
        const char *text;
    } parts[] = {{1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"}, {90, "xc"}, {50, "l"},
                 {40, "xl"},  {10, "x"},   {9, "ix"},  {5, "v"},    {4, "iv"},  {1, "i"}};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (; n >= parts[i].value; n -= parts[i].value)
            for (const char *c = parts[i].text; *c; c++)
                th_str_putc(out, upper ? (char)(*c - 32) : *c);
}

static void add_number(th_str *out, int n, const char *format)
{
    static const char *const digits[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
    static const char *const scales[] = {"", "十", "百", "千"};
    static const char *const legal[] = {"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"};
    static const char *const legal_scales[] = {"", "拾", "佰", "仟"};
    static const char *const stems[] = {"甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"};
    static const char *const han[] = {"chineseCounting", "chineseCountingThousand", "taiwaneseCounting", "taiwaneseCountingThousand",
                                      "japaneseCounting", "ideographDigital", "koreanCounting"};

    if (n < 0 || n > 9999) {
        th_str_addf(out, "%d", n);
        return;
    }
    for (size_t i = 0; n && i < sizeof han / sizeof *han; i++)
        if (!strcmp(format, han[i])) {
            add_han(out, n, digits, scales);
            return;
        }
    if (n && !strcmp(format, "chineseLegalSimplified"))
        add_han(out, n, legal, legal_scales);
    else if (!strncmp(format, "ideographTraditional", 20) && n >= 1 && n <= 10)
        th_str_puts(out, stems[n - 1]);
    else if (!strncmp(format, "decimalEnclosedCircle", 21) && n >= 1 && n <= 20)
        th_str_addf(out, "\xe2\x91%c", 0x9f + n); /* ① is U+2460 */
    else if ((!strcmp(format, "lowerLetter") || !strcmp(format, "upperLetter")) && n >= 1 && n <= 26)
        th_str_putc(out, (char)((format[0] == 'l' ? 'a' : 'A') + n - 1));
    else if ((!strcmp(format, "lowerRoman") || !strcmp(format, "upperRoman")) && n < 4000)
        add_roman(out, n, format[0] == 'u');
    else
        th_str_addf(out, !strcmp(format, "decimalZero") ? "%02d" : "%d", n);
}

static th_list *find_list(th_docx_styles *s, int id, th_list_kind **kind)
{
    th_list *list = NULL;

    for (size_t i = 0; i < s->list_count && !list; i++)
        if (s->lists[i].id == id)
            list = &s->lists[i];
    *kind = NULL;
    for (size_t i = 0; list && i < s->kind_count; i++)
        if (s->kinds[i].id == list->kind)
            *kind = &s->kinds[i];
    return list;
}

/* The paragraph's own counter goes on, those below it start again. */
static void count(th_list *list, th_list_kind *kind, int level)
{
    if (!list->begun)
        for (int i = 0; i < TH_LIST_LEVELS; i++)
            if (list->starts[i] >= 0)
                kind->running[i] = false;
    list->begun = true;
    if (kind->running[level])
        kind->counters[level]++;
    else
        kind->counters[level] = list->starts[level] >= 0 ? list->starts[level] : kind->levels[level].start;
    kind->running[level] = true;
    for (int i = level + 1; i < TH_LIST_LEVELS; i++)
        kind->running[i] = false;
    for (int i = 0; i < level; i++)
        if (!kind->running[i]) { /* a level that was passed over stands at its start */
            kind->counters[i] = kind->levels[i].start;
            kind->running[i] = true;
        }
}

bool th_docx_number(th_docx_styles *s, int id, int level, const char *style, th_str *out)
{
    th_list_kind *kind;
    th_list *list = find_list(s, id, &kind);

    if (!list || !kind)
        return false;
    for (int i = 0; level < 0 && i < TH_LIST_LEVELS; i++)
        if (style && *style && !strcmp(kind->levels[i].style, style))
            level = i;
    if (level < 0 || level >= TH_LIST_LEVELS)
        level = 0;
    count(list, kind, level);
    const th_list_level *own = &kind->levels[level];
    if (!strcmp(own->format, "bullet") || !strcmp(own->format, "none") || !*own->text)
        return false;
    for (const char *at = own->text; *at; at++) {
        int named = at[0] == '%' && at[1] >= '1' && at[1] <= '9' ? at[1] - '1' : -1;
        if (named < 0) {
            th_str_putc(out, *at);
            continue;
        }
        add_number(out, kind->counters[named], own->all_decimal && named < level ? "decimal" : kind->levels[named].format);
        at++;
    }
    char last = out->len ? out->data[out->len - 1] : ' ';
    if (!(last & 0x80) || (out->len >= 3 && memcmp(out->data + out->len - 3, "、", 3) && memcmp(out->data + out->len - 3, "）", 3)))
        th_str_putc(out, ' ');
    return true;
}
