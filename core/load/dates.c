/* dates.c - days in all the forms people and programs write them. See metadata.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "load/metadata.h"

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

size_t th_skip_spaces(const th_view *v, size_t i)
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
    *i = th_skip_spaces(v, *i);
    int value = han ? read_han(v, i) : read_digits(v, i, digits);
    size_t next = th_skip_spaces(v, *i);
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

    at = th_skip_spaces(v, at);
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
    size_t zone = th_skip_spaces(v, at);
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
    snprintf(out, 6, "%02u-%02u", (unsigned)m % 100, (unsigned)d % 100);
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

/* ---- fields of programs ---- */

enum { CHINA_S = 8 * 3600 };

static bool from_seconds(long long seconds, char out[11])
{
    time_t at = (time_t)(seconds + CHINA_S);
    struct tm tm;

    if (!gmtime_r(&at, &tm) || !is_real_day(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday))
        return false;
    return strftime(out, 11, "%Y-%m-%d", &tm) == 10;
}

/* Eight digits as a day. */
static bool from_digits(const char *p, char out[11])
{
    int y, m, d;

    if (sscanf(p, "%4d%2d%2d", &y, &m, &d) != 3 || y < 1990 || !is_real_day(y, m, d))
        return false;
    snprintf(out, 11, "%.4s-%.2s-%.2s", p, p + 4, p + 6);
    return true;
}

/* An instant in UTC is the next day in China from 16:00 on. */
static bool from_utc(const char *field, char out[11])
{
    struct tm tm = {0};
    size_t len = strlen(field);

    if (len < 20 || field[len - 1] != 'Z' ||
        sscanf(field, "%4d-%2d-%2dT%2d:%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min) != 5 ||
        !is_real_day(tm.tm_year, tm.tm_mon, tm.tm_mday))
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    return from_seconds((long long)timegm(&tm), out);
}

bool th_date_of_field(const char *field, char out[11])
{
    size_t digits = strspn(field, "0123456789");

    if (!field[digits] && digits == 5 && *field >= '3' && *field <= '5') /* a spreadsheet's day: since 1899-12-30 */
        return from_seconds((atoll(field) - 25569) * 86400, out);
    if (!field[digits] && digits == 8)
        return from_digits(field, out);
    if (!field[digits] && (digits == 10 || digits == 13))
        return from_seconds(atoll(field) / (digits == 13 ? 1000 : 1), out);
    return from_utc(field, out) || th_date_find(field, strlen(field), out);
}

/* Digits of `text` at `p`, exactly `n` of them. */
static bool is_run(const char *p, size_t n)
{
    return strspn(p, "0123456789") == n;
}

/* /2024-01/23/ /2024/01/23/ /2024-01-23/ /2024/0123/ at the slash `p`. */
static bool from_folders(const char *p, char out[11])
{
    int y, m, d;
    char end = '\0';

    if (!is_run(p + 1, 4) || !strchr("-/", p[5]))
        return false;
    bool parts = sscanf(p, "/%4d%*1[-/]%2d%*1[-/]%2d%c", &y, &m, &d, &end) >= 3 && strchr("/_-.", end);
    if (!parts && !(is_run(p + 6, 4) && sscanf(p, "/%4d/%2d%2d%c", &y, &m, &d, &end) == 4 && end == '/'))
        return false;
    if (y < 1990 || !is_real_day(y, m, d))
        return false;
    snprintf(out, 11, "%04u-%02u-%02u", (unsigned)y % 10000, (unsigned)m % 100, (unsigned)d % 100);
    return true;
}

static bool from_address(const char *url, bool loose, char out[11])
{
    for (const char *p = url; (p = strchr(p, '/')); p++) {
        bool stamped = p[1] == 't' && is_run(p + 2, 8) && p[10] == '_';
        if ((stamped && from_digits(p + 2, out)) || from_folders(p, out))
            return true;
        size_t letters = loose ? strspn(p + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") : 0;
        if (loose && letters < 12 && strspn(p + 1 + letters, "0123456789") >= 8 && from_digits(p + 1 + letters, out))
            return true;
    }
    return false;
}

bool th_date_of_address(const char *url, char out[11])
{
    return from_address(url, true, out);
}

bool th_date_of_path(const char *path, char out[11])
{
    return from_address(path, false, out);
}
