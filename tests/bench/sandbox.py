"""What the sandbox and the host cost, in CPU time of the program and its workers, so that a busy machine does not matter much."""
import json
import os
import pathlib
import statistics
import subprocess

ROUNDS = 3
PAIRS = 5  # runs with and without walls
EMPTY = """local plugin = host.plugin {{ name = "{name}", version = "1", summary = "does nothing" }}
function plugin.article(a) end
return plugin
"""


def cpu(args, **options):
    """CPU seconds of a command with all the processes it waited for, and what it printed."""
    before = os.times()
    done = subprocess.run(args, capture_output=True, text=True, check=True, **options)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system, done.stdout


def run(program, source, articles, store, extra=(), off=""):
    for path in pathlib.Path(store).parent.glob(pathlib.Path(store).name + "*"):
        path.unlink()
    env = {**os.environ, "TALENTHOST_WALLS_OFF": off} if off else None
    seconds, out = cpu([program, "run", "--json", "--articles", articles, "--store", store, "--jobs", "2", *extra], cwd=source, env=env)
    return seconds, json.loads(out)


def with_empty_plugins(program, source, articles, folder, count):
    """CPU seconds of a run with so many plugins that do nothing, and its report."""
    plugins = pathlib.Path(folder, f"empty{count}")
    plugins.mkdir(exist_ok=True)
    for n in range(count):
        (plugins / f"empty{n}.lua").write_text(EMPTY.format(name=f"empty{n}"), "utf-8")
    config = pathlib.Path(folder, f"empty{count}.yaml")
    config.write_text(f"plugins: [{plugins}]\n", "utf-8")
    return min((run(program, source, articles, f"{folder}/empty.db", ["--config", str(config)]) for _ in range(ROUNDS)),
               key=lambda pair: pair[0])


def measure(program, source, articles, count, folder):
    walls, bare = [], []
    for _ in range(PAIRS):  # turn about, since the machine changes
        walls.append(run(program, source, articles, f"{folder}/walls.db"))
        bare.append(run(program, source, articles, f"{folder}/walls.db", off="all"))
    total, report = min(walls, key=lambda pair: pair[0])
    one, _ = with_empty_plugins(program, source, articles, folder, 1)
    many, empty = with_empty_plugins(program, source, articles, folder, 41)
    calls = sum(p["calls"] for p in empty["profile"].values())
    work = report["load_cpu_s"] + sum(report["plugin_cpu_s"].values())
    return {
        "sandbox_cpu_s": total, "sandbox_off_cpu_s": min(b[0] for b in bare), "sandbox_overhead": statistics.median(w[0] / b[0] for w, b in zip(walls, bare)) - 1,
        "empty_plugin_us": sum(p["cpu_s"] for p in empty["profile"].values()) / calls * 1e6,
        "empty_plugin_whole_us": (many - one) / (40 * count) * 1e6, "share_outside": (total - work) / total,
    }


def show(r):
    print(f"walls of the sandbox    {r['sandbox_overhead']:+8.1%} CPU against none (at most 5%)")
    print(f"an empty plugin         {r['empty_plugin_us']:8.2f} µs an article in the worker, {r['empty_plugin_whole_us']:.2f} µs all told with its row of coverage (at most 2)")
    print(f"outside load and Lua    {r['share_outside']:8.1%} of the CPU time: store, messages, processes, start")
