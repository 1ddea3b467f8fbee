/* fuzz_warc.c - any bytes as a web archive. */
#include "many.h"

#include "load/warc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    run(data, size, "x.warc", th_warc_read);
    return 0;
}
