"""What strangers send: every row is refused by its name, and the server goes on."""

import json
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import harness
import strangers
from harness import NAME, Server, chat


def post_head(length, extra=""):
    return (f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n{extra}"
            f"Content-Length: {length}\r\n\r\n").encode()


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else None


GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"


def wait_until(condition, seconds=30):
    """Fails where it doesn't come true; how long it takes is not what is tested."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not come true")
        time.sleep(0.05)


class Heads(harness.ServerCase):
    def test_malformed_heads(self):
        cases = {
            "bare line feeds": (b"GET / HTTP/1.1\nHost: localhost\n\n", 400),
            "one bare line feed": (b"GET / HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n", 400),
            "a NUL": (GET + b"X: a\0b\r\n\r\n", 400),
            "a folded line": (GET + b"X: a\r\n b\r\n\r\n", 400),
            "a space before the colon": (GET + b"X : a\r\n\r\n", 400),
            "no name": (GET + b": a\r\n\r\n", 400),
            "no colon": (GET + b"hello\r\n\r\n", 400),
            "a bare carriage return": (GET + b"X: a\rb\r\n\r\n", 400),
            "two lengths": (GET + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400),
            "length and encoding": (GET + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            "another encoding": (GET + b"Transfer-Encoding: gzip\r\n\r\n", 501),
            "chunked twice": (GET + b"Transfer-Encoding: chunked, chunked\r\n\r\n", 501),
            "a negative length": (GET + b"Content-Length: -1\r\n\r\n", 400),
            "a length that is no number": (GET + b"Content-Length: 1x\r\n\r\n", 400),
            "a length beyond 64 bits": (GET + b"Content-Length: 99999999999999999999999\r\n\r\n", 400),
            "no version": (b"GET /\r\n\r\n", 400),
            "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
            "HTTP/3.0": (b"GET / HTTP/3.0\r\n\r\n", 505),
            "an unknown expectation": (GET + b"Expect: tea\r\n\r\n", 417),
            "a long line": (b"GET / HTTP/1.1\r\nX: " + b"a" * 9000 + b"\r\n\r\n", 431),
            "a long target": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", 414),
            "an endless head": (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5000, 431),
            "many headers": (GET + b"X: y\r\n" * 70 + b"\r\n", 431),
            "a bad escape": (b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
            "an encoded NUL": (b"GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
            "an absolute target elsewhere": (b"GET http://other/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 403),
            "an absolute target without a host": (b"GET http:///healthz HTTP/1.1\r\n\r\n", 400),
            "an absolute target with a user": (b"GET http://a@localhost/healthz HTTP/1.1\r\n\r\n", 400),
            "another scheme": (b"GET file://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
            "a huge body announced": (post_head(9 << 20), 413),
            "a huge body expected": (post_head(9 << 20, "Expect: 100-continue\r\n"), 413),
            "no host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
            "a list of hosts": (b"GET / HTTP/1.1\r\nHost: localhost, evil\r\n\r\n", 403),
            "a list of lengths": (GET + b"Content-Length: 5, 5\r\n\r\nhello", 400),
            "a length with a sign": (GET + b"Content-Length: +5\r\n\r\nhello", 400),
            "an empty length": (GET + b"Content-Length:\r\n\r\n", 400),
            "no encoding": (GET + b"Transfer-Encoding: identity\r\n\r\n", 501),
            "a vertical tab before the encoding": (GET + b"Transfer-Encoding: \x0bchunked\r\n\r\n", 400),
            "a name beyond ASCII": (GET + b"X\xc3\xa4: a\r\n\r\n", 400),
            "cookies of half a megabyte": (GET + b"".join(b"Cookie: %b\r\n" % (b"a" * 8000) for _ in range(60)), 431),
            "two spaces": (b"GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
            "empty lines": (b"\r\n" * 5000 + GET + b"\r\n", 400),
            "HTTP/0.9": (b"GET /healthz\r\n\r\n", 400),
            "HTTP/1.9": (b"GET /healthz HTTP/1.9\r\nHost: localhost\r\n\r\n", 505),
            "a tunnel": (b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
            "the whole server": (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
            "two hosts": (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n", 400),
            "a foreign host": (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
            "a foreign host with the port": (f"GET / HTTP/1.1\r\nHost: evil.example:{1}\r\n\r\n".encode(), 403),
        }
        for name, (data, status) in cases.items():
            with self.subTest(name):
                answer = self.server.raw(data)
                self.assertEqual(status_of(answer), status, answer[:300])
                self.assertIn(b"Connection: close", answer)
        self.assert_alive()

    def test_http_1_0(self):
        self.assertEqual(status_of(self.server.raw(b"GET /healthz HTTP/1.0\r\n\r\n")), 200)  # needs no host
        kept = self.server.raw(b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /healthz HTTP/1.0\r\n\r\n")
        self.assertEqual(kept.count(b" 200 OK"), 2)
        self.assertEqual(kept.count(b"Connection: keep-alive"), 1)
        body = json.dumps(chat(max_tokens=2, stream=True)).encode()
        head = b"POST /v1/chat/completions HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
        streamed = self.server.raw(head + body)
        self.assertEqual(status_of(streamed), 200)  # and not 100, which this version doesn't know
        self.assertNotIn(b"chunked", streamed)
        self.assertTrue(streamed.endswith(b"data: [DONE]\n\n"), streamed[-80:])

    def test_offers_of_other_protocols_are_passed_over(self):
        for offer in (b"Upgrade: websocket\r\nSec-WebSocket-Key: x\r\nConnection: Upgrade, close\r\n",
                      b"Upgrade: h2c\r\nHTTP2-Settings: AA\r\nConnection: Upgrade, HTTP2-Settings, close\r\n"):
            self.assertEqual(status_of(self.server.raw(GET + offer + b"\r\n")), 200)

    def test_what_is_expected_but_never_sent(self):
        for extra, status in (("Expect: 100-continue\r\nConnection: close\r\n", 400), ("Connection: close\r\n", 400)):
            self.assertEqual(status_of(self.server.raw(post_head(0, extra))), status)  # an empty body is no JSON
        body = json.dumps(chat(max_tokens=2)).encode()
        with self.server.connect() as peer:
            peer.sendall(post_head(len(body), "Expect: 100-continue\r\n"))
            self.assertEqual(peer.recv(1000), b"HTTP/1.1 100 Continue\r\n\r\n")
            peer.sendall(body)
            self.assertIn(b" 200 OK", peer.recv(1000))

    def test_an_absolute_target_is_a_path_of_its_host(self):
        for target in (b"http://localhost/healthz", b"HTTP://127.0.0.1:80/healthz?x", b"http://[::1]:1/healthz"):
            for host in (b"", b"Host: evil.example\r\n"):  # the target's counts
                answer = self.server.raw(b"GET " + target + b" HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n")
                self.assertEqual(status_of(answer), 200, answer[:300])
        answer = self.server.raw(b"GET http://localhost HTTP/1.1\r\nConnection: close\r\n\r\n")
        self.assertIn(b"text/html", answer)
        two = b"GET http://localhost/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"
        self.assertEqual(status_of(self.server.raw(two)), 400)

    def test_chunked_bodies(self):
        body = json.dumps(chat(max_tokens=2)).encode()
        head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        whole = b"".join(b"%x;ext=1\r\n%b\r\n" % (len(body[i:i + 7]), body[i:i + 7]) for i in range(0, len(body), 7))
        self.assertEqual(status_of(self.server.raw(head + whole + b"0\r\n\r\n")), 200)
        named = b"".join(b'%x;a="b;c\\"";d\r\n%b\r\n' % (len(body[i:i + 9]), body[i:i + 9]) for i in range(0, len(body), 9))
        self.assertEqual(status_of(self.server.raw(head + named + b"0\r\nX: y\r\n\r\n")), 200)  # with a trailer
        for bad in (b"zz\r\n", b"-1\r\n", b"+5\r\nhello\r\n", b"5 \r\nhello\r\n0\r\n\r\n", b"5\r\nhelloXX0\r\n\r\n",
                    b"5;" + b"x" * 100_000, b"5\r\nhello\r\n0\r\n" + b"X: y\r\n" * 20_000):
            self.assertEqual(status_of(self.server.raw(head + bad)), 400, bad[:40])
        self.assertEqual(status_of(self.server.raw(head + b"ffffffffffffffffff\r\n")), 400)
        chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        self.assertEqual(status_of(self.server.raw(head + chunk * 9)), 413)
        self.assert_alive()

    def test_pipelined_requests_are_answered_in_order(self):
        body = json.dumps(chat(max_tokens=2)).encode()
        one = post_head(len(body)) + body
        answer = self.server.raw(one + GET + b"\r\n" + one + GET + b"Connection: close\r\n\r\n")
        self.assertEqual(answer.count(b"HTTP/1.1 200"), 4)
        self.assertTrue(answer.rstrip().endswith(b'{"status":"ok"}'))
        many = self.server.raw((GET + b"\r\n") * 1000 + GET + b"Connection: close\r\n\r\n")
        answers = many.count(b"HTTP/1.1 200")
        self.assertGreaterEqual(answers, 1000)  # as many as one connection may ask

    def test_unknown_paths_and_methods(self):
        self.assertEqual(self.server.request("GET", "/none")[0], 404)
        self.assertEqual(self.server.request("GET", "/../../etc/passwd")[0], 404)
        self.assertEqual(self.server.request("GET", "/v1/chat/completions")[0], 405)
        self.assertEqual(self.server.request("PATCH", "/v1/models")[0], 405)
        self.assertEqual(self.server.request("HEAD", "/healthz")[2], b"")

    def test_a_foreign_page_may_look_but_not_change(self):
        foreign = {"Origin": "http://evil.example"}
        self.assertEqual(self.server.post("/v1/chat/completions", chat(), headers=foreign)[0], 403)
        self.assertEqual(self.server.request("GET", "/v1/models", headers=foreign)[0], 200)
        own = {"Origin": f"http://localhost:{self.server.port}", "Host": f"localhost:{self.server.port}"}
        self.assertEqual(self.server.post("/v1/chat/completions", chat(), headers=own)[0], 200)


class Bodies(harness.ServerCase):
    def test_json_that_is_none(self):
        deep = "[" * 100000
        cases = [b"", b"null", b"[]", b"5", b'"x"', b"{", b"{]", deep.encode(), b'{"a":' * 200 + b"1" + b"}" * 200,
                 b'{"model":"\xff\xfe"}', b'{"model":NaN}', b'{"model":1e999}', b'{"temperature":Infinity}',
                 b"\x00" * 100, b'{"model":"x"} trailing', b'{"model":"\\ud800"}',
                 b'{"x":[' + b"0," * 600000 + b"0]}"]
        for path in ("/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/embeddings",
                     "/v1/messages", "/api/chat", "/api/generate", "/api/embed", "/api/show", "/api/pull",
                     "/api/copy", "/ledge/v1/load", "/ledge/v1/unload"):
            for body in cases:
                with self.subTest(path=path, body=body[:40]):
                    status, _, answer = self.server.post(path, body)
                    self.assertEqual(status, 400, answer)
                    self.assertIn("error", answer)
        self.assert_alive()

    def test_texts_that_are_no_unicode(self):
        for text in (b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xff", b"\\ud800", b"\\udc00\\ud800"):
            body = b'{"model":"%b","max_tokens":2,"messages":[{"role":"user","content":"%b"}]}' % (NAME.encode(), text)
            self.assertEqual(self.server.post("/v1/chat/completions", body)[0], 400, text)
        self.assert_alive()

    def test_numbers_that_no_machine_holds(self):
        for number, statuses in (("1e999", {400}), ("-1e999", {400}), ("1" * 400, {400}), ("1e-999", {200, 400}),
                                 ("0e99999", {200, 400}), ("-0", {200, 400})):
            for field in ("temperature", "top_p", "max_tokens", "seed", "n", "deadline_ms"):
                body = f'{{"model":"{NAME}","messages":[{{"role":"user","content":"a"}}],"{field}":{number}}}'
                if field != "max_tokens":
                    body = body[:-1] + ',"max_tokens":2}'
                self.assertIn(self.server.post("/v1/chat/completions", body)[0], statuses, (field, number))
        schema = '{"type":"object","properties":{"x":{"minimum":1e999}}}'
        body = json.dumps(chat(response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": "S"}}))
        self.assertEqual(self.server.post("/v1/chat/completions", body.replace('"S"', schema))[0], 400)

    def test_schemas_that_lead_in_circles(self):
        circles = [{"$ref": "#"}, {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
                   {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}, {"allOf": [{"$ref": "#"}]},
                   {"type": "object", "properties": {"x": {"$ref": "#"}}, "required": ["x"], "additionalProperties": False},
                   {"$ref": "#/$defs/none"}, {"$ref": "http://example.com/x"}, {"$ref": 5}, {"$ref": "#/$defs/a", "$defs": 5}]
        for schema in circles:
            tool = {"type": "function", "function": {"name": "f", "parameters": schema}}
            form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
            for more in (dict(tools=[tool], tool_choice="required"), dict(response_format=form)):
                status, _, body = self.server.post("/v1/chat/completions", chat(**more))
                self.assertEqual(status, 400, (schema, body))
            # A model that is free to call is told of it as it is.
            self.assertEqual(self.server.post("/v1/chat/completions", chat(tools=[tool], max_tokens=2))[0], 200)
        self.assert_alive()

    def test_a_text_of_megabytes_keeps_nobody_waiting(self):
        done = []
        body = json.dumps({"model": NAME, "prompt": "a" * 8_000_000, "max_tokens": 1})
        asks = threading.Thread(target=lambda: done.append(self.server.post("/v1/completions", body)))
        asks.start()
        answered = 0  # meanwhile
        while not done:
            self.assertEqual(self.server.post("/v1/completions", {"model": NAME, "prompt": "x", "max_tokens": 1})[0], 200)
            answered += not done
        asks.join()
        self.assertEqual(done[0][0], 400)
        self.assertIn("must be at most the context length", done[0][2]["error"]["message"])
        self.assertGreater(answered, 3)

    def test_texts_of_json_are_bounded_like_the_body(self):
        for depth in (50, 70, 200_000):
            arguments = '{"a":' + "[" * depth + "]" * depth + "}"
            call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": arguments}}
            answer = self.server.post("/v1/chat/completions", chat(messages=[
                {"role": "user", "content": "x"}, {"role": "assistant", "tool_calls": [call]}]))
            self.assertIn(answer[0], (200, 400), answer[2])
        self.assert_alive()

    def test_an_object_of_many_keys_costs_little(self):
        body = "{" + ",".join(f'"{i:x}":0' for i in range(400_000)) + "}"
        begun = time.monotonic()
        self.assertEqual(self.server.post("/v1/chat/completions", body)[0], 400)
        self.assertLess(time.monotonic() - begun, 20)  # minutes, where each key is looked for among all
        self.assert_alive()

    def test_keys_given_twice_count_once(self):
        body = b'{"model":"none","model":"' + NAME.encode() + b'","prompt":"x","max_tokens":1}'
        self.assertEqual(self.server.post("/v1/completions", body)[0], 200)

    def test_numbers_out_of_range(self):
        for field, values in {
                "max_tokens": [-1, 1e300, 1.5, "3", True, 2**63, -2**63, 2**64],
                "seed": ["x", 1.5, 2**64 * 2], "top_k": [-1, 2**40], "top_p": [-0.1, 1.1],
                "temperature": [-0.1, 1e9, "1"], "presence_penalty": [3], "n": [17, -1],
                "top_logprobs": [21, -1], "priority": [7], "deadline_ms": [-1]}.items():
            for value in values:
                with self.subTest(field=field, value=value):
                    status, _, body = self.server.post("/v1/chat/completions", chat(**{field: value}))
                    self.assertEqual(status, 400, body)
                    self.assertEqual(body["error"]["param"], field)

    def test_token_ids_outside_the_vocabulary(self):
        for ids in ([-1], [2**31], [99999999], [1, 2, "x"], [[1], [-1]]):
            for path, field in (("/v1/completions", "prompt"), ("/v1/embeddings", "input")):
                with self.subTest(path=path, ids=ids):
                    status, _, body = self.server.post(path, {"model": NAME, field: ids, "max_tokens": 1})
                    self.assertEqual(status, 400, body)

    def test_control_tokens_in_messages_are_text(self):
        status, _, plain = self.server.post("/v1/chat/completions", chat("</s><s>" * 10))
        self.assertEqual(status, 200)
        self.assertGreater(plain["usage"]["prompt_tokens"], 60)

    def test_mutated_requests(self):
        """500 mutations of honest ones: never a 5xx but 503 and 507, and the server goes on."""
        statuses = strangers.mutate(self.server, NAME, 500)
        self.assertTrue(all(map(strangers.is_no_fault, statuses)), statuses)
        self.assertGreater(statuses.get(200, 0), 0)  # some are still honest
        self.assertGreater(statuses.get(400, 0), 0)
        self.assert_alive()


class Slow(unittest.TestCase):
    def setUp(self):
        harness.needs_models()

    def test_slow_heads_and_bodies_are_ended(self):
        with Server("--header-timeout", "300ms", "--body-idle-timeout", "300ms", "--body-timeout", "900ms") as server:
            began = time.monotonic()
            self.assertEqual(status_of(server.raw(b"GET / HT")), 408)
            self.assertEqual(status_of(server.raw(post_head(100) + b"{")), 408)
            with server.connect() as peer:  # a byte now and then: the whole time is bounded, too
                peer.sendall(post_head(1000))
                try:
                    for _ in range(100):
                        peer.sendall(b" ")
                        time.sleep(0.1)
                except OSError:
                    pass
            self.assertLess(time.monotonic() - began, 20)
            self.assertEqual(server.post("/v1/chat/completions", chat())[0], 200)

    def test_connections_beyond_the_limit(self):
        with Server("--max-connections", "20") as server:
            peers = [server.connect() for _ in range(60)]
            self.assertEqual(server.request("GET", "/healthz")[0], 200)  # idle ones give way
            for peer in peers:  # those that have idled longest: the last ones are still there
                peer.settimeout(5)
            self.assertEqual(peers[0].recv(1), b"")
            peers[-1].sendall(GET + b"\r\n")
            self.assertIn(b" 200 OK", peers[-1].recv(100))
            for peer in peers:
                peer.close()
            self.assertEqual(server.post("/v1/chat/completions", chat())[0], 200)

    def test_opened_and_abandoned(self):
        with Server() as server:
            strangers.abandon(server, NAME, 400)
            memory, files = (of(server.process.pid) for of in (strangers.resident_mib, strangers.open_files))
            strangers.abandon(server, NAME, 800)
            self.assertEqual(server.post("/v1/chat/completions", chat())[0], 200)
            wait_until(lambda: server.worker()["requests"] == {"active": 0, "waiting": 0})
            self.assertLess(strangers.resident_mib(server.process.pid), memory + 4)
            wait_until(lambda: strangers.open_files(server.process.pid) <= files)

    def test_slow_readers_are_let_go_of(self):
        with Server("--write-timeout", "500ms", "--ctx", "512") as server:
            memory = strangers.resident_mib(server.process.pid)
            with strangers.SlowReaders(server, NAME, 8):
                self.assertEqual(server.post("/v1/chat/completions", chat())[0], 200)
                wait_until(lambda: server.worker()["requests"] == {"active": 0, "waiting": 0})
                # Each has a megabyte and what the system takes; the rest was not kept for it.
                self.assertLess(strangers.resident_mib(server.process.pid), memory + 40)

    def test_slow_writers_are_let_go_of(self):
        with Server("--header-timeout", "400ms", "--body-timeout", "400ms") as server:
            self.assertEqual(strangers.write_slowly(server, NAME, 100, 1.5), 100)
            self.assertEqual(server.post("/v1/chat/completions", chat())[0], 200)

    def test_half_closed(self):
        with Server() as server:
            self.assertEqual(status_of(server.raw(GET + b"\r\n", shut=True)), 200)
            server.raw(post_head(100) + b"{", shut=True)
            # Who says that no more comes while he is being answered counts as gone, as most who say so are.
            for body in (chat(max_tokens=100), chat(max_tokens=100, stream=True)):
                text = json.dumps(body).encode()
                self.assertNotIn(b"[DONE]", server.raw(post_head(len(text)) + text, shut=True))
            wait_until(lambda: server.worker()["requests"] == {"active": 0, "waiting": 0})
            self.assertEqual(server.post("/v1/chat/completions", chat())[0], 200)


class Origins(harness.ServerCase):
    """Pages of other origins, as browsers ask for them."""

    options = ("--allow-origin", "http://page.example")
    ALLOW = "Access-Control-Allow-Origin"

    def test_an_allowed_page_reads_answers_streams_and_refusals(self):
        asked = {"Origin": "http://page.example"}
        for answer in (self.server.post("/v1/chat/completions", chat(), headers=asked),
                       self.server.post("/v1/chat/completions", chat(stream=True), headers=asked),
                       self.server.post("/v1/chat/completions", chat(model="none"), headers=asked),
                       self.server.post("/v1/chat/completions", b"{", headers=asked),
                       self.server.request("GET", "/v1/models", headers=asked),
                       self.server.request("GET", "/none", headers=asked)):
            self.assertEqual(answer[1][self.ALLOW], "http://page.example", answer)
            self.assertEqual(answer[1]["Vary"], "Origin")
        status, headers, _ = self.server.request("OPTIONS", "/v1/chat/completions", headers={
            **asked, "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,x-stainless-os"})
        self.assertEqual((status, headers[self.ALLOW]), (204, "http://page.example"))
        self.assertIn("x-stainless-os", headers["Access-Control-Allow-Headers"])

    def test_another_page_is_told_nothing(self):
        asked = {"Origin": "http://other.example"}
        self.assertEqual(self.server.post("/v1/chat/completions", chat(), headers=asked)[0], 403)
        for method, path in (("GET", "/v1/models"), ("OPTIONS", "/v1/chat/completions")):
            self.assertNotIn(self.ALLOW, self.server.request(method, path, headers=asked)[1])
        self.assertNotIn(self.ALLOW, self.server.request("GET", "/v1/models")[1])


class Secrets(harness.ServerCase):
    def test_the_log_tells_of_requests_and_not_what_they_say(self):
        marks = ["Rumpelstilzchen", "Schneewittchen"]
        text = self.server.post("/v1/chat/completions", chat(marks[0], max_tokens=40))[2]["choices"][0]["message"]["content"]
        self.server.post("/api/chat", {"model": NAME, "messages": [{"role": marks[1], "content": marks[0]}]})
        self.server.post("/v1/completions", {"model": NAME, "prompt": marks[0], "stop": [""], "user": marks[1]})
        self.server.post("/v1/chat/completions", chat(marks[0], response_format={"type": marks[1]}))
        self.server.post("/v1/chat/completions", chat(marks[0] + " word" * 3000))
        self.server.request("GET", "/v1/models?" + marks[0])
        status, headers, _ = self.server.post("/v1/chat/completions", chat(marks[0]))
        self.assertEqual(status, 200)
        # It is written once the answer is on its way.
        wait_until(lambda: f"event=request id={headers['X-Request-Id']} path=/v1/chat/completions" in self.server.log())
        log = self.server.log()
        for secret in marks + [text[:20], text[10:30]]:
            self.assertNotIn(secret, log)


class Keys(unittest.TestCase):
    def setUp(self):
        harness.needs_models()

    def test_clients_share_beginnings_where_that_is_switched_on(self):
        with tempfile.NamedTemporaryFile("w+") as file:
            file.write("first-key\nsecond-key\n")
            file.flush()
            with Server("--api-key-file", file.name, "--share-prefixes") as server:
                long = chat("A beginning that both keys know. " * 8)
                cached = [server.post("/v1/chat/completions", long, headers={"x-api-key": key})[2]["usage"][
                    "prompt_tokens_details"]["cached_tokens"] for key in ("first-key", "second-key")]
                self.assertEqual(cached[0], 0)
                self.assertGreater(cached[1], 32)

    def test_keys_open_and_close(self):
        with tempfile.NamedTemporaryFile("w+") as file:
            file.write("# two keys\n\nfirst-key\nsecond-key\n")
            file.flush()
            with Server("--api-key-file", file.name) as server:
                self.assertEqual(server.request("GET", "/healthz")[0], 200)
                self.assertEqual(server.request("GET", "/")[0], 200)
                for path in ("/v1/models", "/metrics", "/ledge/v1/models", "/api/tags"):
                    status, headers, body = server.request("GET", path)
                    self.assertEqual(status, 401, path)
                self.assertEqual(server.post("/v1/chat/completions", chat(),
                                             headers={"Authorization": "Bearer wrong"})[0], 401)
                for headers in ({"Authorization": "Bearer first-key"}, {"x-api-key": "second-key"}):
                    self.assertEqual(server.post("/v1/chat/completions", chat(), headers=headers)[0], 200)
                # What one key has asked is not told to another by the cache.
                long = chat("A beginning that both keys know. " * 8)
                cached = lambda key: server.post("/v1/chat/completions", long, headers={"x-api-key": key})[2][
                    "usage"]["prompt_tokens_details"]["cached_tokens"]
                self.assertEqual(cached("first-key"), cached("second-key") * 0)
                self.assertEqual(cached("first-key") > 32, True)
                file.seek(0)
                file.truncate()
                file.write("third-key\n")
                file.flush()
                server.process.send_signal(signal.SIGHUP)
                deadline = time.monotonic() + 5
                while time.monotonic() < deadline:
                    if server.request("GET", "/v1/models", headers={"x-api-key": "third-key"})[0] == 200:
                        break
                    time.sleep(0.02)
                self.assertEqual(server.request("GET", "/v1/models", headers={"x-api-key": "first-key"})[0], 401)
                self.assertNotIn("first-key", server.log())

    def test_a_file_without_keys_is_refused(self):
        with tempfile.NamedTemporaryFile("w+") as file:
            file.write("# none\n\n")
            file.flush()
            done = subprocess.run([harness.PROGRAM, "serve", "--listen", "127.0.0.1:0", "--api-key-file", file.name],
                                  capture_output=True, timeout=30)
            self.assertEqual(done.returncode, 3, done.stderr)


if __name__ == "__main__":
    unittest.main()
