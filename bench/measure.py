"""What bench/peers, bench/all and bench/table have in common: tests, running both programs, Markdown."""

import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LEDGE = ROOT / "build/release/ledge"


@dataclasses.dataclass(frozen=True)
class Test:
    """pp: `count` prompt tokens. tg: `count` decode steps of `streams` sequences with `depth` tokens each."""

    kind: str
    count: int
    streams: int = 1
    depth: int = 0

    def __str__(self):
        name = f"{self.kind}{self.count}"
        if self.streams > 1:
            name += f", {self.streams} streams"
        return name + (f", depth {self.depth}" if self.depth and self.kind == "tg" else "")


def fail(message):
    sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {message}")


def run(command, environment=None):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        fail(f"{command[0]} failed: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")
    return done.stdout


def ledge_bench(ledge, home, model, *options):
    environment = dict(os.environ, LEDGE_HOME=str(home))
    return json.loads(run([ledge, "bench", model, "-r", 1, "--json", *options], environment))


def ledge_result(ledge, home, model, test, threads):
    if test.kind == "pp":
        options = ["-p", test.count, "-n", 0]
    else:
        options = ["-p", 0, "-n", test.count, "--parallel", test.streams, "--depth", test.depth]
    document = ledge_bench(ledge, home, model, "--threads", threads, *options)
    result = document["results"][0]
    result["machine"] = document["machine"]
    return result


def tool(variable, needed_for):
    if variable not in os.environ:
        fail(f"{variable} is not set; it names llama.cpp's program for {needed_for}")
    return os.environ[variable]


def llama_rate(model, test, threads):
    if test.streams == 1:
        tests = ["-p", test.count, "-n", 0] if test.kind == "pp" else ["-p", 0, "-n", test.count]
        rows = json.loads(run([tool("LLAMA_BENCH", "one stream"), "-m", model, "-r", 1, "-t", threads, "-o", "json",
                               "-d", test.depth if test.kind == "tg" else 0, *tests]))
        return rows[0]["avg_ts"]
    depth = max(test.depth, 1)
    out = run([tool("LLAMA_BATCHED_BENCH", "several streams"), "-m", model, "-t", threads, "-npp", depth,
               "-ntg", test.count, "-npl", test.streams, "-c", (depth + test.count) * test.streams + 256,
               "--output-format", "jsonl"])
    rows = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    return rows[-1]["speed_tg"]


class Home:
    """A store for the time of the measuring, or the one that --home names."""

    def __init__(self, path=None):
        self.temporary = None if path else tempfile.TemporaryDirectory()
        self.path = path or self.temporary.name


def compare(ledge, home, model, tests, threads, rounds, tell=lambda text: None):
    """One row a test, of `rounds` rounds in which both programs take turns."""
    rows = [{"test": test, "ledge": [], "llama.cpp": [], "of": []} for test in tests]
    ledge_bench(ledge, home, model, "-p", 1, "-n", 0)  # packs the file, which is not to be measured
    for round_number in range(rounds):
        for row in rows:
            test = row["test"]
            tell(f"{pathlib.Path(str(model)).name}: {test}, round {round_number + 1}")
            result = ledge_result(ledge, home, model, test, threads)
            row["ledge"].append(result["tokens_per_second"]["median"])
            row["of"].append(result["of_limits"])
            row["llama.cpp"].append(llama_rate(model, test, threads))
    return rows


def summary(row):
    """Medians, the ratio of the medians, and the least and largest ratio of a round."""
    pairs = [a / b for a, b in zip(row["ledge"], row["llama.cpp"])]
    ours, theirs = statistics.median(row["ledge"]), statistics.median(row["llama.cpp"])
    limits = {}
    for limit in ("compute", "bandwidth"):
        parts = [of[limit] for of in row["of"] if of[limit] is not None]
        limits[limit] = statistics.median(parts) if parts else None
    return {"ledge": ours, "llama.cpp": theirs, "ratio": ours / theirs, "min": min(pairs), "max": max(pairs), **limits}


def percent(part):
    return "-" if part is None else f"{100 * part:.0f} %"


def speed(rate):
    return f"{rate:.0f}" if rate >= 100 else f"{rate:.1f}" if rate >= 10 else f"{rate:.2f}"


def markdown(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]) + "\n"


def machine_line(machine):
    """Names the machine and its limits, from `ledge bench --json`."""
    limits = machine["limits"]
    text = f"{machine['cpu'] or machine['architecture']}, {machine['threads']} threads, {machine['instructions']}, " \
           f"{machine['memory_bytes'] / 2**30:.0f} GiB, {machine['kernel']}"
    if limits["int8_macs_per_second"]:
        text += f"; int8 peak {limits['int8_macs_per_second'] / 1e9:.0f} GMAC/s"
    if limits["read_bytes_per_second"]:
        text += f", memory {limits['read_bytes_per_second'] / 1e9:.1f} GB/s"
    return text + f", the weights' mapping {limits['weights_read_bytes_per_second'] / 1e9:.1f} GB/s"


def replace_between(path, marker, text):
    """Puts `text` between <!-- marker --> and <!-- /marker --> in a file."""
    begin, end = f"<!-- {marker} -->\n", f"<!-- /{marker} -->"
    old = path.read_text(encoding="utf-8")
    if begin not in old or end not in old:
        fail(f"{path}: has no lines {begin.strip()} and {end}")
    before, rest = old.split(begin, 1)
    path.write_text(before + begin + text + end + rest.split(end, 1)[1], encoding="utf-8")
