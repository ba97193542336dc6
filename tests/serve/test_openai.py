"""OpenAI's API over the wire."""

import base64
import json
import math
import struct
import unittest

import harness
from harness import NAME, chat


class OpenAi(harness.ServerCase):
    def test_answers_and_counts(self):
        status, _, body = self.server.post("/v1/chat/completions", chat())
        self.assertEqual(status, 200, body)
        self.assertEqual(body["object"], "chat.completion")
        choice = body["choices"][0]
        self.assertTrue(choice["message"]["content"])
        self.assertEqual(choice["finish_reason"], "length")
        usage = body["usage"]
        self.assertEqual(usage["completion_tokens"], 16)
        self.assertEqual(usage["total_tokens"], usage["prompt_tokens"] + 16)

    def test_a_stream_is_the_same_text_and_ends_in_done(self):
        whole = self.server.post("/v1/chat/completions", chat())[2]["choices"][0]["message"]["content"]
        events = list(self.server.events("/v1/chat/completions",
                                         chat(stream=True, stream_options={"include_usage": True})))
        self.assertEqual(events[-1], "[DONE]")
        chunks = [json.loads(event) for event in events[:-1]]
        self.assertEqual(chunks[0]["choices"][0]["delta"]["role"], "assistant")
        text = "".join(c["choices"][0]["delta"].get("content", "") for c in chunks if c["choices"])
        self.assertEqual(text, whole)
        self.assertEqual(chunks[-1]["usage"]["completion_tokens"], 16)
        self.assertEqual(chunks[-2]["choices"][0]["finish_reason"], "length")

    def test_a_repeated_prompt_is_cached(self):
        body = chat("A long beginning that is the same each time. " * 8)
        first = self.server.post("/v1/chat/completions", body)[2]
        again = self.server.post("/v1/chat/completions", body)[2]
        self.assertGreater(again["usage"]["prompt_tokens_details"]["cached_tokens"], 32)
        self.assertEqual(again["choices"][0]["message"], first["choices"][0]["message"])

    def test_choices_differ_by_seed_and_repeat(self):
        body = chat(n=3, temperature=1.0, seed=7)
        first = self.server.post("/v1/chat/completions", body)[2]
        texts = [c["message"]["content"] for c in first["choices"]]
        self.assertEqual(len(set(texts)), 3)
        self.assertEqual(first["usage"]["completion_tokens"], 48)
        again = self.server.post("/v1/chat/completions", body)[2]
        self.assertEqual([c["message"]["content"] for c in again["choices"]], texts)

    def test_stop_strings_end_it_and_held_back_text_comes_out(self):
        text = self.server.post("/v1/chat/completions", chat())[2]["choices"][0]["message"]["content"]
        stop = text[4:7]
        cut = self.server.post("/v1/chat/completions", chat(stop=stop))[2]["choices"][0]
        self.assertEqual(cut["message"]["content"], text[:text.index(stop)])
        self.assertEqual(cut["finish_reason"], "stop")
        never = text[-2:] + "never said"
        events = list(self.server.events("/v1/chat/completions", chat(stop=[never], stream=True)))
        said = "".join(json.loads(e)["choices"][0]["delta"].get("content", "") for e in events[:-1])
        self.assertEqual(said, text)

    def test_logprobs(self):
        body = self.server.post("/v1/chat/completions", chat(logprobs=True, top_logprobs=3))[2]
        entries = body["choices"][0]["logprobs"]["content"]
        self.assertEqual(len(entries), 16)
        for entry in entries:
            self.assertEqual(len(entry["top_logprobs"]), 3)
            self.assertAlmostEqual(entry["logprob"], entry["top_logprobs"][0]["logprob"], places=4)

    def test_completions_take_text_tokens_and_lists(self):
        text = self.server.post("/v1/completions", {"model": NAME, "prompt": "Once", "max_tokens": 8,
                                                    "temperature": 0, "echo": True})[2]
        self.assertTrue(text["choices"][0]["text"].startswith("Once"))
        both = self.server.post("/v1/completions", {"model": NAME, "prompt": ["Once", "Tom"],
                                                    "max_tokens": 8, "temperature": 0})[2]
        self.assertEqual(len(both["choices"]), 2)
        self.assertEqual("Once" + both["choices"][0]["text"], text["choices"][0]["text"])
        tokens = self.server.post("/v1/completions", {"model": NAME, "prompt": [1, 403, 407],
                                                      "max_tokens": 4})
        self.assertEqual(tokens[0], 200, tokens[2])

    def test_embeddings_are_normalised_and_alike_in_both_forms(self):
        plain = self.server.post("/v1/embeddings", {"model": NAME, "input": ["Tom ran.", "A cat."]})[2]
        vectors = [d["embedding"] for d in plain["data"]]
        self.assertEqual(len(vectors), 2)
        for vector in vectors:
            self.assertAlmostEqual(math.sqrt(sum(v * v for v in vector)), 1, places=4)
        packed = self.server.post("/v1/embeddings", {"model": NAME, "input": "Tom ran.",
                                                     "encoding_format": "base64"})[2]
        data = base64.b64decode(packed["data"][0]["embedding"])
        self.assertEqual(struct.unpack(f"<{len(data) // 4}f", data)[0], struct.unpack(
            "<f", struct.pack("<f", vectors[0][0]))[0])

    def test_responses(self):
        body = self.server.post("/v1/responses", {"model": NAME, "input": "Once", "max_output_tokens": 8,
                                                  "temperature": 0})[2]
        self.assertEqual(body["status"], "incomplete")
        text = body["output"][0]["content"][0]["text"]
        events = [json.loads(e) for e in self.server.events(
            "/v1/responses", {"model": NAME, "input": "Once", "max_output_tokens": 8, "temperature": 0,
                              "stream": True}) if e != "[DONE]"]
        self.assertEqual(events[0]["type"], "response.created")
        self.assertEqual(events[-1]["type"], "response.incomplete")
        self.assertEqual("".join(e["delta"] for e in events if e["type"] == "response.output_text.delta"), text)
        self.assertEqual([e["sequence_number"] for e in events], list(range(len(events))))

    def test_models(self):
        names = [m["id"] for m in self.server.request("GET", "/v1/models")[2]["data"]]
        self.assertIn(NAME, names)
        self.assertEqual(self.server.request("GET", f"/v1/models/{NAME}:latest")[2]["id"], NAME)
        self.assertEqual(self.server.request("GET", "/v1/models/none")[0], 404)

    def test_refusals_name_the_field(self):
        cases = [
            ({"model": "none"}, 404, "model_not_found", "model"),
            ({"model": None}, 400, None, "model"),
            ({"messages": []}, 400, None, "messages"),
            ({"temperature": "hot"}, 400, None, "temperature"),
            ({"temperature": -1}, 400, None, "temperature"),
            ({"top_p": 2}, 400, None, "top_p"),
            ({"max_tokens": -5}, 400, None, "max_tokens"),
            ({"n": 0}, 400, None, "n"),
            ({"n": 10**30}, 400, None, "n"),
            ({"stop": [""]}, 400, None, "stop"),
            ({"stop": 5}, 400, None, "stop"),
            ({"logit_bias": {"x": 1}}, 400, None, "logit_bias"),
            ({"logit_bias": {"99999999": 1}}, 400, None, None),
            ({"stream": "yes"}, 400, None, "stream"),
            ({"messages": [{"role": "king", "content": "x"}]}, 400, None, "messages[0].role"),
            ({"messages": [{"role": "user"}]}, 400, None, "messages[0].content"),
            ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {
                "url": "http://127.0.0.1/x"}}]}]}, 400, None, "messages[0].content"),
        ]
        for change, status, code, param in cases:
            with self.subTest(change=change):
                got, _, body = self.server.post("/v1/chat/completions", chat(**change))
                self.assertEqual(got, status, body)
                self.assertEqual(set(body["error"]), {"message", "type", "param", "code"})
                if code:
                    self.assertEqual(body["error"]["code"], code)
                if param:
                    self.assertEqual(body["error"]["param"], param)
        self.assert_alive()

    def test_a_prompt_over_the_context_is_400_with_both_lengths(self):
        status, _, body = self.server.post("/v1/chat/completions", chat("word " * 5000))
        self.assertEqual(status, 400)
        self.assertRegex(body["error"]["message"], r"\d+ tokens.*context length \d+")

    def test_eight_at_once_say_what_each_says_alone(self):
        import concurrent.futures
        bodies = [chat(f"Tell of number {i}.", max_tokens=48) for i in range(8)]
        ask = lambda b: self.server.post("/v1/chat/completions", b)[2]["choices"][0]["message"]["content"]
        alone = [ask(b) for b in bodies]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            self.assertEqual(list(pool.map(ask, bodies)), alone)

    def test_the_document_describes_every_endpoint(self):
        paths = self.server.request("GET", "/ledge/v1/openapi.json")[2]["paths"]
        for path, methods in paths.items():
            for method in methods:
                got = self.server.request(method.upper(), path.replace("{model}", NAME),
                                          "{}" if method != "get" else None)[0]
                self.assertNotIn(got, (405, 501, 500), f"{method} {path}")
                if got == 404:
                    self.fail(f"{method} {path} isn't served")

    def test_numbers_and_page(self):
        status, _, text = self.server.request("GET", "/metrics")
        self.assertEqual(status, 200)
        for name in ("ledge_requests_active", "ledge_requests_queued", "ledge_requests_total",
                     'ledge_prompt_tokens_total{source="computed"}', "ledge_completion_tokens_total",
                     "ledge_time_to_first_token_seconds_bucket", "ledge_model_memory_bytes"):
            self.assertIn(name, text.decode())
        text = self.server.request("GET", "/metrics")[2].decode()
        self.assertIn('ledge_requests_total{path="/metrics",status="200"}', text)
        self.assertNotIn('status="0"', text)
        self.assertIn(b"/v1/chat/completions", self.server.request("GET", "/")[2])


if __name__ == "__main__":
    unittest.main()
