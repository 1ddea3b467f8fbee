"""One article in many wrappings: whatever encoding and format it comes in, text, title, date and source are the same."""
import csv
import gzip
import html
import io
import json
import re
import shutil
import tarfile
import unittest
import zipfile
from xml.sax.saxutils import escape

import pdf
from world import SHARED, SOURCE, TEXT, World

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def split_front_matter(text):
    """The fields of a front matter and what stands behind it; no fields when there is none."""
    if not text.startswith("---\n"):
        return {}, text
    head, body = text[4:].split("\n---\n", 1)
    return {k: v.strip().strip('"') for k, v in (line.split(":", 1) for line in head.splitlines() if ":" in line)}, body


def plain_lines(text, want):
    """The article as the lines a reader sees on a page: title, where it is from, paragraphs."""
    fields, body = split_front_matter(text)
    lines = []
    if fields:
        info = [fields.get("date", "")[:16], f"来源：{want['source']}" if want["source"] else ""]
        lines = [fields.get("title", ""), " ".join(filter(None, info))]
        if fields.get("author"):
            lines[1] += f" 作者：{fields['author']}"
        body = re.sub(r"^(#+|[-*]|>) ", "", html.unescape(re.sub(r"<br */?>", "\n", body)), flags=re.M)
        body = re.sub(r"\[([^]]*)\]\([^)]*\)|<(https?:[^>]*)>", lambda m: m[1] or m[2], body)
        body = re.sub(r"<[^>]+>|\*\*", "", body)
    return [line.strip() for line in lines + body.splitlines() if line.strip()]


def as_html(lines):
    body = "\n".join(f"<p>{html.escape(line)}</p>" for line in lines)
    return f'<!DOCTYPE html>\n<html lang="zh"><head><meta charset="utf-8"></head><body>\n{body}\n</body></html>\n'.encode()


def as_docx(lines):
    def paragraph(line):
        middle = len(line) // 2  # Word cuts text into runs anywhere
        runs = "".join(f'<w:r><w:t xml:space="preserve">{escape(part)}</w:t></w:r>' for part in (line[:middle], line[middle:]) if part)
        return f"<w:p>{runs}</w:p>"

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("[Content_Types].xml", '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>')
        z.writestr("_rels/.rels", '<?xml version="1.0"?><Relationships/>')
        z.writestr("docProps/core.xml", '<cp:coreProperties xmlns:cp="c" xmlns:dc="http://purl.org/dc/elements/1.1/" '
                   'xmlns:dcterms="http://purl.org/dc/terms/"><dc:title>文档1</dc:title><dc:creator>Administrator</dc:creator>'
                   "<dcterms:created>2001-02-03T04:05:06Z</dcterms:created></cp:coreProperties>")
        z.writestr("word/document.xml", f'<?xml version="1.0" encoding="UTF-8"?><w:document {W}><w:body>'
                   + "".join(map(paragraph, lines)) + "<w:sectPr/></w:body></w:document>")
    return out.getvalue()


def body_of(text, want):
    """What stands in a column of texts: a plain article as it is, of one with front matter what is below its head."""
    fields, body = split_front_matter(text)
    return "\n".join(plain_lines(text, want)[2:]) if fields else body


