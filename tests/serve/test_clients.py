"""The clients that people use, against the real server: each with everything that it asks a server for and that ledge
serves. Skipped where they can't be had.

                             openai   ollama   anthropic
    models                     x        x
    chat, streamed             x        x          x
    completions, streamed      x        x (generate)
    responses, streamed        x
    embeddings                 x        x
    calls of tools, streamed   x        x          x
    what the model thinks      x        x          x
    structured output          x        x          x
    the store's verbs                   x
    refusals by their classes  x        x          x
    streams that break off     x        x          x
    asyncio                    x        x          x

What is called and thought comes from models that answer by script (harness.scripted_models).
"""

import asyncio
import importlib.util
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
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
    os.execv(python, [str(python), os.path.abspath(__file__), *sys.argv[1:]])


# Small: the model's context is.
PARAMETERS = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"],
              "additionalProperties": False}
TOOL = {"type": "function", "function": {"name": "meet", "parameters": PARAMETERS}}
FLAT_TOOL = {"type": "function", "name": "meet", "parameters": PARAMETERS}
ANTHROPIC_TOOL = {"name": "meet", "input_schema": PARAMETERS}
ASKED = {"age": 77}  # by the model that calls


class Base(unittest.TestCase):
    """Each class has a server with the stories' model, one that thinks and one that calls."""

    options = ()

    @classmethod
    def setUpClass(cls):
        harness.needs_models()
        cls.folder = tempfile.TemporaryDirectory(prefix="ledge-clients-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.server = harness.Server(*cls.options, models=cls.models())
        cls.addClassCleanup(cls.server.close)

    @classmethod
    def models(cls):
        return (str(harness.MODEL), *harness.scripted_models(cls.folder.name))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.port}"

    def openai(self, key="none", kind="OpenAI"):
        import openai
        return getattr(openai, kind)(base_url=self.url + "/v1", api_key=key, max_retries=0)

    def ollama(self, key="none", kind="Client"):
        import ollama
        return getattr(ollama, kind)(host=self.url, headers={"Authorization": f"Bearer {key}"})

    def anthropic(self, key="none", kind="Anthropic"):
        import anthropic
        return getattr(anthropic, kind)(base_url=self.url, api_key=key, max_retries=0)


def person():
    from pydantic import BaseModel, Field

    class Person(BaseModel):
        name: str = Field(max_length=9)
        age: int = Field(ge=0, le=150)
        friend: "Person | None"

    return Person


