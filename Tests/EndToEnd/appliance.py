"""A real appliance for a test: the built programs in a folder of their own, and the means to talk to them."""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse


class Refused(Exception):
    """An answer outside 200 to 299."""

    def __init__(self, status, problem, headers):
        super().__init__(f"{status}: {problem}")
        self.status = status
        self.problem = problem
        self.headers = headers


class UnixConnection(http.client.HTTPConnection):
    """HTTP over the daemon's Unix socket."""

    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def wait_for(condition, what, seconds=30):
    """Returns what `condition` returns once it is true; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    pause = 0.005
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)


class Appliance:
    """One data folder, and at most one daemon on it at a time."""

    def __init__(self, programs, folder=None, wrapper=(), **settings):
        self.programs = pathlib.Path(programs)
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="vitrine-"))
        self.data = self.folder / "data"
        self.socket = str(self.folder / "vitrine.sock")
        self.wrapper = list(wrapper)
        self.process = None
        self.port = None
        self.log_path = self.folder / "log"
        self.settings = {
            "WEB_PORT": "0",
            "WEB_SOCKET": self.socket,
            "WEB_ACCESS": "open",
            "DISPLAY_ORDER": "headless",
            "DISPLAY_HEADLESS_SIZE": "640x360",
            # What is compared is the picture; test_messages.py has it on.
            "MESSAGES_ON_SCREEN": "none",
            # The same; test_changes.py has the others.
            "PLAYBACK_TRANSITION": "cut",
            "DATA_DIRECTORY": str(self.data),
        }
        self.settings.update(settings)

    # The process.

    @property
    def environment(self):
        plain = {key: value for key, value in os.environ.items() if not key.startswith("VITRINE_")}
        return plain | {f"VITRINE_{key}": value for key, value in self.settings.items()}

    def start(self, wait=True):
        assert self.process is None
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            self.wrapper + [str(self.programs / "vitrine"), "run"], env=self.environment, stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, start_new_session=True)
        log.close()
        if wait:
            wait_for(self.is_healthy, "the daemon to answer")
        return self

    def is_healthy(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the daemon ended with {self.process.returncode}:\n{self.log()[-4000:]}")
        try:
            return self.get("/healthz")["status"] == "healthy"
        except (OSError, http.client.HTTPException, Refused):
            return False

    @property
    def pid(self):
        """The daemon's own process, below a wrapper such as strace."""
        if not self.wrapper:
            return self.process.pid
        return wait_for(lambda: next(iter(children(self.process.pid, "vitrine")), None), "the wrapped daemon")

    def decoders(self):
        return children(self.pid, "vitrine-decoder")

    def kill(self):
        """kill -9, as a power cut that keeps the page cache. Decoders see the end of their socket."""
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait(10)
        self.process = None

    def ended(self, seconds=30):
        """Waits for its own end, which a person asked it for."""
        code = self.process.wait(seconds)
        self.process = None
        if code != 0:
            raise AssertionError(f"the daemon ended with {code}:\n{self.log()[-4000:]}")

    def stop(self, seconds=10):
        """SIGTERM; returns the seconds that it took, and fails on anything but a clean end."""
        if self.process is None:
            return 0
        begin = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)
        code = self.process.wait(seconds)
        self.process = None
        if code != 0:
            raise AssertionError(f"the daemon ended with {code}:\n{self.log()[-4000:]}")
        return time.monotonic() - begin

    def close(self):
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait(10)
            self.process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def command(self, *arguments, check=True):
        """`vitrine …` with the daemon's settings; its standard output."""
        result = subprocess.run(
            [str(self.programs / "vitrine"), *arguments], env=self.environment, capture_output=True, text=True, timeout=120)
        if check and result.returncode != 0:
            raise AssertionError(f"vitrine {arguments} ended with {result.returncode}: {result.stderr}")
        return result if not check else result.stdout

    # HTTP over the socket, which is trusted by its file mode.

    def request(self, method, path, body=None, headers=None, timeout=60):
        connection = UnixConnection(self.socket, timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            content = answer.read()
            if not 200 <= answer.status < 300:
                try:
                    problem = json.loads(content)
                except ValueError:
                    problem = content[:200]
                raise Refused(answer.status, problem, answer.headers)
            return answer, content
        finally:
            connection.close()

    def get(self, path, **options):
        return json.loads(self.request("GET", path, **options)[1])

    def post(self, path, value=None):
        body = None if value is None else json.dumps(value)
        content = self.request("POST", path, body=body, headers={"Content-Type": "application/json"})[1]
        return json.loads(content) if content else None

    def status(self):
        return self.get("/api/v1/status")

    @property
    def url(self):
        """Where the page is; read from the status, since the port is a free one."""
        return wait_for(lambda: next(iter(self.status()["network"]["urls"]), None), "an address").rstrip("/")

    # Media.

    def put(self, name, content):
        path = "/api/v1/media/" + urllib.parse.quote(name, safe="")
        return json.loads(self.request("PUT", path, body=content)[1])

    def media(self, **query):
        items, after = [], None
        while True:
            parameters = dict(query, limit=200) | ({"after": after} if after else {})
            page = self.get("/api/v1/media?" + urllib.parse.urlencode(parameters))
            items += page["items"]
            after = page.get("next")
            if not after:
                return items

    def medium(self, identity):
        return self.get(f"/api/v1/media/{identity}")

    def settled(self, identity, seconds=120):
        """The medium once it is checked."""
        def look():
            item = self.medium(identity)
            return item if item["state"] != "processing" else None
        return wait_for(look, f"{identity} to be checked", seconds)

    def add(self, path, name=None, seconds=120):
        path = pathlib.Path(path)
        with open(path, "rb") as file:
            return self.settled(self.put(name or path.name, file)["id"], seconds)

    def show(self, identity, seconds=30):
        """Shows a medium and waits until it is what is on the screen."""
        self.post("/api/v1/player/show", {"id": identity})
        def on():
            player = self.status()["player"]
            current = player.get("current")
            return current and current["id"] == identity and player["state"] == "playing"
        wait_for(on, f"{identity} to be on the screen", seconds)

    def snapshot(self):
        return self.request("GET", "/api/v1/display/snapshot.png")[1]

    def metric(self, name, label=None):
        """The sum of its samples, or of those with a label such as `outcome="late"`."""
        text = self.request("GET", "/metrics")[1].decode()
        samples = re.finditer(rf"^{name}(\{{[^}}]*\}})? (\S+)$", text, re.M)
        return sum(float(match[2]) for match in samples if label is None or label in (match[1] or ""))

    # Cost.

    def memory(self):
        """Bytes: PSS of the daemon and its decoders. Buffers are memfds mapped in them, so that PSS counts each once."""
        return sum(pss(pid) for pid in [self.pid] + self.decoders())


def pss(pid):
    try:
        text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(re.search(r"^Pss:\s+(\d+) kB", text, re.M)[1]) * 1024


def own_memory(pid):
    """Bytes that are a process's own: heap, stacks, and lent buffers. Code is the page cache's, and comes and goes."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(re.search(rf"^{key}:\s+(\d+) kB", text, re.M)[1]) * 1024 for key in ("Pss_Anon", "Pss_Shmem"))


def children(pid, name):
    """Descendants of a process with this command name."""
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in task.read_text().split():
                arguments = pathlib.Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
                if arguments and os.path.basename(arguments[0].decode(errors="replace")) == name:
                    found.append(int(child))
                found += children(int(child), name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def switches(pid):
    """Voluntary context switches of each thread: each is a wake-up."""
    counts = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            counts[task.name] = int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text(), re.M)[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return counts


def wakeups(before, after):
    """Wake-ups between two counts; those of threads that ended meanwhile are not known any more, and few."""
    return sum(count - before.get(thread, 0) for thread, count in after.items())


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
