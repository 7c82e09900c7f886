"""A browser, driven over chromedriver's W3C WebDriver protocol with nothing but the standard library.

https://www.w3.org/TR/webdriver2/ for the calls; `cdp` is chromedriver's way to the DevTools protocol.
"""

import base64
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Failure(AssertionError):
    """Something that a test expects is not so."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, what, seconds=20.0, interval=0.05):
    """The first true answer of `condition`, which is asked again and again until the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise Failure(f"not within {seconds:g} s: {what}")
        time.sleep(interval)


class WebDriverError(Exception):
    def __init__(self, kind, message):
        super().__init__(f"{kind}: {message.splitlines()[0] if message else ''}")
        self.kind = kind


class Browser:
    """One chromedriver with one headless Chromium. Use it in a `with`."""

    def __init__(self, log_path=os.devnull):
        driver = shutil.which("chromedriver")
        program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        if not driver or not program:
            raise Failure("chromium and chromedriver are needed (Debian: chromium, chromium-driver)")
        port = free_port()
        self._log = open(log_path, "wb")
        self._process = subprocess.Popen(
            [driver, f"--port={port}", "--allowed-ips=127.0.0.1"], stdout=self._log, stderr=self._log)
        self._root = f"http://127.0.0.1:{port}"
        self._session = None
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            until(self._is_ready, "chromedriver is ready", 20)
            self._start_session(program)
        except BaseException:
            self.close()
            raise

    def _is_ready(self):
        try:
            return self._call("GET", "/status")["ready"]
        except OSError:
            return False

    def _start_session(self, program):
        # Software rendering only: a test machine has no graphics card, and often no user namespaces.
        arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--force-color-profile=srgb", "--no-proxy-server", "--disable-background-networking", "--lang=en-GB",
        ]
        answer = self._call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"binary": program, "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
            "unhandledPromptBehavior": "accept",
        }}})
        self._session = f"/session/{answer['sessionId']}"
        self._call("POST", f"{self._session}/timeouts", {"script": 30_000, "pageLoad": 30_000, "implicit": 0})

    def _call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self._root + path, data=data, method=method, headers={"Content-Type": "application/json"})
        try:
            with self._opener.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise WebDriverError(value["error"], value["message"]) from None

    def _in_session(self, method, path, body=None):
        return self._call(method, self._session + path, body)

    # Pages

    def open(self, url):
        self._in_session("POST", "/url", {"url": url})

    def reload(self):
        self._in_session("POST", "/refresh", {})

    def back(self):
        self._in_session("POST", "/back", {})

    def title(self):
        return self._in_session("GET", "/title")

    def run(self, script, *arguments):
        """Runs the body of a function in the page; `arguments[0]` is the first argument. A promise is waited for."""
        return self._in_session("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def cdp(self, command, **parameters):
        return self._in_session("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def console(self):
        """What the console said since the last call."""
        return self._in_session("POST", "/se/log", {"type": "browser"})

    # Elements

    def find_all(self, selector):
        found = self._in_session("POST", "/elements", {"using": "css selector", "value": selector})
        return [each[ELEMENT] for each in found]

    def find(self, selector, seconds=10):
        return until(lambda: self.find_all(selector), f"there is {selector}", seconds)[0]

    def click(self, selector, seconds=10):
        """Clicks as a person would: it has to be visible and nothing may lie over it."""
        def attempt():
            try:
                element = self.find(selector, seconds)
                self.run("arguments[0].scrollIntoView({ block: 'center' })", {ELEMENT: element})
                self._in_session("POST", f"/element/{element}/click", {})
                return True
            except WebDriverError as error:
                if error.kind in ("element click intercepted", "element not interactable", "stale element reference"):
                    return False
                raise
        until(attempt, f"{selector} can be clicked", seconds)

    def type(self, selector, text):
        self._in_session("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def clear(self, selector):
        self._in_session("POST", f"/element/{self.find(selector)}/clear", {})

    def press(self, key):
        """One key, to whatever has the focus."""
        self._in_session("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": [
            {"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]}]})

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.textContent.trim() ?? ''", selector)

    def is_visible(self, selector):
        return self.run("return document.querySelector(arguments[0])?.checkVisibility() ?? false", selector)

    # Looks

    def set_size(self, width, height, scale=1, touch=False):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=touch)
        self.cdp("Emulation.setTouchEmulationEnabled", enabled=touch)

    def set_scheme(self, scheme):
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self):
        return base64.b64decode(self._in_session("GET", "/screenshot"))

    def close(self):
        try:
            if self._session:
                self._in_session("DELETE", "")
        except (OSError, WebDriverError):
            pass  # it is ended below anyway
        self._session = None
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
