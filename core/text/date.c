/* date.c - see date.h. A reader holds the place it has come to; each rule moves it on or leaves it where it was. */
#include "text/date.h"

#include <string.h>

#include "text/quantity.h"
#include "text/unicode.h"

/* ---- the calendar ---- */

/* Days since 1970-01-01 of the proleptic Gregorian calendar, and back (Hinnant, "chrono-compatible low-level date
 * algorithms"). */
static long long days_of(long long y, unsigned m, unsigned d)
{
    y -= m <= 2;
    long long era = (y >= 0 ? y : y - 399) / 400;
    unsigned yoe = (unsigned)(y - era * 400);
    unsigned doy = (153 * (m + (m > 2 ? -3u : 9u)) + 2) / 5 + d - 1;
    unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + (long long)doe - 719468;
}

static void date_of(long long days, long long *y, unsigned *m, unsigned *d)
{
    days += 719468;
    long long era = (days >= 0 ? days : days - 146096) / 146097;
    unsigned doe = (unsigned)(days - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned mp = (5 * doy + 2) / 153;

    *d = doy - (153 * mp + 2) / 5 + 1;
    *m = mp < 10 ? mp + 3 : mp - 9;
    *y = (long long)yoe + era * 400 + (*m <= 2);
}

bool th_day_make(long long year, long long month, long long day, th_day *out)
{
    enum { FAR = 4000000 };
    unsigned m, d;

    if (year < -FAR || year > FAR || month < -FAR || month > FAR || day < -FAR || day > FAR)
        return false;
    long long months = year * 12 + month - 1, y = months / 12;
    if (months % 12 < 0)
        y--;
    date_of(days_of(y, (unsigned)(months - y * 12) + 1, 1) + day - 1, &y, &m, &d);
    *out = (th_day){(int)y, (int)m, (int)d};
    return y >= 1 && y <= 9999;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool th_day_read(const char *text, size_t len, th_day *out)
{
    int parts[3] = {0};

    if (len != 10 || text[4] != '-' || text[7] != '-')
        return false;
    for (size_t i = 0, part = 0; i < len; i++) {
        if (i == 4 || i == 7) {
            part++;
            continue;
        }
        if (!is_digit(text[i]))
            return false;
        parts[part] = parts[part] * 10 + (text[i] - '0');
    }
    return th_day_make(parts[0], parts[1], parts[2], out) && out->year == parts[0] && out->month == parts[1] &&
           out->day == parts[2];
}

/* ---- expressions ---- */

typedef struct reader {
    const char *text;
    size_t len, at;
    const th_day *base;
} reader;

typedef struct word {
    const char *text;
    int a, b;
} date_word;

static bool take(reader *r, const char *word)
{
    size_t n = strlen(word);

    if (r->len - r->at < n || memcmp(r->text + r->at, word, n) != 0)
        return false;
    r->at += n;
    return true;
}

/* The first of `words` that stands here (the longer ones stand first in the list); NULL when none does. */
static const date_word *take_word(reader *r, const date_word *words)
{
    for (; words->text; words++)
        if (take(r, words->text))
            return words;
    return NULL;
}

/* A whole number from `least` to `most`, in any digits. */
static bool take_number(reader *r, int least, int most, int *out)
{
    double value = 0;
    size_t used = th_numeral_read(r->text + r->at, r->len - r->at, &value);

    if (used == 0 || value < least || value > most || value != (double)(int)value)
        return false;
    r->at += used;
    *out = (int)value;
    return true;
}

static bool month_span(int year, int first, int last, th_days *out)
{
    return th_day_make(year, first, 1, &out->from) && th_day_make(year, last + 1, 0, &out->to);
}

static bool one_day(long long year, long long month, long long day, th_days *out)
{
    bool ok = th_day_make(year, month, day, &out->from);

    out->to = out->from;
    return ok;
}

/* 2023-05-31, 2023/5/31, 2023.5 */
static bool numeric(reader *r, th_days *out)
{
    reader start = *r;
    int parts[3], count = 0;
    char sign = 0;

    while (count < 3 && r->at < r->len && is_digit(r->text[r->at])) {
        size_t from = r->at;
        parts[count] = 0;
        for (; r->at < r->len && is_digit(r->text[r->at]) && r->at - from < 4; r->at++)
            parts[count] = parts[count] * 10 + (r->text[r->at] - '0');
        if (count == 0 && r->at - from != 4)
            break;
        count++;
        char c = r->at < r->len ? r->text[r->at] : 0;
        if (count == 3 || (c != '-' && c != '/' && c != '.') || (sign && c != sign) || r->at + 1 >= r->len ||
            !is_digit(r->text[r->at + 1]))
            break;
        sign = c;
        r->at++;
    }
    bool ok = count >= 2 && parts[1] >= 1 && parts[1] <= 12;
    if (ok && count == 2)
        ok = month_span(parts[0], parts[1], parts[1], out);
    else if (ok)
        ok = one_day(parts[0], parts[1], parts[2], out) && out->from.month == parts[1];
    if (!ok)
        *r = start;
    return ok;
}

/* 上半年, 第三季度, 年底: the months within a year. */
static bool part_of_year(reader *r, int year, th_days *out)
{
    static const date_word parts[] = {{"上半年", 1, 6},    {"下半年", 7, 12},   {"前三季度", 1, 9},  {"前两季度", 1, 6},  {"第一季度", 1, 3},
                                 {"第二季度", 4, 6},  {"第三季度", 7, 9},  {"第四季度", 10, 12}, {"一季度", 1, 3},   {"二季度", 4, 6},
                                 {"三季度", 7, 9},    {"四季度", 10, 12},  {"年初", 1, 1},      {"年底", 12, 12},   {"年末", 12, 12},
                                 {"初", 1, 1},        {"底", 12, 12},      {"末", 12, 12},      {NULL, 0, 0}};
    const date_word *part = take_word(r, parts);

    return part && month_span(year, part->a, part->b, out);
}

/* 5月31日, 5月, 5月底: the day or month of a year. */
static bool month_and_day(reader *r, int year, th_days *out)
{
    reader start = *r;
    int month, day;

    if (!take_number(r, 1, 12, &month) || !take(r, "月")) {
        *r = start;
        return false;
    }
    reader behind = *r;
    if (take_number(r, 1, 31, &day) && (take(r, "日") || take(r, "号")) && one_day(year, month, day, out) &&
        out->from.month == month)
        return true;
    *r = behind;
    if (!take(r, "份") && !take(r, "初") && !take(r, "底"))
        take(r, "末");
    return month_span(year, month, month, out);
}

/* 2023年, 二〇二三年, 去年; false when there is none. `*bare` when only the year was read: 今年. */
static bool year_part(reader *r, int *year)
{
    static const date_word relative[] = {{"本年度", 0, 0}, {"上年度", -1, 0}, {"去年度", -1, 0}, {"去年", -1, 0}, {"上年", -1, 0}, {"今年", 0, 0},
                                    {"本年", 0, 0},   {"明年", 1, 0},    {"前年", -2, 0},   {"后年", 2, 0},  {NULL, 0, 0}};
    reader start = *r;
    const date_word *word = r->base ? take_word(r, relative) : NULL;

    if (word) {
        *year = r->base->year + word->a;
        return true;
    }
    if (take_number(r, 1900, 2100, year) && take(r, "年")) {
        take(r, "度");
        return true;
    }
    *r = start;
    return false;
}

static bool shifted(reader *r, th_days *out)
{
    static const date_word days[] = {{"今天", 0, 0},  {"今日", 0, 0}, {"昨天", -1, 0}, {"昨日", -1, 0}, {"前天", -2, 0}, {"明天", 1, 0},
                                {"明日", 1, 0},  {"目前", 0, 0}, {"当前", 0, 0},  {"如今", 0, 0},  {"现在", 0, 0},  {NULL, 0, 0}};
    static const date_word months[] = {{"本月", 0, 0}, {"当月", 0, 0}, {"上个月", -1, 0}, {"上月", -1, 0}, {"下个月", 1, 0}, {"下月", 1, 0}, {NULL, 0, 0}};
    const th_day *base = r->base;
    const date_word *word;

    if (!base)
        return false;
    if ((word = take_word(r, days)) != NULL)
        return one_day(base->year, base->month, base->day + word->a, out);
    if ((word = take_word(r, months)) != NULL)
        return th_day_make(base->year, base->month + word->a, 1, &out->from) &&
               th_day_make(base->year, base->month + word->a + 1, 0, &out->to);
    return false;
}

/* One date. `*year` is what a month without a year belongs to, 0 when nothing says it; it becomes the year read. */
static bool one_date(reader *r, int *year, th_days *out)
{
    reader start = *r;

    if (numeric(r, out) || shifted(r, out)) {
        *year = out->from.year;
        return true;
    }
    if (year_part(r, year)) {
        reader behind = *r;
        take(r, "的");
        if (month_and_day(r, *year, out) || part_of_year(r, *year, out))
            return true;
        *r = behind;
        take(r, "全年");
        return month_span(*year, 1, 12, out);
    }
    if (*year && (month_and_day(r, *year, out) || part_of_year(r, *year, out)))
        return true;
    *r = start;
    return false;
}

/* What stands in front of a connector may leave its unit out: 2021—2023年, 3至5月. */
static bool short_start(reader *r, int *year, th_days *out)
{
    static const date_word signs[] = {{"——", 0, 0}, {"—", 0, 0}, {"至", 0, 0}, {"到", 0, 0}, {"-", 0, 0}, {"～", 0, 0}, {"~", 0, 0}, {NULL, 0, 0}};
    reader start = *r;
    int first, context = *year;
    th_days end;

    if (take_number(r, 1, 2100, &first) && take_word(r, signs) && (first >= 1900 || first <= 12) && one_date(r, &context, &end)) {
        bool ok = first >= 1900 ? month_span(first, 1, 1, out) : context && month_span(context, first, first, out);
        out->to = end.to;
        if (ok)
            return true;
    }
    *r = start;
    return false;
}

static bool is_before(const th_day *a, const th_day *b)
{
    return a->year != b->year ? a->year < b->year : a->month != b->month ? a->month < b->month : a->day < b->day;
}

size_t th_days_read(const char *text, size_t len, const th_day *base, th_days *out)
{
    static const date_word signs[] = {{"——", 0, 0}, {"—", 0, 0}, {"至", 0, 0}, {"到", 0, 0}, {"～", 0, 0}, {"~", 0, 0}, {"-", 0, 0}, {NULL, 0, 0}};
    reader r = {.text = text, .len = len, .base = base};
    int year = base ? base->year : 0;
    th_days end;

    if (short_start(&r, &year, out))
        return is_before(&out->to, &out->from) ? 0 : r.at;
    if (!one_date(&r, &year, out))
        return 0;
    size_t used = r.at;
    if (take_word(&r, signs) && one_date(&r, &year, &end) && !is_before(&end.to, &out->from)) {
        out->to = end.to;
        used = r.at;
    }
    return used;
}
