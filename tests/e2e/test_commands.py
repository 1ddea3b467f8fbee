"""The commands as a user calls them, with the bundled plugins and the samples."""
import csv
import io
import json
import os
import shutil
import unittest.mock

from world import SOURCE, World

SENTENCE = "截至目前，云岭区累计发放人才补贴超9954万元，惠及880家企业，占全市近四成。"


class Commands(World):

    def setUp(self):
        super().setUp()
        shutil.copytree(SOURCE / "samples" / "articles", self.dir / "articles", dirs_exist_ok=True)
        self.config(plugins=SOURCE / "plugins")

    def test_version_and_help(self):
        self.assertRegex(self.check(0, "--version").stdout, r"^talenthost \d+\.\d+\.\d+\n$")
        listed = self.check(0, "--help").stdout
        for name in ("load", "run", "plugins", "show", "explain", "query", "try", "quantities", "eval", "config"):
            self.assertIn(f"\n  {name} ", listed)
            self.assertIn(f"usage: talenthost {name}", self.check(0, name, "--help").stdout)
        self.check(2)
        self.check(2, "rnu", says="did you mean \"run\"")
        self.check(2, "run", "--sotre", "x", says="--sotre")

    def test_the_six_plugins_are_listed_with_their_records(self):
        listed = self.check(0, "plugins").stdout
        for name in ("region", "timex", "metric", "policy", "programme", "ranking"):
            self.assertIn(f"\n{name} ", "\n" + listed)
        fields = self.check(0, "plugins", "metric", "--json").stdout
        names = {row["field"] for row in json.loads(fields)}
        self.assertLessEqual({"text", "value", "value_max", "unit", "cmp", "subject", "indicator", "aspect", "time_text",
                              "from_date", "to_date", "region_code", "region_name"}, names)
        self.check(2, "plugins", "metrik", says="did you mean \"metric\"")

    def test_load_then_run_then_query_then_explain(self):
        self.check(0, "load", "articles", says="10 new")
        self.check(0, "run", says="6 ran on 10 articles")
        rows = json.loads(self.check(0, "query", "SELECT count(*) AS n FROM metric", "--json").stdout)
        self.assertGreater(rows[0]["n"], 150)
        rows = json.loads(self.check(0, "query", "SELECT metric.id AS id, metric.text AS text, title FROM metric JOIN article "
                                     "ON article.id = article_id LIMIT 1", "--json").stdout)
        told = self.check(0, "explain", f"metric:{rows[0]['id']}").stdout
        self.assertIn(f"【{rows[0]['text']}】", told)
        self.assertIn(rows[0]["title"], told)
        self.assertIn("metric 1", told)
        self.check(2, "explain", "metric:99999999", says="no metric:99999999")
        self.check(2, "explain", "nonsense:1", says="nonsense")
        self.check(2, "query", "SELEC 1", says="syntax")
        self.check(2, "query", "DELETE FROM article", says="read")

    def test_compare_prints_regions_side_by_side(self):
        done = self.check(0, "run", SOURCE / "scripts" / "compare.lua")
        for word in ("昆山市", "柳州市", "Talent introduced", "Attract", "metric:"):
            self.assertIn(word, done.stdout)
        ids = [w.split(":")[1] for w in done.stdout.split() if w.startswith("metric:")]
        self.assertGreater(len(ids), 10)
        self.check(0, "explain", f"metric:{ids[0]}", prints="【")
        again = self.check(0, "run", SOURCE / "scripts" / "compare.lua", "regions=昆山", "indicators=培训人数")
        self.assertNotIn("柳州市", again.stdout)

    def test_compare_says_what_it_left_out_as_duplicates(self):
        self.assertNotIn("duplicates", self.check(0, "run", SOURCE / "scripts" / "compare.lua", "out=").stdout)
        first = sorted((self.dir / "articles").iterdir())[0]
        shutil.copy(first, first.with_name("copy-" + first.name))
        self.check(0, "run", SOURCE / "scripts" / "compare.lua", "out=", prints="left out as duplicates: 1")
        (region,) = self.rows("SELECT region_name FROM article WHERE duplicate_of IS NOT NULL")[0]
        for asked, there in ((region, True), ("深圳", False)):
            found = self.check(0, "run", SOURCE / "scripts" / "compare.lua", "out=", f"regions={asked}").stdout
            self.assertEqual("left out as duplicates: 1" in found, there, asked)

    def test_every_span_falls_on_character_boundaries_and_holds_its_text(self):
        self.check(0, "run")
        for kind in ("region", "timex", "metric", "programme", "ranking"):
            for text, start, stop, whole in self.rows(f"SELECT k.text, start, stop, article.text FROM {kind} k JOIN article "
                                                      "ON article.id = article_id"):
                self.assertEqual(whole.encode()[start:stop].decode(), text, kind)
        self.assertEqual(self.rows("SELECT count(*) FROM policy p WHERE NOT EXISTS (SELECT 1 FROM sentence s WHERE "
                                   "s.article_id = p.article_id AND s.start = p.start AND s.stop = p.stop)"), [(0,)])

    def test_codes_are_the_codebooks(self):
        self.check(0, "run")
        codes = {
            ("metric", "cmp"): "exact over under about at_least at_most",
            ("metric", "aspect"): "stock flow cumulative rate target terms attribute",
            ("policy", "stage"): "attract develop employ retain",
            ("policy", "side"): "supply environment demand",
            ("policy", "instrument"): "funding housing training platform cooperation service planning finance evaluation "
                                      "culture recruitment flexible contest projects",
            ("programme", "type"): "plan mechanism fund platform housing card event award organisation brand",
            ("region", "level"): "province city county zone",
        }
        for (kind, field), allowed in codes.items():
            found = {row[0] for row in self.rows(f"SELECT DISTINCT {field} FROM {kind}")}
            self.assertTrue(found, kind)
            self.assertLessEqual(found, set(allowed.split()), (kind, field))

    def test_show_prints_article_and_what_was_dropped(self):
        self.check(0, "load")
        shown = self.check(0, "show", "kunshan.txt").stdout
        self.assertIn("region   昆山市 320583", shown)
        self.assertTrue(self.check(0, "show", "kunshan.txt", "--dropped").stdout.count("\n") > 12)
        self.assertEqual(json.loads(self.check(0, "show", "1", "--json").stdout)["id"], 1)
        self.check(2, "show", "nothing", says="nothing")
        self.check(2, "show", ".txt", says=".txt")

    def test_try_on_an_argument_and_on_standard_input(self):
        for done in (self.check(0, "try", SENTENCE), self.check(0, "try", stdin=SENTENCE)):
            self.assertIn("9954万元", done.stdout)
            self.assertIn("99540000", done.stdout)
        found = json.loads(self.check(0, "try", "--json", SENTENCE, "--date", "2024-05-20").stdout)
        self.assertEqual([(m["value"], m["unit"], m["cmp"]) for m in found["metric"]],
                         [(99540000, "元", "over"), (880, "家", "exact"), (40, "%", "under")])
        self.assertEqual(found["timex"][0]["to_date"], "2024-05-20")
        self.assertFalse((self.dir / "t.db").exists())
        self.check(0, "try", "春天来了。", prints="no plugin recorded anything")
        self.check(2, "try", "x", "--plugin", "metrik", says="metric")

    def test_quantities_of_lines_and_ndjson(self):
        lines = self.check(0, "quantities", stdin="引进120人\n没有数字\n补贴3至5万元\n").stdout.splitlines()
        found = [json.loads(line) for line in lines]
        self.assertEqual([f["id"] for f in found], [1, 2, 3])
        self.assertEqual(found[0]["quantities"], [{"text": "120人", "start": 2, "end": 6, "value": 120, "value_max": None,
                                                   "unit": "人", "cmp": "exact", "number": 120, "number_max": None,
                                                   "written_unit": "人", "dimension": "people"}])
        dime, bare = (json.loads(self.check(0, "quantities", stdin=text).stdout)["quantities"][0] for text in ("三毛\n", "二〇二一\n"))
        self.assertEqual((dime["value"], dime["unit"], dime["number"], dime["written_unit"]), (0.3, "元", 3, "毛"))
        self.assertEqual((bare["value"], bare["unit"], bare["written_unit"], bare["dimension"]), (2021, None, None, None))
        self.assertEqual(found[1]["quantities"], [])
        self.assertEqual((found[2]["quantities"][0]["value"], found[2]["quantities"][0]["value_max"]), (30000, 50000))
        done = self.check(0, "quantities", "--ndjson", stdin='{"id":"x","text":"𠮷近四成"}\n')
        quantity = json.loads(done.stdout)["quantities"][0]
        self.assertEqual((quantity["start"], quantity["end"], quantity["value"], quantity["unit"], quantity["cmp"]),
                         (2, 4, 40, "%", "under"))
        done = self.check(1, "quantities", "--ndjson", stdin='nonsense\n{"id":1}\n{"id":2,"text":"5家"}\n', says="standard input:1")
        self.assertEqual(len(done.stdout.splitlines()), 3)

    def test_a_word_added_to_the_scanner_s_data_is_used_by_the_next_run(self):
        shutil.copytree(SOURCE / "data", self.dir / "home" / "data")
        words = self.dir / "home" / "data" / "quantity_words.tsv"
        shutil.rmtree(self.dir / "articles")
        self.article(text="人才工作报告\n\n全区人才总量增长约莫5%，企业增加到320家。\n")
        self.config(plugins=SOURCE / "plugins")
        sql = "SELECT text, cmp FROM metric ORDER BY start"
        with unittest.mock.patch.dict(os.environ, {"TALENTHOST_HOME": str(self.dir / "home")}):
            self.check(0, "run", "metric")
            self.assertEqual(self.rows(sql), [("5%", "exact"), ("320家", "exact")])
            words.write_text(words.read_text("utf-8") + "before\tabout\t约莫\n", "utf-8")
            self.check(0, "run", "metric")
            self.assertEqual(self.rows(sql), [("5%", "about"), ("320家", "exact")])
            words.write_text("before\tmore\t约莫\n", "utf-8")
            self.check(2, "quantities", says='quantity_words.tsv:1:8: option "more" does not fit kind before')

    def test_query_writes_csv_that_reads_back(self):
        self.check(0, "load")
        out = self.check(0, "query", "--csv", "SELECT path, title FROM article ORDER BY path").stdout
        rows = list(csv.reader(io.StringIO(out)))
        self.assertEqual(rows[0], ["path", "title"])
        self.assertEqual(len(rows), 11)


