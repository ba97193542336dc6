#!/usr/bin/env python3
"""Holds every #include of src/ against the layer table in ARCHITECTURE.md.

The table's rows, highest layer first, name the folders of a layer; a file may include from its own folder and
from folders of lower rows only. Every folder of src/ must be in the table. Also checks that the
instruction-set folders include nothing whose inline code could leak into common code, and that no code which
runs models knows an architecture by name (docs/adding-an-architecture.md).
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
# Headers without inline code of their own, or intrinsics: all that an instruction-set file may use.
ISA_ALLOWED = {"cstddef", "cstdint", "cstring", "type_traits", "immintrin.h", "arm_neon.h"}


def layer_table():
    """Folder -> height, from the table whose header row is '| folder | holds |'."""
    heights, rows, inside = {}, [], False
    for line in (ROOT / "ARCHITECTURE.md").read_text().splitlines():
        if re.match(r"\|\s*folder\s*\|", line):
            inside = True
        elif inside and line.startswith("|"):
            folders = re.findall(r"`src/([a-z]+)/`", line.split("|")[1])
            if folders:
                rows.append(folders)
        elif inside:
            break
    for height, folders in enumerate(reversed(rows)):
        heights.update({folder: height for folder in folders})
    return heights


ARCHITECTURES = "src/model/arch"
# Folders that must run any model.
NAMELESS = {"executor", "kernels", "model"}


def architecture_names():
    """What the files of model/arch/ say a model's general.architecture is."""
    files = [p for p in (ROOT / ARCHITECTURES).glob("*.cc") if not p.name.endswith("_test.cc")]
    found = [re.search(r'const Architecture kArchitecture_(\w+) = \{\s*"([^"]+)"', p.read_text()) for p in files]
    missing = [p.name for p, match in zip(files, found) if not match or match.group(1) != p.stem]
    return {match.group(2) for match in found if match}, missing


def named_architectures(relative, text, names):
    if relative.parts[1] not in NAMELESS or relative.name.endswith("_test.cc"):
        return []
    if str(relative).startswith(ARCHITECTURES):
        return []
    return sorted(names & set(re.findall(r'"([^"\n]*)"', text)))


def main():
    heights = layer_table()
    problems = []
    if not heights:
        problems.append("ARCHITECTURE.md: no layer table ('| folder | holds |') found")
    names, missing = architecture_names()
    problems += [f"{ARCHITECTURES}/{name}: must define kArchitecture_{name[:-3]}" for name in missing]
    files = sorted(p for p in (ROOT / "src").rglob("*") if p.suffix in (".h", ".cc"))
    for path in files:
        relative = path.relative_to(ROOT)
        folder = relative.parts[1]
        if folder not in heights:
            problems.append(f"{relative}: folder src/{folder}/ is not in ARCHITECTURE.md's layer table")
            continue
        for name in named_architectures(relative, path.read_text(), names):
            problems.append(f'{relative}: knows the architecture "{name}"; only {ARCHITECTURES}/ may')
        for kind, target in INCLUDE.findall(path.read_text()):
            if kind == "<":
                isa = relative.parts[1:3] == ("kernels", "isa") and not relative.name.endswith("_test.cc")
                if isa and target not in ISA_ALLOWED:
                    problems.append(f"{relative}: <{target}> must not be included where special instructions are on")
                continue
            other = target.split("/")[0]
            if other == "testing" and relative.name.endswith("_test.cc"):
                continue
            if other not in heights:
                problems.append(f'{relative}: "{target}" does not begin with a folder of src/')
            elif other != folder and heights[other] >= heights[folder]:
                problems.append(f'{relative}: "{target}" is not below src/{folder}/ in the layer table')
    for problem in problems:
        print(f"layers: {problem}", file=sys.stderr)
    if not problems:
        print(f"layers: ok ({len(files)} files)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
