/* numeral.h - Chinese and Arabic numerals: 1,100万, 3万5千, 二〇二一, 壹佰贰拾, 三四十.
 *
 * Reading is one pass with a look ahead of two characters; every byte of a numeral is read once. What the number
 * counts, and whether it counts at all, is quantity.h's business. */
#ifndef TH_TEXT_NUMERAL_H
#define TH_TEXT_NUMERAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct th_numeral {
    size_t start, stop; /* bytes of the text */
    double low, high;   /* equal unless it is a pair (三四十 is 30 and 40) */
    double scale;       /* what the only literal was multiplied by: 1e4 in 5万; 1 when there are several */
    int digits;         /* digits before the decimal point of the first literal */
    bool arabic;        /* begins with 0-9, half or full width */
    bool grouped;       /* 1,100 */
    bool decimal;       /* has a decimal point */
    bool leading_zero;  /* 007, 0592 */
    bool spelled;       /* digit by digit: 二〇二一 */
    bool bare;          /* begins with a scale word other than 十: 百万 */
    bool single;        /* one Chinese digit */
    bool big;           /* holds 万, 亿 or 兆 */
    bool more;          /* 多 or 余 before a scale: 1000多万 */
    bool roughly;       /* 来 before a scale: 十来万 */
} th_numeral;

/* Read the numeral that starts at `text[pos]`. False when there is none; a value that overflows is infinite. */
bool th_numeral_parse(th_numeral *out, const char *text, size_t len, size_t pos);

/* The value of a Chinese digit (〇 and 零 to 九, 两, formal and traditional forms), or -1. */
int th_numeral_digit(uint32_t c);

/* 10 to 1e12 for 十 百 千 万 亿 兆 in all forms, else 0. */
double th_numeral_scale(uint32_t c);

#endif
