/* cmd_api.c - `talenthost api`: what plugins and scripts may call. */
#include "cli/cli.h"
#include "host/doc.h"

static int emit(th_str *text, int status)
{
    if (!th_str_ok(text))
        status = th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
    else
        status = th_cli_emit(text, status);
    th_str_free(text);
    return status;
}

static int explain_names(th_cli *cli)
{
    th_str out = {0}, near = {0};

    for (size_t i = 0; i < cli->arg_count; i++) {
        if (i > 0)
            th_str_putc(&out, '\n');
        if (th_doc_help(cli->args[i], &out))
            continue;
        th_str_free(&out);
        th_doc_help(cli->args[i], &near);
        int status = th_cli_misuse(cli, "nothing is called \"%s\"%s%s%s", cli->args[i], near.len ? "; did you mean \"" : "",
                                   th_str_text(&near), near.len ? "\"?" : "");
        th_str_free(&near);
        return status;
    }
    return emit(&out, EXIT_WELL);
}

static int run(th_cli *cli)
{
    static const char *const all[] = {"host", "article", "span", "corpus", "test"};
    th_str out = {0};

    if (cli->markdown || cli->lua) {
        if (cli->arg_count || (cli->markdown && cli->lua))
            return th_cli_misuse(cli, "--markdown or --lua stands alone");
        if (cli->markdown)
            th_doc_markdown(&out);
        else
            th_doc_meta(&out);
        return emit(&out, EXIT_WELL);
    }
    if (cli->arg_count)
        return explain_names(cli);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        th_str_puts(&out, i ? "\n" : "");
        th_doc_help(all[i], &out);
    }
    return emit(&out, EXIT_WELL);
}

const th_command th_cmd_api = {
    "api",
    "[NAME…]",
    "what plugins and scripts may call",
    "Lists the functions and objects of the API, or explains NAME: host.date, span:before, span.text, corpus. The same is in\n"
    "docs/api.md and, at the prompt (talenthost repl), in help(x).",
    OPT_MARKDOWN | OPT_LUA,
    run,
};
