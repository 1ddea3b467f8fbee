"""What the API costs: one match by iterator, one question to a sentence. Measured through the program, from the CPU seconds it reports for
each plugin."""
import json
import pathlib
import subprocess
import tempfile

HEAD = 'local plugin = host.plugin { name = "%s", version = "1", records = {} }\n'
TAIL = "end\nreturn plugin\n"
ROUNDS = 400
TEXT = "云港市发布新政\n" + "2023年，云港市引进高层次人才1200人，发放补贴3.5亿元，建成人才公寓2400套，惠及企业880家。\n" * 50

# A loop that visits, and the same loop without what is measured: the difference is the cost.
PLUGINS = {
    "visit": ("", f"local sum = 0\nfor _ = 1, {ROUNDS} do for q in a:each_quantity() do sum = sum + q.value end end\n"),
    "ask": ('local words = host.lexicon { "公寓", "补贴" }\n',
            f"local qs, n = a:quantities(), 0\nfor _ = 1, {ROUNDS} do for i = 1, #qs do if qs[i].span.sentence:has(words) then n = n + 1 end end end\n"),
    "loop": ("", f"local qs, n = a:quantities(), 0\nfor _ = 1, {ROUNDS} do for i = 1, #qs do if qs[i] then n = n + 1 end end end\n"),
}


def write(folder, articles, count):
    (folder / "plugins").mkdir(parents=True)
    for name, (top, body) in PLUGINS.items():
        (folder / "plugins" / f"{name}.lua").write_text(HEAD % name + top + "function plugin.article(a)\n" + body + TAIL, "utf-8")
    (folder / articles).mkdir()
    for i in range(count):
        (folder / articles / f"{i}.txt").write_text(TEXT.replace("1200", str(1000 + i)), "utf-8")
    (folder / "config.yaml").write_text(f"articles: [{articles}]\nplugins: [plugins]\nstore: x.db\nlimits: {{cpu: 60s, wall: 120s, memory: 256MB}}\n", "utf-8")


def plugin_seconds(program, folder, names):
    done = subprocess.run([program, "run", "--json", "--jobs", "1", *names], cwd=folder, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["plugin_cpu_s"]


def quantities(program):
    done = subprocess.run([program, "quantities"], input=TEXT, capture_output=True, text=True, check=True)
    return sum(len(json.loads(line)["quantities"]) if line.startswith("{") else 0 for line in done.stdout.splitlines()) or done.stdout.count('"value"')


def measure(program):
    """ns of each, from runs over a few articles."""
    with tempfile.TemporaryDirectory(prefix="talenthost-bench-") as name:
        few = pathlib.Path(name, "few")
        write(few, "articles", 5)
        loops = plugin_seconds(program, few, ["visit", "ask", "loop"])
    steps = 5 * ROUNDS * quantities(program)
    return {"visit_ns": loops["visit"] / steps * 1e9, "ask_ns": (loops["ask"] - loops["loop"]) / steps * 1e9}


def show(r):
    print(f"a match by iterator     {r['visit_ns']:8.0f} ns, one number read (at most 100)")
    print(f"q.span.sentence:has(x)  {r['ask_ns']:8.0f} ns (at most 400)")
