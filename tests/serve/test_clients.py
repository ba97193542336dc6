"""The clients that people use, against the real server. Skipped where they can't be had."""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import unittest

import harness
from harness import NAME

PACKAGES = ("openai", "ollama", "anthropic")
MESSAGES = [{"role": "user", "content": "Once upon a time"}]


def with_clients():
    """Runs this file again where the clients are: LEDGE_CLIENTS names a virtual environment, else one is
    made beside the build, once."""
    if all(importlib.util.find_spec(name) for name in PACKAGES):
        return
    folder = pathlib.Path(os.environ.get("LEDGE_CLIENTS", harness.ROOT / "build/clients"))
    python = folder / "bin/python"
    if not python.exists() or subprocess.run([python, "-c", "import openai, ollama, anthropic"],
                                             capture_output=True).returncode:
        made = subprocess.run([sys.executable, "-m", "venv", folder], capture_output=True)
        if made.returncode == 0:
            made = subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                                   *PACKAGES], capture_output=True, timeout=300)
        if made.returncode:
            print("skipped: the packages openai, ollama and anthropic can't be installed here", file=sys.stderr)
            sys.exit(0)
    os.execv(python, [str(python), os.path.abspath(__file__)])


# Small: the model's context is.
TOOL = {"type": "function", "function": {"name": "meet", "parameters": {
    "type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}}}


class Clients(harness.ServerCase):
    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.port}"

    def openai(self):
        import openai
        return openai.OpenAI(base_url=self.url + "/v1", api_key="none", max_retries=0)

    def test_openai_chat(self):
        client = self.openai()
        more = dict(model=NAME, messages=MESSAGES, temperature=0, max_tokens=12)
        whole = client.chat.completions.create(**more)
        stream = client.chat.completions.create(**more, stream=True, stream_options={"include_usage": True})
        chunks = list(stream)
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        self.assertEqual(text, whole.choices[0].message.content)
        self.assertEqual(chunks[-1].usage.completion_tokens, 12)

    def test_openai_the_rest(self):
        client = self.openai()
        self.assertIn(NAME, [m.id for m in client.models.list()])
        self.assertTrue(client.completions.create(model=NAME, prompt="Once", max_tokens=4).choices[0].text)
        self.assertAlmostEqual(sum(v * v for v in client.embeddings.create(
            model=NAME, input="a cat").data[0].embedding), 1, places=3)
        self.assertTrue(client.responses.create(model=NAME, input="Once", max_output_tokens=8).output_text)
        with client.responses.stream(model=NAME, input="Once", max_output_tokens=8) as stream:
            self.assertTrue(any(e.type == "response.output_text.delta" for e in stream))

    def test_openai_structured(self):
        from pydantic import BaseModel, Field

        class Person(BaseModel):
            name: str = Field(max_length=9)
            age: int = Field(ge=0, le=150)
            friend: "Person | None"

        client = self.openai()
        more = dict(model=NAME, temperature=0, seed=1)
        parsed = client.chat.completions.parse(messages=MESSAGES, response_format=Person, max_tokens=400, **more)
        person = parsed.choices[0].message.parsed
        self.assertTrue(0 <= person.age <= 150)
        with client.chat.completions.stream(messages=MESSAGES, response_format=Person, max_tokens=400,
                                            **more) as stream:
            self.assertEqual(stream.get_final_completion().choices[0].message.parsed, person)
        call = client.chat.completions.create(messages=MESSAGES, tools=[TOOL], tool_choice="required",
                                              max_tokens=100, **more).choices[0].message.tool_calls[0]
        self.assertEqual(list(json.loads(call.function.arguments)), ["age"])
        with client.chat.completions.stream(messages=MESSAGES, tools=[TOOL], tool_choice="required",
                                            max_tokens=100, **more) as stream:
            streamed = stream.get_final_completion().choices[0].message.tool_calls[0]
        self.assertEqual(streamed.function.arguments, call.function.arguments)
        response = client.responses.parse(model=NAME, input="?", text_format=Person, max_output_tokens=400)
        self.assertTrue(0 <= response.output_parsed.age <= 150)
        response = client.responses.create(model=NAME, input="?", max_output_tokens=400, tool_choice="required",
                                           tools=[dict(TOOL["function"], type="function")])
        self.assertEqual(response.output[0].type, "function_call")

    def test_openai_errors(self):
        import openai
        client = self.openai()
        with self.assertRaises(openai.NotFoundError):
            client.chat.completions.create(model="none", messages=MESSAGES)
        with self.assertRaises(openai.BadRequestError):
            client.chat.completions.create(model=NAME, messages=MESSAGES, temperature=-1)

    def test_ollama(self):
        import ollama
        client = ollama.Client(host=self.url)
        options = {"temperature": 0, "num_predict": 12}
        whole = client.chat(model=NAME, messages=MESSAGES, options=options)
        parts = list(client.chat(model=NAME, messages=MESSAGES, options=options, stream=True))
        self.assertEqual("".join(p.message.content for p in parts), whole.message.content)
        self.assertTrue(client.generate(model=NAME, prompt="Once", options=options).response)
        held = client.chat(model=NAME, messages=MESSAGES, options={"num_predict": 100},
                           format=TOOL["function"]["parameters"])
        self.assertEqual(list(json.loads(held.message.content)), ["age"])
        self.assertEqual(len(client.embed(model=NAME, input=["a", "b"]).embeddings), 2)
        self.assertIn(NAME + ":latest", [m.model for m in client.list().models])
        self.assertEqual(client.ps().models[0].model, NAME + ":latest")
        client.show("run/" + NAME)
        with self.assertRaises(ollama.ResponseError):
            client.chat(model="none", messages=MESSAGES)

    def test_anthropic(self):
        import anthropic
        client = anthropic.Anthropic(base_url=self.url, api_key="none", max_retries=0)
        more = dict(model=NAME, max_tokens=12, messages=MESSAGES)
        whole = client.messages.create(**more)
        self.assertEqual(whole.usage.output_tokens, 12)
        with client.messages.stream(**more) as stream:
            self.assertTrue("".join(stream.text_stream))
        called = client.messages.create(**{**more, "max_tokens": 100}, tool_choice={"type": "any"}, tools=[
            {"name": "meet", "input_schema": TOOL["function"]["parameters"]}])
        self.assertEqual((called.stop_reason, called.content[0].type), ("tool_use", "tool_use"))
        self.assertEqual(list(called.content[0].input), ["age"])
        with self.assertRaises(anthropic.NotFoundError):
            client.messages.create(**{**more, "model": "none"})


if __name__ == "__main__":
    with_clients()
    unittest.main()