class Config(World):
    def test_a_wrong_type_names_file_line_and_column(self):
        self.write("config.yaml", "articles: [articles]\njobs: many\n")
        self.check(2, "config", says='config.yaml:2:7: jobs: expected a whole number above 0, got "many"')

    def test_an_unknown_key_names_the_nearest(self):
        self.write("config.yaml", "plugins: [plugins]\narticels: [x]\n")
        self.check(2, "run", says='config.yaml:2:1: unknown key "articels"; did you mean "articles"?')

    def test_a_limit_without_a_unit(self):
        self.write("config.yaml", "limits: {cpu: 2}\n")
        self.check(2, "config", says="config.yaml:1:15: limits.cpu: expected a time such as 2s")

    def test_broken_yaml(self):
        self.write("config.yaml", "plugins: [plugins\nstore: x\n")
        self.check(2, "config", says="config.yaml:2:")

    def test_a_named_file_that_is_missing(self):
        self.check(2, "config", "--config", "gone.yaml", says="gone.yaml: no such file")

    def test_paths_are_relative_to_the_file(self):
        self.write("sub/config.yaml", "articles: [data]\nstore: x.db\n")
        done = self.check(0, "config", "--config", "sub/config.yaml")
        self.assertIn("articles: [sub/data]", done.stdout)
        self.assertIn("store: sub/x.db", done.stdout)

    def test_nothing_to_load_says_so(self):
        self.write("config.yaml", "store: x.db\n")
        self.check(2, "load", says="nothing to load")
