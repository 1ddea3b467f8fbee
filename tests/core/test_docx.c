/* Word documents: what of them is text, what is a heading, which numbers stand before paragraphs; and bad ones. */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>

#include "load_helper.h"

#define W "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\""
#define DOCUMENT(body) "<?xml version=\"1.0\"?><w:document " W " xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\"><w:body>" body "</w:body></w:document>"
#define P(text) "<w:p><w:r><w:t xml:space=\"preserve\">" text "</w:t></w:r></w:p>"
#define STYLED(style, text) "<w:p><w:pPr><w:pStyle w:val=\"" style "\"/></w:pPr><w:r><w:t>" text "</w:t></w:r></w:p>"
#define PROSE "全市全年引进各类人才一万二千人，其中高层次人才三百余人，发放各类补贴两亿元，人才总量居全省前列，各项工作取得明显成效。"

typedef struct member {
    const char *name, *text;
} member;

/* A zip of the members after "[Content_Types].xml". */
static size_t pack(char *out, size_t size, const member *members, size_t count)
{
    struct archive *a = archive_write_new();
    size_t used = 0;

    archive_write_set_format_zip(a);
    assert_int_equal(archive_write_open_memory(a, out, size, &used), ARCHIVE_OK);
    for (size_t i = 0; i <= count; i++) {
        const char *name = i ? members[i - 1].name : "[Content_Types].xml", *text = i ? members[i - 1].text : "<Types/>";
        struct archive_entry *e = archive_entry_new();
        archive_entry_set_pathname(e, name);
        archive_entry_set_size(e, (la_int64_t)strlen(text));
        archive_entry_set_filetype(e, AE_IFREG);
        assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
        assert_int_equal(archive_write_data(a, text, strlen(text)), (la_ssize_t)strlen(text));
        archive_entry_free(e);
    }
    archive_write_close(a);
    archive_write_free(a);
    return used;
}

static void load_members(loading *l, const member *members, size_t count)
{
    static char zip[1 << 20];

    load_named(l, "a.docx", zip, pack(zip, sizeof zip, members, count));
}

static void load_document(loading *l, const char *document)
{
    load_members(l, &(member){"word/document.xml", document}, 1);
}

static void assert_text(const char *document, const char *title, const char *text)
{
    loading l;

    load_document(&l, document);
    if (l.status != TH_OK)
        fail_msg("%s", l.err.text);
    assert_string_equal(l.article->format, "docx");
    assert_string_equal(l.article->title, title);
    assert_string_equal(l.article->text, text);
    unload(&l);
}

static void reads_paragraphs_tabs_and_line_breaks(void **state)
{
    (void)state;

    assert_text(DOCUMENT(P("云岭区引才纪事") "<w:p><w:r><w:t>去年引进</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>120人。</w:t></w:r></w:p>"
                         "<w:p><w:r><w:t>前行</w:t><w:br/><w:t>后行</w:t><w:tab/><w:t>再后</w:t></w:r></w:p>" P(PROSE)),
                "云岭区引才纪事", "去年引进120人。\n前行\n后行 再后\n" PROSE);
}

static void leaves_out_what_a_reader_does_not_see(void **state)
{
    (void)state;

    assert_text(DOCUMENT(P("云岭区引才纪事")
                         "<w:p><w:del><w:r><w:delText>旧</w:delText></w:r></w:del><w:ins><w:r><w:t>新</w:t></w:r></w:ins>"
                         "<w:moveFrom><w:r><w:t>移走</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>移来</w:t></w:r></w:moveTo>"
                         "<w:r><w:rPr><w:vanish/></w:rPr><w:t>藏</w:t></w:r><w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>显</w:t></w:r>"
                         "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>DATE \\@ yyyy</w:instrText></w:r>"
                         "<w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>2024</w:t></w:r>"
                         "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r><w:ruby><w:rt><w:r><w:t>pin</w:t></w:r></w:rt>"
                         "<w:rubyBase><w:r><w:t>拼</w:t></w:r></w:rubyBase></w:ruby></w:p>" P(PROSE)),
                "云岭区引才纪事", "新移来显2024拼\n" PROSE);
}

