"""Clients as no server wants them, against a running one: they open and leave, dawdle, cancel, and send nonsense.

Each function takes the server (harness.Server) and the name of its model, and returns when it is done. Used by the
tests (few of them), by load.py (many, against a server that was built with sanitizers) and by bench/serving.
"""

import concurrent.futures
import json
import os
import random
import socket
import time


def head_of(path, length):
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n".encode()


def stream_request(model, tokens, prompt="Once upon a time", **more):
    body = json.dumps({"model": model, "prompt": prompt, "max_tokens": tokens, "temperature": 0, "ignore_eos": True,
                       "stream": True, **more}).encode()
    return head_of("/v1/completions", len(body)) + body


def abandon(server, model, count):
    """Connections that are closed idle, in mid-head, after a whole request, and after noise."""
    request = stream_request(model, 400)
    noise = random.Random(count)
    for index in range(count):
        with server.connect() as peer:
            try:
                if index % 4 == 1:
                    peer.sendall(b"GET /v1/mod")
                if index % 4 == 2:
                    peer.sendall(request)
                if index % 4 == 3:
                    peer.sendall(noise.randbytes(100))
            except OSError:
                pass  # refused while it was still speaking


def cancel(server, model, count, at_once=12, most_seconds=0.3):
    """Streams that are closed after a random while."""

    def one(seed):
        chance = random.Random(seed)
        prompt = " ".join(str(chance.random()) for _ in range(chance.randint(1, 20)))
        with server.connect() as peer:
            peer.sendall(stream_request(model, 400, prompt))
            peer.settimeout(chance.uniform(0.001, most_seconds))
            try:
                while peer.recv(4096):
                    pass
            except (socket.timeout, ConnectionError):
                pass

    with concurrent.futures.ThreadPoolExecutor(at_once) as clients:
        list(clients.map(one, range(count)))


PROMPT_TOKENS = 'ledge_prompt_tokens_total{source="computed"}'
ANSWER_TOKENS = "ledge_completion_tokens_total"


def leave(server, request, begun, counted=(PROMPT_TOKENS, ANSWER_TOKENS), watched=1.0):
    """Closes a connection some time into its request's computing; milliseconds from there to when the last of the
    counted tokens was seen to be computed, and how many were in all. A server tells of them when somebody leaves."""
    before = server.metric(*counted)
    with server.connect() as peer:
        peer.sendall(request)
        begun(peer)
    closed = time.monotonic()
    count, last = server.metric(*counted), 0.0
    while time.monotonic() < closed + watched:
        seen = server.metric(*counted)
        if seen != count:
            count, last = seen, time.monotonic() - closed
        time.sleep(0.005)
    return 1e3 * last, count - before


def write_slowly(server, model, count, seconds):
    """Requests that come a byte at a time, all at once; how many were ended by the server."""
    request = stream_request(model, 4)
    peers = [server.connect() for _ in range(count)]
    end, at = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        for peer in peers:
            try:
                peer.sendall(request[at:at + 1] or b" ")
            except OSError:
                pass
        at += 1
        time.sleep(0.05)
    ended = 0
    for peer in peers:
        peer.settimeout(0.05)
        try:
            while peer.recv(4096):
                pass
            ended += 1
        except ConnectionError:
            ended += 1
        except socket.timeout:
            pass
        peer.close()
    return ended


class SlowReaders:
    """Clients that ask for more than any buffer takes and read nothing of it, until they are closed."""

    def __init__(self, server, model, count):
        request = stream_request(model, 1000, n=8, logprobs=5)
        self.peers = []
        for _ in range(count):
            peer = socket.socket()
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            peer.settimeout(20)
            peer.connect(("127.0.0.1", server.port))
            peer.sendall(request)
            self.peers.append(peer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for peer in self.peers:
            peer.close()


def honest_requests(model):
    """One of each kind, to be mutated."""
    user = [{"role": "user", "content": "x"}]
    return [("/v1/chat/completions", {"model": model, "messages": user, "temperature": 0, "max_tokens": 2, "n": 1,
                                      "stop": ["x"], "logprobs": True, "tools": []}),
            ("/v1/completions", {"model": model, "prompt": "x", "max_tokens": 2, "echo": False}),
            ("/v1/responses", {"model": model, "input": user, "max_output_tokens": 2}),
            ("/v1/embeddings", {"model": model, "input": ["x"], "dimensions": 4}),
            ("/v1/messages", {"model": model, "max_tokens": 2, "messages": [
                {"role": "user", "content": [{"type": "text", "text": "x"}]}]}),
            ("/api/chat", {"model": model, "stream": False, "messages": user, "options": {"num_predict": 2},
                           "keep_alive": "5m"}),
            ("/api/generate", {"model": model, "stream": False, "prompt": "x", "options": {"num_predict": 2}})]


def mutate(server, model, count, seed=5):
    """Honest requests with parts of them changed, in the JSON and in its bytes; the statuses, with how many had each."""
    chance = random.Random(seed)
    honest = honest_requests(model)
    junk = [None, True, -1, 0, 1e308, "", "x" * 300, [], {}, [[]], [None], {"": None}, "\u0000", "\u202e"]

    def changed(value):
        if chance.random() < 0.25:
            return chance.choice(junk)
        if isinstance(value, dict):
            return {(k if chance.random() > 0.05 else k + "x"): changed(v) for k, v in value.items()
                    if chance.random() > 0.05}
        if isinstance(value, list):
            return [changed(v) for v in value] * chance.choice([1, 1, 2])
        return value

    statuses = {}
    for index in range(count):
        path, body = honest[index % len(honest)]
        body = {k: (v if k == "model" and chance.random() < 0.9 else changed(v)) for k, v in body.items()}
        if "options" not in body and "max_tokens" not in body and path.startswith("/api"):
            body["options"] = {"num_predict": 2}
        data = json.dumps(body).encode()
        if chance.random() < 0.2:
            data = bytes(b if chance.random() > 0.01 else chance.randrange(256) for b in data)
        status = server.post(path, data, timeout=300)[0]
        statuses[status] = statuses.get(status, 0) + 1
    return statuses


def is_no_fault(status):
    """Whether a status says that the server did as it should: nothing that is sent may give another 5xx."""
    return status < 500 or status in (503, 507)


def resident_mib(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))