class OpenAi(Base):
    def test_models(self):
        client = self.openai()
        self.assertIn(NAME, [m.id for m in client.models.list()])
        self.assertEqual(client.models.retrieve(NAME).id, NAME)

    def test_chat(self):
        client = self.openai()
        more = dict(model=NAME, messages=MESSAGES, temperature=0, max_tokens=12)
        whole = client.chat.completions.create(**more)
        stream = client.chat.completions.create(**more, stream=True, stream_options={"include_usage": True})
        chunks = list(stream)
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        self.assertEqual(text, whole.choices[0].message.content)
        self.assertEqual(chunks[-1].usage.completion_tokens, 12)
        self.assertTrue(whole._request_id)
        both = client.chat.completions.create(**more, n=2, logprobs=True, top_logprobs=2, stop=["never"])
        self.assertEqual([choice.message.content for choice in both.choices], [text] * 2)
        self.assertEqual([len(t.top_logprobs) for t in both.choices[0].logprobs.content], [2] * 12)

    def test_chat_that_is_left(self):
        with self.openai().chat.completions.create(model=NAME, messages=MESSAGES, stream=True) as stream:
            self.assertEqual(next(iter(stream)).object, "chat.completion.chunk")

    def test_completions(self):
        client = self.openai()
        more = dict(model=NAME, prompt="Once", temperature=0, max_tokens=8)
        whole = client.completions.create(**more).choices[0]
        self.assertEqual(whole.finish_reason, "length")
        parts = [c.choices[0] for c in client.completions.create(**more, stream=True) if c.choices]
        self.assertEqual("".join(part.text for part in parts), whole.text)
        echoed = client.completions.create(**more, echo=True, logprobs=2).choices[0]
        self.assertEqual(echoed.text, "Once" + whole.text)

    def test_embeddings(self):
        client = self.openai()
        data = client.embeddings.create(model=NAME, input=["a cat", "a dog"]).data  # in base64, as this client asks
        self.assertAlmostEqual(sum(v * v for v in data[0].embedding), 1, places=3)
        plain = client.embeddings.create(model=NAME, input="a cat", encoding_format="float").data[0].embedding
        for one, other in zip(data[0].embedding, plain, strict=True):
            self.assertAlmostEqual(one, other, places=6)
        self.assertEqual(len(client.embeddings.create(model=NAME, input="a cat", dimensions=8).data[0].embedding), 8)

    def test_responses(self):
        client = self.openai()
        more = dict(model=NAME, input="Once", max_output_tokens=8, temperature=0)
        whole = client.responses.create(**more)
        self.assertEqual((whole.status, whole.incomplete_details.reason), ("incomplete", "max_output_tokens"))
        with client.responses.stream(**more) as stream:
            events = list(stream)
        self.assertEqual("".join(e.delta for e in events if e.type == "response.output_text.delta"), whole.output_text)
        self.assertEqual((events[-1].type, events[-1].response.output_text), ("response.incomplete", whole.output_text))
        again = client.responses.create(model=NAME, max_output_tokens=4, instructions="Go on.", input=[
            {"role": "user", "content": "Once"}, *whole.output, {"role": "user", "content": "And?"}])
        self.assertTrue(again.output_text)

    def test_calls_in_a_chat(self):
        client = self.openai()
        more = dict(model="calls", tools=[TOOL], temperature=0)
        message = client.chat.completions.create(messages=MESSAGES, **more).choices[0].message
        (call,) = message.tool_calls
        self.assertEqual((call.function.name, json.loads(call.function.arguments)), ("meet", ASKED))
        with client.chat.completions.stream(messages=MESSAGES, **more) as stream:
            kinds = [(e.type, getattr(e, "arguments_delta", "")) for e in stream]
            final = stream.get_final_completion().choices[0]
        deltas = [text for kind, text in kinds if kind == "tool_calls.function.arguments.delta"]
        self.assertGreater(len(deltas), 1)  # piece by piece
        self.assertEqual("".join(deltas), call.function.arguments)
        self.assertEqual(final.finish_reason, "tool_calls")
        self.assertEqual(final.message.tool_calls[0].function.arguments, call.function.arguments)
        told = [*MESSAGES, message, {"role": "tool", "tool_call_id": call.id, "content": "they met"}]
        self.assertEqual(client.chat.completions.create(messages=told, **more).choices[0].finish_reason, "tool_calls")
        # Demanded of a model that would call nothing.
        demanded = client.chat.completions.create(model=NAME, messages=MESSAGES, tools=[TOOL], tool_choice="required",
                                                  max_tokens=100).choices[0].message.tool_calls[0]
        self.assertEqual(list(json.loads(demanded.function.arguments)), ["age"])

    def test_calls_in_a_response(self):
        client = self.openai()
        more = dict(model="calls", tools=[FLAT_TOOL], temperature=0)
        (item,) = client.responses.create(input="?", **more).output
        self.assertEqual((item.type, item.name, json.loads(item.arguments)), ("function_call", "meet", ASKED))
        with client.responses.stream(input="?", **more) as stream:
            deltas = [e.delta for e in stream if e.type == "response.function_call_arguments.delta"]
            (final,) = stream.get_final_response().output
        self.assertGreater(len(deltas), 1)
        self.assertEqual("".join(deltas), item.arguments)
        self.assertEqual(final.arguments, item.arguments)
        told = [{"role": "user", "content": "?"}, item,
                {"type": "function_call_output", "call_id": item.call_id, "output": "they met"}]
        self.assertEqual(client.responses.create(input=told, **more).output[0].type, "function_call")

    def test_thoughts_in_a_chat(self):
        client = self.openai()
        more = dict(model="thinks", messages=MESSAGES, temperature=0)
        whole = client.chat.completions.create(**more)
        message = whole.choices[0].message
        self.assertEqual((message.reasoning_content, message.content), ("I wonder...", "Yes, it is."))
        self.assertGreater(whole.usage.completion_tokens_details.reasoning_tokens, 0)
        deltas = [c.choices[0].delta for c in client.chat.completions.create(**more, stream=True) if c.choices]
        self.assertEqual("".join(getattr(d, "reasoning_content", None) or "" for d in deltas), "I wonder...")
        self.assertEqual("".join(d.content or "" for d in deltas), "Yes, it is.")

    def test_thoughts_in_a_response(self):
        client = self.openai()
        more = dict(model="thinks", temperature=0)
        whole = client.responses.create(input="Is it?", **more)
        thought, said = whole.output
        self.assertEqual((thought.type, thought.content[0].text), ("reasoning", "I wonder..."))
        self.assertEqual(whole.output_text, "Yes, it is.")
        with client.responses.stream(input="Is it?", **more) as stream:
            deltas = [e.delta for e in stream if e.type == "response.reasoning_text.delta"]
            final = stream.get_final_response()
        self.assertEqual("".join(deltas), "I wonder...")
        self.assertEqual([item.type for item in final.output], ["reasoning", "message"])
        self.assertEqual(final.output_text, "Yes, it is.")
        again = client.responses.create(input=[{"role": "user", "content": "Is it?"}, thought, said,
                                               {"role": "user", "content": "And now?"}], **more)
        self.assertEqual(again.output_text, "Yes, it is.")

    def test_structured_output(self):
        client, kind = self.openai(), person()
        more = dict(model=NAME, temperature=0, seed=1)
        parsed = client.chat.completions.parse(messages=MESSAGES, response_format=kind, max_tokens=400, **more)
        one = parsed.choices[0].message.parsed
        self.assertTrue(0 <= one.age <= 150)
        with client.chat.completions.stream(messages=MESSAGES, response_format=kind, max_tokens=400,
                                            **more) as stream:
            self.assertEqual(stream.get_final_completion().choices[0].message.parsed, one)
        response = client.responses.parse(model=NAME, input="?", text_format=kind, max_output_tokens=400)
        self.assertTrue(0 <= response.output_parsed.age <= 150)
        with client.responses.stream(model=NAME, input="?", text_format=kind, max_output_tokens=400) as stream:
            self.assertTrue(0 <= stream.get_final_response().output_parsed.age <= 150)
        free = client.chat.completions.create(messages=MESSAGES, response_format={"type": "json_object"},
                                              max_tokens=8, **more)
        self.assertTrue(free.choices[0].message.content.lstrip().startswith("{"))

    def test_refusals(self):
        import openai
        client = self.openai()
        with self.assertRaises(openai.NotFoundError) as told:
            client.chat.completions.create(model="none", messages=MESSAGES)
        self.assertEqual(told.exception.code, "model_not_found")
        for call in (lambda: client.chat.completions.create(model=NAME, messages=MESSAGES, temperature=-1),
                     lambda: client.chat.completions.create(model=NAME, messages=MESSAGES, temperature=-1, stream=True),
                     lambda: client.completions.create(model=NAME, prompt="x", temperature=-1),
                     lambda: client.responses.create(model=NAME, input="x", temperature=-1)):
            with self.assertRaises(openai.BadRequestError) as told:
                call()
            self.assertEqual((told.exception.param, told.exception.type), ("temperature", "invalid_request_error"))
        with self.assertRaises(openai.BadRequestError):
            client.embeddings.create(model=NAME, input=[])
        with self.assertRaises(openai.NotFoundError):
            client.models.retrieve("none")
        with self.assertRaises(openai.BadRequestError) as told:
            client.chat.completions.create(model=NAME, messages=[{"role": "user", "content": "word " * 3000}])
        self.assertEqual(told.exception.code, "context_length_exceeded")

    def test_asyncio(self):
        async def both():
            async with self.openai(kind="AsyncOpenAI") as client:
                more = dict(model="thinks", messages=MESSAGES, temperature=0)
                whole, stream = await asyncio.gather(client.chat.completions.create(**more),
                                                     client.chat.completions.create(**more, stream=True))
                return whole.choices[0].message.content, "".join(
                    [c.choices[0].delta.content or "" async for c in stream if c.choices])

        self.assertEqual(asyncio.run(both()), ("Yes, it is.", "Yes, it is."))


