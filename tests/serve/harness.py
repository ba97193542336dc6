"""Starts the real server on a free port of loopback, and speaks HTTP to it byte by byte or by urllib.

Every test module is a program: python3 -m unittest runs it, with LEDGE_PROGRAM naming the binary.
Servers end with their test, whatever happens.
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("LEDGE_PROGRAM", str(ROOT / "build/release/ledge"))
SHARED = ROOT / ".." / "shared" / "data" / "models"
MODEL = SHARED / "quant" / "stories260K-F16.gguf"
OTHER = SHARED / "aidreams260K.gguf"
NAME = "stories260k-f16"


def needs_models():
    if not MODEL.exists():
        raise unittest.SkipTest(f"{MODEL} is absent: the reference models are not beside this checkout")


def slow_model(folder):
    """A random model that takes a while over its answers; a context of thousands of tokens."""
    path = os.path.join(folder, "slow.gguf")
    if not os.path.exists(path):
        subprocess.run([PROGRAM, "synth", "--shape", "160m", "-o", path], check=True, capture_output=True,
                       timeout=120)
    return path


class Server:
    """One `ledge serve` with a home of its own."""

    def __init__(self, *options, models=(str(MODEL),), home=None, wait=True, environment=None):
        self.folder = tempfile.mkdtemp(prefix="ledge-serve-")
        self.home = home or os.path.join(self.folder, "home")
        self.err = open(os.path.join(self.folder, "err"), "w+b")
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": self.folder, **(environment or {})}
        command = [PROGRAM, "--home", self.home, "serve", "--listen", "127.0.0.1:0"]
        for model in models:
            command += ["--model", model]
        self.process = subprocess.Popen(command + list(options), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=self.err, env=environment)
        self.port = None
        deadline = time.monotonic() + 60
        while self.port is None and time.monotonic() < deadline:
            found = re.search(r"listening on https?://127\.0\.0\.1:(\d+)", self.log())
            if found:
                self.port = int(found.group(1))
            elif self.process.poll() is not None:
                break
            else:
                time.sleep(0.01)
        if self.port is None:
            log = self.log()
            self.close()
            raise AssertionError(f"the server did not start: {log}")
        while wait and models and time.monotonic() < deadline:
            if self.request("GET", "/readyz")[0] == 200:
                break
            time.sleep(0.02)

    def log(self):
        with open(self.err.name, "rb") as file:
            return file.read().decode("utf-8", "replace")

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.err.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def terminate(self, seconds=20):
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def connect(self, timeout=20):
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def request(self, method, path, body=None, headers=None, timeout=60):
        """Status, headers, body: JSON where it is JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        with contextlib.closing(connection):
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            data = answer.read()
            if answer.headers.get("Content-Type", "").startswith("application/json") and data:
                data = json.loads(data)
            return answer.status, answer.headers, data

    def post(self, path, body, **more):
        return self.request("POST", path, body, **more)

    def raw(self, data, timeout=20, shut=False):
        """Sends bytes, reads to the end of the connection."""
        with self.connect(timeout) as peer:
            try:
                peer.sendall(data)
                if shut:
                    peer.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            got = b""
            while True:
                try:
                    piece = peer.recv(65536)
                except (ConnectionResetError, socket.timeout):
                    break
                if not piece:
                    break
                got += piece
            return got

    def events(self, path, body, headers=None):
        """The data of a stream's events, as they come."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", path, json.dumps(body), headers or {})
        answer = connection.getresponse()
        assert answer.status == 200, (answer.status, answer.read())
        with contextlib.closing(connection):
            for line in answer:
                line = line.decode().rstrip("\n")
                if line.startswith("data: "):
                    yield line[6:]

    def worker(self, name=NAME):
        for model in self.request("GET", "/ledge/v1/models")[2]["models"]:
            if model["name"] == name:
                return model
        return None


def chat(content="Once upon a time", **more):
    body = {"model": NAME, "messages": [{"role": "user", "content": content}],
            "temperature": 0, "max_tokens": 16}
    body.update(more)
    return body


class ServerCase(unittest.TestCase):
    """Tests that share one server."""

    options = ()

    @classmethod
    def setUpClass(cls):
        needs_models()
        cls.server = Server(*cls.options)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def assert_alive(self):
        self.assertIsNone(self.server.process.poll(), self.server.log())
        self.assertEqual(self.server.post("/v1/chat/completions", chat())[0], 200)
