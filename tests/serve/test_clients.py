"""The clients that people use, against the real server. Skipped where they can't be had."""

import importlib.util
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
        with self.assertRaises(anthropic.NotFoundError):
            client.messages.create(**{**more, "model": "none"})


if __name__ == "__main__":
    with_clients()
    unittest.main()
