/* fuzz_pdf.c - any bytes as what pdftotext wrote: pages, lines and words with their places. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "load/pdf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    th_draft d = {.arena = th_arena_new(), .path = "input"};
    th_error err = {0};

    if (th_pdf_read(&d, (const char *)data, size, &err) == TH_OK)
        for (size_t i = 0; i < d.count; i++)
            if (d.lines[i].start > d.lines[i].stop || d.lines[i].stop > d.text.len)
                abort();
    th_str_free(&d.text);
    th_arena_free(d.arena);
    return 0;
}
