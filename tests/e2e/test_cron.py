"""Jobs under a real cron daemon (Debian's package cron): started, refused, killed. Minutes long: `./dev test --all` only."""
import os
import shutil
import signal
import subprocess
import time
import unittest

import test_batch


@unittest.skipUnless(os.environ.get("TALENTHOST_ALL"), "minutes long: ./dev test --all")
@unittest.skipUnless(shutil.which("cron") and shutil.which("crontab") and os.getuid() == 0, "needs root and the package cron")
class Cron(test_batch.Jobs):
    def crontab(self):
        return subprocess.run(["crontab", "-l"], capture_output=True, text=True).stdout

    def daemon(self):
        if subprocess.run(["pgrep", "-x", "cron"], capture_output=True).returncode == 0:
            return
        process = subprocess.Popen(["cron", "-f"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: (process.terminate(), process.wait()))

    def test_a_job_is_started_refused_and_made_up_for(self):
        self.article()
        self.jobs("  - {name: quick, plugins: none, schedule: '* * * * *'}\n  - {name: slow}\n", self.slow())
        mine = "17 3 1 1 * true # talenthost test\n"
        before = self.crontab()
        subprocess.run(["crontab", "-"], input=before + mine, text=True, check=True)
        self.addCleanup(lambda: subprocess.run(["crontab", "-"] if before else ["crontab", "-r"], input=before, text=True, check=False))

        self.check(0, "schedule", "install", "--cron")
        self.daemon()
        self.wait_for(lambda: self.runs(where="job = 'quick' AND status = 'ok'"), 150)
        slow = self.start("batch", "slow")
        self.wait_for(lambda: self.runs(where="job = 'slow' AND status = 'running'"))
        self.wait_for(lambda: (self.dir / "t.db-events").stat().st_size > 0, 150)
        slow.send_signal(signal.SIGKILL)
        slow.wait()
        refused_at = time.time()
        self.wait_for(lambda: self.runs(where="job = 'quick' AND status = 'ok' AND started_at > "
                                              f"strftime('%Y-%m-%dT%H:%M:%SZ', {refused_at:.0f}, 'unixepoch')"), 150)
        self.check(0, "schedule", "remove", "--cron")

        self.assertEqual(self.crontab(), before + mine)
        told = self.runs("job, status", "job IS NOT NULL AND status <> 'missed'")
        self.assertIn(("slow", "interrupted"), told)
        refused = self.runs("message", "status = 'refused'")
        self.assertTrue(refused)
        self.assertIn(f"process {slow.pid} on ", refused[0][0])
        slots = [slot for slot, in self.runs("slot", "job = 'quick' AND status = 'ok'")]
        self.assertEqual(len(slots), len(set(slots)), slots)  # nothing twice
        self.assertEqual(self.runs(where="status = 'failed'"), [])


if __name__ == "__main__":
    unittest.main()
