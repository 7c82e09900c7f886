"""The daemon under test, with a folder and a port of its own."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request

from webdriver import Failure, free_port, until

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def find_program(folder):
    """`vitrine` in this folder, or `VITRINE_BIN`, or what was built last in this checkout."""
    if folder:
        return folder.resolve() / "vitrine"
    if os.environ.get("VITRINE_BIN"):
        return pathlib.Path(os.environ["VITRINE_BIN"]).resolve()
    built = [path for kind in ("release", "debug") if (path := REPOSITORY / ".build" / kind / "vitrine").exists()]
    if not built:
        raise Failure("there is no vitrine: build it, or name it with VITRINE_BIN")
    return max(built, key=lambda path: path.stat().st_mtime)


class Appliance:
    """`vitrine run` with a headless display, claimed by PIN. Use it in a `with`."""

    def __init__(self, programs=None):
        program = find_program(programs)
        # The path of a Unix socket is at most 107 bytes long, so the folder has a short name.
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="vitrine-"))
        self._log_path = self._folder / "log"
        self._program = str(program)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/"
        self._environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("VITRINE_")},
            "VITRINE_DECODER": (None if programs else os.environ.get("VITRINE_DECODER"))
            or str(program.with_name("vitrine-decoder")),
            "VITRINE_DATA_DIRECTORY": str(self._folder / "data"),
            "VITRINE_DISPLAY_ORDER": "headless",
            "VITRINE_WEB_ADDRESS": "127.0.0.1",
            "VITRINE_WEB_PORT": str(port),
            "VITRINE_WEB_SOCKET": str(self._folder / "s"),
            "VITRINE_WEB_ACCESS": "pin",
        }
        self._process = None
        try:
            with open(self._log_path, "wb") as log:
                self._process = subprocess.Popen(
                    [self._program, "run"], env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            until(self._is_up, "the daemon answers", 30)
            self.pin = until(self._read_pin, "the daemon tells its PIN to the command line", 30)
        except BaseException:
            self.close(failed=True)
            raise

    def _is_up(self):
        if self._process.poll() is not None:
            raise Failure(f"vitrine ended at its start with code {self._process.returncode}")
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(self.url, timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def _read_pin(self):
        asked = subprocess.run(
            [self._program, "pin", "--json"], env=self._environment, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=20, check=False)
        try:
            return json.loads(asked.stdout)["pin"]
        except (ValueError, KeyError, TypeError):
            return None

    def close(self, failed=False):
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
                failed = True
                print("vitrine did not end within 10 s of SIGTERM", file=sys.stderr)
        if failed and self._log_path.exists():
            print("--- the daemon's last words", file=sys.stderr)
            print("\n".join(self._log_path.read_text(errors="replace").splitlines()[-60:]), file=sys.stderr)
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.close(failed=kind is not None)
