"""Records out as annotations, corrected files back as gold, and what eval then says."""
import json
import shutil
import unittest
from xml.dom import minidom

from world import SOURCE, World

FORMATS = ("labelstudio", "brat", "doccano", "ndjson")

# A character outside the BMP and a sentence that stands there twice: offsets and quotations are tried by both.
ODD = """𠮷田区人才工作
2024-05-20 09:30 来源: 云岭日报
😀去年，昆山市引进高层次人才120人，发放补贴超300万元。
昆山市建成人才公寓5套。昆山市建成人才公寓5套。
昆山市连续三年位居全省第一，“云岭英才”计划惠及120人、120人。
"""


class Annotate(World):
    def setUp(self):
        super().setUp()
        self.config(plugins=str(SOURCE / "plugins"))

    def load(self, *names):
        self.article("odd.txt", ODD)
        for name in names:
            shutil.copy(SOURCE / "samples" / "articles" / name, self.dir / "articles")
        self.check(0, "run", "-q")

    def export(self, form, *args, out="out"):
        self.check(0, "export", "--format", form, "--output", out, *args)
        return self.dir / out

    def bring_back(self, form, *files, status=0, gold="gold", **checks):
        shutil.rmtree(self.dir / gold, ignore_errors=True)
        return self.check(status, "import", "--format", form, "--output", gold, *(files or ["out"]), **checks)

    def scores(self, gold="gold"):
        return json.loads(self.check(0, "eval", gold, "--json", "--errors", 100).stdout)

    def gold(self, name="odd"):
        return json.loads((self.dir / "gold" / f"{name}.json").read_text(encoding="utf-8"))

    def tasks(self, change):
        """The tasks with one of them changed, written back as Label Studio exports it: under annotations."""
        path = self.dir / "out" / "tasks.json"
        tasks = json.loads(path.read_text(encoding="utf-8"))
        for task in tasks:
            task["annotations"] = [{"id": 1, "was_cancelled": False, "result": task.pop("predictions")[0]["result"]}]
        change(tasks)
        path.write_text(json.dumps(tasks, ensure_ascii=False), encoding="utf-8")
        return path

    def lines(self, name, change):
        path = self.dir / "out" / name
        docs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        change(docs)
        path.write_text("".join(json.dumps(d, ensure_ascii=False) + "\n" for d in docs), encoding="utf-8")
        return path

    # ---- there and back ----

    def test_uncorrected_records_come_back_as_gold_that_they_fit(self):
        self.load("kunshan.txt", "ganzhou.md", "wuhan-east-lake.txt")
        rows = {k: self.rows(f"SELECT count(*) FROM {k}")[0][0] for k in ("metric", "policy", "programme", "ranking", "timex", "region")}
        self.assertTrue(all(rows.values()), rows)
        for form in FORMATS:
            with self.subTest(form):
                shutil.rmtree(self.dir / "out", ignore_errors=True)
                self.export(form)
                done = self.bring_back(form)
                self.assertNotIn("error", done.stderr)
                scores = self.scores()
                self.assertEqual(scores["facts"]["articles found"], "4 of 4")
                self.assertEqual(scores["errors"], [])
                self.assertGreaterEqual(len(scores["prf"]), 15)
                for name, part in scores["prf"].items():
                    self.assertGreater(part["gold"], 0, name)
                    self.assertEqual(part["f1"], 1.0, f"{form}: {name}")
                for name, part in scores["accuracy"].items():
                    self.assertEqual(part["share"], 1.0, f"{form}: {name}")

    def test_every_format_gives_the_same_gold(self):
        self.load("liuzhou.md")
        seen = []
        for form in FORMATS:
            shutil.rmtree(self.dir / "out", ignore_errors=True)
            self.export(form)
            self.bring_back(form)
            seen.append(self.gold("liuzhou"))
        for other in seen[1:]:
            self.assertEqual(seen[0], other)

    def test_filters_and_names_choose_articles(self):
        self.load("kunshan.txt", "ganzhou.md")
        named = self.check(0, "export", "--format", "doccano", "kunshan.txt").stdout.splitlines()
        self.assertEqual([json.loads(n)["meta"]["title"][:2] for n in named], ["产才"])
        since = self.check(0, "export", "--format", "ndjson", "--since", "2024-01-01").stdout.splitlines()
        self.assertEqual([json.loads(n)["article"] for n in since], ["odd.txt"])
        self.check(2, "export", "--format", "ndjson", "--region", "月球", says="no article of the store fits")

    def test_ndjson_holds_records_whole_at_their_offsets(self):
        self.load("kunshan.txt")
        for line in self.check(0, "export", "--format", "ndjson").stdout.splitlines():
            doc = json.loads(line)
            for kind in ("metrics", "programmes", "rankings", "times", "regions"):
                for item in doc[kind]:
                    self.assertEqual(doc["text"][item["start"]:item["stop"]], item["text"])
            for item in doc["policies"]:
                self.assertEqual(doc["text"][item["start"]:item["stop"]], item["sentence"])
            table = "SELECT count(*) FROM metric WHERE article_id = ?"
            self.assertEqual(len(doc["metrics"]), self.rows(table, doc["id"])[0][0])
            self.assertIn("region_code", doc["metrics"][0])

    def test_label_studio_gets_offsets_with_text_and_an_interface(self):
        self.load()
        out = self.export("labelstudio")
        task = json.loads((out / "tasks.json").read_text(encoding="utf-8"))[0]
        text, results = task["data"]["text"], task["predictions"][0]["result"]
        labels = [r for r in results if r["type"] == "labels"]
        self.assertTrue(labels)
        for r in labels:
            self.assertEqual(text[r["value"]["start"]:r["value"]["end"]], r["value"]["text"])
        config = minidom.parse(str(out / "config.xml"))
        controls = {e.getAttribute("name") for tag in ("Labels", "Choices", "TextArea") for e in config.getElementsByTagName(tag)}
        self.assertEqual({r["from_name"] for r in results} - controls, set())
        choices = {e.getAttribute("name"): {c.getAttribute("value") for c in e.getElementsByTagName("Choice")}
                   for e in config.getElementsByTagName("Choices")}
        for r in results:
            if r["type"] == "choices":
                self.assertLessEqual(set(r["value"]["choices"]), choices[r["from_name"]])

    def test_brat_declares_what_it_uses(self):
        self.load("kunshan.txt")
        out = self.export("brat")
        conf = (out / "annotation.conf").read_text(encoding="utf-8")
        declared = dict(line.split(" ", 1) for line in conf.split("[attributes]\n")[1].splitlines())
        text = (out / "kunshan.txt").read_text(encoding="utf-8")
        for line in (out / "kunshan.ann").read_text(encoding="utf-8").splitlines():
            key, middle, *rest = line.split("\t")
            if key[0] == "T":
                _, start, stop = middle.split(" ")
                self.assertEqual(text[int(start):int(stop)], rest[0])
            elif key[0] == "A":
                self.assertIn(middle.split(" ")[0], declared)

    # ---- corrections ----

    def test_a_label_taken_away_is_a_false_alarm(self):
        self.load()
        self.export("labelstudio")

        def change(tasks):
            results = tasks[0]["annotations"][0]["result"]
            gone = next(r["id"] for r in results if r["type"] == "labels" and r["value"]["text"] == "120人")
            tasks[0]["annotations"][0]["result"] = [r for r in results if r["id"] != gone]

        self.bring_back("labelstudio", self.tasks(change))
        scores = self.scores()
        self.assertEqual([(e["section"], e["kind"]) for e in scores["errors"]], [("metrics", "false alarm")])
        self.assertEqual(scores["prf"]["metrics: mention"]["predicted"] - scores["prf"]["metrics: mention"]["right"], 1)

    def test_a_label_added_is_missed_and_an_attribute_changed_is_wrong(self):
        self.load()
        self.export("labelstudio")

        def change(tasks):
            results = tasks[0]["annotations"][0]["result"]
            text = tasks[0]["data"]["text"]
            start = text.index("高层次人才")
            value = {"start": start, "end": start + 5, "text": "高层次人才"}
            results.append({"id": "new", "from_name": "label", "type": "labels", "value": {**value, "labels": ["programme"]}})
            results.append({"id": "new", "from_name": "programme_type", "type": "choices", "value": {**value, "choices": ["plan"]}})
            unit = next(r for r in results if r["from_name"] == "metric_cmp" and r["value"]["choices"] == ["over"])
            unit["value"]["choices"] = ["at_most"]

        self.bring_back("labelstudio", self.tasks(change))
        kinds = sorted((e["section"], e["kind"]) for e in self.scores()["errors"])
        self.assertEqual(kinds, [("metrics", "wrong cmp"), ("programmes", "missed")])

    def test_corrections_in_brat_and_doccano_count(self):
        self.load()
        ann = self.export("brat") / "odd.ann"
        text = ann.read_text(encoding="utf-8")
        self.assertIn("stage_retain", text)
        lines = [line for line in text.splitlines() if "stage_retain" not in line]
        ann.write_text("\n".join(line.replace('"rank": 1', '"rank": 2') for line in lines) + "\n", encoding="utf-8")
        self.bring_back("brat")
        kinds = {(e["section"], e["kind"]) for e in self.scores()["errors"]}
        self.assertIn(("rankings", "wrong field"), kinds)
        self.assertTrue(kinds & {("policies", "wrong stage"), ("policies", "false alarm")}, kinds)

        def change(docs):
            label = next(x for x in docs[0]["label"] if x[2].startswith("metric:housing"))
            label[2] = "metric:jobs"
            docs[0]["entities"] = [{"id": i, "start_offset": a, "end_offset": b, "label": c}
                                   for i, (a, b, c) in enumerate(docs[0].pop("label"))]

        self.export("doccano")
        self.bring_back("doccano", self.lines("articles.jsonl", change))
        self.assertEqual({(e["section"], e["kind"]) for e in self.scores()["errors"]}, {("metrics", "wrong indicator")})

    def test_what_only_gold_says_passes_through_ndjson(self):
        self.load()
        self.export("ndjson")

        def change(docs):
            docs[0]["metrics"][0]["optional"] = True
            docs[0]["metrics"][0]["aspect_alt"] = ["stock"]
            docs[0]["meta"]["source"] = "云岭晚报"

        self.bring_back("ndjson", self.lines("articles.ndjson", change))
        gold = self.gold()
        self.assertIs(gold["metrics"][0]["optional"], True)
        self.assertEqual(gold["metrics"][0]["aspect_alt"], ["stock"])
        self.assertEqual([e["kind"] for e in self.scores()["errors"]], ["wrong source"])

    # ---- offsets ----

    def test_utf16_and_wrong_offsets_are_mended_by_the_text(self):
        self.load()
        self.export("labelstudio")
        self.bring_back("labelstudio")
        expected = self.gold()
        self.assertGreater(len(expected["metrics"]), 3)
        for shift in ("utf16", 3):
            def change(tasks, shift=shift):
                text = tasks[0]["data"]["text"]
                for r in tasks[0]["annotations"][0]["result"]:
                    for end in ("start", "end"):
                        at = r["value"][end]
                        r["value"][end] = len(text[:at].encode("utf-16-le")) // 2 if shift == "utf16" else max(0, at + shift)
            self.export("labelstudio")
            self.bring_back("labelstudio", self.tasks(change))
            self.assertEqual(self.gold(), expected, shift)

    # ---- bad input ----

    def test_errors_name_file_task_region_and_what_to_do(self):
        self.load("kunshan.txt")
        self.export("labelstudio")

        def change(tasks):
            results = tasks[0]["annotations"][0]["result"]
            first, second = [r for r in results if r["type"] == "labels" and r["value"]["labels"] == ["metric"]][:2]
            first["value"]["text"] = "九百头牛"
            second["value"]["labels"] = ["metrik"]
            value = next(r for r in results if r["from_name"] == "metric_value" and r["id"] not in (first["id"], second["id"]))
            value["value"]["text"] = ["many"]

        path = self.tasks(change)
        done = self.bring_back("labelstudio", path, status=1, says=["1 article written to gold, 1 refused"])
        where = f"{path}: task "
        for text in ('"九百头牛" is not in the text; mark it anew', 'unknown label "metrik"; give it one of metric,', "value: expected a number"):
            self.assertIn(where, self.one_line(done, text))
            self.assertIn("region ", self.one_line(done, text))
        self.assertEqual(len(list((self.dir / "gold").iterdir())), 1)

    def test_a_task_without_annotation_or_article_is_reported(self):
        self.load("kunshan.txt")
        self.export("labelstudio")

        def change(tasks):
            tasks[0]["annotations"][0]["was_cancelled"] = True
            tasks[1]["data"]["path"] = "articles/gone.txt"

        done = self.bring_back("labelstudio", self.tasks(change), status=1)
        self.one_line(done, "task 1: it has no annotation; annotate the task")
        self.one_line(done, "task 2: article articles/gone.txt is not in the store; load it")

    def test_files_that_are_no_export_are_refused(self):
        self.load()
        for form, text, says in (("labelstudio", "{}", "expected a list of tasks"), ("labelstudio", '[{"text": "x"}]', 'no "data"; export it'),
                                 ("labelstudio", "[{]", "bad:1:"), ("doccano", '{"text": 1}\n', 'no "label"'),
                                 ("doccano", "[]\n", "bad:1:1: no object"), ("ndjson", '\n{"a":\n', "bad:2:"), ("ndjson", "{}", "metrics: expected a list"),
                                 ("doccano", '{"label": [["a", 2, "metric"]], "path": "odd.txt"}', "label 1: expected [start, stop")):
            with self.subTest(form + text):
                self.write("bad", text)
                done = self.check(1 if "no object" not in says and says[:4] != "bad:" and "list of tasks" not in says else 2,
                                  "import", "--format", form, "--output", "gold", "bad", says=says)
                self.assertIn("bad", self.one_line(done, says))
        self.check(2, "import", "--format", "brat", "--output", "gold", "articles", says="no *.ann file in it")
        self.check(2, "import", "--format", "doccano", "--output", "gold", "nowhere", says="nowhere: No such file")
        self.check(2, "import", "--format", "doccano", "articles", says="--output: name the folder")
        self.check(2, "export", "--format", "csv", says='expected labelstudio, brat, doccano or ndjson, got "csv"')
        self.check(2, "export", "--format", "brat", says="give --output DIR")

    def test_brat_lines_that_are_wrong_are_named(self):
        self.load()
        ann = self.export("brat") / "odd.ann"
        good = ann.read_text(encoding="utf-8")
        for line, says in (("T99\tmetrik 0 2\t𠮷田", "expected T1<tab>KIND"), ("T99 metric 0 2", "expected tabs"),
                           ("A99\tcmp T98 over", "no attribute of a mark"), ("#99\tAnnotatorNotes T1\t{value", "the note is not JSON"),
                           ("T99\tprogramme 1 3\t去年", "type: expected one code, there is none")):
            with self.subTest(line):
                ann.write_text(good + line + "\n", encoding="utf-8")
                done = self.bring_back("brat", status=1)
                self.assertIn(f"odd.ann: line {good.count(chr(10)) + 1}: ", self.one_line(done, says))
        ann.write_text(good, encoding="utf-8")
        (self.dir / "out" / "documents.tsv").unlink()
        self.bring_back("brat", status=1, says="documents.tsv beside it does not say which article it is")

    def test_the_same_article_twice_is_reported(self):
        self.load()
        self.export("doccano")
        self.bring_back("doccano", "out/articles.jsonl", "out/articles.jsonl", status=1,
                        says="article articles/odd.txt is there twice, first at out/articles.jsonl:1; take one away")


if __name__ == "__main__":
    unittest.main()
