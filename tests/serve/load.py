#!/usr/bin/env python3
"""A server under what strangers do to it, many times over; meant for one that was built with sanitizers.

    tests/serve/load.py [PROGRAM] [--connections 10000] [--cancels 1000] [--mutated 500] [--slow-readers 32]
                        [--slow-writers 200]

Starts PROGRAM (build/release/ledge) with a small random model, and between the parts asks as an honest client would.
Ends with status 1 where one isn't answered, a status is the server's fault, something is left behind, a process ends
by itself, or a sanitizer says anything. `make test-serve-asan` and `make test-serve-tsan` build the program and run it.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time

import strangers

NAME = "load"
REPORTS = re.compile(r"runtime error|(ERROR|WARNING): (Address|Leak|Thread|UndefinedBehavior)Sanitizer")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default="build/release/ledge")
    for part, count in (("connections", 10_000), ("cancels", 1_000), ("mutated", 500), ("slow-readers", 32),
                        ("slow-writers", 200)):
        parser.add_argument(f"--{part}", type=int, default=count)
    return parser.parse_args()


def fail(server, message):
    print(server.log()[-20_000:] if server else "", file=sys.stderr)
    sys.exit(f"load.py: {message}")


def ask(server):
    """An honest request: milliseconds."""
    begun = time.monotonic()
    status, _, body = server.post("/v1/completions", {"model": NAME, "prompt": "Hello", "max_tokens": 4,
                                                      "temperature": 0, "ignore_eos": True}, timeout=120)
    if status != 200:
        fail(server, f"an honest request was answered with {status}: {body}")
    return 1e3 * (time.monotonic() - begun)


def settle(server):
    """Until nothing is being answered and no page of a KV cache is held, but for kept prefixes (there are none)."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        model = server.request("GET", "/ledge/v1/models")[2]["models"][0]
        if not any(model["requests"].values()) and model["bytes"]["kv"] == 0:
            return
        time.sleep(0.1)
    fail(server, f"something is left behind: {model['requests']}, {model['bytes']['kv']} bytes of KV cache")


def parts(options):
    def abandon(server):
        strangers.abandon(server, NAME, options.connections)

    def cancel(server):
        strangers.cancel(server, NAME, options.cancels)

    def mutate(server):
        statuses = strangers.mutate(server, NAME, options.mutated)
        if not all(map(strangers.is_no_fault, statuses)):
            fail(server, f"a mutated request gave a status that is the server's fault: {statuses}")

    def read_slowly(server):
        # Few at once: who asks meanwhile waits for what they asked for, and sanitizers make that long.
        for _ in range(0, options.slow_readers, 2):
            with strangers.SlowReaders(server, NAME, 2):
                time.sleep(0.5)
                ask(server)
            settle(server)

    def write_slowly(server):
        strangers.write_slowly(server, NAME, options.slow_writers, 3)

    return {f"{options.connections} connections abandoned": abandon, f"{options.cancels} streams cancelled": cancel,
            f"{options.mutated} mutated requests": mutate, f"{options.slow_readers} slow readers": read_slowly,
            f"{options.slow_writers} slow writers": write_slowly}


def main():
    options = arguments()
    program = os.path.abspath(options.program)
    os.environ["LEDGE_PROGRAM"] = program
    import harness  # reads the variable

    with tempfile.TemporaryDirectory(prefix="ledge-load-") as folder:
        model = os.path.join(folder, NAME + ".gguf")
        subprocess.run([program, "synth", "--shape", "tiny", "-o", model], check=True, capture_output=True)
        # Sanitizers' own settings reach the server and its workers.
        settings = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        # A short context: what a mutation leaves without a limit ends there.
        with harness.Server("--prefix-cache", "0", "--max-batch", "8", "--ctx", "256", "--header-timeout", "1s",
                            "--body-timeout", "1s", "--write-timeout", "1s", models=(model,),
                            environment=settings) as server:
            pid = server.worker(NAME)["pid"]
            print(f"before: {ask(server):.0f} ms, {strangers.resident_mib(server.process.pid):.0f} MiB", flush=True)
            for name, part in parts(options).items():
                begun = time.monotonic()
                part(server)
                took = time.monotonic() - begun
                after = ask(server)
                settle(server)
                print(f"{name}: {took:.0f} s; the next request {after:.0f} ms, "
                      f"the front {strangers.resident_mib(server.process.pid):.0f} MiB", flush=True)
            if server.worker(NAME)["pid"] != pid:
                fail(server, "the model's process ended and was started again")
            status = server.terminate(60)
            if status != 0:
                fail(server, f"the server ended with status {status}")
            if said := REPORTS.search(server.log()):
                fail(server, f"a sanitizer reports: {said.group(0)}")
    print("clean")


if __name__ == "__main__":
    main()
