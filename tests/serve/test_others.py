"""Ollama's and Anthropic's APIs over the wire."""

import json
import unittest

import harness
from harness import NAME


class Ollama(harness.ServerCase):
    def ask(self, path, **body):
        return self.server.post(path, {"model": NAME, "options": {"temperature": 0, "num_predict": 12}, **body})

    def lines(self, path, **body):
        data = self.ask(path, **body)[2]
        return [json.loads(line) for line in data.decode().splitlines()]

    def test_generate_streams_lines_by_default(self):
        lines = self.lines("/api/generate", prompt="Once")
        self.assertTrue(lines[-1]["done"])
        self.assertEqual(lines[-1]["eval_count"], 12)
        self.assertEqual(lines[-1]["done_reason"], "length")
        whole = self.ask("/api/generate", prompt="Once", stream=False)[2]
        self.assertEqual("".join(l["response"] for l in lines), whole["response"])

    def test_chat(self):
        messages = [{"role": "user", "content": "Once"}]
        lines = self.lines("/api/chat", messages=messages)
        whole = self.ask("/api/chat", messages=messages, stream=False)[2]
        self.assertEqual("".join(l["message"]["content"] for l in lines), whole["message"]["content"])

    def test_an_empty_chat_loads(self):
        self.assertEqual(self.ask("/api/chat", messages=[], stream=False)[2]["done_reason"], "load")

    def test_the_rest(self):
        self.assertIn("version", self.server.request("GET", "/api/version")[2])
        names = [m["name"] for m in self.server.request("GET", "/api/tags")[2]["models"]]
        self.assertEqual([n for n in names if NAME in n], [NAME + ":latest"])  # not as it is stored, too
        self.assertEqual([m["id"] for m in self.server.request("GET", "/v1/models")[2]["data"]], [NAME])
        shown = self.server.post("/api/show", {"model": NAME})[2]
        self.assertEqual(shown["details"]["family"], "llama")
        self.assertEqual(shown["capabilities"], ["completion", "tools"])
        self.assertEqual(self.server.request("GET", "/api/ps")[2]["models"][0]["name"], NAME + ":latest")
        self.assertIn("details", self.server.post("/api/show", {"model": "run/" + NAME})[2])
        self.assertEqual(len(self.ask("/api/embed", input=["a cat", "a dog"])[2]["embeddings"]), 2)
        stored = "run/" + NAME
        self.assertEqual(self.server.post("/api/copy", {"source": stored, "destination": "twin"})[0], 200)
        self.assertEqual(self.server.post("/api/show", {"model": "twin"})[0], 200)
        self.assertEqual(self.server.request("DELETE", "/api/delete", {"model": "twin"})[0], 200)
        self.assertEqual(self.server.post("/api/show", {"model": "twin"})[0], 404)
        self.assertEqual(self.server.post("/api/pull", {"model": "http://127.0.0.1/x", "stream": False})[0], 404)

    def test_errors_have_its_shape(self):
        status, _, body = self.server.post("/api/chat", {"model": "none", "messages": [{"role": "user", "content": "x"}]})
        self.assertEqual(status, 404)
        self.assertIsInstance(body["error"], str)


class Anthropic(harness.ServerCase):
    def test_answers_and_streams_alike(self):
        body = {"model": NAME, "max_tokens": 12, "temperature": 0, "system": "Be brief.",
                "messages": [{"role": "user", "content": "Once"}]}
        whole = self.server.post("/v1/messages", body)[2]
        self.assertEqual(whole["stop_reason"], "max_tokens")
        self.assertEqual(whole["usage"]["output_tokens"], 12)
        events = [json.loads(e) for e in self.server.events("/v1/messages", {**body, "stream": True})]
        self.assertEqual(events[0]["type"], "message_start")
        self.assertEqual(events[-1]["type"], "message_stop")
        text = "".join(e["delta"]["text"] for e in events if e["type"] == "content_block_delta")
        self.assertEqual(text, whole["content"][0]["text"])

    def test_stop_sequences_are_told(self):
        body = {"model": NAME, "max_tokens": 12, "temperature": 0, "messages": [{"role": "user", "content": "Once"}]}
        text = self.server.post("/v1/messages", body)[2]["content"][0]["text"]
        cut = self.server.post("/v1/messages", {**body, "stop_sequences": [text[3:5]]})[2]
        self.assertEqual((cut["stop_reason"], cut["stop_sequence"]), ("stop_sequence", text[3:5]))

    def test_errors_have_its_shape(self):
        status, _, body = self.server.post("/v1/messages", {"model": NAME, "messages": []})
        self.assertEqual((status, body["type"], body["error"]["type"]), (400, "error", "invalid_request_error"))


if __name__ == "__main__":
    unittest.main()