static void text_boxes_come_behind_their_paragraph_and_only_once(void **state)
{
    (void)state;

    assert_text(DOCUMENT(P("云岭区引才纪事")
                         "<w:p><w:r><w:t>前</w:t></w:r><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>" P("框中文字。")
                         "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>" P("框中文字。")
                         "</w:txbxContent></mc:Fallback></mc:AlternateContent><w:t>后。</w:t></w:r></w:p>" P(PROSE)),
                "云岭区引才纪事", "前后。\n框中文字。\n" PROSE);
}

static void tables_are_a_line_a_row(void **state)
{
    loading l;
    (void)state;

    load_document(&l, DOCUMENT(P("云岭区引才纪事") P(PROSE) "<w:tbl><w:tr><w:tc>" P("指标") "</w:tc><w:tc>" P("数量") "</w:tc></w:tr><w:tr><w:tc>"
                               P("引进人才") "</w:tc><w:tc>" P("120人") P("（含团队）") "</w:tc></w:tr></w:tbl>"
                               "<w:tbl><w:tr><w:tc>" P("框内一段。") P("框内又一段。") "</w:tc></w:tr></w:tbl>"));

    assert_int_equal(l.status, TH_OK);
    assert_string_equal(l.article->text, PROSE "\n指标 | 数量\n引进人才 | 120人 （含团队）\n框内一段。\n框内又一段。");
    assert_int_equal(kind_of(&l, "指标 | 数量"), TH_BLOCK_TABLE);
    assert_int_equal(kind_of(&l, "框内一段。"), TH_BLOCK_PARAGRAPH);
    unload(&l);
}

static void footnotes_come_behind_the_paragraph_that_refers_to_them(void **state)
{
    static const member members[] = {
        {"word/document.xml", DOCUMENT(P("云岭区引才纪事") "<w:p><w:r><w:t>引进120人。</w:t></w:r><w:r><w:footnoteReference w:id=\"2\"/></w:r></w:p>" P(PROSE))},
        {"word/footnotes.xml", "<w:footnotes " W "><w:footnote w:type=\"separator\" w:id=\"0\">" P("线") "</w:footnote>"
                               "<w:footnote w:id=\"2\">" P("含柔性引进。") "</w:footnote></w:footnotes>"},
        {"word/header1.xml", "<w:hdr " W ">" P("页眉") "</w:hdr>"},
    };
    loading l;
    (void)state;

    load_members(&l, members, 3);

    assert_int_equal(l.status, TH_OK);
    assert_string_equal(l.article->text, "引进120人。\n含柔性引进。\n" PROSE);
    unload(&l);
}

static const char styles[] =
    "<w:styles " W "><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"a\"><w:name w:val=\"Normal\"/></w:style>"
    "<w:style w:type=\"paragraph\" w:styleId=\"1\"><w:name w:val=\"heading 1\"/><w:pPr><w:numPr><w:numId w:val=\"1\"/></w:numPr></w:pPr></w:style>"
    "<w:style w:type=\"paragraph\" w:styleId=\"2\"><w:name w:val=\"标题 2\"/><w:pPr><w:numPr><w:ilvl w:val=\"1\"/><w:numId w:val=\"1\"/></w:numPr></w:pPr></w:style>"
    "<w:style w:type=\"paragraph\" w:styleId=\"mine\"><w:name w:val=\"我的小节\"/><w:basedOn w:val=\"base\"/></w:style>"
    "<w:style w:type=\"paragraph\" w:styleId=\"base\"><w:name w:val=\"底\"/><w:pPr><w:outlineLvl w:val=\"2\"/></w:pPr></w:style>"
    "<w:style w:type=\"paragraph\" w:styleId=\"T\"><w:name w:val=\"Title\"/></w:style>"
    "<w:style w:type=\"paragraph\" w:styleId=\"TOC1\"><w:name w:val=\"toc 1\"/></w:style>"
    "<w:style w:type=\"paragraph\" w:styleId=\"cap\"><w:name w:val=\"caption\"/></w:style></w:styles>";

