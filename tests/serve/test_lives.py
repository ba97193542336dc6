"""What happens when clients go, processes die, and the server is told to stop."""

import json
import os
import re
import signal
import socket
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

import harness
import strangers
from harness import NAME, Server, chat


def open_stream(server, **more):
    body = json.dumps(chat(model="slow", stream=True, max_tokens=2000, ignore_eos=True, **more))
    peer = server.connect()
    peer.sendall(f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}"
                 f"\r\n\r\n{body}".encode())
    got = b""
    while b'"delta":{"content":' not in got:
        piece = peer.recv(4096)
        assert piece, got
        got += piece
    return peer


def active(server):
    return sum(m["requests"]["active"] for m in server.request("GET", "/ledge/v1/models")[2]["models"])


class SlowLives(unittest.TestCase):
    """With a model whose answers last."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="ledge-slow-")
        cls.home = os.path.join(cls.folder, "home")
        cls.models = [harness.slow_model(cls.folder)]

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    def start(self, *options):
        return Server(*options, models=self.models, home=self.home)

    def wait_for(self, condition, seconds=20):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)

    def nothing_later(self, server, request, begun, counted, most):
        """One of three tries counts: another program may have the processor for a while."""
        for _ in range(3):
            last, tokens = strangers.leave(server, request, begun, counted)
            self.assertTrue(0 < tokens < most, tokens)
            if last <= 250:
                return
        self.fail(f"a token was computed {last:.0f} ms after the close")

    def test_nothing_is_computed_250_ms_after_a_connection_is_closed(self):
        both = (strangers.PROMPT_TOKENS, strangers.ANSWER_TOKENS)

        def reading(_):  # until some of the prompt is computed: numbers come twice a second
            before = server.metric(strangers.PROMPT_TOKENS)
            self.wait_for(lambda: server.metric(strangers.PROMPT_TOKENS) > before)

        with self.start("--prefix-cache", "0", "--ctx", "2048") as server:
            probe = server.post("/v1/completions", {"model": "slow", "prompt": "Stone " * 50, "max_tokens": 1})[2]
            words = 1800 * 50 // probe["usage"]["prompt_tokens"]
            answer = strangers.stream_request("slow", 2000)
            prompt = strangers.stream_request("slow", 100, "Stone " * words)
            with self.subTest("while it is answered"):
                self.nothing_later(server, answer, lambda peer: peer.recv(4096), both, 2000)
            with self.subTest("while its prompt is read"):
                self.nothing_later(server, prompt, reading, both, 1700)
            with self.subTest("while its prompt is read beside an answer"):
                with server.connect() as other:
                    other.sendall(strangers.stream_request("slow", 2000))
                    other.recv(4096)
                    self.nothing_later(server, prompt, reading, (strangers.PROMPT_TOKENS,), 1700)
            self.wait_for(lambda: active(server) == 0)

    def test_an_idle_server_holds_no_kv_cache(self):
        with self.start("--prefix-cache", "0") as server:
            model = lambda: server.request("GET", "/ledge/v1/models")[2]["models"][0]
            peers = [open_stream(server) for _ in range(3)]
            self.wait_for(lambda: model()["bytes"]["kv"] > 0)  # numbers come twice a second
            for peer in peers:
                peer.close()
            self.wait_for(lambda: model()["bytes"]["kv"] == 0)
            self.assertEqual(model()["requests"]["active"], 0)
            self.assertEqual(server.post("/v1/chat/completions", chat(max_tokens=2, model="slow"))[0], 200)

    def test_a_killed_worker_ends_its_stream_and_is_started_again(self):
        with self.start() as server:
            worker = server.worker("slow")
            peer = open_stream(server)
            os.kill(worker["pid"], signal.SIGKILL)
            rest = b""
            while True:
                piece = peer.recv(65536)
                if not piece:
                    break
                rest += piece
                if rest.endswith(b"0\r\n\r\n"):
                    break
            self.assertIn(b'data: {"error":', rest)
            began = time.monotonic()
            while True:
                status, _, body = server.post("/v1/chat/completions", chat(model="slow"))
                if status == 200 or time.monotonic() - began > 20:
                    break
                self.assertEqual(status, 503, body)
            self.assertEqual(status, 200, body)
            self.assertNotEqual(server.worker("slow")["pid"], worker["pid"])

    def test_term_drains_and_exits_with_0(self):
        with self.start() as server:
            body = chat(model="slow", stream=True, max_tokens=40, ignore_eos=True)
            events = []
            reader = threading.Thread(target=lambda: events.extend(server.events("/v1/chat/completions", body)))
            reader.start()
            while not active(server) and reader.is_alive():
                time.sleep(0.001)
            self.assertEqual(server.terminate(), 0)
            reader.join()
            self.assertEqual(events[-1], "[DONE]")

    def test_a_full_queue_is_429_with_retry_after(self):
        with self.start("--max-batch", "1", "--queue", "1") as server:
            peers = [open_stream(server)]
            waiting = server.connect()
            body = json.dumps(chat(model="slow", max_tokens=500))
            waiting.sendall(f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                            f"{len(body)}\r\n\r\n{body}".encode())
            time.sleep(0.2)
            status, headers, answer = server.post("/v1/chat/completions", chat(model="slow"))
            self.assertEqual(status, 429, answer)
            self.assertGreaterEqual(int(headers["Retry-After"]), 1)
            for peer in peers + [waiting]:
                peer.close()

    def test_too_many_prompt_tokens_are_429_with_retry_after(self):
        with self.start("--max-batch", "1", "--queue-tokens", "500", "--ctx", "2048") as server:
            # Of 1,500 tokens or so, whatever the vocabulary makes of it.
            probe = server.post("/v1/chat/completions", chat("word " * 50, model="slow", max_tokens=1))[2]
            words = 1500 * 50 // probe["usage"]["prompt_tokens"]
            long = chat("ward " * words, model="slow", max_tokens=1)
            stream = open_stream(server)  # has the one place, so that no prompt is read
            peer = server.connect()
            body = json.dumps(long)
            # One is taken, however long it is.
            peer.sendall(f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}"
                         f"\r\n\r\n{body}".encode())
            queued = lambda: int(re.search(r"ledge_prompt_tokens_queued (\d+)",
                                           server.request("GET", "/metrics")[2].decode()).group(1))
            deadline = time.monotonic() + 30
            while not queued() and time.monotonic() < deadline:
                time.sleep(0.01)
            status, headers, answer = server.post("/v1/chat/completions", chat("Hello " * 20, model="slow"))
            self.assertEqual(status, 429, answer)
            self.assertIn("must be at most 500", answer["error"]["message"])
            self.assertTrue(1 <= int(headers["Retry-After"]) <= 600)
            stream.close()
            self.assertIn(b" 200 OK", peer.recv(4096))
            peer.close()
            self.assertEqual(server.post("/v1/chat/completions", dict(long, max_tokens=2))[0], 200)

    def finish_order(self, server, asked):
        """Names of requests in the order in which they are answered; they are sent in the order given, one at a time,
        while a first one has the only place. `asked`: name -> (key, fields)."""
        order, threads = [], []
        lock = threading.Lock()

        def ask(name, key, fields):
            body = chat(model="slow", **{"max_tokens": 4, "ignore_eos": True, **fields})
            status, _, answer = server.post("/v1/chat/completions", body, headers={"x-api-key": key})
            self.assertEqual(status, 200, answer)
            with lock:
                order.append(name)

        def counted():
            models = server.request("GET", "/ledge/v1/models", headers={"x-api-key": "a"})[2]["models"]
            return sum(m["requests"]["active"] + m["requests"]["waiting"] for m in models)

        for number, (name, (key, fields)) in enumerate([("first", ("a", {"max_tokens": 400})), *asked.items()]):
            threads.append(threading.Thread(target=ask, args=(name, key, fields)))
            threads[-1].start()
            self.wait_for(lambda: counted() > number or order)
        self.assertEqual(order, [])  # else the first was too short to see anything
        for thread in threads:
            thread.join()
        return order[1:]

    def test_who_floods_waits_behind_himself_and_priorities_go_first(self):
        with tempfile.NamedTemporaryFile("w+") as keys:
            keys.write("a\nb\n")
            keys.flush()
            with self.start("--max-batch", "1", "--api-key-file", keys.name) as server:
                flood = {f"a{i}": ("a", {}) for i in range(5)}
                order = self.finish_order(server, {**flood, "b": ("b", {})})
                self.assertEqual(order[0], "b", order)
                self.assertEqual([name for name in order if name != "b"], list(flood))
                order = self.finish_order(server, {"low": ("a", {"priority": -1}), "plain": ("a", {}),
                                                   "high": ("a", {"priority": 1})})
                self.assertEqual(order, ["high", "plain", "low"])

    def test_settings_say_what_is_in_force_and_keep_keys_to_themselves(self):
        with tempfile.NamedTemporaryFile("w+") as keys:
            keys.write("secret\n")
            keys.flush()
            with self.start("--max-batch", "3", "--keep-alive", "90s", "--memory-budget", "1GiB", "--max-body", "2MiB",
                            "--api-key-file", keys.name) as server:
                self.assertEqual(server.request("GET", "/ledge/v1/settings")[0], 401)
                status, _, told = server.request("GET", "/ledge/v1/settings", headers={"x-api-key": "secret"})
                self.assertEqual(status, 200)
                self.assertEqual(
                    {name: told[name] for name in ("max_batch", "keep_alive_seconds", "memory_budget_bytes",
                                                   "max_stall_seconds", "kv_type", "api_keys", "tls")},
                    {"max_batch": 3, "keep_alive_seconds": 90, "memory_budget_bytes": 1 << 30,
                     "max_stall_seconds": 0.2, "kv_type": "f16", "api_keys": True, "tls": False})
                self.assertEqual(told["limits"]["max_body_bytes"], 2 << 20)
                self.assertNotIn("secret", json.dumps(told))
                self.assertNotIn(keys.name, json.dumps(told))

    def test_what_is_late_is_not_begun(self):
        with self.start("--max-batch", "1") as server:
            peer = open_stream(server)
            status, headers, answer = server.post("/v1/chat/completions", chat(model="slow", deadline_ms=50))
            self.assertEqual(status, 503, answer)
            self.assertIn("deadline of 50 ms passed", answer["error"]["message"])
            self.assertIn("Retry-After", headers)
            peer.close()
            self.assertEqual(server.post("/v1/chat/completions", chat(model="slow", deadline_ms=60000))[0], 200)


class Lives(unittest.TestCase):
    def setUp(self):
        harness.needs_models()

    def test_workers_do_not_outlive_the_server(self):
        with Server() as server:
            pid = server.worker()["pid"]
            server.process.kill()
            server.process.wait()
            deadline = time.monotonic() + 10
            while os.path.exists(f"/proc/{pid}") and time.monotonic() < deadline:
                with open(f"/proc/{pid}/stat") as stat:
                    if stat.read().split()[2] == "Z":
                        break
                time.sleep(0.02)
            self.assertLess(time.monotonic(), deadline)

    def test_each_process_holds_what_its_role_needs(self):
        """What confinement forbids, os/confine_test.cc tries; here, that a model's process is confined, and that the
        front has nothing of a model's file."""
        with Server() as server:
            self.assertEqual(server.post("/v1/chat/completions", chat())[0], 200)
            worker, front = server.worker()["pid"], server.process.pid

            def status(pid, field):
                with open(f"/proc/{pid}/status") as file:
                    return re.search(rf"^{field}:\s+(\d+)$", file.read(), re.M).group(1)

            def files(pid):
                folder = f"/proc/{pid}/fd"
                return [os.readlink(os.path.join(folder, name)) for name in os.listdir(folder)]

            def maps(pid):
                with open(f"/proc/{pid}/maps") as file:
                    return file.read()

            self.assertEqual((status(worker, "Seccomp"), status(worker, "NoNewPrivs")), ("2", "1"))
            self.assertEqual(sum(name.startswith("socket:") for name in files(worker)), 1)
            self.assertFalse([name for name in files(worker) if ".ledge" in name or ".gguf" in name])
            self.assertIn(".ledge", maps(worker))
            self.assertNotIn(".ledge", maps(front))
            self.assertFalse([name for name in files(front) if ".ledge" in name or ".gguf" in name])

    def test_models_come_on_demand_and_leave_for_others(self):
        with Server(models=[str(harness.MODEL), str(harness.OTHER)]) as first:
            names = [m["id"] for m in first.request("GET", "/v1/models")[2]["data"]]
            sizes = [m["bytes"] for m in first.request("GET", "/ledge/v1/models")[2]["models"]]
        self.assertGreaterEqual(len(names), 2)
        need = max(s["weights"] + s["scratch"] for s in sizes)
        # Room for one of them with a short context, not for two.
        home = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"ledge-two-{os.getpid()}")
        try:
            with Server(models=[str(harness.MODEL), str(harness.OTHER)], home=home):
                pass
            with Server("--ctx", "128", "--memory-budget", str(int(need * 1.6)), models=[], home=home) as server:
                stored = [m["id"] for m in server.request("GET", "/v1/models")[2]["data"]]
                for name in stored + stored:
                    status, _, body = server.post("/v1/chat/completions", chat(model=name, max_tokens=2))
                    self.assertEqual(status, 200, body)
                    self.assertEqual([m["name"] for m in server.request("GET", "/ledge/v1/models")[2]["models"]],
                                     [name])
            with Server("--memory-budget", "1MiB", models=[], home=home) as server:
                status, _, body = server.post("/v1/chat/completions", chat(model=stored[0]))
                self.assertEqual(status, 507, body)
                self.assertRegex(body["error"]["message"], "budget")
        finally:
            import shutil
            shutil.rmtree(home, ignore_errors=True)

    def test_a_mixture_of_experts_needs_no_memory_for_all_of_them(self):
        with tempfile.TemporaryDirectory() as folder:
            path, home = os.path.join(folder, "moe.gguf"), os.path.join(folder, "home")
            subprocess.run([harness.PROGRAM, "synth", "--shape", "tiny-moe", "--type", "f32", "-o", path], check=True,
                           capture_output=True, timeout=60)
            options = ("--ctx", "256", "--max-batch", "1")
            ask = {"model": "moe", "prompt": "a b c d e f g h", "max_tokens": 24, "temperature": 0,
                   "return_token_ids": True, "ignore_eos": True}
            with Server(*options, models=[path], home=home) as server:
                model = server.worker("moe")
                self.assertEqual(model["weights_granted"], model["bytes"]["weights"])
                whole = server.post("/v1/completions", ask)[2]["choices"][0]["token_ids"]
            all_of_it = model["bytes"]["weights"] + model["bytes"]["scratch"] + model["kv_granted"]
            # 6 of 8 experts are left aside by a token: 9 MiB of these weights.
            with Server(*options, "--memory-budget", str(all_of_it - (5 << 20)), models=[path], home=home) as server:
                model = server.worker("moe")
                self.assertLess(model["weights_granted"], model["bytes"]["weights"] - (5 << 20) + 1)
                self.assertIn("event=ready", server.log())
                for _ in range(3):
                    status, _, body = server.post("/v1/completions", ask)
                    self.assertEqual(status, 200, body)
                    self.assertEqual(body["choices"][0]["token_ids"], whole)
            with Server("--memory-budget", str(all_of_it - (11 << 20)), *options, models=[], home=home) as server:
                name = server.request("GET", "/v1/models")[2]["data"][0]["id"]
                status, _, body = server.post("/v1/completions", dict(ask, model=name))
                self.assertEqual(status, 507, body)
                self.assertRegex(body["error"]["message"], "needs .* the memory budget is")
                self.assertEqual(server.request("GET", "/ledge/v1/models")[2]["models"], [])

    def test_a_system_message_that_the_template_refuses_stands_in_front_of_what_the_user_says(self):
        template = ("{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
                    "{{ m.content }}\n{% endfor %}")
        with tempfile.NamedTemporaryFile("w+", suffix=".jinja") as file:
            file.write(template)
            file.flush()
            with Server("--chat-template", file.name) as server:
                def said(*messages):
                    status, _, answer = server.post("/v1/chat/completions", chat(messages=[
                        {"role": role, "content": content} for role, content in messages]))
                    return answer["choices"][0]["message"]["content"] if status == 200 else answer["error"]["message"]

                self.assertEqual(said(("system", "Be brief."), ("user", "Once")), said(("user", "Be brief.\n\nOnce")))
                self.assertIn("no system", said(("user", "Once"), ("system", "Be brief.")))

    def test_what_a_file_leaves_to_guesses_is_said(self):
        with Server("--quiet") as server:
            guesses = server.worker()["guesses"]
            self.assertEqual(len(guesses), 1)
            self.assertRegex(guesses[0], r"has no chat template; guessed '\w")
            self.assertRegex(server.log(), r"level=warning model=\S+ event=guessed text=\".*no chat template; guessed")
        with Server("--chat-template", "chatml") as server:
            self.assertEqual(server.worker()["guesses"], [])
            self.assertNotIn("event=guessed", server.log())

    def test_a_folder_of_safetensors_is_served_by_its_name(self):
        with tempfile.TemporaryDirectory() as above:
            folder = os.path.join(above, "tiny-folder")
            harness.write_folder(folder)
            with Server(models=[folder + "/"]) as server:
                self.assertEqual([m["id"] for m in server.request("GET", "/v1/models")[2]["data"]], ["tiny-folder"])
                status, _, body = server.post("/v1/completions", {"model": "tiny-folder", "prompt": "abcab", "max_tokens": 4,
                                                              "ignore_eos": True})
                self.assertEqual(status, 200, body)
                self.assertGreater(body["usage"]["completion_tokens"], 0)
        with tempfile.TemporaryDirectory() as empty:
            done = subprocess.run([harness.PROGRAM, "--home", empty + "/home", "serve", "--listen", "127.0.0.1:0",
                                   "--model", empty], capture_output=True, timeout=60)
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertIn(b"config.json", done.stderr)

    def test_systemd_hears_of_its_life(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
            path = os.path.join(folder, "notify")
            heard.bind(path)
            heard.settimeout(30)
            with Server(environment={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "400000"}) as server:
                said = set()
                while said != {b"READY=1", b"WATCHDOG=1"}:
                    said.add(heard.recv(100))
                for _ in range(3):  # again and again
                    self.assertEqual(heard.recv(100), b"WATCHDOG=1")
                self.assertEqual(server.terminate(), 0)
                said = [heard.recv(100)]
                while said[-1] == b"WATCHDOG=1":
                    said.append(heard.recv(100))
                self.assertEqual(said[-1], b"STOPPING=1")

    def test_hangup_reads_keys_and_certificates_anew(self):
        if shutil.which("openssl") is None:
            self.skipTest("openssl makes the certificates")
        with tempfile.TemporaryDirectory() as folder:
            cert, key, keys = (os.path.join(folder, name) for name in ("cert", "key", "keys"))

            def make(name):
                subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                                f"/CN={name}", "-keyout", key, "-out", cert], check=True, capture_output=True)

            def write_key(text):
                with open(keys, "w") as file:
                    file.write(text + "\n")

            def connect():
                context = ssl.create_default_context()
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                return context.wrap_socket(server.connect())

            def status(peer, with_key):
                peer.sendall(f"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nx-api-key: {with_key}\r\n\r\n".encode())
                return int(peer.recv(65536).split()[1])

            def hang_up(count, words):
                server.process.send_signal(signal.SIGHUP)
                deadline = time.monotonic() + 20
                while server.log().count(words) < count and time.monotonic() < deadline:
                    time.sleep(0.01)
                self.assertEqual(server.log().count(words), count)

            make("first")
            write_key("old")
            with Server("--tls-cert", cert, "--tls-key", key, "--api-key-file", keys, wait=False) as server:
                with connect() as before:
                    first = before.getpeercert(True)
                    self.assertEqual((status(before, "old"), status(before, "new")), (200, 401))
                    make("second")
                    write_key("new")
                    hang_up(1, "event=reloaded")
                    with connect() as after:
                        second = after.getpeercert(True)
                        self.assertNotEqual(first, second)
                        self.assertEqual(status(after, "new"), 200)
                        self.assertEqual(status(after, "old"), 401)
                    # What can't be read leaves the old ones in force.
                    with open(cert, "w") as file:
                        file.write("none")
                    write_key("# none")
                    hang_up(2, "event=reload_failed")
                    with connect() as after:
                        self.assertEqual(after.getpeercert(True), second)
                        self.assertEqual(status(after, "new"), 200)

    def test_load_and_unload(self):
        with Server() as server:
            self.assertEqual(server.post("/ledge/v1/unload", {"model": NAME})[2]["unloaded"], True)
            self.assertIsNone(server.worker())
            self.assertEqual(server.post("/ledge/v1/load", {"model": NAME})[2]["state"], "ready")
            self.assertEqual(server.post("/ledge/v1/load", {"model": "none"})[0], 404)

    def test_a_port_in_use_says_so(self):
        with Server() as server:
            import subprocess
            done = subprocess.run([harness.PROGRAM, "--home", server.home, "serve", "--listen",
                                   f"127.0.0.1:{server.port}"], capture_output=True, timeout=30)
            self.assertEqual(done.returncode, 7, done.stderr)
            self.assertRegex(done.stderr.decode(), rf"--listen 127.0.0.1:{server.port}: another ledge answers there; "
                             r"--listen 127.0.0.1:\d+ is free")

    def test_beyond_loopback_needs_keys(self):
        import subprocess
        done = subprocess.run([harness.PROGRAM, "serve", "--listen", "0.0.0.0:0"], capture_output=True,
                              timeout=30)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"--api-key-file", done.stderr)


if __name__ == "__main__":
    unittest.main()
