"""How the program was compiled and linked, read from the binary itself; and that the tests SECURITY.md names exist."""
import re
import shutil
import subprocess
import unittest

from world import PROGRAM, SOURCE


def readelf(*options):
    return subprocess.run(["readelf", "-W", *options, str(PROGRAM)], capture_output=True, text=True, check=True).stdout


@unittest.skipUnless(shutil.which("readelf"), "readelf (binutils) is not here")
class Binary(unittest.TestCase):
    def test_no_address_is_fixed(self):
        self.assertRegex(readelf("-h"), r"Type:\s+DYN")

    def test_relocations_are_read_only_from_the_start(self):
        self.assertIn("GNU_RELRO", readelf("-l"))
        self.assertRegex(readelf("-d"), r"BIND_NOW|FLAGS.*NOW")

    def test_the_stack_holds_no_code(self):
        stack = [line for line in readelf("-l").splitlines() if "GNU_STACK" in line]
        self.assertEqual(len(stack), 1)
        self.assertRegex(stack[0], r"\bRW\b")

    def test_no_page_is_both_written_and_run(self):
        loads = [line for line in readelf("-l").splitlines() if line.strip().startswith("LOAD")]
        self.assertTrue(loads)
        for line in loads:
            self.assertNotRegex(line, r"\bRWE\b")

    def test_the_stack_is_guarded_and_calls_of_libc_are_checked(self):
        symbols = readelf("--dyn-syms")
        self.assertIn("__stack_chk_fail", symbols)
        if "__asan_init" not in symbols: # the sanitizers check more
            self.assertRegex(symbols, r"__(memcpy|snprintf|vsnprintf)_chk")


class Claims(unittest.TestCase):
    def test_the_tests_that_security_names_exist(self):
        tests = {p.stem: p.read_text("utf-8") for p in (SOURCE / "tests/e2e").glob("*.py")}
        named = 0
        for line in (SOURCE / "SECURITY.md").read_text("utf-8").splitlines():
            cells = line.split("|")
            if len(cells) != 5 or cells[3].strip() in ("test", "---"):
                continue
            for name in re.findall(r"`([A-Za-z_.]+)`", cells[3]):
                named += 1
                parts = name.split(".")
                if parts[0] in tests:
                    where, parts = tests[parts[0]], parts[1:]
                else: # a class of test_attacks, or an attack
                    where = tests["test_attacks"] + tests["attacks"]
                for part in parts:
                    is_test = re.search(rf"\b(class|def) {part}\b", where)
                    is_attack = re.search(rf"\b{re.sub('^test_', '', part)}\b", tests["attacks"]) # test_NAME is made of it
                    self.assertTrue(is_test or is_attack, f"SECURITY.md names {name}, which is nowhere")
        self.assertGreater(named, 15)


if __name__ == "__main__":
    unittest.main()