static const char numbering[] =
    "<w:numbering " W "><w:abstractNum w:abstractNumId=\"7\"><w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/><w:numFmt w:val=\"chineseCountingThousand\"/>"
    "<w:lvlText w:val=\"第%1章\"/></w:lvl><w:lvl w:ilvl=\"1\"><w:start w:val=\"1\"/><w:numFmt w:val=\"chineseCounting\"/><w:lvlText w:val=\"（%2）\"/></w:lvl>"
    "</w:abstractNum><w:abstractNum w:abstractNumId=\"8\"><w:lvl w:ilvl=\"0\"><w:numFmt w:val=\"bullet\"/><w:lvlText w:val=\"\xEF\x82\xB7\"/></w:lvl>"
    "<w:lvl w:ilvl=\"1\"><w:start w:val=\"3\"/><w:numFmt w:val=\"decimal\"/><w:lvlText w:val=\"%2.\"/></w:lvl></w:abstractNum>"
    "<w:num w:numId=\"1\"><w:abstractNumId w:val=\"7\"/></w:num><w:num w:numId=\"2\"><w:abstractNumId w:val=\"8\"/></w:num></w:numbering>";

#define LISTED(level, text) "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"" level "\"/><w:numId w:val=\"2\"/></w:numPr></w:pPr><w:r><w:t>" text "</w:t></w:r></w:p>"

static void styles_tell_title_headings_and_contents(void **state)
{
    static const member members[] = {
        {"word/document.xml", DOCUMENT(P("内部资料") STYLED("T", "云岭市人才") STYLED("T", "发展报告") STYLED("TOC1", "总则1") STYLED("1", "总则") P(PROSE)
                                       STYLED("2", "目标") P(PROSE) STYLED("mine", "细目") P(PROSE) STYLED("1", "附则") P(PROSE) STYLED("cap", "图为一角")
                                       LISTED("0", "圆点项目。") LISTED("1", "数字项目。") LISTED("1", "数字又一项。"))},
        {"word/styles.xml", styles}, {"word/numbering.xml", numbering},
    };
    loading l;
    (void)state;

    load_members(&l, members, 3);

    if (l.status != TH_OK)
        fail_msg("%s", l.err.text);
    assert_string_equal(l.article->title, "云岭市人才 发展报告");
    assert_string_equal(reason_of(&l, "总则1"), "contents");
    assert_int_equal(kind_of(&l, "第一章 总则"), TH_BLOCK_HEADING);
    assert_int_equal(kind_of(&l, "（一）目标"), TH_BLOCK_HEADING);
    assert_int_equal(kind_of(&l, "细目"), TH_BLOCK_HEADING);
    assert_int_equal(kind_of(&l, "第二章 附则"), TH_BLOCK_HEADING);
    assert_int_equal(kind_of(&l, "图为一角"), TH_BLOCK_CAPTION);
    assert_int_equal(kind_of(&l, "圆点项目。"), TH_BLOCK_LIST);
    assert_int_equal(kind_of(&l, "3. 数字项目。"), TH_BLOCK_PARAGRAPH);
    assert_int_equal(kind_of(&l, "4. 数字又一项。"), TH_BLOCK_PARAGRAPH);
    for (size_t i = 0; i < l.article->block_count; i++) {
        const th_block *b = &l.article->blocks[i];
        if (b->kind == TH_BLOCK_HEADING)
            assert_int_equal(b->level, !strncmp(l.article->text + b->start, "第", 3) || !strncmp(l.article->text + b->start, "内", 3) ? 1 : !strncmp(l.article->text + b->start, "（", 3) ? 2 : 3);
    }
    unload(&l);
}

#define LARGE(size, text) "<w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr><w:r><w:rPr><w:sz w:val=\"" size "\"/></w:rPr><w:t>" text "</w:t></w:r></w:p>"

static void large_centred_lines_at_the_head_are_the_title(void **state)
{
    loading l;
    (void)state;

    load_document(&l, DOCUMENT(LARGE("96", "云岭市人民政府文件") P("云政〔2024〕1号") LARGE("44", "云岭市人民政府关于印发") LARGE("44", "人才发展规划的通知")
                               LARGE("36", "第一章 总则") P(PROSE) LARGE("36", "第二章 目标") P(PROSE)));

    assert_int_equal(l.status, TH_OK);
    assert_string_equal(l.article->title, "云岭市人民政府关于印发 人才发展规划的通知");
    assert_int_equal(kind_of(&l, "第一章 总则"), TH_BLOCK_HEADING);
    assert_int_equal(kind_of(&l, "第二章 目标"), TH_BLOCK_HEADING);
    unload(&l);
}

