"""An emulated board: QEMU, its monitor (QMP), commands inside it, and the appliance's API through a forwarded port."""

import base64
import http.client
import itertools
import json
import pathlib
import select
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.parse

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


class Refused(Exception):
    """An answer outside 200 to 299."""


def wait_for(condition, what, seconds=60, pause=0.2):
    """Returns what `condition` returns once it is true; fails after `seconds`. A refused connection is a no."""
    deadline = time.monotonic() + seconds
    last = None
    while True:
        try:
            value = condition()
            if value:
                return value
        except (OSError, http.client.HTTPException, Refused) as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain: {what}" + (f" (last: {last!r})" if last else ""))
        time.sleep(pause)


class Channel:
    """A Unix socket of QEMU's, read by lines, with a deadline on each."""

    def __init__(self, path, seconds=60):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        wait_for(lambda: self.socket.connect_ex(str(path)) == 0, f"QEMU to open {path.name}", seconds)
        self.rest = b""

    def send(self, text):
        self.socket.sendall(text.encode())

    def line(self, deadline):
        while b"\n" not in self.rest:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                raise TimeoutError("no answer from the emulated board in time")
            piece = self.socket.recv(1 << 16)
            if not piece:
                raise ConnectionError("QEMU ended")
            self.rest += piece
        line, self.rest = self.rest.split(b"\n", 1)
        return line.decode(errors="replace").strip()


