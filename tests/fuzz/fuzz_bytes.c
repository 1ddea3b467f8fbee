/* fuzz_bytes.c - any bytes where structure is expected: YAML, an article from the wire, records from the wire. */
#include <stdint.h>
#include <stdlib.h>

#include "article.h"
#include "base/yaml.h"
#include "record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const th_field fields[] = {{"code", TH_TEXT, true}, {"day", TH_DATE, true}, {"value", TH_NUMBER, false}};
    static const th_schema schema = {"kind", fields, 3};
    const th_schema *schemas[] = {&schema};
    th_arena *arena = th_arena_new();
    const char *bytes = (const char *)data;
    th_error err = {0};
    th_node *root;
    th_article *article;
    th_records records = {0};

    if (!arena || !size) {
        th_arena_free(arena);
        return 0;
    }
    switch (bytes[0] % 3) {
    case 0:
        th_yaml_parse(&root, arena, "input", bytes + 1, size - 1, &err);
        break;
    case 1:
        th_article_read(&article, arena, bytes + 1, size - 1, &err);
        break;
    default:
        th_records_read(&records, arena, schemas, 1, bytes + 1, size - 1, 100, &err);
    }
    th_arena_free(arena);
    return 0;
}