static void the_property_title_serves_when_the_text_has_none(void **state)
{
    static const char core[] = "<cp:coreProperties xmlns:cp=\"c\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>云岭区纪事</dc:title>"
                               "<dc:creator>打字员</dc:creator></cp:coreProperties>";
    static const member bare[] = {{"word/document.xml", DOCUMENT(P(PROSE) P(PROSE))}, {"docProps/core.xml", core}};
    static const member titled[] = {{"word/document.xml", DOCUMENT(P("真正的标题") P(PROSE))}, {"docProps/core.xml", core}};
    loading l;
    (void)state;

    load_members(&l, bare, 2);
    assert_int_equal(l.status, TH_OK);
    assert_string_equal(l.article->title, "云岭区纪事");
    assert_authors(&l, "");
    unload(&l);
    load_members(&l, titled, 2);
    assert_string_equal(l.article->title, "真正的标题");
    unload(&l);
}

static void assert_fails(const char *document, th_status status, const char *says)
{
    loading l;

    load_document(&l, document);
    assert_int_equal(l.status, status);
    if (!strstr(l.err.text, says))
        fail_msg("\"%s\" does not say \"%s\"", l.err.text, says);
    assert_int_equal(strncmp(l.err.text, "a.docx: ", 8), 0);
    unload(&l);
}

static void bad_documents_say_what_is_wrong(void **state)
{
    (void)state;

    assert_fails(DOCUMENT(""), TH_ERR_EMPTY, "has no text");
    assert_fails("no xml", TH_ERR_PARSE, "damaged");
    assert_fails("<!DOCTYPE d [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><d>&b;</d>", TH_ERR_PARSE, "document type");
}

static void damage_that_leaves_text_is_a_warning(void **state)
{
    loading l;
    (void)state;

    load_document(&l, "<w:document " W "><w:body>" P("云岭区引才纪事") P(PROSE) "<w:p><w:r><w:t>断在这");

    assert_int_equal(l.status, TH_OK);
    assert_int_equal(l.article->warning_count, 1);
    assert_non_null(strstr(l.article->warnings[0], "is damaged (word/document.xml: line"));
    assert_non_null(strstr(l.article->text, PROSE));
    unload(&l);
}

static void a_cut_off_zip_is_refused_or_warned_of(void **state)
{
    static char zip[1 << 16];
    static const member members[] = {{"word/document.xml", DOCUMENT(P("云岭区引才纪事") P(PROSE) P(PROSE))}};
    size_t len = pack(zip, sizeof zip, members, 1);
    (void)state;

    for (size_t cut = 60; cut < len; cut += 7) {
        loading l;
        load_named(&l, "a.docx", zip, cut);
        if (l.status == TH_OK) /* all of it, or said to be damaged */
            assert_true(l.article->warning_count > 0 || !strcmp(l.article->text, PROSE "\n" PROSE));
        else
            assert_true(strlen(l.err.text) > 10);
        unload(&l);
    }
}

static void a_bomb_is_refused(void **state)
{
    static char zip[4 << 20];
    size_t size = 40 << 20;
    char *text = malloc(size + 1);
    loading l;
    (void)state;

    memset(text, ' ', size);
    text[size] = '\0';
    size_t len = pack(zip, sizeof zip, &(member){"word/document.xml", text}, 1);
    load_named(&l, "a.docx", zip, len);
    assert_int_equal(l.status, TH_ERR_BOMB);
    assert_non_null(strstr(l.err.text, "expands to more than"));
    unload(&l);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_paragraphs_tabs_and_line_breaks),
        cmocka_unit_test(leaves_out_what_a_reader_does_not_see),
        cmocka_unit_test(text_boxes_come_behind_their_paragraph_and_only_once),
        cmocka_unit_test(tables_are_a_line_a_row),
        cmocka_unit_test(footnotes_come_behind_the_paragraph_that_refers_to_them),
        cmocka_unit_test(styles_tell_title_headings_and_contents),
        cmocka_unit_test(large_centred_lines_at_the_head_are_the_title),
        cmocka_unit_test(the_property_title_serves_when_the_text_has_none),
        cmocka_unit_test(bad_documents_say_what_is_wrong),
        cmocka_unit_test(damage_that_leaves_text_is_a_warning),
        cmocka_unit_test(a_cut_off_zip_is_refused_or_warned_of),
        cmocka_unit_test(a_bomb_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
