"""The bench's own judgement: which counts of instructions pass."""
import json
import sys
import unittest

from world import SOURCE

sys.path.insert(0, str(SOURCE / "tests" / "bench"))
import instructions  # noqa: E402

BASELINE = {"load": 3000000, "plugins": 40000000, "rest": 90000, "all": 43090000}
TOLD = "- Faster: 43,090 thousand instructions an article.\n"


class Instructions(unittest.TestCase):

    def test_the_same_counts_and_the_line_that_tells_them_pass(self):
        self.assertEqual(instructions.faults(dict(BASELINE), BASELINE, TOLD), [])

    def test_a_part_that_costs_over_a_tenth_more_is_named(self):
        wrong = instructions.faults({**BASELINE, "load": 3310000}, BASELINE, TOLD)
        self.assertEqual(len(wrong), 1)
        self.assertIn("load: 3310.0 thousand instructions an article, instructions.json says 3000.0", wrong[0])

    def test_a_rise_of_a_part_that_is_next_to_nothing_passes(self):
        self.assertEqual(instructions.faults({**BASELINE, "rest": 190000}, BASELINE, TOLD), [])

    def test_a_new_baseline_needs_a_line_of_its_own(self):
        for changelog in ("", "- 50,000 thousand instructions an article\n" + TOLD):
            self.assertIn("instructions.json says 43,090", instructions.faults(dict(BASELINE), BASELINE, changelog)[0])

    def test_the_baseline_is_the_one_that_the_changelog_tells(self):
        baseline = json.loads(instructions.BASELINE.read_text("utf-8"))
        self.assertEqual(instructions.faults(dict(baseline), baseline, (SOURCE / "CHANGELOG.md").read_text("utf-8")), [])
