"""The clients that JavaScript programs use, against the real server: npm_clients.mjs. What they ask is that of
test_clients.py's openai and ollama. Skipped where they can't be had."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import harness

PACKAGES = ("openai", "ollama")
SCRIPT = pathlib.Path(__file__).with_name("npm_clients.mjs")


def folder_with_clients():
    """LEDGE_NPM_CLIENTS names a folder that has them in node_modules; else one is made beside the build, once."""
    if shutil.which("node") is None:
        raise unittest.SkipTest("node is not installed")
    folder = pathlib.Path(os.environ.get("LEDGE_NPM_CLIENTS", harness.ROOT / "build/npm-clients"))
    if not all((folder / "node_modules" / name).is_dir() for name in PACKAGES):
        if shutil.which("npm") is None:
            raise unittest.SkipTest("npm is not installed")
        folder.mkdir(parents=True, exist_ok=True)
        made = subprocess.run(["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--silent", *PACKAGES],
                              capture_output=True, text=True, timeout=300)
        if made.returncode:
            raise unittest.SkipTest(f"the packages {' and '.join(PACKAGES)} can't be installed here")
    return folder


class NpmClients(unittest.TestCase):
    def setUp(self):
        harness.needs_models()
        self.folder = folder_with_clients()
        models = tempfile.TemporaryDirectory(prefix="ledge-clients-")
        self.addCleanup(models.cleanup)
        self.server = harness.Server(models=(str(harness.MODEL), *harness.scripted_models(models.name)))
        self.addCleanup(self.server.close)

    def test_all_of_them(self):
        # Packages are looked for from where the script is: a copy beside them finds them.
        script = shutil.copy(SCRIPT, self.folder)
        done = subprocess.run(["node", script, f"http://127.0.0.1:{self.server.port}", harness.NAME],
                              capture_output=True, text=True, timeout=240)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("all passed", done.stdout)


if __name__ == "__main__":
    unittest.main()
