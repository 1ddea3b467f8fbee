"""PDF: pdftotext as a process of its own, and what becomes of files it can not read."""
import io
import os
import shutil
import stat
import unittest
import zipfile

import pdf
from world import World

TEXT = ["云岭区人才工作取得新进展", "2024-05-20 09:30 来源: 云岭日报",
        "去年，云岭区引进高层次人才120人，发放补贴超300万元，建成人才公寓5套，人才总量居全市前列，各项工作取得明显成效，群众满意度持续提高。" * 4,
        "截至目前，云岭区建成人才公寓5套。"]


@unittest.skipUnless(shutil.which("pdftotext"), "no pdftotext here (package poppler-utils)")
class Pdf(World):
    def test_reads_a_pdf_of_several_pages(self):
        body = [f"{TEXT[2]}第{i}段。" for i in range(1, 30)]
        self.article("a.pdf", pdf.write(pdf.pages(TEXT[:2] + body, header="云岭日报电子版", numbers=True)))
        self.check(0, "load")
        self.assertEqual(self.rows("SELECT format, title, date, source FROM article"),
                         [("pdf", TEXT[0], "2024-05-20", "云岭日报")])
        self.assertEqual(self.rows("SELECT text FROM article")[0][0].split("\n"), body)
        dropped = dict(self.rows("SELECT reason, count(*) FROM dropped GROUP BY reason"))
        self.assertEqual(dropped["page-header"], dropped["page-number"])
        self.assertGreater(dropped["page-number"], 5)

    def test_a_run_with_many_pdfs_and_texts_goes_through(self):
        for i in range(20):
            self.article(f"p{i}.pdf", pdf.write(pdf.pages([f"云岭区纪事{i}", f"第{i}篇。" + TEXT[2]])))
            self.article(f"t{i}.txt")
        self.check(0, "load")
        self.assertEqual(self.rows("SELECT format, count(*) FROM article GROUP BY format"), [("pdf", 20), ("text", 20)])
        self.assertEqual(len(set(self.rows("SELECT title FROM article WHERE format = 'pdf'"))), 20)

    def test_a_pdf_in_an_archive_is_read_too(self):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as z:
            z.writestr("a.pdf", pdf.write(pdf.pages(TEXT)))
            z.writestr("b.pdf", b"%PDF-1.4 nothing")
            z.writestr("c.txt", "云岭区纪事\n" + TEXT[2])
        self.article("all.zip", packed.getvalue())
        if "is a zip archive (format)" in self.run_program("load", "--store", "probe.db").stderr:
            self.skipTest("this program does not take archives apart")
        self.check(1, "load", says="all.zip!b.pdf: is a damaged PDF")
        self.assertEqual(self.rows("SELECT path, format FROM article ORDER BY path"),
                         [("articles/all.zip!a.pdf", "pdf"), ("articles/all.zip!c.txt", "text")])

    def test_bad_pdfs_say_why(self):
        self.article("damaged.pdf", b"%PDF-1.4\nno objects here\n")
        self.article("pictures.pdf", pdf.write([[], []]))
        self.article("locked.pdf", LOCKED)
        done = self.check(1, "load")
        self.assertIn("(parse)", self.one_line(done, "articles/damaged.pdf: is a damaged PDF: pdftotext: "))
        self.assertIn("(empty)", self.one_line(done, "articles/pictures.pdf: is a PDF without a text layer (2 pages of pictures)"))
        self.assertIn("(unreadable)", self.one_line(done, "articles/locked.pdf: is a PDF that needs a password"))


class Converter(World):
    """A program in pdftotext's place shows what the host does about it."""

    def put(self, script):
        path = self.write("bin/pdftotext", "#!/bin/sh\n" + script)
        os.chmod(path, stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)
        self.article("a.pdf", b"%PDF-1.4\n")
        old = os.environ["PATH"]
        os.environ["PATH"] = f"{self.dir / 'bin'}:{old}"
        self.addCleanup(os.environ.__setitem__, "PATH", old)

    def test_without_pdftotext_the_package_is_named(self):
        self.article("a.pdf", b"%PDF-1.4\n")
        self.article("b.txt")
        old = os.environ["PATH"]
        os.environ["PATH"] = str(self.dir)
        self.addCleanup(os.environ.__setitem__, "PATH", old)
        done = self.check(1, "load")
        self.assertIn("(format)", self.one_line(done, "articles/a.pdf: is a PDF, and pdftotext is not installed; install the package poppler-utils"))
        self.assertEqual(self.rows("SELECT path FROM article"), [("articles/b.txt",)])

    def test_one_that_hangs_is_ended(self):
        self.config("limits: {wall: 0.1s, cpu: 0.1s}\n")
        self.put("while :; do :; done\n")
        self.check(1, "load", says="articles/a.pdf: pdftotext took longer than")

    def test_one_that_dies_costs_its_file_only(self):
        self.put("kill -SEGV $$\n")
        self.article("b.txt")
        self.check(1, "load", says="articles/a.pdf: ")
        self.assertEqual(self.rows("SELECT path FROM article"), [("articles/b.txt",)])

    def test_one_that_writes_nonsense_is_no_article(self):
        self.put("echo nonsense\n")
        self.check(1, "load", says="articles/a.pdf: pdftotext wrote no whole document")

    def test_it_can_neither_write_files_nor_read_others(self):
        secret = self.write("secret", "geheim")
        self.put(f"read line <{secret}; echo \"$line\"; echo x >{self.dir}/written; echo done >&2; exit 1\n")
        done = self.check(1, "load", says="is a damaged PDF")
        self.assertNotIn("geheim", done.stderr)
        self.assertFalse((self.dir / "written").exists())


LOCKED = b"""%PDF-1.4
1 0 obj
<< /Type /Catalog /Pages 2 0 R >>
endobj
2 0 obj
<< /Type /Pages /Kids [] /Count 0 >>
endobj
3 0 obj
<< /Filter /Standard /V 1 /R 2 /P -4 /O (""" + b"o" * 32 + b""") /U (""" + b"u" * 32 + b""") >>
endobj
xref
0 4
0000000000 65535 f 
0000000009 00000 n 
0000000058 00000 n 
0000000110 00000 n 
trailer
<< /Size 4 /Root 1 0 R /Encrypt 3 0 R /ID [(aaaaaaaaaaaaaaaa) (aaaaaaaaaaaaaaaa)] >>
startxref
253
%%EOF
"""
