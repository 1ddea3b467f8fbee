"""What the plugins find against what an analyst marked: on the samples, and on the real articles where they are."""
import json
import subprocess
import sys
import unittest

from world import SHARED, SOURCE, World

# Floors: a change that falls below one has broken something.
SAMPLES = {
    "prf": {"metrics: value+unit": 0.97, "metrics: value+unit+cmp": 0.96, "policies: stage": 0.85,
            "policies: instrument": 0.85, "programmes: overlap": 0.60, "rankings: overlap": 0.90,
            "times: text+dates": 0.92, "regions: text+code": 0.95},
    "accuracy": {"body: boilerplate absent": 1.0, "body: captions found": 1.0, "metric field: indicator": 0.92,
                 "metric field: aspect": 0.92, "metric field: subject partial": 0.90, "metric field: time": 0.95},
}
REAL = {
    "prf": {"body: headings": 1.0, "metrics: value+unit": 0.97, "policies: stage": 0.80, "policies: instrument": 0.80,
            "programmes: overlap": 0.70, "rankings: overlap": 0.90, "times: text+dates": 0.92, "regions: text+code": 0.95},
    "accuracy": {"meta: title": 1.0, "meta: date": 1.0, "meta: source": 1.0, "meta: authors": 1.0, "meta: region_code": 1.0,
                 "body: boilerplate absent": 1.0, "body: first and last present": 1.0, "body: captions found": 1.0,
                 "metric field: indicator": 0.92, "metric field: aspect": 0.92, "metric field: subject partial": 0.88},
}


class Quality(World):
    def measure(self, articles, gold):
        self.config(plugins=SOURCE / "plugins")
        self.check(0, "run", "--articles", articles)
        return json.loads(self.check(0, "eval", gold, "--json").stdout)

    def above(self, found, floors):
        low = []
        for name, floor in floors["prf"].items():
            if not found["prf"][name]["f1"] >= floor:
                low.append(f"{name}: F1 {found['prf'][name]['f1']:.3f} < {floor}")
        for name, floor in floors["accuracy"].items():
            if not found["accuracy"][name]["share"] >= floor:
                low.append(f"{name}: {found['accuracy'][name]['share']:.3f} < {floor}")
        meta = [v for k, v in found["accuracy"].items() if k.startswith("meta: ")]
        share = sum(v["right"] for v in meta) / sum(v["n"] for v in meta)
        if share < 0.9:
            low.append(f"metadata: {share:.3f} < 0.9")
        self.assertEqual(low, [])

    def test_samples_stay_above_their_floors(self):
        self.above(self.measure(SOURCE / "samples" / "articles", SOURCE / "samples" / "gold"), SAMPLES)

    def test_eval_against_an_earlier_run_and_across_articles(self):
        first = self.measure(SOURCE / "samples" / "articles", SOURCE / "samples" / "gold")
        earlier = self.write("before.json", json.dumps(first))
        gold = SOURCE / "samples" / "gold"
        self.check(0, "eval", gold, "--against", earlier, prints="no figure has changed")
        first["prf"]["metrics: mention"]["f1"] = 0.5
        earlier = self.write("before.json", json.dumps(first))
        changes = json.loads(self.check(0, "eval", gold, "--against", earlier, "--json").stdout)["changes"]
        self.assertEqual([(c["name"], c["before"]) for c in changes], [("metrics: mention", 0.5)])
        self.check(2, "eval", gold, "--against", self.write("none.json", "{}"), says="no earlier evaluation")
        found = json.loads(self.check(0, "eval", gold, "--cross", "--json").stdout)
        self.assertEqual(len(found["articles"]), len(list(gold.glob("*.json"))))
        lists = {(t["file"], t["list"]) for t in found["terms"]}
        self.assertIn(("metric.yaml", "syntax.event"), lists)
        self.assertTrue(all(t["hits"] >= t["articles"] for t in found["terms"]))
        self.check(0, "eval", gold, "--cross", prints="in one article only:")

    @unittest.skipUnless((SHARED / "gold").is_dir(), "no shared articles here (TALENTHOST_SHARED)")
    def test_real_articles_stay_above_their_floors(self):
        self.above(self.measure(SHARED / "articles", SHARED / "gold"), REAL)

    @unittest.skipUnless((SHARED / "gold" / "score.py").is_file(), "no score.py here (TALENTHOST_SHARED)")
    def test_eval_counts_as_the_reference_scorer_does(self):
        ours = self.measure(SHARED / "articles", SHARED / "gold")
        theirs = json.loads(subprocess.run([sys.executable, SHARED / "gold" / "score.py", "--db", self.dir / "t.db", "--json"],
                                           capture_output=True, text=True, check=True).stdout)
        for part in ("prf", "accuracy"):
            self.assertEqual(sorted(ours[part]), sorted(theirs[part]))
            for name, figures in theirs[part].items():
                for key, value in figures.items():
                    if isinstance(value, float):
                        self.assertAlmostEqual(ours[part][name][key], value, 9, f"{name} {key}")
                    else:
                        self.assertEqual(ours[part][name][key], value, f"{name} {key}")
