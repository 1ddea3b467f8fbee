"""Bad files: each one clear line, a row of `failure`, and the run goes on."""
import os
import time
import unittest

from world import NOBODY, SLOW, TEXT, World


class BadFiles(World):
    def setUp(self):
        super().setUp()
        self.counter()
        self.article("good.txt")

    def fails(self, reason, path, text, user=None):
        done = self.check(1, "run", says=text, user=user)
        self.one_line(done, text)
        found = self.rows("SELECT reason, message FROM failure WHERE path = ?", path)
        self.assertEqual([r for r, _ in found], [reason], found)
        self.assertEqual(self.rows("SELECT count(*) FROM counter_row"), [(1,)], "the good article has its rows")
        return found[0][1]

    def test_a_missing_file_is_named(self):
        self.write("config.yaml", "articles: [articles, gone.txt]\nplugins: [plugins]\nstore: t.db\n")
        self.fails("missing", "gone.txt", "gone.txt: no such file")

    @unittest.skipIf(os.getuid() != 0, "needs root to become another user")
    def test_an_unreadable_file_is_named(self):
        path = self.article("secret.txt")
        path.chmod(0)
        os.chown(self.dir, NOBODY, NOBODY)
        self.fails("unreadable", "articles/secret.txt", "articles/secret.txt", user=NOBODY)

    def test_an_empty_file_fails(self):
        self.article("empty.txt", "")
        self.fails("empty", "articles/empty.txt", "articles/empty.txt")

    def test_white_space_alone_is_empty(self):
        self.article("blank.txt", " \n\u3000\n\t\n")
        self.fails("empty", "articles/blank.txt", "articles/blank.txt")

    def test_a_folder_loop_is_told_and_left(self):
        (self.dir / "articles" / "sub").mkdir()
        (self.dir / "articles" / "sub" / "up").symlink_to("..")
        self.fails("unreadable", "articles/sub/up", "leads back")

    def test_a_link_to_nowhere_is_missing(self):
        (self.dir / "articles" / "lost.txt").symlink_to("nowhere.txt")
        self.fails("missing", "articles/lost.txt", "leads nowhere")

    def test_a_binary_file_named_txt_fails(self):
        self.article("picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 8)
        self.fails("binary", "articles/picture.txt", "articles/picture.txt")

    def test_invalid_utf8_loads_with_a_warning(self):
        self.article("damaged.txt", TEXT.encode() + b"\xe4\xba\xff" + "人才工作继续推进。".encode())
        done = self.check(0, "run", says="articles/damaged.txt")
        self.assertIn("U+FFFD", done.stderr)
        self.assertEqual(self.rows("SELECT count(*) FROM article"), [(2,)])

    def test_a_50_mb_file_is_loaded_or_named(self):
        line = "今年，云岭区引进高层次人才120人，发放补贴超300万元。" * 20 + "\n"
        size = 50_000_000 if SLOW == 1 else 5_000_000
        self.article("huge.txt", line * (size // len(line.encode())))
        done = self.run_program("run")
        self.assertIn(done.returncode, (0, 1), done.stderr)
        if done.returncode == 1:
            self.one_line(done, "articles/huge.txt")
            self.assertEqual(self.rows("SELECT count(*) FROM failure"), [(1,)])
        self.assertEqual(self.rows("SELECT count(*) FROM counter_row c JOIN article ON article.id = article_id "
                                   "WHERE path = 'articles/good.txt'"), [(1,)])

    def test_truncated_html_loads_with_a_warning(self):
        self.article("cut.html", "<html><head><meta charset='utf-8'><title>云岭区</title></head><body><p>今年引进人才120人。</p><p>发放补")
        self.check(0, "run", says="articles/cut.html")
        self.assertIn("今年引进人才120人。", self.rows("SELECT text FROM article WHERE path LIKE '%cut.html'")[0][0])

    def test_broken_front_matter_loads_with_a_warning(self):
        self.article("broken.md", "---\ntitle: \"没有结尾\ndate: [\n---\n<p>今年引进人才120人。</p>\n")
        self.check(0, "run", says="articles/broken.md")
        self.assertIn("今年引进人才120人。", self.rows("SELECT text FROM article WHERE path LIKE '%broken.md'")[0][0])

    def test_a_file_that_recovers_is_loaded(self):
        self.article("late.txt", "")
        self.check(1, "run")
        self.article("late.txt", TEXT)
        self.check(0, "run")
        self.assertEqual(self.rows("SELECT count(*) FROM article"), [(2,)])

    def test_a_name_with_a_line_break_stays_one_line(self):
        self.article("two\nlines.txt", "")
        done = self.check(1, "run")
        self.assertEqual(len([line for line in done.stderr.splitlines() if "empty" in line]), 1, done.stderr)

    def test_a_name_that_is_no_utf8_is_spelt_with_its_bytes(self):
        path = os.fsencode(self.dir / "articles") + b"/\xc3\xfb\xb3\xc6.txt"
        with open(path, "wb") as file:
            file.write("某市发布人才新政\n全市引进高层次人才120名，发放补贴300万元。\n".encode())
        self.check(0, "load", self.dir / "articles")
        self.assertEqual(self.rows("SELECT count(*) FROM article"), [(2,)])
        self.assertIn("\\xb3\\xc6.txt", self.rows("SELECT path FROM article WHERE title LIKE '某市%'")[0][0])
        self.assertIn("nothing to do: 2 files unchanged", self.check(0, "load", self.dir / "articles").stderr)
        os.unlink(path)
        self.check(0, "load", self.dir / "articles")
        self.assertEqual(self.rows("SELECT count(*) FROM article WHERE gone_at IS NOT NULL"), [(1,)])
        self.check(0, "forget", os.fsdecode(path))
        self.assertEqual(self.rows("SELECT count(*) FROM article"), [(1,)])

    def test_a_pipe_among_the_files_does_not_block(self):
        os.mkfifo(self.dir / "articles" / "pipe")
        self.fails("format", "articles/pipe", "articles/pipe")


class Incremental(World):
    def setUp(self):
        super().setUp()
        self.counter()
        for n in range(3):
            self.article(f"{n}.txt", TEXT.replace("120", str(120 + n)))

    def test_a_second_run_does_nothing_and_says_so(self):
        self.check(0, "run")
        time.sleep(2.2)
        self.check(0, "run")  # stamps were too young the first time
        done = self.check(0, "run", says="nothing to do: 3 files unchanged")
        self.assertEqual(done.stdout, "")

    def test_only_a_changed_file_is_done_again(self):
        self.check(0, "run")
        self.article("1.txt", TEXT.replace("120", "999"))
        s = self.summary()
        self.assertEqual((s["changed"], s["unchanged"], s["articles"]), (1, 2, 1))

    def test_a_same_size_edit_within_one_second_is_caught(self):
        self.check(0, "run")
        path = self.dir / "articles" / "0.txt"
        stat = path.stat()
        path.write_text(TEXT.replace("120", "777"), "utf-8")
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        s = self.summary()
        self.assertEqual(s["changed"], 1)
        self.assertIn("777人", self.rows("SELECT text FROM article WHERE path = 'articles/0.txt'")[0][0])

    def test_a_touched_file_is_known_by_its_hash(self):
        self.check(0, "run")
        os.utime(self.dir / "articles" / "0.txt")
        s = self.summary()
        self.assertEqual((s["changed"], s["unchanged"], s["articles"]), (0, 3, 0))

    def test_a_changed_plugin_makes_only_its_results_stale(self):
        self.counter("other")
        self.check(0, "run")
        path = self.dir / "plugins" / "other.lua"
        path.write_text(path.read_text().replace("#a:sentences()", "7"))
        s = self.summary()
        self.assertEqual((s["articles"], s["records"]), (3, 3))
        self.assertEqual(self.rows("SELECT DISTINCT n FROM other_row"), [(7,)])

    def test_a_changed_data_file_makes_its_readers_stale(self):
        self.write("plugins/data/words.yaml", "a: [人才]\n")
        self.write("plugins/reader.lua", 'local plugin = host.plugin { name = "reader", version = "1", summary = "s",'
                   ' records = { hit = { text = "text" } } }\nlocal words = host.lexicon "words.yaml"\n'
                   'function plugin.article(a) for _, m in ipairs(a:matches(words)) do a:record("hit", { span = m.span }) end end\n'
                   "return plugin\n")
        self.check(0, "run")
        before = self.rows("SELECT count(*) FROM hit")[0][0]
        self.write("plugins/data/words.yaml", "a: [人才, 补贴]\n")
        s = self.summary()
        self.assertEqual(s["articles"], 3)
        self.assertEqual(self.rows("SELECT count(*) FROM hit")[0][0], before + 3)

    def test_a_need_that_changed_makes_its_users_stale(self):
        self.write("plugins/user.lua", 'local plugin = host.plugin { name = "user", version = "1", summary = "s",'
                   ' needs = { "counter" }, records = { seen = { n = "integer" } } }\nfunction plugin.article(a)\n'
                   'a:record("seen", { span = a:span(), n = a:records("counter_row")[1].n }) end\nreturn plugin\n')
        self.check(0, "run")
        path = self.dir / "plugins" / "counter.lua"
        path.write_text(path.read_text().replace("#a:sentences()", "41"))
        self.check(0, "run")
        self.assertEqual(self.rows("SELECT DISTINCT n FROM seen"), [(41,)])

    def test_a_user_alone_reads_the_stored_rows_of_its_need(self):
        self.check(0, "run")
        self.write("plugins/user.lua", 'local plugin = host.plugin { name = "user", version = "1", summary = "s",'
                   ' needs = { "counter" }, records = { seen = { n = "integer" } } }\nfunction plugin.article(a)\n'
                   'a:record("seen", { span = a:span(), n = a:records("counter_row")[1].n }) end\nreturn plugin\n')
        s = self.summary()
        self.assertEqual(s["records"], 3)
        self.assertEqual(self.rows("SELECT count(*) FROM seen WHERE n > 0"), [(3,)])
