/* templates.h - the texts `talenthost new` and `init` write; {{name}} stands for the name. */
#ifndef TH_CLI_TEMPLATES_H
#define TH_CLI_TEMPLATES_H

extern const char th_template_plugin[], th_template_test[], th_template_words[], th_template_article[], th_template_golden[],
    th_template_doc[], th_template_script[], th_template_config[], th_template_luarc[], th_template_vscode[], th_template_folder[],
    th_template_ignore[];

#endif
