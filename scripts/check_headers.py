#!/usr/bin/env python3
"""Shows that every header of src/ includes what it needs.

A header is self-contained if it compiles as the first include of a file. For most that is shown by the build: the
source or the test of the same name includes it first. The others are compiled by themselves here; the result is
remembered by the contents of all headers, so an unchanged tree costs nothing.
"""

import concurrent.futures
import hashlib
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = ROOT / "build" / "headers.ok"
# Headers that only instruction-set files include need those instructions switched on.
ISA_FLAGS = {
    "avx2": ["-mavx2", "-mfma", "-mf16c"],
    "avx512vnni": ["-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mavx512vnni", "-mavx2", "-mfma", "-mf16c"],
}

# Whose intrinsics a header includes, itself or through ours, decides where it can be compiled.
INTRINSICS = {"arm_neon.h": "aarch64", "immintrin.h": "x86_64", "smmintrin.h": "x86_64", "nmmintrin.h": "x86_64"}
INCLUDE = re.compile(r'^#include [<"]([^>"]+)[>"]', re.MULTILINE)


def processors(header):
    """The processors whose intrinsics `header` includes."""
    found, seen, left = set(), set(), [header]
    while left:
        for name in INCLUDE.findall(left.pop().read_text()):
            ours = ROOT / "src" / name
            if name in INTRINSICS:
                found.add(INTRINSICS[name])
            elif name.startswith("kernels/") and name not in seen and ours.exists():
                seen.add(name)
                left.append(ours)
    return found


def shown_by_build(header):
    """Whether a source that every build compiles has this header as its first include."""
    first = f'#include "{header.relative_to(ROOT / "src")}"'
    for name in (f"{header.stem}.cc", f"{header.stem}_test.cc"):
        source = header.with_name(name)
        if source.exists():
            includes = [line for line in source.read_text().splitlines() if line.startswith("#include")]
            if includes and includes[0] == first:
                return True
    return False


def compile_header(header):
    flags = next((f for isa, f in ISA_FLAGS.items() if isa in header.parts), [])
    if processors(header) - {os.uname().machine}:
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
    alone = [header for header in headers if not shown_by_build(header)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for header, problem in pool.map(compile_header, alone):
            if problem:
                failed += 1
                first = next((line for line in problem.splitlines() if "error" in line), problem.strip())
                print(f"headers: {header.relative_to(ROOT)} does not compile by itself: {first}", file=sys.stderr)
    if failed:
        return 1
    CACHE.parent.mkdir(exist_ok=True)
    CACHE.write_text(digest)
    print(f"headers: ok ({len(headers)} files, {len(alone)} of them compiled by themselves)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
