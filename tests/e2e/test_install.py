"""`cmake --install` and the Debian package: the program runs from where it was put, in another folder."""
import os
import pathlib
import shutil
import subprocess
import unittest

import world
from world import PROGRAM, World

BUILD = pathlib.Path(PROGRAM).resolve().parent


@unittest.skipUnless((BUILD / "cmake_install.cmake").exists() and shutil.which("cmake"), "not in a build folder")
class Install(World):
    def command(self, *args, cwd=None):
        done = subprocess.run([str(a) for a in args], cwd=cwd or self.dir, capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, f"{args}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def try_out(self, prefix):
        program = prefix / "bin/talenthost"
        env = {k: v for k, v in os.environ.items() if k != "TALENTHOST_HOME"}
        (self.dir / "user/articles").mkdir(parents=True)
        (self.dir / "user/articles/a.txt").write_text(world.TEXT, "utf-8")
        done = subprocess.run([str(program), "run", "--articles", "articles"], cwd=self.dir / "user", env=env,
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(self.rows("SELECT count(*) FROM metric", store="user/talenthost.db")[0][0], 0)
        config = self.command(program, "config", cwd=self.dir / "user")
        self.assertIn(str((prefix / "share/talenthost").resolve()), config)
        self.command(program, "init", "mine")
        self.command(program, "test", cwd=self.dir / "mine")
        for name in ("share/man/man1/talenthost.1", "share/bash-completion/completions/talenthost",
                     "share/zsh/vendor-completions/_talenthost", "share/fish/vendor_completions.d/talenthost.fish",
                     "lib/systemd/system/talenthost@.service", "lib/systemd/user/talenthost@.timer"):
            self.assertGreater((prefix / name).stat().st_size, 200, name)

    def test_install(self):
        self.command("cmake", "--install", BUILD, "--prefix", self.dir / "root/usr")
        self.try_out(self.dir / "root/usr")

    @unittest.skipUnless(shutil.which("dpkg-deb") and shutil.which("cpack") and shutil.which("dpkg-shlibdeps"),
                         "no tools for Debian packages")
    def test_debian_package(self):
        self.command("cpack", "-G", "DEB", "--config", BUILD / "CPackConfig.cmake", "-B", self.dir / "pack")
        package, = (self.dir / "pack").glob("*.deb")
        control = self.command("dpkg-deb", "--field", package)
        self.assertIn("libsqlite3-0 (>= 3.40)", control)
        self.assertIn("Package: talenthost", control)
        self.command("dpkg-deb", "--extract", package, self.dir / "root")
        self.try_out(self.dir / "root/usr")


if __name__ == "__main__":
    unittest.main()
