#!/usr/bin/env python3
"""Compiles every header of src/ by itself, in one go a folder, to show that it includes what it needs.

A header is self-contained if it compiles as the first include of a file; each gets its own translation unit
with -fsyntax-only, results are remembered by the contents of all headers, so an unchanged tree costs nothing.
"""

import concurrent.futures
import hashlib
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = ROOT / "build" / "headers.ok"
# Headers that only instruction-set files include need those instructions switched on.
ISA_FLAGS = {
    "avx2": ["-mavx2", "-mfma", "-mf16c"],
    "avx512vnni": ["-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mavx512vnni", "-mavx2", "-mfma", "-mf16c"],
}


def compile_header(header):
    flags = next((f for isa, f in ISA_FLAGS.items() if isa in header.parts), [])
    if flags and os.uname().machine != "x86_64":
        return header, None
    command = [os.environ.get("CXX", "g++"), "-std=c++23", "-fsyntax-only", "-Isrc", "-x", "c++", *flags, "-"]
    source = f'#include "{header.relative_to(ROOT / "src")}"\n'
    done = subprocess.run(command, input=source, text=True, capture_output=True, cwd=ROOT)
    return header, done.stderr if done.returncode else None


def main():
    headers = sorted((ROOT / "src").rglob("*.h"))
    digest = hashlib.sha256(b"".join(h.read_bytes() for h in headers)).hexdigest()
    if CACHE.exists() and CACHE.read_text() == digest:
        print(f"headers: ok ({len(headers)} files, unchanged)")
        return 0
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for header, problem in pool.map(compile_header, headers):
            if problem:
                failed += 1
                first = next((line for line in problem.splitlines() if "error" in line), problem.strip())
                print(f"headers: {header.relative_to(ROOT)} does not compile by itself: {first}", file=sys.stderr)
    if failed:
        return 1
    CACHE.parent.mkdir(exist_ok=True)
    CACHE.write_text(digest)
    print(f"headers: ok ({len(headers)} files)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
