#!/usr/bin/env python3
"""Finds instructions where a CPU without them could meet them.

  check_isa_code.py --objdump OBJDUMP --nm NM --program PROGRAM --objects FILE

Code under src/kernels/isa/<name>/ is compiled with that instruction set's flags. Two things must hold, or the
program ends with an illegal instruction on older CPUs, perhaps only after an unlucky link:

- Every function of PROGRAM that holds such an instruction belongs to one of the namespaces isa_<name> that
  may have it.
- Every symbol that an object of isa/<name>/ gives to the linker (FILE lists the objects) is of namespace
  isa_<name>: else the linker may take this copy of a shared inline function for everybody.
"""

import argparse
import re
import subprocess
import sys

# Which instruction sets may hold what; the pattern is matched against an instruction and its operands.
X86 = [
    (re.compile(r"%zmm|%k[0-7]|%[xy]mm(?:1[6-9]|2[0-9]|3[01])"), {"avx512", "avx512vnni"}),
    (re.compile(r"vpdp[bw]"), {"avxvnni", "avx512vnni"}),
    (re.compile(r"^(?:\{\w+\} )?v(?!err|erw|m)|^v(?:mov|max|min|mul|mask)|%ymm"),
     {"avx2", "avxvnni", "avx512", "avx512vnni"}),
    (re.compile(r"^(?:pshufb|pmaddubsw|palignr|psign[bwd]|pabs[bwd]|p?blendv?p?[sdbw]+|pm(?:ax|in)(?:sb|sd|ud|uw)|"
                r"pmov[sz]x\w+|pmulld|packusdw|ptest|round[ps][sd]|pinsr[bdq]|pextr[bdq]|insertps|extractps|"
                r"dpp[sd]|crc32|pcmp[ei]str\w+|popcnt)\b"), {"sse41"}),
]
ARM = [
    (re.compile(r"^(?:smmla|ummla|usmmla|usdot|sudot)\b"), {"i8mm"}),
    (re.compile(r"^(?:sdot|udot)\b"), {"dotprod", "i8mm"}),
]
FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
OBJECT = re.compile(r"/(?:kernels/isa/|generated/kernels/)([a-z0-9]+)[/_]")  # of one file, or a group
INSTRUCTION = re.compile(r"^\s+[0-9a-f]+:\s+(.+)$")


def isa_of(symbol):
    """The instruction set whose namespace a mangled name holds."""
    for length, name in re.findall(r"(\d+)isa_([a-z0-9]+)", symbol):
        # "15isa_avx512vnni4Simd": the count says where the name ends.
        taken = name[:int(length) - len("isa_")] if len(length) <= 2 else ""
        if taken:
            return taken
    return None


def lines_of(command):
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace") as run:
        yield from run.stdout
    if run.returncode != 0:
        sys.exit(f"isa code: {command[0]} failed on {command[-1]}")


def check_program(objdump, program):
    problems, seen, function, rules = {}, set(), "", X86
    for line in lines_of([objdump, "-d", "--no-show-raw-insn", program]):
        if "file format" in line:
            rules = ARM if "aarch64" in line else X86
        elif match := FUNCTION.match(line):
            function = match.group(1)
        elif match := INSTRUCTION.match(line):
            code = match.group(1)
            for pattern, allowed in rules:
                if pattern.search(code):
                    isa = isa_of(function)
                    if isa in allowed:
                        seen.add(isa)
                    else:
                        problems.setdefault(function, code)
                    break
    return [f"{program}: {name} holds '{code}'" for name, code in problems.items()], seen


def check_objects(nm, listing):
    problems, count = [], 0
    with open(listing, encoding="utf-8") as file:
        objects = [line.strip() for line in file if OBJECT.search(line)]
    for path in objects:
        own = OBJECT.search(path).group(1)
        if own == "scalar" or own == "unfused":
            continue
        count += 1
        for line in lines_of([nm, "--defined-only", "--extern-only", path]):
            parts = line.split()
            if len(parts) == 3 and isa_of(parts[2]) != own:
                problems.append(f"{path}: gives the linker {parts[2]}, which is not of isa_{own}")
    return problems, count


def main():
    parser = argparse.ArgumentParser()
    for name in ("objdump", "nm", "program", "objects"):
        parser.add_argument("--" + name, required=True)
    options = parser.parse_args()
    problems, seen = check_program(options.objdump, options.program)
    more, count = check_objects(options.nm, options.objects)
    problems += more
    if not seen or not count:
        problems.append(f"found special code of {sorted(seen)} in the program and {count} objects; the check sees nothing")
    for problem in problems[:50]:
        print(f"isa code: {problem}", file=sys.stderr)
    if not problems:
        print(f"isa code: ok ({', '.join(sorted(seen))}; {count} objects)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
