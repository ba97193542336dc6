"""Commands that talk to a running server."""

import json
import os
import pty
import re
import select
import socket
import subprocess
import tempfile
import unittest

import harness
from harness import NAME


class Chat:
    """`ledge run` on a terminal of its own."""

    def __init__(self, server, *arguments):
        self.heard = ""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execve(harness.PROGRAM, [harness.PROGRAM, "--home", server.home, "run", *arguments],
                      {"PATH": os.environ.get("PATH", ""), "HOME": server.folder, "TERM": "xterm"})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.terminal)
        if self.pid:
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)

    def type(self, text):
        os.write(self.terminal, text.encode())

    def expect(self, words, seconds=30):
        """What stands before these words, once they are there."""
        while words not in self.heard:
            ready = select.select([self.terminal], [], [], seconds)[0]
            assert ready, self.heard
            self.heard += os.read(self.terminal, 65536).decode("utf-8", "replace")
        before, self.heard = self.heard.split(words, 1)
        return before

    def ask(self, text):
        """What comes behind the echo of a line, up to the next prompt."""
        self.type(text + "\n")
        self.expect(text.strip()[-20:])
        return self.expect(">>> ")

    def wait(self):
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.pid = 0
        return status


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

    def answered(self):
        """How many answers the server has given to `run`."""
        text = self.server.request("GET", "/metrics")[2].decode()
        return sum(int(count) for count in re.findall(
            r'^ledge_requests_total\{path="/v1/(?:chat/)?completions",status="200"\} (\d+)', text, re.M))

    def run_told(self, *arguments, environment=None, status=0):
        """Whether the server answered; what `run` printed; and what it said about it."""
        before = self.answered()
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": self.server.folder, **(environment or {})}
        done = subprocess.run([harness.PROGRAM, "-v", "--home", self.server.home, "run", *arguments],
                              capture_output=True, text=True, timeout=120, env=environment)
        self.assertEqual(done.returncode, status, done.stderr)
        return self.answered() - before == 1, done.stdout, done.stderr

    def test_run_finds_the_server_of_its_store(self):
        common = ["--temperature", "0", "-n", "12", "Once upon a time"]
        name = "run/" + NAME  # as the store calls it; the server knows the file by another name, too
        here = self.run_told(name, "--no-server", *common)
        self.assertFalse(here[0])
        there = self.run_told(name, *common)
        self.assertTrue(there[0], there)
        self.assertEqual(there[1], here[1])
        self.assertIn("run/ledge.sock answers", there[2])
        url = f"http://127.0.0.1:{self.server.port}"
        self.assertTrue(self.run_told(NAME, *common, environment={"LEDGE_SERVER": url})[0])
        self.assertFalse(self.run_told(name, *common, environment={"LEDGE_SERVER": url, "LEDGE_NO_SERVER": "true"})[0])
        # What it was not started with, or doesn't do, is computed here.
        for more in (["--threads", "1"], ["--ctx", "64"], ["--kv-type", "f32"], ["--logprobs", "1", "--json"],
                     ["--chat-template", "chatml"], ["--presence-penalty", "5"]):
            self.assertFalse(self.run_told(name, *more, *common)[0], more)
        self.assertFalse(self.run_told(name, *common, environment={"LEDGE_ISA": "scalar"})[0])
        self.assertFalse(self.run_told(str(harness.MODEL), *common)[0])  # files are run here

    def test_run_passes_over_sockets_that_nobody_answers_at(self):
        socket_path = os.path.join(self.server.home, "run/ledge.sock")
        with tempfile.TemporaryDirectory() as home:
            for folder in ("models", "names"):
                os.symlink(os.path.join(self.server.home, folder), os.path.join(home, folder))
            os.mkdir(os.path.join(home, "run"))
            stale = os.path.join(home, "run/ledge.sock")
            with socket.socket(socket.AF_UNIX) as left_behind:
                left_behind.bind(stale)
            silent = socket.socket(socket.AF_UNIX)  # takes connections and says nothing
            for kind in ("stale", "silent", "a file"):
                if kind == "silent":
                    os.unlink(stale)
                    silent.bind(stale)
                    silent.listen(5)
                if kind == "a file":
                    os.unlink(stale)
                    with open(stale, "w"):
                        pass
                done = subprocess.run([harness.PROGRAM, "--home", home, "run", "run/" + NAME, "--raw", "-n", "2", "Once"],
                                      capture_output=True, text=True, timeout=60,
                                      env={"PATH": os.environ.get("PATH", ""), "HOME": home})
                self.assertEqual((done.returncode, done.stderr), (0, ""), kind)
            silent.close()
        self.assertTrue(os.path.exists(socket_path))

    def test_a_chat_lets_the_server_answer(self):
        before = self.answered()
        with Chat(self.server, "run/" + NAME, "-n", "8", "--temperature", "0") as chat:
            chat.expect(">>> ")
            first = chat.ask("Once upon a time")
            self.assertTrue(first.strip())
            chat.ask("And then?")
            self.assertIn("8 tokens at", chat.ask("/stats"))
            # The oldest turn goes where the conversation outgrows the server's context.
            for _ in range(60):
                said = chat.ask("Tell me more of it.")
                if "the oldest turn is left out" in said:
                    break
            self.assertIn("the oldest turn is left out", said)
            chat.type('"""' + "\n".join(["word word word word word"] * 120) + '"""\n')
            chat.expect("a larger --ctx takes more")
            chat.expect(">>> ")
            chat.type("/exit\n")
            self.assertEqual(chat.wait(), 0)
        self.assertGreater(self.answered() - before, 3)

    def file(self, text):
        with tempfile.NamedTemporaryFile("w", dir=self.server.folder, delete=False) as file:
            file.write(text)
        return file.name


if __name__ == "__main__":
    unittest.main()
