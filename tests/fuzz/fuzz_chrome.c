/* fuzz_chrome.c - any bytes as chrome rules, which then read a line. */
#include <stdlib.h>
#include <string.h>

#include "load/chrome.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char line[] = "来源：某某日报 2024-01-05 浏览次数：12 【字号：大 中 小】";
    th_arena *arena = th_arena_new();
    th_chrome chrome = {0};
    th_error err = {0};
    th_view view;

    if (arena && th_chrome_parse(&chrome, arena, "rules", (const char *)data, size, &err) == TH_OK) {
        th_view_make(&view, line, strlen(line), false);
        for (size_t i = 0; i < chrome.rule_count; i++)
            th_words_fit(&chrome.rules[i].match, &view);
        th_words_in(&chrome.fillers, &view);
    } else if (arena && !err.text[0]) {
        abort(); /* a refusal says why */
    }
    th_lexset_free(chrome.terms);
    th_arena_free(arena);
    return 0;
}
