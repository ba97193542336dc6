"""What happens when clients go, processes die, and the server is told to stop."""

import json
import os
import signal
import socket
import shutil
import tempfile
import threading
import time
import unittest

import harness
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

    def test_a_closed_connection_stops_costing(self):
        with self.start() as server:
            peer = open_stream(server)
            self.assertEqual(active(server), 1)
            peer.close()
            time.sleep(0.25)
            steps = lambda: [l for l in server.request("GET", "/metrics")[2].decode().splitlines()
                             if l.startswith("ledge_steps_total")]
            time.sleep(0.6)  # numbers come twice a second
            before = steps()
            time.sleep(0.7)
            self.assertEqual(steps(), before)
            self.assertEqual(active(server), 0)

    def test_an_idle_server_holds_no_kv_cache(self):
        with self.start("--prefix-cache", "0") as server:
            model = lambda: server.request("GET", "/ledge/v1/models")[2]["models"][0]
            for peer in [open_stream(server) for _ in range(3)]:
                peer.close()
            self.assertGreater(model()["bytes"]["kv"], 0)
            end = time.monotonic() + 20
            while model()["bytes"]["kv"] > 0 and time.monotonic() < end:
                time.sleep(0.2)
            self.assertEqual(model()["bytes"]["kv"], 0)
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
            self.assertIn(b"--listen", done.stderr)

    def test_beyond_loopback_needs_keys(self):
        import subprocess
        done = subprocess.run([harness.PROGRAM, "serve", "--listen", "0.0.0.0:0"], capture_output=True,
                              timeout=30)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"--api-key-file", done.stderr)


if __name__ == "__main__":
    unittest.main()
