"""Starts the real server on a free port of loopback, and speaks HTTP to it byte by byte or by urllib.

Every test module is a program: python3 -m unittest runs it, with LEDGE_PROGRAM naming the binary.
Servers end with their test, whatever happens.
"""

import contextlib
import http.client
import json
import math
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


def write_tensors(path, tensors):
    """A file of safetensors: name -> (shape, values)."""
    header, data = {}, b""
    for name, (shape, values) in tensors.items():
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + 4 * len(values)]}
        data += struct.pack(f"<{len(values)}f", *values)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def write_documents(folder, **documents):
    for name, content in documents.items():
        with open(os.path.join(folder, name + ".json"), "w") as file:
            json.dump(content, file)


LLAMA = {"architectures": ["LlamaForCausalLM"], "hidden_act": "silu", "num_attention_heads": 2, "num_key_value_heads": 1,
         "num_hidden_layers": 1, "rms_norm_eps": 1e-5, "rope_theta": 10000.0}


def layer_shapes(width, inner, kv):
    layer = "model.layers.0."
    return {layer + "input_layernorm.weight": (width,), layer + "self_attn.q_proj.weight": (width, width),
            layer + "self_attn.k_proj.weight": (kv, width), layer + "self_attn.v_proj.weight": (kv, width),
            layer + "self_attn.o_proj.weight": (width, width), layer + "post_attention_layernorm.weight": (width,),
            layer + "mlp.gate_proj.weight": (inner, width), layer + "mlp.up_proj.weight": (inner, width),
            layer + "mlp.down_proj.weight": (width, inner), "model.norm.weight": (width,)}


def write_folder(folder):
    """A Llama of a few thousand weights, as Hugging Face's files. It can write a, b, c and quotes."""
    os.mkdir(folder)
    config = {**LLAMA, "hidden_size": 32, "intermediate_size": 48, "max_position_embeddings": 64,
              "tie_word_embeddings": True, "vocab_size": 9}
    marks = [{"id": 5 + i, "content": text, "special": True}
             for i, text in enumerate(("<s>", "</s>", "<think>", "</think>"))]
    tokenizer = {"added_tokens": marks, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False},
                 "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2, "c": 3, '"': 4}, "merges": ["a b"]}}
    shapes = {"model.embed_tokens.weight": (9, 32), **layer_shapes(32, 48, 16)}
    write_tensors(os.path.join(folder, "model.safetensors"), {
        name: (shape, [((i * 7919) % 101 - 50) / 200 for i in range(math.prod(shape))])
        for name, shape in shapes.items()})
    write_documents(folder, config=config, tokenizer=tokenizer,
                    tokenizer_config={"bos_token": "<s>", "eos_token": "</s>"})


def byte_letters():
    """How byte-level tokenizers write the 256 bytes."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte if byte in plain else 256 + others.index(byte)) for byte in range(256)}


def write_scripted(folder, *pieces):
    """A Llama that answers these pieces, a token each, whatever it is asked: its only layer adds nothing, and what
    follows a token is the one whose row of the output looks at that token's place. No piece may be there
    twice or be of one character."""
    os.mkdir(folder)
    letters = list(byte_letters().values())
    texts = ["<s>", "</s>", *pieces]
    vocabulary, width = len(letters) + len(texts), 320
    first, last = len(letters) + 2, len(letters) + len(texts) - 1
    following = [first] * first + [*range(first + 1, last + 1), len(letters) + 1]

    def one_hot(pairs):
        values = [0.0] * (vocabulary * width)
        for row, column in pairs:
            values[row * width + column] = 1.0
        return (vocabulary, width), values

    shapes = layer_shapes(width, 64, width // 2)
    tensors = {name: (shape, [1.0 if len(shape) == 1 else 0.0] * math.prod(shape)) for name, shape in shapes.items()}
    tensors["model.embed_tokens.weight"] = one_hot((token, token) for token in range(vocabulary))
    tensors["lm_head.weight"] = one_hot((after, token) for token, after in enumerate(following))
    write_tensors(os.path.join(folder, "model.safetensors"), tensors)
    marks = [{"id": len(letters) + i, "content": text, "special": i < 2} for i, text in enumerate(texts)]
    write_documents(folder, config={**LLAMA, "hidden_size": width, "intermediate_size": 64,
                                    "max_position_embeddings": 4096, "tie_word_embeddings": False,
                                    "vocab_size": vocabulary},
                    tokenizer={"added_tokens": marks, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False},
                               "model": {"type": "BPE", "vocab": {c: i for i, c in enumerate(letters)}, "merges": []}},
                    tokenizer_config={"bos_token": "<s>", "eos_token": "</s>", "chat_template":
                                      "{% for m in messages %}{{ m.content }}{% endfor %}\n"})
    return folder


def scripted_models(folder):
    """A model that thinks "I wonder..." and says "Yes, it is.", and one that calls meet with {"age": 77}."""
    return (write_scripted(os.path.join(folder, "thinks"), "<think>", "I wonder", "...", "</think>", "Yes", ", it is."),
            write_scripted(os.path.join(folder, "calls"), "<tool_call>\n", '{"name": "meet", ', '"arguments": ',
                           '{"age": ', "77", "}}", "\n</tool_call>"))


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

    def metric(self, *names):
        """The sum of these metrics, or of those of a name whatever their labels."""
        lines = self.request("GET", "/metrics")[2].decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines
                   if any(line.startswith((name + " ", name + "{") if "{" not in name else name) for name in names))

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