class Board:
    """QEMU's `virt` board: a Cortex-A53, 512 MB, and a graphics card that the kernel drives as it would a real one.

    The disk is opened as a snapshot: every board starts from the same one, and nothing is kept.
    """

    boots_within = 240
    # The folder of the cache in which each run has one of its own.
    place = "lab"
    # The folder of the cache with kernel, initramfs and disk.
    source = "lab"

    def __init__(self, cache, size=(640, 360), arguments=""):
        self.lab = pathlib.Path(cache) / self.place
        self.size = size
        self.arguments = arguments
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="run-", dir=self.lab))
        self.inside = f"/cache/{self.place}/{self.folder.name}"
        self.numbers = itertools.count(1)
        self.process = self.monitor = self.agent = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    # The emulator.

    def command_line(self):
        width, height = self.size
        return [
            "qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a53", "-smp", "2", "-m", "512", "-nodefaults",
            "-display", "none", "-kernel", f"/cache/{self.source}/kernel", "-initrd", f"/cache/{self.source}/initrd",
            "-append", f"console=ttyAMA0 lab.agent=/dev/virtio-ports/agent lab.root=/dev/vda "
                       f"vt.global_cursor_default=0 consoleblank=0 psi=1 "
                       f"{self.arguments}",
            "-drive", f"file=/cache/{self.source}/disk.img,format=raw,if=virtio,snapshot=on",
            "-device", f"virtio-gpu-pci,xres={width},yres={height}",
            "-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{self.port}-10.0.2.15:8080",
            "-device", "virtio-net-pci,netdev=net,romfile=",
            "-device", "virtio-serial-pci", "-chardev", f"socket,id=agent,path={self.inside}/agent,server=on,wait=off",
            "-device", "virtserialport,chardev=agent,name=agent",
            "-qmp", f"unix:{self.inside}/monitor,server=on,wait=off", "-serial", f"file:{self.inside}/console",
        ]

    def launch(self):
        """Power on, and no waiting."""
        log = open(self.folder / "emulator", "wb")
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [str(REPOSITORY / "image/enter"), *self.command_line()], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()

    def start(self):
        self.launch()
        try:
            self.monitor = Channel(self.folder / "monitor")
            self.monitor.line(time.monotonic() + 60)
            self.qmp("qmp_capabilities")
            self.agent = Channel(self.folder / "agent")
            self.await_agent(time.monotonic() + self.boots_within)
            self.agent_after = time.monotonic() - self.began
        except (AssertionError, OSError) as error:
            report = f"the board did not start: {error}\n{self.console()[-3000:]}\n{self.emulator()[-2000:]}"
            self.close()
            raise AssertionError(report) from error
        return self

    def await_agent(self, deadline):
        while self.agent.line(deadline) != "0 0":
            pass

    def close(self):
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(20)
            self.process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    def console(self):
        path = self.folder / "console"
        return path.read_text(errors="replace") if path.exists() else ""

    def emulator(self):
        path = self.folder / "emulator"
        return path.read_text(errors="replace") if path.exists() else ""

    def qmp(self, command, seconds=60, **arguments):
        self.monitor.send(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        deadline = time.monotonic() + seconds
        while True:
            answer = json.loads(self.monitor.line(deadline))
            if "error" in answer:
                raise AssertionError(f"QMP {command}: {answer['error']}")
            if "return" in answer:
                return answer["return"]

    def screen(self):
        """What is on the screen: width, height, and RGB, 8 bits each."""
        self.qmp("screendump", filename=f"{self.inside}/screen.ppm")
        return picture_of_ppm((self.folder / "screen.ppm").read_bytes())

    # Inside.

    def run(self, command, seconds=60, check=True):
        """A command of the shell inside, as root; its output."""
        number = next(self.numbers)
        self.agent.send(f"{number} {base64.b64encode(command.encode()).decode()}\n")
        deadline = time.monotonic() + seconds
        while True:
            parts = self.agent.line(deadline).split(" ")
            if parts[0] == str(number):
                break
        output = base64.b64decode(parts[2]).decode(errors="replace") if len(parts) > 2 else ""
        if check and parts[1] != "0":
            raise AssertionError(f"on the board, `{command}` ended with {parts[1]}: {output}\n{self.journal()}")
        return output

    def journal(self):
        try:
            return self.run("journalctl -b -u vitrine --no-pager -n 60 -o cat", check=False)
        except (OSError, AssertionError) as error:
            return f"(no journal: {error})"

    @property
    def daemon(self):
        """The daemon's process number; 0 while there is none."""
        return int(self.run("systemctl show -p MainPID --value vitrine"))

    # The appliance.

    def request(self, method, path, body=None, headers=None, timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            content = answer.read()
            if not 200 <= answer.status < 300:
                raise Refused(f"{method} {path}: {answer.status} {content[:400]!r}")
            return content
        finally:
            connection.close()

    def get(self, path):
        return json.loads(self.request("GET", path))

    def post(self, path, value=None):
        body = None if value is None else json.dumps(value)
        content = self.request("POST", path, body, {"Content-Type": "application/json"})
        return json.loads(content) if content else None

    def status(self):
        return self.get("/api/v1/status")

    def healthy(self, seconds=120):
        """Waits until the appliance answers; seconds since the board's start."""
        try:
            wait_for(lambda: self.get("/healthz")["status"] == "healthy", "the appliance to answer", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.journal()}") from error
        return time.monotonic() - self.began

    def put(self, name, content):
        answer = self.request("PUT", "/api/v1/media/" + urllib.parse.quote(name, safe=""), content, timeout=120)
        return json.loads(answer)


class Zero2W(Board):
    """QEMU's Raspberry Pi 3A+ with the device tree of a Zero 2 W and our SPI overlay. It has no graphics card and no network:
    what is asked is asked inside. Its power manager is not emulated, so the kernel must leave that alone."""

    boots_within = 400

    def command_line(self):
        return [
            "qemu-system-aarch64", "-M", "raspi3ap", "-nodefaults", "-display", "none", "-kernel", "/cache/lab/kernel",
            "-initrd", "/cache/lab/initrd", "-dtb", "/cache/lab/zero2w-spi.dtb",
            "-append", f"console=ttyS1,115200 lab.agent=/dev/ttyAMA0 lab.root=/dev/mmcblk? "
                       f"initcall_blacklist=bcm2835_pm_driver_init "
                       f"spidev.bufsiz=4096 {self.arguments}",
            "-drive", "file=/cache/lab/disk.img,format=raw,if=sd,snapshot=on",
            "-chardev", f"socket,id=agent,path={self.inside}/agent,server=on,wait=off", "-serial", "chardev:agent",
            "-serial", f"file:{self.inside}/console",
            "-qmp", f"unix:{self.inside}/monitor,server=on,wait=off",
        ]


def picture_of_ppm(content):
    magic, size, depth, pixels = content.split(b"\n", 3)
    if magic != b"P6" or depth != b"255":
        raise AssertionError(f"not the PPM that QEMU writes: {magic!r} {depth!r}")
    width, height = map(int, size.split())
    if len(pixels) != 3 * width * height:
        raise AssertionError(f"a PPM of {width}x{height} with {len(pixels)} bytes of pixels")
    return width, height, pixels
