"""A new file of a table (an architecture, a family of folders, a command) is one new file: the build finds it.

In a tree of its own, with the project's cmake/layers.cmake and cmake/registry.cmake as they are.
"""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

TREE = f"""
cmake_minimum_required(VERSION 3.25)
project(tree LANGUAGES CXX)
list(APPEND CMAKE_MODULE_PATH {ROOT / "cmake"})
include(layers)
include(registry)
ledge_layer(model)
ledge_registry(TARGET ledge_model FOLDER src/model/arch PREFIX kArchitecture_ TYPE Architecture
               HEADER model/architecture.h FUNCTION AllArchitectures)
add_executable(names src/main.cc)
target_link_libraries(names PRIVATE ledge_model)
"""
HEADER = """
#pragma once
#include <span>
namespace ledge {
struct Architecture {
  const char* name;
};
std::span<const Architecture* const> AllArchitectures();
}  // namespace ledge
"""
MAIN = """
#include <cstdio>
#include "model/architecture.h"
int main() {
  for (const ledge::Architecture* each : ledge::AllArchitectures()) std::printf("%s ", each->name);
}
"""


def architecture(name):
    return f"""
#include "model/architecture.h"
namespace ledge {{
extern const Architecture kArchitecture_{name};
const Architecture kArchitecture_{name} = {{"{name}"}};
}}  // namespace ledge
"""


class NewFile(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)
        self.write("CMakeLists.txt", TREE)
        self.write("src/model/architecture.h", HEADER)
        self.write("src/main.cc", MAIN)
        self.write("src/model/arch/second.cc", architecture("second"))

    def write(self, path, text):
        file = self.tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def run_in_tree(self, *command):
        done = subprocess.run(command, cwd=self.tree, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def names(self):
        self.run_in_tree("cmake", "--build", "build")
        return self.run_in_tree("build/names").split()

    def test_is_in_the_table_after_the_next_build(self):
        compiler = os.environ.get("CXX", "c++")
        self.run_in_tree("cmake", "-S", ".", "-B", "build", "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={compiler}",
                         "-DCMAKE_CXX_STANDARD=23", "-DLEDGE_TESTS=OFF")
        self.assertEqual(self.names(), ["second"])
        self.write("src/model/arch/first.cc", architecture("first"))
        self.write("src/model/arch/first_test.cc", "#error not part of the table\n")
        self.assertEqual(self.names(), ["first", "second"])
        (self.tree / "src/model/arch/second.cc").unlink()
        self.assertEqual(self.names(), ["first"])


if __name__ == "__main__":
    unittest.main()
