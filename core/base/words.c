/* words.c - see words.h. A pair's Chinese takes the same values in the same order; what it has no use for (plural s) is "%.0s". */
#include "base/words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const th_word_pair pairs[] = {
    /* what a run did */
    {"nothing to do: %zu file%s unchanged", "无事可做：%zu 个文件未变%.0s"},
    {"files: %zu new, %zu changed, %zu unchanged, %zu failed", "文件：新增 %zu，变更 %zu，未变 %zu，失败 %zu"},
    {"files: %zu seen, %zu new, %zu changed, %zu unchanged, %zu failed", "文件：共 %zu，新增 %zu，变更 %zu，未变 %zu，失败 %zu"},
    {", %zu gone", "，消失 %zu"},
    {", %zu back", "，恢复 %zu"},
    {"; duplicates: %zu (%zu with small edits)", "；重复：%zu（其中略有改动 %zu）"},
    {", %zu plugin%s up to date", "，%zu 个插件%.0s结果最新"},
    {"; plugins: %zu ran on %zu article%s, %zu records", "；插件：%zu 个，文章 %zu 篇%.0s，记录 %zu 条"},
    {"; failures: %zu (SELECT * FROM failure tells more)", "；失败：%zu（详见 SELECT * FROM failure）"},
    {"; %.2f s", "；%.2f 秒"},
    {" (with their items: ", "（连同其中条目："},
    {" (", "（"},
    {")", "）"},
    {"\narticles: %zu read, %zu duplicate%s (%zu with small edits)", "\n文章：读入 %zu，重复 %zu%.0s（其中略有改动 %zu）"},
    {", %zu item%s failed", "，失败条目 %zu%.0s"},
    {", %zu gone from %s file", "，%zu 条已不在文件中%.0s"},
    {", %zu with a warning", "，有警告 %zu"},
    {"; %zu file%s read again for lines that recur", "；因重复行重读文件 %zu%.0s"},
    {"; the table `failure` tells more", "；详见数据表 failure"},
    {"\n%.1f MB in %.2f s", "\n%.1f MB，%.2f 秒"},
    {": %.1f MB/s, %.1f MB/s of a worker's time", "：%.1f MB/秒，按工作进程时间 %.1f MB/秒"},
    {"would be: ", "（试运行）"},
    {"%zu article%s written to %s", "已写出 %zu 篇文章%.0s：%s"},
    {"gold: %zu article%s written to %s, %zu refused, %zu warning%s", "标注：写出 %zu 篇%.0s到 %s，退回 %zu 篇，警告 %zu 条%.0s"},
    {"the index is gone; grep scans the texts", "索引已删除，grep 将逐篇扫描"},
    {"the index is built; loading keeps it up to date", "索引已建立，以后读入时自动更新"},
    {"%s%zu article%s forgotten%s", "%s已删除 %zu 篇文章%.0s%s"},

    /* heads of tables */
    {"id", "编号"},
    {"job", "任务"},
    {"schedule", "时间表"},
    {"next", "下次"},
    {"last", "上次"},
    {"status", "状态"},
    {"started", "开始"},
    {"seconds", "秒"},
    {"attempts", "次数"},
    {"message", "说明"},
    {"date", "日期"},
    {"region", "地区"},
    {"source", "来源"},
    {"bytes", "字节"},
    {"format", "格式"},
    {"title", "标题"},
    {"path", "路径"},
    {"duplicate_of", "重复于"},
    {"plugin", "插件"},
    {"version", "版本"},
    {"needs", "依赖"},
    {"records", "记录"},
    {"summary", "说明"},
    {"record", "记录"},
    {"field", "字段"},
    {"type", "类型"},
    {"optional", "可缺"},
    {"yes", "是"},
    {"does not load: %s", "无法加载：%s"},

    /* eval */
    {"gold", "标注"},
    {"pred", "识别"},
    {"right", "正确"},
    {"P", "准确率"},
    {"R", "召回率"},
    {"share", "比例"},
    {"gold: ", "标注："},
    {"articles found", "找到文章"},
    {"gold metrics not in the text", "正文中没有的标注指标"},
    {"aspect", "口径"},
    {"metrics", "指标"},
    {"policies", "政策"},
    {"rankings", "排名"},
    {"programmes", "项目"},
    {"times", "时间"},
    {"regions", "地区"},
    {"body", "正文"},
    {"meta", "元数据"},
    {"metrics: mention", "指标：出现"},
    {"metrics: value+unit", "指标：数值+单位"},
    {"metrics: value+unit+cmp", "指标：数值+单位+比较词"},
    {"policies: sentence", "政策：句子"},
    {"policies: stage", "政策：环节"},
    {"policies: instrument", "政策：工具"},
    {"rankings: overlap", "排名：位置"},
    {"rankings: rank", "排名：名次"},
    {"rankings: rank+scope", "排名：名次+范围"},
    {"rankings: rank+scope+streak", "排名：名次+范围+连续"},
    {"programmes: text", "项目：名称"},
    {"programmes: overlap", "项目：位置"},
    {"times: overlap", "时间：位置"},
    {"times: text", "时间：文字"},
    {"times: text+dates", "时间：文字+日期"},
    {"regions: text+code", "地区：名称+代码"},
    {"regions: text", "地区：名称"},
    {"body: headings", "正文：小标题"},
    {"body: boilerplate absent", "正文：无套话残留"},
    {"body: first and last present", "正文：首尾完整"},
    {"body: captions found", "正文：图片说明"},
    {"meta: title", "元数据：标题"},
    {"meta: date", "元数据：日期"},
    {"meta: source", "元数据：来源"},
    {"meta: authors", "元数据：作者"},
    {"meta: region_code", "元数据：地区代码"},
    {"metric field: cmp", "指标字段：比较词"},
    {"metric field: cmp, where not exact", "指标字段：比较词（非“等于”）"},
    {"metric field: indicator", "指标字段：指标"},
    {"metric field: aspect", "指标字段：口径"},
    {"metric field: subject exact", "指标字段：主体（全同）"},
    {"metric field: subject partial", "指标字段：主体（部分）"},
    {"metric field: time", "指标字段：时间"},
    {"metric field: all (subject partial)", "指标字段：全部（主体部分）"},
    {"programme type (of text matches)", "项目类型（名称相同者）"},
    {"region level (of text+code matches)", "地区级别（名称代码相同者）"},
    {"missed", "遗漏"},
    {"false alarm", "误报"},
    {"wrong value or unit", "数值或单位有误"},
    {"wrong field", "字段有误"},
    {"wrong text", "名称有误"},
    {"\nchanged since the earlier evaluation:\n", "\n与上次相比的变化：\n"},
    {"\nno figure has changed\n", "\n各项数字未变\n"},
    {"warning: %s\n", "警告：%s\n"},

    /* errors */
    {"%s: no such database; `talenthost run` makes it", "%s: 数据库不存在；运行 `talenthost run` 建立"},
    {"%s: being written by process %ld; wait until it ends", "%s: 进程 %ld 正在写入；请等它结束"},
    {"%s: being written by process %ld on %s since %s (%s); wait until it ends, or let --wait do it",
     "%s: 进程 %ld（主机 %s）自 %s 起正在写入（%s）；请等它结束，或用 --wait 等待"},
    {"%s: locked by another program; close it and run again", "%s: 被其他程序锁定；请关闭后重试"},
    {"%s: no article \"%s\"; give an id, a path or the end of a path", "%s: 没有文章“%s”；请给出编号、路径或路径结尾"},
    {"%s:%d:%d: unknown key \"%.60s\"%s%s%s%s", "%s:%d:%d: 未知的键“%.60s”%s%s%s%s"},
    {"%s:%d:%d: %s: expected %s, got \"%.80s\"", "%s:%d:%d: %s: 应为 %s，实为“%.80s”"},
    {"%s:%d:%d: %s: expected %s, got %s", "%s:%d:%d: %s: 应为 %s，实为 %s"},
    {"%s: no such script, neither here nor in %s (scripts: in config.yaml)", "%s: 没有这个脚本，此处和 %s（config.yaml 的 scripts）都没有"},
    {"talenthost: unknown command \"%s\"%s%s%s; `talenthost --help` lists them\n", "talenthost: 没有命令“%s”%s%s%s；`talenthost --help` 列出全部命令\n"},
    {"; did you mean \"", "；是否指“"},
    {"\"?", "”？"},
    {"%s: %s \"%s\"; `talenthost %s --help` lists the options", "%s: %s“%s”；`talenthost %s --help` 列出全部选项"},
    {"a value is missing behind", "缺少值："},
    {"unknown option", "未知选项"},
    {"%s %s: expected %s, got \"%s\"", "%s %s: 应为 %s，实为“%s”"},
    {"a whole number", "整数"},
    {"a day such as 2024-11-22", "日期，如 2024-11-22"},
    {"%s: %s; usage: talenthost %s %s", "%s: %s；用法：talenthost %s %s"},
    {"takes no argument", "不带参数"},
    {"nothing to load: name files or folders, or set articles: in config.yaml", "没有可读入的内容：请给出文件或文件夹，或在 config.yaml 设置 articles:"},
    {"name a word to look for", "请给出要找的词"},
    {"expected the folder of gold files", "请给出标注文件夹"},
    {"expected the id or the path of one article", "请给出一篇文章的编号或路径"},
    {"expected one SQL statement in quotes", "请给出一条加引号的 SQL 语句"},
    {"no plugin is called \"%s\"%s%s%s", "没有插件“%s”%s%s%s"},
    {"name the corrected files", "请给出校正后的文件"},
    {"--output: name the folder for the gold files", "--output: 请给出标注文件夹"},
    {"export: no article of the store fits; `talenthost articles` lists them", "export: 没有符合条件的文章；`talenthost articles` 列出全部"},
    {"out of memory", "内存不足"},
};

static bool is_chinese;

const char *th_lang_of_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strncmp(value, "zh", 2) == 0 ? "zh" : "en";
    }
    return "en";
}

void th_lang_set(const char *lang)
{
    is_chinese = strcmp(lang, "zh") == 0;
}

const char *th_lang(void)
{
    return is_chinese ? "zh" : "en";
}

const char *th_words(const char *english)
{
    for (size_t i = 0; is_chinese && i < sizeof pairs / sizeof *pairs; i++)
        if (strcmp(pairs[i].english, english) == 0)
            return pairs[i].chinese;
    return english;
}

const th_word_pair *th_words_all(size_t *count)
{
    *count = sizeof pairs / sizeof *pairs;
    return pairs;
}
