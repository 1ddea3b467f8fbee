/* lab_impl.h - what a lab's parent asks of its process; shared by lab.c and lab_child.c. */
#ifndef TH_RUN_LAB_IMPL_H
#define TH_RUN_LAB_IMPL_H

#include "run/lab.h"

/* Questions travel as TH_MSG_TEXT: one of these and what belongs to it. Tries are told in TH_MSG_RESULT, the answer is TH_MSG_DONE. */
typedef enum th_lab_question {
    LAB_ARTICLE = 1, /* id, article bytes */
    LAB_TEXT,        /* text, title, date */
    LAB_EVAL,        /* code → more, what it printed */
    LAB_COMPLETE,    /* line → candidates */
    LAB_RUN,         /* plugin, width, json → CPU seconds, rows */
    LAB_TESTS,
    LAB_CHECK,       /* plugin */
    LAB_GOLDEN       /* → count, (name, rows)… */
} th_lab_question;

/* Be the process: serve until the socket closes. Does not return. */
_Noreturn void th_lab_child(const th_lab_options *options, int fd);

#endif
