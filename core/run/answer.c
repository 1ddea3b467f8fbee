/* answer.c - see answer.h. */
#include "run/answer.h"

#include <string.h>

th_status th_answer_broken(th_error *err)
{
    return th_error_set(err, TH_ERR_CRASH, "worker: sent a broken answer");
}

/* As the worker packed it; offsets are checked where they are used. */
static void take_use(th_unpack *in, th_run_use *use)
{
    in->failed |= (size_t)(in->end - in->at) < sizeof *use;
    if (in->failed)
        return;
    memcpy(use, in->at, sizeof *use);
    in->at += sizeof *use;
}

th_status th_answer_read(th_unpack *in, const th_selection *chosen, th_arena *arena, size_t text_len, th_outcome *outcomes,
                         uint32_t *count, th_records *records, th_error *err)
{
    size_t len;

    *count = th_unpack_u32(in);
    if (*count > TH_PLUGINS_MAX)
        return th_answer_broken(err);
    for (uint32_t i = 0; i < *count; i++) {
        outcomes[i].plugin = th_unpack_u32(in);
        outcomes[i].status = (th_status)th_unpack_u32(in);
        outcomes[i].message = th_unpack_cstr(in);
        outcomes[i].trace = th_unpack_cstr(in);
        take_use(in, &outcomes[i].use);
        if (outcomes[i].plugin >= TH_PLUGINS_MAX || !(chosen->set >> outcomes[i].plugin & 1))
            return th_answer_broken(err);
        if (!outcomes[i].message)
            outcomes[i].message = "";
    }
    const char *bytes = th_unpack_text(in, &len);
    if (in->failed)
        return th_answer_broken(err);
    return th_records_read(records, arena, chosen->schemas, chosen->schema_count, bytes, len, text_len, err);
}
