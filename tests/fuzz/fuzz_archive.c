/* fuzz_archive.c - any bytes as an archive. */
#include "many.h"

#include "load/archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    run(data, size, "x.zip", th_archive_read);
    return 0;
}