class Ollama(Base):
    GREEDY = {"temperature": 0, "num_predict": 12}

    def test_chat(self):
        client = self.ollama()
        whole = client.chat(model=NAME, messages=MESSAGES, options=self.GREEDY)
        self.assertEqual((whole.done_reason, whole.eval_count), ("length", 12))
        parts = list(client.chat(model=NAME, messages=MESSAGES, options=self.GREEDY, stream=True))
        self.assertEqual("".join(p.message.content for p in parts), whole.message.content)
        self.assertTrue(parts[-1].done)

    def test_generate(self):
        client = self.ollama()
        more = dict(model=NAME, prompt="Once", options=self.GREEDY)
        whole = client.generate(**more)
        parts = list(client.generate(**more, stream=True))
        self.assertEqual("".join(p.response for p in parts), whole.response)
        self.assertTrue(client.generate(**more, raw=True).response)

    def test_embed(self):
        client = self.ollama()
        vectors = client.embed(model=NAME, input=["a", "b"]).embeddings
        self.assertEqual(len(vectors), 2)
        self.assertEqual(client.embed(model=NAME, input="a").embeddings[0], vectors[0])

    def test_calls(self):
        client = self.ollama()
        more = dict(model="calls", tools=[TOOL], options={"temperature": 0})
        message = client.chat(messages=MESSAGES, **more).message
        (call,) = message.tool_calls
        self.assertEqual((call.function.name, call.function.arguments), ("meet", ASKED))
        parts = list(client.chat(messages=MESSAGES, stream=True, **more))
        streamed = [call for part in parts for call in part.message.tool_calls or ()]
        self.assertEqual([(c.function.name, c.function.arguments) for c in streamed], [("meet", ASKED)])
        told = [*MESSAGES, message, {"role": "tool", "tool_name": "meet", "content": "they met"}]
        self.assertTrue(client.chat(messages=told, **more).message.tool_calls)

    def test_thoughts(self):
        client = self.ollama()
        more = dict(model="thinks", options={"temperature": 0})
        message = client.chat(messages=MESSAGES, think=True, **more).message
        self.assertEqual((message.thinking, message.content), ("I wonder...", "Yes, it is."))
        parts = list(client.chat(messages=MESSAGES, think=True, stream=True, **more))
        self.assertEqual("".join(p.message.thinking or "" for p in parts), "I wonder...")
        self.assertEqual("".join(p.message.content or "" for p in parts), "Yes, it is.")
        whole = client.generate(prompt="Is it?", think=True, **more)
        self.assertEqual((whole.thinking, whole.response), ("I wonder...", "Yes, it is."))
        parts = list(client.generate(prompt="Is it?", think=True, stream=True, **more))
        self.assertEqual("".join(p.thinking or "" for p in parts), "I wonder...")

    def test_structured_output(self):
        client = self.ollama()
        more = dict(model=NAME, options={"num_predict": 100}, format=PARAMETERS)
        self.assertEqual(list(json.loads(client.chat(messages=MESSAGES, **more).message.content)), ["age"])
        self.assertEqual(list(json.loads(client.generate(prompt="?", **more).response)), ["age"])
        parts = list(client.chat(messages=MESSAGES, stream=True, **more))
        self.assertEqual(list(json.loads("".join(p.message.content for p in parts))), ["age"])

    def test_the_store(self):
        import ollama
        client = self.ollama()
        self.assertIn(NAME + ":latest", [m.model for m in client.list().models])
        self.assertIn(NAME + ":latest", [m.model for m in client.ps().models])
        stored = "run/" + NAME
        self.assertEqual(client.show(stored).details.family, "llama")
        self.assertEqual(client.copy(stored, "twin").status, "success")
        self.assertEqual(client.show("twin").details.family, "llama")
        self.assertEqual(client.delete("twin").status, "success")
        with self.assertRaises(ollama.ResponseError) as told:
            client.show("twin")
        self.assertEqual(told.exception.status_code, 404)
        with self.assertRaises(ollama.ResponseError):
            client.pull("http://127.0.0.1/none")
        with self.assertRaises(ollama.ResponseError):
            list(client.pull("no-name-of-the-catalogue", stream=True))
        # Without messages: in and out of memory.
        self.assertEqual(client.generate(model="calls", keep_alive=0).done_reason, "unload")
        self.assertEqual(client.generate(model="calls").done_reason, "load")

    def test_refusals(self):
        import ollama
        client = self.ollama()
        for status, call in (
                (404, lambda: client.chat(model="none", messages=MESSAGES)),
                (404, lambda: list(client.chat(model="none", messages=MESSAGES, stream=True))),
                (404, lambda: client.generate(model="none", prompt="x")),
                (404, lambda: client.embed(model="none", input="x")),
                (400, lambda: client.chat(model=NAME, messages=MESSAGES, options={"temperature": -1})),
                (400, lambda: client.chat(model=NAME, messages=MESSAGES, format={"type": "nothing"}))):
            with self.assertRaises(ollama.ResponseError) as told:
                call()
            self.assertEqual(told.exception.status_code, status)
            self.assertTrue(told.exception.error)

    def test_asyncio(self):
        async def both():
            client = self.ollama(kind="AsyncClient")
            more = dict(model="thinks", messages=MESSAGES, options={"temperature": 0})
            whole = await client.chat(**more)
            return whole.message.content, "".join(
                [p.message.content or "" async for p in await client.chat(**more, stream=True)])

        self.assertEqual(asyncio.run(both()), ("Yes, it is.", "Yes, it is."))


