"""Commands that talk to a running server."""

import json
import os
import subprocess
import unittest

import harness
from harness import NAME


class Commands(harness.ServerCase):
    def ledge(self, *arguments, status=0):
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": self.server.folder}
        done = subprocess.run([harness.PROGRAM, "--home", self.server.home, *arguments], capture_output=True,
                              text=True, timeout=120, env=environment)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout

    def test_ps_load_unload_find_the_server_by_its_socket(self):
        self.assertIn(NAME, self.ledge("ps"))
        state = json.loads(self.ledge("ps", "--json"))
        self.assertEqual(state["models"][0]["name"], NAME)
        self.assertEqual(set(state["models"][0]["bytes"]), {"weights", "kv", "scratch"})
        self.assertIn("left the memory", self.ledge("unload", NAME))
        self.assertEqual(json.loads(self.ledge("ps", "--json"))["models"], [])
        self.assertIn("is in memory", self.ledge("load", NAME))
        self.ledge("load", "none", status=4)
        self.ledge("ps", "--server", "http://127.0.0.1:1", status=7)
        self.ledge("ps", "--server", "https://x", status=2)


if __name__ == "__main__":
    unittest.main()
