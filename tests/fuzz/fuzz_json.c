/* fuzz_json.c - any bytes as JSON or lines of JSON. */
#include "many.h"

#include "load/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    th_json_sniff((const char *)data, size);
    run(data, size, "x.json", th_json_read);
    return 0;
}
