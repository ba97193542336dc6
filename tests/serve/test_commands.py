"""Commands that talk to a running server."""

import json
import os
import subprocess
import tempfile
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

    def test_run_lets_the_server_answer(self):
        url = f"http://127.0.0.1:{self.server.port}"
        common = ["--temperature", "0", "-n", "12", "Once upon a time"]
        for more in ([], ["--raw"], ["--system", "Be brief."], ["--grammar", self.file('root ::= "red" | "blue"')],
                     ["--schema", self.file('{"type":"object","properties":{"a":{"type":"integer"}}}')]):
            here = json.loads(self.ledge("run", str(harness.MODEL), *more, *common, "--json"))
            there = json.loads(self.ledge("run", NAME, "--server", url, *more, *common, "--json"))
            for field in ("text", "ids", "prompt_tokens", "completion_tokens", "finish_reason"):
                self.assertEqual(there[field], here[field], (more, field))
            self.assertEqual(self.ledge("run", NAME, "--server", url, *more, *common).rstrip("\n"),
                             here["text"].rstrip("\n"))
        socket = os.path.join(self.server.home, "run/ledge.sock")
        self.assertTrue(self.ledge("run", NAME, "--server", socket, *common))
        self.ledge("run", "none", "--server", url, "x", status=4)
        self.ledge("run", NAME, "--server", "http://127.0.0.1:1", "x", status=7)
        self.ledge("run", NAME, "--server", url, "--logprobs", "1", "x", status=2)
        self.ledge("run", NAME, "--server", url, "--grammar", self.file("root ::= root"), "x", status=2)

    def file(self, text):
        with tempfile.NamedTemporaryFile("w", dir=self.server.folder, delete=False) as file:
            file.write(text)
        return file.name


if __name__ == "__main__":
    unittest.main()
