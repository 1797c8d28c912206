"""A real browser, driven by its own protocol over a pair of pipes: nothing between it and the test.

Source: Chrome DevTools Protocol, `--remote-debugging-pipe`: messages of JSON, each ended by a NUL, on descriptors 3, 4.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-extensions", "--disable-sync", "--no-proxy-server",
    "--remote-debugging-pipe", "--window-size=1000,1400", "about:blank",
)  # fmt: skip


class Browser:
    """One page of a headless Chromium; `script` is whether the pages' own scripts may run."""

    def __init__(self, folder: Path, script: bool = False) -> None:
        to_browser, self._to = os.pipe()
        self._from, from_browser = os.pipe()

        def descriptors() -> None:
            # Through high numbers: 3 or 4 may be one of those to be moved.
            high = os.dup(to_browser) + 100, os.dup(from_browser) + 200
            os.dup2(to_browser, high[0])
            os.dup2(from_browser, high[1])
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        command = [str(CHROMIUM), f"--user-data-dir={folder}", *_FLAGS]
        self._process = subprocess.Popen(
            command, close_fds=False, preexec_fn=descriptors, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(to_browser)
        os.close(from_browser)
        self._read, self._number, self._session = b"", 0, ""
        self.events: list[dict[str, Any]] = []
        target = next(one for one in self.ask("Target.getTargets")["targetInfos"] if one["type"] == "page")
        attached = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for name in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{name}.enable")
        self.ask("Emulation.setScriptExecutionDisabled", value=not script)

    def close(self) -> None:
        self._session = ""
        self.ask("Browser.close")
        self._process.wait(10)
        os.close(self._to)
        os.close(self._from)

    def ask(self, method: str, **parameters: Any) -> Any:
        """Call a method of the protocol, and return what it returned."""
        self._number += 1
        number = self._number
        session = {"sessionId": self._session} if self._session else {}
        message = {"id": number, "method": method, "params": parameters, **session}
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            said = self._next()
            if said.get("id") == number:
                assert "error" not in said, said
                return said["result"]

    def wait_for(self, event: str) -> dict[str, Any]:
        """Return the next event of a kind that has not been waited for."""
        until = time.monotonic() + 20
        while time.monotonic() < until:
            for at, said in enumerate(self.events):
                if said["method"] == event:
                    del self.events[: at + 1]
                    return said["params"]
            self._next()
        raise AssertionError(f"no {event}")

    def go(self, url: str) -> None:
        self.events.clear()
        self.ask("Page.navigate", url=url)
        self.wait_for("Page.loadEventFired")

    def tell(self, expression: str) -> Any:
        """Return what an expression is in the page, promises awaited."""
        said = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def until(self, expression: str, wanted: Any) -> None:
        """Wait until an expression is this: what gets the focus by itself gets it with the next picture."""
        end = time.monotonic() + 10
        while (found := self.tell(expression)) != wanted:
            assert time.monotonic() < end, found
            time.sleep(0.02)

    def type(self, text: str) -> None:
        """Type where the focus is."""
        self.ask("Input.insertText", text=text)

    def key(self, name: str, text: str = "") -> None:
        codes = {"Tab": 9, "Enter": 13, " ": 32, "ArrowDown": 40}
        more = {"text": text} if text else {}
        for kind in ("keyDown", "keyUp"):
            code = codes[name]
            self.ask("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code, **more)

    def focus(self, selector: str) -> None:
        self.tell(f"document.querySelector({json.dumps(selector)}).focus()")

    def press(self, selector: str) -> None:
        """Click on something that leads to another page."""
        place = self.tell(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center'});"
            " const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()"
        )
        self.events.clear()
        self.click(*place)
        self.wait_for("Page.loadEventFired")

    def click(self, x: float, y: float) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            some = os.read(self._from, 1 << 20)
            assert some, "the browser has ended"
            self._read += some
        line, self._read = self._read.split(b"\0", 1)
        said = json.loads(line)
        if "method" in said:
            self.events.append(said)
        return said
