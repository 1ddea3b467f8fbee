"""`--shard` and `merge`: the stores of shards, joined, are the store of one run."""
import json
import sqlite3
import unittest

from world import World, plugin

CORE = {"block": "article_id", "sentence": "article_id", "dropped": "article_id"}


def body(n):
    return (f"去年，云岭区第{n}次会议引进高层次人才{100 + n}人，发放补贴超{n}万元，服务企业{n * 3}家，面积{n}平方米。\n"
            f"截至目前，建成人才公寓{n}套，第{n}号楼已经入住，认定专家{n + 7}名。\n")


class Shards(World):
    def setUp(self):
        super().setUp()
        self.config(plugins="bundled")
        for n in range(40):
            self.article(f"t{n}.txt", f"云岭区第{n}期人才工作简报\n2024-05-{n % 28 + 1:02d} 来源: 云岭日报\n{body(n)}分享到朋友圈送审稿\n")
        self.article("copy.txt", (self.dir / "articles/t3.txt").read_text("utf-8"))
        self.article("rows.ndjson", "".join(json.dumps({"title": f"第{n}条", "date": "2024-06-01", "text": body(n + 50)}) + "\n"
                                            for n in range(30)))
        self.article("empty.txt", "")

    def tables(self, store):
        with sqlite3.connect(f"file:{self.dir / store}?mode=ro", uri=True) as db:
            def rows(sql):
                return sorted(db.execute(sql).fetchall(), key=repr)

            def columns(table, *but):
                return ", ".join(f't."{c[1]}"' for c in db.execute(f"PRAGMA table_info({table})") if c[1] not in but)

            out = {"article": rows(f"SELECT {columns('article', 'id', 'loaded_at', 'duplicate_of')}, o.path FROM article t "
                                   "LEFT JOIN article o ON o.id = t.duplicate_of"),
                   "coverage": rows("SELECT a.path, p.name, c.fingerprint FROM coverage c JOIN article a ON a.id = c.article_id "
                                    "JOIN plugin p ON p.id = c.plugin_id"),
                   "file": rows("SELECT path, hash, loader FROM file")}
            kinds = [name for name, in db.execute("SELECT name FROM kind")]
            for table in [*CORE, *kinds]:
                out[table] = rows(f"SELECT a.path, {columns(table, 'id', 'article_id')} FROM {table} t "
                                  "JOIN article a ON a.id = t.article_id")
            return out

    def shard(self, count, command="run"):
        for n in range(1, count + 1):
            self.run_program(command, "-q", "--shard", f"{n}/{count}", "--store", f"s{n}.db")
        return [f"s{n}.db" for n in range(1, count + 1)]

    def test_equal_to_one_run(self):
        self.check(1, "run", "-q")
        stores = self.shard(4)
        sizes = [self.rows("SELECT count(*) FROM article", store=s)[0][0] for s in stores]
        self.assertEqual(sum(sizes), self.rows("SELECT count(*) FROM article")[0][0])
        self.assertTrue(all(sizes), sizes)
        self.check(1, "merge", "out.db", *stores)
        one, joined = self.tables("t.db"), self.tables("out.db")
        self.assertEqual(set(one), set(joined))
        for table in one:
            self.assertEqual(one[table], joined[table], table)
        self.assertGreater(len(one["metric"]), 50)
        self.assertEqual(self.rows("SELECT count(*) FROM article WHERE duplicate_of IS NOT NULL", store="out.db"), [(1,)])
        self.assertEqual([r for r, in self.rows("SELECT path FROM failure", store="out.db")], ["articles/empty.txt"])

    def test_twice_is_once(self):
        stores = self.shard(2)
        self.check(1, "merge", "out.db", *stores)
        before = self.tables("out.db")
        self.run_program("merge", "out.db", *stores)
        self.assertEqual(before, self.tables("out.db"))

    def test_a_shard_that_is_missing(self):
        stores = self.shard(3, "load")
        done = self.run_program("merge", "out.db", *stores[:2])
        self.assertEqual(done.returncode, 1)
        self.assertIn("1 of 3 shards", done.stderr)

    def test_wrong_calls(self):
        for value in ("0/4", "5/4", "x", "2", "1/2/3", "-1/2"):
            self.check(2, "load", "--shard", value, says="--shard")
        self.check(2, "merge", "out.db", says="one store at least")
        self.check(2, "merge", "out.db", "none.db", says="none.db")
        self.write("text.db", "no database at all, but long enough to be looked at")
        self.check(2, "merge", "out.db", "text.db", says="not a database")


class Versions(World):
    def test_mixed_versions_are_refused(self):
        rule = 'a:record("v_row", { span = a:span(), n = 1 })'
        self.article("a.txt")
        self.write("plugins/v.lua", plugin("v", rule))
        self.check(0, "run", "--shard", "1/2", "--store", "s1.db")
        self.write("plugins/v.lua", plugin("v", rule).replace('"1.0"', '"1.1"'))
        self.check(0, "run", "--shard", "2/2", "--store", "s2.db")
        self.check(2, "merge", "out.db", "s1.db", "s2.db", says=["v 1.1", "1.0", "--mixed"])
        self.assertEqual(self.rows("SELECT count(*) FROM article", store="out.db"), [(0,)])
        self.check(0, "merge", "--mixed", "out.db", "s1.db", "s2.db")
        self.assertEqual(self.rows("SELECT count(*) FROM v_row", store="out.db"), [(1,)])


if __name__ == "__main__":
    unittest.main()
