"""What the API costs: an empty plugin, one match by iterator, one question to a sentence; what the walls cost; and how much of a run is neither
loading nor plugins. Measured through the program, from the CPU seconds it reports for each plugin."""
import json
import os
import pathlib
import resource
import subprocess
import tempfile
import time

HEAD = 'local plugin = host.plugin { name = "%s", version = "1", records = {} }\n'
TAIL = "end\nreturn plugin\n"
ROUNDS = 400
TEXT = "云港市发布新政\n" + "2023年，云港市引进高层次人才1200人，发放补贴3.5亿元，建成人才公寓2400套，惠及企业880家。\n" * 50

# A loop that visits, and the same loop without what is measured: the difference is the cost.
PLUGINS = {
    "empty": ("", ""),
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


def costs(program):
    """ns or µs of each, from runs over a few articles (loops) and many (the empty plugin)."""
    with tempfile.TemporaryDirectory(prefix="talenthost-bench-") as name:
        few, many = pathlib.Path(name, "few"), pathlib.Path(name, "many")
        write(few, "articles", 5)
        write(many, "articles", 2000)
        loops = plugin_seconds(program, few, ["visit", "ask", "loop"])
        empty = plugin_seconds(program, many, ["empty"])["empty"]
    steps = 5 * ROUNDS * quantities(program)
    return {"empty_plugin_us": empty / 2000 * 1e6, "visit_ns": loops["visit"] / steps * 1e9,
            "ask_ns": (loops["ask"] - loops["loop"]) / steps * 1e9}


def timed_run(program, articles, source, walls_off):
    env = dict(os.environ, **({"TALENTHOST_WALLS_OFF": "all"} if walls_off else {}))
    with tempfile.TemporaryDirectory(prefix="talenthost-bench-") as folder:
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run([program, "run", "--json", "--articles", articles, "--store", f"{folder}/x.db", "--jobs", "2"], cwd=source, env=env,
                              capture_output=True, text=True, check=False)
        seconds, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    report = json.loads(done.stdout)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, cpu, report["load_cpu_s"] + sum(report["plugin_cpu_s"].values())


def walls(program, articles, source, rounds=3):
    """CPU with walls against without (the least of some rounds, taken in turn), and the share of CPU outside loading and plugins."""
    runs = {True: [], False: []}
    for _ in range(rounds):
        for off in (False, True):
            runs[off].append(timed_run(program, articles, source, off))
    with_walls, without = min(cpu for _, cpu, _ in runs[False]), min(cpu for _, cpu, _ in runs[True])
    _, cpu, analysis = min(runs[False], key=lambda r: r[1])
    return {"walls_overhead": with_walls / without - 1, "share_outside": 1 - analysis / cpu}


def measure(program, articles, source):
    return {**costs(program), **walls(program, articles, source)}


def show(r):
    print(f"an empty plugin         {r['empty_plugin_us']:8.2f} µs an article (at most 2)")
    print(f"a match by iterator     {r['visit_ns']:8.0f} ns, one number read (at most 100)")
    print(f"q.span.sentence:has(x)  {r['ask_ns']:8.0f} ns (at most 400)")
    print(f"walls of the kernel     {r['walls_overhead']:+8.1%} CPU against none (at most 5%)")
    print(f"outside the analysis    {r['share_outside']:8.1%} of the CPU: store, messages, processes, start")
