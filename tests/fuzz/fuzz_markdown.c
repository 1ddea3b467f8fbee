/* fuzz_markdown.c - any bytes as Markdown with front matter (YAML, TOML). */
#include "draft.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    th_fuzz_read(th_markdown_read, (const char *)data, size);
    return 0;
}
