"""A browser driven through the W3C WebDriver protocol: chromedriver on loopback, nothing but the standard library."""
import base64
import json
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--hide-scrollbars"]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Browser:
    def __init__(self, width=1280, height=900):
        self.port = free_port()
        self.profile = tempfile.mkdtemp(prefix="talenthost-browser-")
        self.driver = subprocess.Popen(["chromedriver", f"--port={self.port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.session = None
        wanted = {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": FLAGS + [f"--user-data-dir={self.profile}", f"--window-size={width},{height}"]},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}}
        for _ in range(100):
            try:
                self.session = self.call("POST", "/session", wanted)["sessionId"]
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        if not self.session:
            self.close()
            raise RuntimeError("chromedriver does not answer")

    def call(self, method, path, body=None):
        base = f"http://127.0.0.1:{self.port}" + (f"/session/{self.session}" if self.session else "")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(base + path, data=data, method=method, headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as wrong:
            raise RuntimeError(json.load(wrong)["value"]["message"]) from wrong

    def open(self, path):
        self.call("POST", "/url", {"url": path.resolve().as_uri()})

    def run(self, script, *args):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(args)})

    def element(self, css):
        return self.call("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]

    def click(self, css):
        self.call("POST", f"/element/{self.element(css)}/click", {})

    def type(self, css, text):
        self.call("POST", f"/element/{self.element(css)}/value", {"text": text})

    def keys(self, text):
        down = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": down}]})

    def text(self, css):
        return self.run("const e = document.querySelector(arguments[0]); return e && e.innerText", css)

    def wait(self, script, seconds=10):
        """Until `script` gives something true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = self.run("return " + script)
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError(f"never true: {script}")

    def screenshot(self, path):
        path.write_bytes(base64.b64decode(self.call("GET", "/screenshot")))

    def logs(self, kind="browser"):
        return self.call("POST", "/se/log", {"type": kind})

    def requests(self):
        """The addresses that the page asked for, besides its own file and data: URLs."""
        urls = []
        for entry in self.logs("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                urls.append(message["params"]["request"]["url"])
        return [u for u in urls if not u.startswith(("data:", "file:"))]

    def resize(self, width, height):
        self.call("POST", "/window/rect", {"width": width, "height": height})

    def close(self):
        if self.session:
            try:
                self.call("DELETE", "")
            except (RuntimeError, urllib.error.URLError, ConnectionError):
                pass
        self.driver.terminate()
        self.driver.wait()
        shutil.rmtree(self.profile, ignore_errors=True)
