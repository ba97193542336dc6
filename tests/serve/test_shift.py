"""Answers that outgrow their context: the end without --context-shift, and on with it."""

import unittest

import harness
from harness import NAME, Server


def ask(**more):
    body = {"model": NAME, "prompt": "Once upon", "max_tokens": 150, "temperature": 0, "ignore_eos": True}
    return body | more


class ContextShift(unittest.TestCase):
    def setUp(self):
        harness.needs_models()

    def test_without_it_the_answer_ends_at_the_context(self):
        with Server("--ctx", "64") as server:
            _, _, answer = server.post("/v1/completions", ask())
            self.assertEqual(answer["choices"][0]["finish_reason"], "length")
            self.assertLess(answer["usage"]["completion_tokens"], 64)
            self.assertNotIn("context_shift", answer["choices"][0])

    def test_with_it_the_answer_goes_on_and_says_so(self):
        with Server("--ctx", "64", "--context-shift", "--keep", "8") as server:
            _, _, answer = server.post("/v1/completions", ask())
            self.assertEqual(answer["usage"]["completion_tokens"], 150)
            self.assertEqual(answer["choices"][0]["finish_reason"], "length")
            self.assertGreater(answer["choices"][0]["context_shift"]["dropped_tokens"], 60)
            # The same again, whatever is cached by now.
            again = server.post("/v1/completions", ask())[2]
            self.assertEqual(again["choices"][0]["text"], answer["choices"][0]["text"])

    def test_a_longer_prompt_is_refused_all_the_same(self):
        with Server("--ctx", "64", "--context-shift") as server:
            status, _, answer = server.post("/v1/completions", ask(prompt="once upon a time " * 60))
            self.assertEqual(status, 400, answer)
            self.assertIn("64", answer["error"]["message"])


if __name__ == "__main__":
    unittest.main()