def as_rows(text, want, delimiter):
    out = io.StringIO(newline="")
    rows = csv.writer(out, delimiter=delimiter)
    rows.writerow(["标题", "发布日期", "来源", "正文"])
    rows.writerow([want["title"], want["date"] or "", want["source"] or "", body_of(text, want)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_ndjson(text, want):
    row = {"title": want["title"], "date": want["date"], "source": want["source"], "text": body_of(text, want)}
    return (json.dumps({k: v for k, v in row.items() if v}, ensure_ascii=False) + "\n").encode()


def as_archives(files):
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in files.items():
            z.writestr(f"文章/{name}", data)
    with tarfile.open(fileobj=tarred, mode="w", format=tarfile.PAX_FORMAT) as t:
        for name, data in files.items():
            entry = tarfile.TarInfo(f"文章/{name}")
            entry.size = len(data)
            t.addfile(entry, io.BytesIO(data))
    return zipped.getvalue(), gzip.compress(tarred.getvalue())


def squeeze(text):
    return re.sub(r"\s+", "", text or "")


class RoundTrip(World):
    """Each variant is a file NAME.VARIANT…; the article as it is comes first, and says what is wanted."""

    def load(self, files):
        shutil.rmtree(self.dir / "articles")
        for suffix in ("", "-wal", "-shm"):
            (self.dir / f"t.db{suffix}").unlink(missing_ok=True)
        for name, data in files.items():
            self.article(name, data)
        done = self.run_program("load")
        self.assertEqual(done.returncode, 0, done.stderr)
        columns = ("text", "title", "date", "source")
        return {path.removeprefix("articles/"): dict(zip(columns, rest))
                for path, *rest in self.rows("SELECT path, text, title, date, source FROM article")}

    def needs(self, name, data, mark):
        """Leave the test out where the program does not take such files apart: then no path holds `mark`."""
        self.article(name, data)
        self.run_program("load")
        if not any(mark in path for path, in self.rows("SELECT path FROM article")):
            self.skipTest(f"this program does not take {name} apart")

    def texts(self, folder):
        return {p.name: p.read_text(encoding="utf-8-sig") for p in sorted(folder.iterdir()) if p.suffix in (".txt", ".md")}

    def same(self, found, want, what, wrong):
        if found is None:
            wrong.append(f"{what}: not loaded")
            return
        for field in ("title", "date", "source"):
            if squeeze(found[field]) != squeeze(want[field]):
                wrong.append(f"{what}: {field}: {found[field]!r}, not {want[field]!r}")
        a, b = squeeze(found["text"]), squeeze(want["text"])
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            wrong.append(f"{what}: text differs at {at} of {len(b)}: {a[max(0, at - 15):at + 25]!r}, not {b[max(0, at - 15):at + 25]!r}")

    def compare(self, folder, wrap):
        """`wrap(name, text, wanted)` gives the files of one article, by name."""
        texts = self.texts(folder)
        wanted = self.load({name: text.encode() for name, text in texts.items()})
        files = {}
        for name, text in texts.items():
            files.update(wrap(name, text, wanted[name]))
        found = self.load(files)
        wrong = []
        for name in files:
            article = name.split("=")[0]
            self.same(found.get(name) or found.get(f"{name}#1") or found.get(f"{name}#2"), wanted[article], name, wrong)
        self.assertGreater(len(files), 0)
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))

    def encodings(self, name, text, _):
        out = {f"{name}=utf8bom": b"\xef\xbb\xbf" + text.encode(), f"{name}=gb18030": text.encode("gb18030"),
               f"{name}=utf16le": b"\xff\xfe" + text.encode("utf-16-le"), f"{name}=utf16be": b"\xfe\xff" + text.encode("utf-16-be")}
        try:
            out[f"{name}=big5"] = text.encode("big5hkscs")
        except UnicodeEncodeError:
            pass  # simplified characters
        return out

    def pages(self, name, text, want):
        lines = plain_lines(text, want)
        return {f"{name}=html": as_html(lines), f"{name}=docx": as_docx(lines)}

    def pdfs(self, name, text, want):
        lines = plain_lines(text, want)
        return {f"{name}=indented.pdf": pdf.write(pdf.pages(lines, header="某报电子版", numbers=True)),
                f"{name}=spaced.pdf": pdf.write(pdf.pages(lines, indent=0, gap=10))}

    def rows_of(self, name, text, want):
        return {f"{name}=csv": as_rows(text, want, ","), f"{name}=tsv": as_rows(text, want, "\t"), f"{name}=ndjson": as_ndjson(text, want)}

    def as_rows(self, folder):
        self.needs("a.csv", "标题,正文\n甲地纪事,甲地引进人才。\n乙地纪事,乙地引进人才。\n", "#")
        self.compare(folder, self.rows_of)

    def archived(self, folder):
        self.needs("a.zip", as_archives({"a.txt": TEXT.encode()})[0], "!")
        texts = self.texts(folder)
        wanted = self.load({name: text.encode() for name, text in texts.items()})
        zipped, tarred = as_archives({name: text.encode() for name, text in texts.items()})
        wrong = []
        for archive, data in {"all.zip": zipped, "all.tar.gz": tarred}.items():
            found = self.load({archive: data})
            for name in texts:
                self.same(found.get(f"{archive}!文章/{name}"), wanted[name], f"{archive}!{name}", wrong)
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))


SAMPLES = SOURCE / "samples" / "articles"
has_real = unittest.skipUnless((SHARED / "articles").is_dir(), "no shared articles here (TALENTHOST_SHARED)")
has_pdf = unittest.skipUnless(shutil.which("pdftotext"), "no pdftotext here (package poppler-utils)")


class Samples(RoundTrip):
    def test_encodings(self):
        self.compare(SAMPLES, self.encodings)

    def test_html_and_word(self):
        self.compare(SAMPLES, self.pages)

    @has_pdf
    def test_pdf(self):
        self.compare(SAMPLES, self.pdfs)

    def test_rows(self):
        self.as_rows(SAMPLES)

    def test_archives(self):
        self.archived(SAMPLES)


@has_real
class Real(RoundTrip):
    def test_encodings(self):
        self.compare(SHARED / "articles", self.encodings)

    def test_html_and_word(self):
        self.compare(SHARED / "articles", self.pages)

    @has_pdf
    def test_pdf(self):
        self.compare(SHARED / "articles", self.pdfs)

    def test_rows(self):
        self.as_rows(SHARED / "articles")

    def test_archives(self):
        self.archived(SHARED / "articles")