class Anthropic(Base):
    GREEDY = {"temperature": 0}  # which this client has no name for
    MORE = dict(max_tokens=100, messages=MESSAGES)

    def test_messages(self):
        client = self.anthropic()
        more = dict(model=NAME, max_tokens=12, messages=MESSAGES, extra_body=self.GREEDY, system="Be brief.")
        whole = client.messages.create(**more)
        self.assertEqual((whole.usage.output_tokens, whole.stop_reason), (12, "max_tokens"))
        with client.messages.stream(**more) as stream:
            text = "".join(stream.text_stream)
            final = stream.get_final_message()
        self.assertEqual(text, whole.content[0].text)
        self.assertEqual((final.content[0].text, final.stop_reason), (text, "max_tokens"))
        # Of the same prompt again all but a token is known, and said to be from the first event on.
        begun = next(iter(client.messages.create(**more, stream=True))).message.usage
        for usage in (begun, final.usage):
            self.assertGreater(usage.cache_read_input_tokens, 0)
            self.assertEqual(usage.input_tokens + usage.cache_read_input_tokens,
                             whole.usage.input_tokens + whole.usage.cache_read_input_tokens)
        cut = client.messages.create(**{**more, "stop_sequences": [text[3:5]]})
        self.assertEqual((cut.stop_reason, cut.stop_sequence), ("stop_sequence", text[3:5]))

    def test_calls(self):
        client = self.anthropic()
        more = dict(model="calls", max_tokens=100, extra_body=self.GREEDY, tools=[ANTHROPIC_TOOL])
        called = client.messages.create(messages=MESSAGES, **more)
        (block,) = called.content
        self.assertEqual((called.stop_reason, block.type, block.name, block.input), ("tool_use", "tool_use", "meet", ASKED))
        with client.messages.stream(messages=MESSAGES, **more) as stream:
            parts = [e.partial_json for e in stream if e.type == "input_json"]
            self.assertEqual(stream.get_final_message().content[0].input, ASKED)
        self.assertGreater(len(parts), 1)
        told = [*MESSAGES, {"role": "assistant", "content": called.content},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": block.id, "content": "they met"}]}]
        self.assertEqual(client.messages.create(messages=told, **more).stop_reason, "tool_use")
        demanded = client.messages.create(model=NAME, tool_choice={"type": "any"}, tools=[ANTHROPIC_TOOL], **self.MORE)
        self.assertEqual(list(demanded.content[0].input), ["age"])

    def test_thoughts(self):
        client = self.anthropic()
        more = dict(model="thinks", extra_body=self.GREEDY, **self.MORE)
        thought, said = client.messages.create(**more).content
        self.assertEqual((thought.type, thought.thinking, said.text), ("thinking", "I wonder...", "Yes, it is."))
        with client.messages.stream(**more) as stream:
            parts = [e.thinking for e in stream if e.type == "thinking"]
            final = stream.get_final_message()
        self.assertEqual("".join(parts), "I wonder...")
        self.assertEqual([block.type for block in final.content], ["thinking", "text"])
        told = [*MESSAGES, {"role": "assistant", "content": final.content}, *MESSAGES]
        self.assertEqual(client.messages.create(**{**more, "messages": told}).content[1].text, "Yes, it is.")

    def test_structured_output(self):
        client = self.anthropic()
        form = {"output_config": {"format": {"type": "json_schema", "schema": PARAMETERS}}}
        held = client.messages.create(model=NAME, extra_body=form, **self.MORE)
        self.assertEqual(list(json.loads(held.content[0].text)), ["age"])
        with client.messages.stream(model=NAME, extra_body=form, **self.MORE) as stream:
            self.assertEqual(list(json.loads(stream.get_final_text())), ["age"])

    def test_refusals(self):
        import anthropic
        client = self.anthropic()
        with self.assertRaises(anthropic.NotFoundError) as told:
            client.messages.create(model="none", **self.MORE)
        self.assertEqual(told.exception.body["error"]["type"], "not_found_error")
        with self.assertRaises(anthropic.BadRequestError) as told:
            client.messages.create(model=NAME, extra_body={"temperature": -1}, **self.MORE)
        self.assertIn("temperature", told.exception.message)
        with self.assertRaises(anthropic.BadRequestError):
            with client.messages.stream(model=NAME, extra_body={"temperature": -1}, **self.MORE) as stream:
                stream.get_final_text()

    def test_asyncio(self):
        async def streamed():
            async with self.anthropic(kind="AsyncAnthropic") as client:
                async with client.messages.stream(model="thinks", extra_body=self.GREEDY, **self.MORE) as stream:
                    return "".join([text async for text in stream.text_stream])

        self.assertEqual(asyncio.run(streamed()), "Yes, it is.")


class Keys(Base):
    """With keys, and room for one request and one that waits."""

    @classmethod
    def setUpClass(cls):
        with tempfile.NamedTemporaryFile("w") as keys:
            keys.write("right\n")
            keys.flush()
            cls.options = ("--api-key-file", keys.name, "--max-batch", "1", "--queue", "1")
            super().setUpClass()

    @classmethod
    def models(cls):
        return (str(harness.MODEL),)

    def test_the_right_key(self):
        self.assertTrue(self.openai("right").models.list().data)
        self.assertTrue(self.ollama("right").list().models)
        self.assertTrue(self.anthropic("right").messages.create(model=NAME, max_tokens=2, messages=MESSAGES).content)

    def test_wrong_keys(self):
        import anthropic
        import ollama
        import openai
        with self.assertRaises(openai.AuthenticationError):
            self.openai().models.list()
        with self.assertRaises(anthropic.AuthenticationError):
            self.anthropic().messages.create(model=NAME, max_tokens=2, messages=MESSAGES)
        with self.assertRaises(ollama.ResponseError) as told:
            self.ollama().list()
        self.assertEqual(told.exception.status_code, 401)

    def test_a_full_queue(self):
        import openai
        with self.assertRaises(openai.RateLimitError) as told:
            self.openai("right").chat.completions.create(model=NAME, messages=MESSAGES, n=8)
        self.assertGreaterEqual(int(told.exception.response.headers["Retry-After"]), 1)


class BrokenStreams(Base):
    """The model's process is killed in mid-stream."""

    @classmethod
    def models(cls):
        return (harness.slow_model(cls.folder.name),)

    def kill(self):
        os.kill(self.server.worker("slow")["pid"], signal.SIGKILL)

    def take_rest(self, stream):
        parts = iter(stream)
        for _ in range(3):
            next(parts)
        self.kill()
        for _ in parts:
            pass

    def setUp(self):
        # One that died is started again.
        self.assertEqual(self.openai().completions.create(model="slow", prompt="x", max_tokens=1).object,
                         "text_completion")

    def test_openai(self):
        import openai
        client = self.openai()
        for stream in (client.chat.completions.create(model="slow", messages=MESSAGES, stream=True,
                                                      extra_body={"ignore_eos": True}),):
            with self.assertRaises(openai.APIError) as told:
                self.take_rest(stream)
            self.assertIn("slow", str(told.exception))

    def test_ollama(self):
        import ollama
        stream = self.ollama().generate(model="slow", prompt="x", stream=True)
        with self.assertRaises(ollama.ResponseError):
            self.take_rest(stream)

    def test_anthropic(self):
        import anthropic
        stream = self.anthropic().messages.create(model="slow", max_tokens=2000, messages=MESSAGES, stream=True,
                                                  extra_body={"ignore_eos": True})
        with self.assertRaises(anthropic.APIError):
            self.take_rest(stream)


class NoServer(unittest.TestCase):
    def test_each_says_that_nobody_is_there(self):
        import anthropic
        import ollama
        import openai
        url = "http://127.0.0.1:9"
        with self.assertRaises(openai.APIConnectionError):
            openai.OpenAI(base_url=url + "/v1", api_key="none", max_retries=0).models.list()
        with self.assertRaises(anthropic.APIConnectionError):
            anthropic.Anthropic(base_url=url, api_key="none", max_retries=0).messages.create(
                model=NAME, max_tokens=2, messages=MESSAGES)
        with self.assertRaises(ConnectionError):
            ollama.Client(host=url).list()


if __name__ == "__main__":
    with_clients()
    unittest.main(warnings="ignore")  # clients that are left to the garbage collector
