"""Calls of tools over every API. The model is tiny and writes no sense, so calls are demanded, which
the grammar then enforces; how the formats of models are read has unit tests."""

import json
import os
import subprocess
import tempfile
import unittest

import harness

NAME = "tiny"

WEATHER = {"name": "get_weather", "description": "The weather", "parameters": {
    "type": "object", "properties": {"city": {"$ref": "#/$defs/city"}, "days": {"type": "integer", "minimum": 1,
                                                                              "maximum": 9}},
    "required": ["city", "days"], "additionalProperties": False,
    "$defs": {"city": {"enum": ["Ulm", "Bonn"]}}}}
NOW = {"name": "now"}


def tools(*functions):
    return [{"type": "function", "function": function} for function in functions]


def chat(**more):
    return harness.chat(**{"model": NAME, **more})


class Tools(harness.ServerCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="ledge-tools-")
        cls.addClassCleanup(cls.folder.cleanup)
        path = os.path.join(cls.folder.name, NAME + ".gguf")
        subprocess.run([harness.PROGRAM, "synth", "--shape", "tiny", "-o", path], check=True, capture_output=True,
                       timeout=120)
        cls.server = harness.Server(models=(path,))

    def check(self, name, arguments):
        if name == "now":
            self.assertEqual(arguments, {})
        else:
            self.assertEqual(name, "get_weather")
            self.assertEqual(list(arguments), ["city", "days"])
            self.assertIn(arguments["city"], ("Ulm", "Bonn"))
            self.assertTrue(1 <= arguments["days"] <= 9)

    def test_a_demanded_call_is_a_valid_one(self):
        for choice, names in (("required", {"get_weather", "now"}),
                              ({"type": "function", "function": {"name": "get_weather"}}, {"get_weather"}),
                              ({"type": "function", "function": {"name": "now"}}, {"now"})):
            for temperature in (0, 1.5):
                body = chat(tools=tools(WEATHER, NOW), tool_choice=choice, temperature=temperature, max_tokens=300)
                status, _, answer = self.server.post("/v1/chat/completions", body)
                self.assertEqual(status, 200, answer)
                choice0 = answer["choices"][0]
                self.assertEqual(choice0["finish_reason"], "tool_calls", choice0)
                self.assertIsNone(choice0["message"]["content"])
                (call,) = choice0["message"]["tool_calls"]
                self.assertEqual(call["type"], "function")
                self.assertIn(call["function"]["name"], names)
                self.check(call["function"]["name"], json.loads(call["function"]["arguments"]))
                # A conversation with the call and its result goes on.
                again = chat(tools=tools(WEATHER, NOW), max_tokens=4)
                again["messages"] += [choice0["message"],
                                      {"role": "tool", "tool_call_id": call["id"], "content": "warm"}]
                status, _, answer = self.server.post("/v1/chat/completions", again)
                self.assertEqual(status, 200, answer)

    def test_a_stream_tells_the_name_then_the_arguments(self):
        body = chat(tools=tools(WEATHER), tool_choice="required", temperature=1, seed=5, max_tokens=300)
        whole = self.server.post("/v1/chat/completions", body)[2]["choices"][0]["message"]["tool_calls"][0]
        events = list(self.server.events("/v1/chat/completions", dict(body, stream=True)))
        chunks = [json.loads(event)["choices"][0] for event in events[:-1]]
        deltas = [c["delta"]["tool_calls"][0] for c in chunks if "tool_calls" in c["delta"]]
        self.assertEqual(deltas[0]["function"]["name"], whole["function"]["name"])
        self.assertEqual(deltas[0]["index"], 0)
        self.assertEqual("".join(d["function"]["arguments"] for d in deltas), whole["function"]["arguments"])
        self.assertEqual(deltas[0]["function"]["arguments"], "")
        self.assertGreater(len(deltas), 4)  # as they are written
        self.assertEqual(chunks[-1]["finish_reason"], "tool_calls")
        self.assertFalse(any(c["delta"].get("content") for c in chunks))

    def test_other_apis(self):
        flat = [dict(WEATHER, type="function")]
        body = {"model": NAME, "input": "?", "tools": flat, "tool_choice": {"type": "function", "name": "get_weather"}}
        status, _, answer = self.server.post("/v1/responses", body)
        self.assertEqual(status, 200, answer)
        (item,) = answer["output"]
        self.assertEqual(item["type"], "function_call")
        self.check(item["name"], json.loads(item["arguments"]))
        events = [json.loads(e) for e in self.server.events("/v1/responses", dict(body, stream=True)) if e != "[DONE]"]
        kinds = [e["type"] for e in events]
        self.assertIn("response.function_call_arguments.done", kinds)
        parts = [e["delta"] for e in events if e["type"] == "response.function_call_arguments.delta"]
        self.assertGreater(len(parts), 2)
        self.assertEqual("".join(parts), events[-1]["response"]["output"][0]["arguments"])
        self.assertEqual(events[-1]["response"]["output"][0]["type"], "function_call")
        anthropic = {"model": NAME, "max_tokens": 300, "messages": [{"role": "user", "content": "?"}],
                     "tools": [{"name": "get_weather", "input_schema": WEATHER["parameters"]}],
                     "tool_choice": {"type": "any"}}
        status, _, answer = self.server.post("/v1/messages", anthropic)
        self.assertEqual(status, 200, answer)
        self.assertEqual(answer["stop_reason"], "tool_use")
        (block,) = answer["content"]
        self.assertEqual(block["type"], "tool_use")
        self.check(block["name"], block["input"])
        events = [json.loads(e) for e in self.server.events("/v1/messages", dict(anthropic, stream=True))]
        parts = [e["delta"]["partial_json"] for e in events
                 if e["type"] == "content_block_delta" and e["delta"]["type"] == "input_json_delta"]
        self.assertGreater(len(parts), 2)
        self.check("get_weather", json.loads("".join(parts)))
        # Ollama demands no calls; what it is told of tools is taken.
        status, _, answer = self.server.post("/api/chat", {
            "model": NAME, "stream": False, "messages": [{"role": "user", "content": "?"}], "tools": tools(WEATHER),
            "options": {"num_predict": 4}})
        self.assertEqual(status, 200, answer)

    # What a model might write by itself, by a grammar that leaves it no choice.
    TWO = r'''root ::= "Hm.\n" call "\n" call
call ::= "<tool_call>\n{\"name\": \"now\", \"arguments\": {\"at\": \"noon, or so\"}}\n</tool_call>"'''

    def test_calls_that_the_model_chooses(self):
        arguments = '{"at": "noon, or so"}'
        body = chat(tools=tools(WEATHER, NOW), grammar=self.TWO, max_tokens=400)
        for parallel, count in ((None, 2), (True, 2), (False, 1)):
            asked = dict(body) if parallel is None else dict(body, parallel_tool_calls=parallel)
            status, _, answer = self.server.post("/v1/chat/completions", asked)
            self.assertEqual(status, 200, answer)
            message = answer["choices"][0]["message"]
            self.assertEqual([c["function"]["arguments"] for c in message["tool_calls"]], [arguments] * count)
            self.assertEqual(message["content"], "Hm.")
            self.assertEqual(answer["choices"][0]["finish_reason"], "tool_calls")
            tokens = answer["usage"]["completion_tokens"]
            events = list(self.server.events("/v1/chat/completions", dict(asked, stream=True)))
            deltas = [d for e in events[:-1] for d in json.loads(e)["choices"][0]["delta"].get("tool_calls", [])]
            streamed = {}
            for delta in deltas:
                streamed[delta["index"]] = streamed.get(delta["index"], "") + delta["function"]["arguments"]
            self.assertEqual(streamed, {i: arguments for i in range(count)})
            self.assertGreater(len(deltas), 4 * count)
            if parallel is False:
                self.assertLess(tokens, both)  # the answer ends there
            both = tokens
        status, _, answer = self.server.post("/v1/chat/completions", chat(parallel_tool_calls="no"))
        self.assertEqual((status, answer["error"]["param"]), (400, "parallel_tool_calls"))

    def test_calls_that_the_model_chooses_over_other_apis(self):
        # These take no grammar beside tools: what they share with the chat is tested there.
        for path, body, more in (
                ("/v1/responses", {"input": "?", "tools": [dict(NOW, type="function")]}, {"parallel_tool_calls": False}),
                ("/v1/messages", {"max_tokens": 4, "messages": [{"role": "user", "content": "?"}],
                                  "tools": [{"name": "now", "input_schema": {"type": "object"}}]},
                 {"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}})):
            status, _, answer = self.server.post(path, {"model": NAME, "max_output_tokens": 4, **body, **more})
            self.assertEqual(status, 200, answer)
            if path == "/v1/responses":
                self.assertFalse(answer["parallel_tool_calls"])

    def test_an_answer_that_breaks_off_keeps_what_was_told(self):
        body = chat(tools=tools(WEATHER, NOW), grammar=self.TWO, max_tokens=40)
        while True:
            answer = self.server.post("/v1/chat/completions", body)[2]["choices"][0]
            calls = answer["message"].get("tool_calls")
            if calls and '"noon' in calls[0]["function"]["arguments"]:
                break
            body["max_tokens"] += 4
        self.assertEqual(answer["finish_reason"], "length")
        self.assertTrue('{"at": "noon, or so"}'.startswith(calls[0]["function"]["arguments"]))

    def test_without_a_choice_text_stays_text(self):
        plain = chat(temperature=0)
        status, _, answer = self.server.post("/v1/chat/completions",
                                             dict(plain, tools=tools(WEATHER), tool_choice="none"))
        self.assertEqual(status, 200, answer)
        without = self.server.post("/v1/chat/completions", plain)[2]
        self.assertEqual(answer["choices"][0]["message"], without["choices"][0]["message"])

    def test_what_cannot_be_is_400(self):
        for more, param in (
                (dict(tools=3), "tools"), (dict(tools=[{}]), "tools"),
                (dict(tools=[{"type": "function", "function": {}}]), "tools"),
                (dict(tools=tools(*[NOW] * 200)), "tools"),
                (dict(tools=tools(NOW), tool_choice="sometimes"), "tool_choice"),
                (dict(tools=tools(NOW), tool_choice={"type": "function", "function": {"name": "x"}}), "tool_choice"),
                (dict(tool_choice="required"), "tool_choice"),
                (dict(tools=tools(NOW), tool_choice="required", response_format={"type": "json_object"}),
                 "tool_choice")):
            status, _, answer = self.server.post("/v1/chat/completions", chat(**more))
            self.assertEqual((status, answer["error"]["param"]), (400, param), (more, answer))
        bad = dict(WEATHER, parameters={"type": "object", "properties": {"x": {"not": {}}}})
        status, _, answer = self.server.post("/v1/chat/completions", chat(tools=tools(bad), tool_choice="required"))
        self.assertEqual(status, 400)
        self.assertIn("keyword 'not'", answer["error"]["message"])


if __name__ == "__main__":
    unittest.main()
