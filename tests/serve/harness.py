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
import struct
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


THINK_END = 8  # the token, of what write_folder makes


def write_folder(folder):
    """A Llama of a few thousand weights, as Hugging Face's files. It can write a, b, c and quotes."""
    os.mkdir(folder)
    config = {"architectures": ["LlamaForCausalLM"], "hidden_act": "silu", "hidden_size": 32, "intermediate_size": 48,
              "max_position_embeddings": 64, "num_attention_heads": 2, "num_key_value_heads": 1,
              "num_hidden_layers": 1, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": True,
              "vocab_size": 9}
    marks = [{"id": 5 + i, "content": text, "special": True}
             for i, text in enumerate(("<s>", "</s>", "<think>", "</think>"))]
    tokenizer = {"added_tokens": marks, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False},
                 "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2, "c": 3, '"': 4}, "merges": ["a b"]}}
    layer = "model.layers.0."
    shapes = {"model.embed_tokens.weight": (9, 32), layer + "input_layernorm.weight": (32,),
              layer + "self_attn.q_proj.weight": (32, 32), layer + "self_attn.k_proj.weight": (16, 32),
              layer + "self_attn.v_proj.weight": (16, 32), layer + "self_attn.o_proj.weight": (32, 32),
              layer + "post_attention_layernorm.weight": (32,), layer + "mlp.gate_proj.weight": (48, 32),
              layer + "mlp.up_proj.weight": (48, 32), layer + "mlp.down_proj.weight": (32, 48),
              "model.norm.weight": (32,)}
    header, data = {}, b""
    for name, shape in shapes.items():
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        values = [((i * 7919) % 101 - 50) / 200 for i in range(count)]
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + 4 * count]}
        data += struct.pack(f"<{count}f", *values)
    text = json.dumps(header).encode()
    with open(os.path.join(folder, "model.safetensors"), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
    for name, content in (("config", config), ("tokenizer", tokenizer),
                          ("tokenizer_config", {"bos_token": "<s>", "eos_token": "</s>"})):
        with open(os.path.join(folder, name + ".json"), "w") as file:
            json.dump(content, file)


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
