/* fuzz_rows.c - any bytes as a table: the second byte chooses the delimiter. */
#include "many.h"

#include "load/recode.h"
#include "load/rows.h"

static char delimiter;

static th_status read_rows(th_reading *r, th_stream *s, th_error *err)
{
    th_recode recode;
    th_stream *in;
    const char *head;
    size_t len;
    th_status status = th_stream_peek(s, 4096, &head, &len, err);

    th_rows_sniff(&loader->columns, "x.csv", head, len, s->ended);
    if (status == TH_OK)
        status = th_recode_open(&recode, s, &in, err);
    if (status == TH_OK)
        status = th_rows_read(r, in, delimiter, err);
    th_recode_close(&recode);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1) {
        delimiter = ",\t;"[data[1] % 3];
        run(data + 1, size - 1, "x.csv", read_rows);
    }
    return 0;
}
