"""Answers that keep to a schema or a grammar, over every API."""

import concurrent.futures
import json
import os
import re
import subprocess
import tempfile
import threading
import time
import unittest

import harness
import schemas
from harness import NAME, chat

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 12},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
        "kind": {"enum": ["red", "green", "blue"]},
    },
    "required": ["name", "age", "kind"],
    "additionalProperties": False,
}


def is_person(value):
    return (list(value) == ["name", "age", "kind"] and isinstance(value["name"], str)
            and len(value["name"]) <= 12 and isinstance(value["age"], int) and 0 <= value["age"] <= 150
            and value["kind"] in ("red", "green", "blue"))


def schema_format(schema, **more):
    return {"type": "json_schema", "json_schema": {"name": "x", "schema": schema, **more}}


class Structured(harness.ServerCase):
    def chat(self, **more):
        return self.server.post("/v1/chat/completions", chat(max_tokens=300, **more))

    def test_a_schema_is_kept_to_whatever_the_sampling(self):
        for seed in range(4):
            status, _, body = self.chat(response_format=schema_format(PERSON, strict=True), seed=seed,
                                        temperature=[0, 0.7, 1.5, 3][seed])
            self.assertEqual(status, 200, body)
            choice = body["choices"][0]
            self.assertEqual(choice["finish_reason"], "stop")
            self.assertTrue(is_person(json.loads(choice["message"]["content"])), choice)

    def test_a_stream_is_the_same_text(self):
        more = dict(response_format=schema_format(PERSON), temperature=0)
        whole = self.chat(**more)[2]["choices"][0]["message"]["content"]
        events = list(self.server.events("/v1/chat/completions", chat(max_tokens=300, stream=True, **more)))
        chunks = [json.loads(event) for event in events[:-1]]
        text = "".join(c["choices"][0]["delta"].get("content", "") for c in chunks if c["choices"])
        self.assertEqual(text, whole)

    def test_every_answer_of_two_hundred_schemas_keeps_to_its_schema(self):
        generator = schemas.Generator()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            asked = [generator.schema() for _ in range(200)]
            answers = list(pool.map(lambda one: self.chat(response_format=schema_format(one[1]), seed=one[0],
                                                          temperature=1), enumerate(asked)))
        whole = 0
        for schema, (status, _, body) in zip(asked, answers):
            self.assertEqual(status, 200, (schema, body))
            choice = body["choices"][0]
            if choice["finish_reason"] == "stop":  # else it met the model's short context
                whole += 1
                value = json.loads(choice["message"]["content"])
                self.assertTrue(schemas.keeps_to(schema, value), (schema, value))
        self.assertGreater(whole, 150)

    def test_any_json_object(self):
        body = self.chat(response_format={"type": "json_object"}, temperature=1, seed=3)[2]
        choice = body["choices"][0]
        if choice["finish_reason"] == "stop":
            self.assertIsInstance(json.loads(choice["message"]["content"]), dict)
        self.assertTrue(choice["message"]["content"].lstrip().startswith("{"))

    def test_a_grammar(self):
        for path, extra in (("/v1/chat/completions", {"messages": [{"role": "user", "content": "?"}]}),
                            ("/v1/completions", {"prompt": "A colour:"})):
            status, _, body = self.server.post(path, {
                "model": NAME, "grammar": 'root ::= ("red" | "blue") [!?]', "max_tokens": 20, **extra})
            self.assertEqual(status, 200, body)
            choice = body["choices"][0]
            text = choice["text"] if "text" in choice else choice["message"]["content"]
            self.assertIn(text, ("red!", "red?", "blue!", "blue?"))
            self.assertEqual(choice["finish_reason"], "stop")

    def test_what_a_grammar_forces_is_counted(self):
        def metric(source):
            text = self.server.request("GET", "/metrics")[2].decode()
            return int(re.search(r'ledge_completion_tokens_total\{source="%s"\} (\d+)' % source, text).group(1))

        text = "Once upon a time there was a little girl. She was very happy."
        grammar = f'root ::= "{text}"'
        body = self.chat(grammar=grammar, temperature=0)[2]
        self.assertEqual(body["choices"][0]["message"]["content"], text)
        forced = body["usage"]["completion_tokens_details"]["forced_tokens"]
        self.assertGreater(forced, 0)
        self.assertLess(forced, body["usage"]["completion_tokens"])
        deadline = time.monotonic() + 10
        while metric("forced") < forced and time.monotonic() < deadline:
            time.sleep(0.05)  # numbers come twice a second
        self.assertGreaterEqual(metric("forced"), forced)
        self.assertGreater(metric("computed"), 0)
        free = self.chat(temperature=0)[2]
        self.assertEqual(free["usage"]["completion_tokens_details"]["forced_tokens"], 0)

    def test_other_apis(self):
        status, _, body = self.server.post("/v1/responses", {
            "model": NAME, "input": "?", "max_output_tokens": 300,
            "text": {"format": {"type": "json_schema", "name": "x", "schema": PERSON}}})
        self.assertEqual(status, 200, body)
        self.assertTrue(is_person(json.loads(body["output"][0]["content"][0]["text"])), body)
        status, _, body = self.server.post("/v1/messages", {
            "model": NAME, "max_tokens": 300, "messages": [{"role": "user", "content": "?"}],
            "output_format": {"type": "json_schema", "schema": PERSON}})
        self.assertEqual(status, 200, body)
        self.assertTrue(is_person(json.loads(body["content"][0]["text"])), body)
        for path, extra, text in (
                ("/api/chat", {"messages": [{"role": "user", "content": "?"}]},
                 lambda b: b["message"]["content"]),
                ("/api/generate", {"prompt": "?"}, lambda b: b["response"])):
            status, _, body = self.server.post(path, {"model": NAME, "stream": False, "format": PERSON,
                                                      "options": {"num_predict": 300}, **extra})
            self.assertEqual(status, 200, body)
            self.assertTrue(is_person(json.loads(text(body))), body)
            status, _, body = self.server.post(path, {"model": NAME, "stream": False, "format": "json",
                                                      "options": {"num_predict": 4}, **extra})
            self.assertEqual(status, 200, body)

    def test_what_cannot_be_is_400_and_says_why(self):
        for schema, words in (
                ({"type": "string", "minLength": 5, "maxLength": 3}, "minLength 5 is above maxLength 3"),
                ({"not": {"type": "string"}}, "keyword 'not' can't be enforced"),
                ({"type": "object", "properties": {"x": {"$ref": "#/$defs/none"}}}, "#/properties/x/$ref"),
                ({"$ref": "#"}, "left recursion"),
                ({"type": "string", "pattern": "(a)\\1"}, "backreferences"),
                ({"enum": ["%07x" % (i * 7919) for i in range(20000)]}, "more than"),
                (False, "no text can match")):
            for stream in (False, True):
                status, _, body = self.chat(response_format=schema_format(schema), stream=stream)
                self.assertEqual(status, 400, (schema, body))
                self.assertIn(words, body["error"]["message"])
        for more, param in (({"response_format": {"type": "yaml"}}, "response_format.type"),
                            ({"response_format": 3}, "response_format.type"),
                            ({"response_format": {"type": "json_schema"}},
                             "response_format.json_schema.schema"),
                            ({"grammar": 5}, "grammar"),
                            ({"grammar": "root ::= \"a\"", "response_format": {"type": "json_object"}},
                             "grammar")):
            status, _, body = self.chat(**more)
            self.assertEqual((status, body["error"]["param"]), (400, param), body)
        status, _, body = self.chat(grammar="root ::= root \"a\"")
        self.assertEqual(status, 400)
        self.assertIn("left recursion", body["error"]["message"])
        status, _, body = self.server.post("/api/chat", {"model": NAME, "messages": [], "format": 7})
        self.assertEqual(status, 400)

    def test_many_at_once_answer_as_each_alone(self):
        bodies = [dict(response_format=schema_format(PERSON), temperature=1, seed=seed) for seed in range(6)]
        alone = [self.chat(**body)[2]["choices"][0]["message"] for body in bodies]
        together = [None] * len(bodies)

        def ask(i):
            together[i] = self.chat(**bodies[i])[2]["choices"][0]["message"]

        threads = [threading.Thread(target=ask, args=(i,)) for i in range(len(bodies))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(together, alone)


class Thinking(unittest.TestCase):
    """Models whose template begins what they think."""

    def test_the_form_begins_behind_the_thoughts(self):
        """This one can end them, and is made to like it."""
        with tempfile.TemporaryDirectory() as above:
            folder, template = os.path.join(above, "tiny"), os.path.join(above, "thinks.jinja")
            harness.write_folder(folder)
            with open(template, "w") as file:
                file.write("{% for m in messages %}{{ m.content }}{% endfor %}<think>")
            body = {"model": "tiny", "messages": [{"role": "user", "content": "abc"}], "temperature": 1,
                    "logit_bias": {harness.THINK_END: 1}, "response_format": schema_format({"const": "ab"})}
            with harness.Server("--chat-template", template, models=(folder,)) as server:
                thoughts = 0
                for seed in range(30):
                    status, _, answer = server.post("/v1/chat/completions", dict(body, seed=seed))
                    self.assertEqual(status, 200, answer)
                    choice = answer["choices"][0]
                    if choice["finish_reason"] != "stop":
                        continue  # it thought on to its limit
                    self.assertEqual(choice["message"]["content"], '"ab"')
                    thought = choice["message"].get("reasoning_content", "")
                    self.assertNotIn("</think>", thought)
                    counted = answer["usage"]["completion_tokens_details"]["reasoning_tokens"]
                    self.assertEqual(counted > 0, thought != "", answer)
                    self.assertLess(counted, answer["usage"]["completion_tokens"])
                    thoughts += thought != ""
                self.assertGreater(thoughts, 0)
                self.run_says_the_same(server, folder, template, body)

    def run_says_the_same(self, server, folder, template, body):
        with open(os.path.join(server.folder, "schema.json"), "w") as file:
            json.dump({"const": "ab"}, file)
        for seed in range(3):
            done = subprocess.run(
                [harness.PROGRAM, "--home", server.home, "run", folder, "--chat-template", template, "--json", "--schema",
                 file.name, "--temperature", "1", "--top-k", "0", "--top-p", "1", "--min-p", "0", "--logit-bias",
                 f"{harness.THINK_END}=1", "--seed", str(seed), "--ctx", "64", "abc"], capture_output=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            here = json.loads(done.stdout)
            there = server.post("/v1/chat/completions", dict(body, seed=seed))[2]["choices"][0]["message"]
            self.assertEqual((here["text"], here.get("reasoning", "")),
                             (there["content"], there.get("reasoning_content", "")))

    def test_a_schema_holds_what_is_behind_the_thoughts(self):
        harness.needs_models()
        template = harness.SHARED / ".." / "templates" / "llama-cpp-deepseek-r1.jinja"
        if not template.exists():
            self.skipTest(f"{template} is absent")
        with harness.Server("--chat-template", str(template)) as server:
            plain = server.post("/v1/chat/completions", chat(max_tokens=24))[2]["choices"][0]
            self.assertTrue(plain["message"]["reasoning_content"])
            self.assertEqual(plain["message"]["content"], "")
            held = server.post("/v1/chat/completions", chat(max_tokens=24, response_format=schema_format(PERSON)))[2]
            self.assertEqual(held["choices"][0]["message"], plain["message"])
            self.assertEqual(held["choices"][0]["finish_reason"], "length")
            parts = [json.loads(e)["choices"][0]["delta"] for e in
                     list(server.events("/v1/chat/completions", chat(max_tokens=24, stream=True)))[:-1]]
            self.assertEqual("".join(p.get("reasoning_content", "") for p in parts),
                             plain["message"]["reasoning_content"])
            # A demanded call, too, comes behind them.
            tool = {"type": "function", "function": {"name": "now"}}
            called = server.post("/v1/chat/completions", chat(max_tokens=24, tools=[tool], tool_choice="required"))[2]
            self.assertTrue(called["choices"][0]["message"]["reasoning_content"], called)
            block = server.post("/v1/messages", {"model": NAME, "max_tokens": 24, "temperature": 0,
                                                 "messages": chat()["messages"]})[2]["content"][0]
            self.assertEqual(block["thinking"], plain["message"]["reasoning_content"])


if __name__ == "__main__":
    unittest.main()
