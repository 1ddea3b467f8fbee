"""Files as office programs and browsers write them. Long: only under ./dev test --all (TALENTHOST_ALL), and only where the programs are."""
import os
import shutil
import subprocess
import unittest

from test_roundtrip import SAMPLES, RoundTrip, as_html, plain_lines


@unittest.skipUnless(os.environ.get("TALENTHOST_ALL"), "long; TALENTHOST_ALL is not set")
class Programs(RoundTrip):
    """The samples as pages, turned into documents by the program; text, title, date and source must be those of the pages."""

    def convert(self, program, *arguments):
        done = subprocess.run([program, *arguments], cwd=self.dir / "made", capture_output=True, text=True, timeout=300,
                              env={**os.environ, "HOME": str(self.dir)})
        self.assertEqual(done.returncode, 0, done.stderr)

    def make(self):
        """Write the samples as pages into `made`, and tell what is wanted of each."""
        texts = self.texts(SAMPLES)
        wanted = self.load({name: text.encode() for name, text in texts.items()})
        (self.dir / "made").mkdir()
        for name, text in texts.items():
            (self.dir / "made" / f"{name}.html").write_bytes(as_html(plain_lines(text, wanted[name])))
        return wanted

    def judge(self, wanted, kind):
        made = {p.name: p.read_bytes() for p in (self.dir / "made").glob(f"*.{kind}")}
        self.assertEqual(len(made), len(wanted))
        found, wrong = self.load(made), []
        for name in made:
            self.same(found.get(name), wanted[name.removesuffix(f".{kind}")], name, wrong)
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))

    @unittest.skipUnless(shutil.which("soffice"), "no soffice here (package libreoffice-writer-nogui)")
    def test_libreoffice(self):
        wanted = self.make()
        pages = sorted(p.name for p in (self.dir / "made").iterdir())
        self.convert("soffice", "--headless", "--infilter=HTML (StarWriter)", "--convert-to", "docx:MS Word 2007 XML", *pages)
        self.judge(wanted, "docx")
        self.convert("soffice", "--headless", "--convert-to", "pdf", *(p.removesuffix("html") + "docx" for p in pages))
        self.judge(wanted, "pdf")

    @unittest.skipUnless(shutil.which("chromium"), "no chromium here (package chromium)")
    def test_chromium(self):
        wanted = self.make()
        for page in sorted((self.dir / "made").glob("*.html")):
            self.convert("chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={page.stem}.pdf", page.as_uri())
        self.judge(wanted, "pdf")


del RoundTrip  # its module runs it
