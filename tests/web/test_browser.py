"""The form in a real browser, in which no page's script runs: by keyboard and mouse, as a person would."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import axe_core_python
import pytest

from .browser import CHROMIUM, Browser

# Another axe-core (npm pack axe-core, unpacked) may be told; the one of the test's packages is there always.
AXE = Path(os.environ.get("AXE_CORE", "") or Path(axe_core_python.__file__).with_name("axe.min.js"))
PICTURES = os.environ.get("CALLFORTH_PICTURES", "")
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")


@pytest.fixture
def browser(tmp_path):
    found = Browser(tmp_path / "profile")
    yield found
    found.close()


def check(browser: Browser, name: str) -> None:
    """Look for what keeps people out, in both colour schemes; `CALLFORTH_PICTURES` keeps pictures of the pages."""
    if PICTURES:
        shot = browser.ask("Page.captureScreenshot", captureBeyondViewport=True)
        Path(PICTURES, f"{name}.png").write_bytes(base64.b64decode(shot["data"]))
    browser.ask("Emulation.setScriptExecutionDisabled", value=False)
    browser.tell(f"{AXE.read_text()}; 0")
    for scheme in ("light", "dark"):
        browser.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        options = json.dumps({"runOnly": _TAGS, "resultTypes": ["violations"]})
        found = browser.tell(
            f"axe.run({options}).then(r => r.violations.map(v => [v.id, v.nodes.map(n => [n.html, n.failureSummary])]))"
        )
        assert found == [], f"{name}, {scheme}"
    browser.ask("Emulation.setScriptExecutionDisabled", value=True)


def test_somebody_applies_gets_it_wrong_corrects_it_and_uses_the_private_link(serve, team, browser):
    served = serve()
    browser.go(served.url)
    check(browser, "call")
    browser.press("a.button")
    check(browser, "form")
    browser.focus("#f0")
    browser.type("Ana Sílva")
    browser.key("Tab")
    browser.type("ana at example")
    browser.focus("#q0")
    browser.type("For the bridge.\n# And the river.")
    browser.press("button[type=submit]")
    # Wrong: the focus is on what says so, and each error leads to its place.
    browser.until("[document.title.split(':')[0], document.activeElement.id]", ["Error", "errors"])
    check(browser, "errors")
    said = "Array.from(document.querySelectorAll('.errors a')).map(a => [a.hash, a.innerText.split(': ')[0]])"
    assert browser.tell(said) == [
        ["#f1", "Your e-mail address"], ["#f2", "Your role"], ["#consent", "Your agreement"]
    ]  # fmt: skip
    browser.key("Tab")
    browser.key("Enter", "\r")
    browser.until("document.activeElement.id", "f1")
    browser.tell("document.activeElement.select()")
    browser.type("ana@example.org")
    browser.focus("#f2")
    browser.key(" ", " ")
    browser.focus("#consent")
    browser.key(" ", " ")
    browser.press("button[type=submit]")
    check(browser, "sent")
    assert browser.tell("document.querySelector('h1').innerText") == "We have your application"
    (name,) = served.files()
    shown = team.done("show", name)
    assert shown["applicant"] == {"name": "Ana Sílva", "email": "ana@example.org", "role": "teacher"}
    assert shown["answers"][0]["text"] == "For the bridge.\n# And the river."
    # The private link, from its own text, on another day.
    browser.go(browser.tell("document.querySelector('.link').innerText"))
    browser.press("a.button")
    check(browser, "correct")
    assert browser.tell("[document.querySelector('#f0').value, document.querySelector('#q0').value]") == [
        "Ana Sílva", "For the bridge.\n# And the river."
    ]  # fmt: skip
    browser.focus("#f3")
    browser.type("Portugal")
    browser.press("button[type=submit]")
    assert team.done("show", name)["applicant"]["country"] == "PT"
    browser.press("a[href$=withdraw]")
    check(browser, "withdraw")
    browser.press("button.grave")
    check(browser, "withdrawn")
    assert team.status_of(name, "oslo-2027") == "withdrawn"
    assert not [one for one in browser.events if one["method"] == "Log.entryAdded"]
    assert team.run("audit", "verify").code == 0
