/* fields.c - see fields.h. */
#include "load/fields.h"

#include <string.h>

#include "load/reading.h"
#include "text/unicode.h"

static const char *const fields[TH_FIELDS] = {"title", "date", "text", "source", "url", "region", "author"};

/* The usual names, each in lower case and without white space, the surest first. */
static const char *const names[TH_FIELDS][28] = {
    [TH_FIELD_TITLE] = {"title", "标题", "题目", "文章标题", "新闻标题", "题名", "headline", "article_title"},
    [TH_FIELD_DATE] = {"date", "日期", "发布日期", "发布时间", "pubdate", "publish_date", "published", "pub_date", "publish_time",
                       "published_at", "发表时间", "发表日期", "成文日期", "印发日期", "发文日期", "公开日期", "publishdate", "pub_time",
                       "时间", "time", "datetime", "datepublished"},
    [TH_FIELD_TEXT] = {"text", "正文", "full_text", "fulltext", "全文", "文章正文", "正文内容", "articlebody", "内容", "文章内容",
                       "content", "contents", "body", "article", "文本", "文本内容", "原文", "report", "报告全文", "报告内容",
                       "article_text", "raw_text", "maintext", "txt", "政府工作报告", "工作报告"},
    [TH_FIELD_SOURCE] = {"source", "来源", "媒体", "新闻来源", "文章来源", "信息来源", "media", "publisher", "发布机构", "报纸"},
    [TH_FIELD_URL] = {"url", "链接", "网址", "link", "href", "原文链接", "地址链接", "文章链接", "source_url"},
    [TH_FIELD_REGION] = {"region", "省份", "地区", "province", "城市", "region_name", "city", "省市", "地市", "区域", "省", "市"},
    [TH_FIELD_AUTHOR] = {"author", "作者", "记者", "authors", "byline"},
};

const char th_fields_help[] = "text, 正文, full_text, 全文, 内容, content, body";

int th_field_named(const char *name)
{
    for (int i = 0; i < TH_FIELDS; i++)
        if (strcmp(fields[i], name) == 0)
            return i;
    return -1;
}

th_status th_loader_columns(th_loader *loader, const th_column *columns, size_t count, th_error *err)
{
    for (size_t i = 0; i < count; i++) {
        int field = th_field_named(columns[i].field);
        if (field < 0)
            return th_error_set(err, TH_ERR_USAGE, "columns: unknown field \"%s\"; there are title, date, text, source, url, region, "
                                "author", columns[i].field);
        loader->columns.names[field] = columns[i].name;
    }
    return TH_OK;
}

/* The next character of a name as it is compared: lower case, one width, neither white space nor marks; 0 at the end. */
static uint32_t next_folded(const char *name, size_t len, size_t *pos)
{
    while (*pos < len) {
        uint32_t c = th_fold_width(th_utf8_next(name, len, pos));
        if (c >= 'A' && c <= 'Z')
            c += 'a' - 'A';
        if (c > ' ' && c != 0xfeff && !th_is_space(c))
            return c;
    }
    return 0;
}

static bool same_name(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t i = 0, k = 0;
    uint32_t c;

    do {
        c = next_folded(a, a_len, &i);
        if (c != next_folded(b, b_len, &k))
            return false;
    } while (c);
    return true;
}

int th_column_fits(const th_columns *columns, th_field_of field, const char *name, size_t len)
{
    const int count = (int)(sizeof names[field] / sizeof *names[field]);

    if (columns->names[field])
        return same_name(name, len, columns->names[field], strlen(columns->names[field])) ? count + 1 : 0;
    for (int i = 0; i < count && names[field][i]; i++)
        if (same_name(name, len, names[field][i], strlen(names[field][i])))
            return count - i;
    return 0;
}
