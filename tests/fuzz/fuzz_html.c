/* fuzz_html.c - any bytes as a page: the tree, its metadata, its lines. */
#include "draft.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    th_fuzz_read(th_html_read, (const char *)data, size);
    return 0;
}
