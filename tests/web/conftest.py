"""What the tests of this room share: a call that asks of every kind, a real server on loopback, who fills in."""

from __future__ import annotations

import html
import re
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from callforth.web import serving
from callforth.web.settings import settings
from callforth.workflow.workspace import Workspace

FORM = "The form <form@example.org>"
_MEMBER = '\n[team.form]\nname = "The form"\nemail = "form@example.org"\nroles = ["form"]\n'
CALL = """---
title: Bridges & “walls” <2027>
series: Test meetings
starts: 2027-10-04T12:30:00+02:00
ends: 2027-10-05T13:00:00+02:00
place: Oslo, Norway
language: en
seats: 3
closes: 2027-09-09T23:59:00+02:00
contact: organisers@example.org
fields:
- name: name
  label: Your name
  required: true
  identity: true
- name: email
  label: Your e-mail address
  required: true
  identity: true
- name: role
  label: Your role
  required: true
  choices:
  - teacher
  - imam, priest or rabbi
- name: country
  label: Your country
questions:
- id: why
  text: Why do you want to come?
  required: true
- id: case
  text: Is there a case to talk about?
---

# Bridges & “walls” <2027>

Come to **Oslo**. <script>alert(1)</script>
"""

ANA = {
    "applicant.name": "Ana Silva",
    "applicant.email": "Ana@example.org",
    "applicant.role": "imam, priest or rabbi",
    "applicant.country": "Portugal",
    "answer.why": "For the bridge.\r\n# And the river.",
    "consent": "yes",
}


@dataclass
class Served:
    """A server, its workspace, its clock (which stands still), and its log."""

    workspace: object
    url: str
    server: serving.Server
    clock: list[datetime]
    log: list[str]
    http: httpx.Client
    thread: threading.Thread = field(repr=False, default=None)

    def once(self) -> str:
        """The number of a new form."""
        return re.search(r'name="once" value="([^"]+)"', self.http.get("/apply").text)[1]

    def send(self, once: str | None = None, **changed: str) -> httpx.Response:
        """Fill in the form and send it; Ana's is what is not said otherwise."""
        more = {"why": "answer.why", "case": "answer.case", "consent": "consent", "homepage": "homepage"}
        said = {more.get(key, f"applicant.{key}"): value for key, value in changed.items()}
        return self.http.post("/apply", data={"once": self.once() if once is None else once, **ANA, **said})

    def applied(self, **changed: str) -> str:
        """Apply, and return the path of the private link."""
        answer = self.send(**changed)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"].split("?")[0]

    def seen(self, path: str) -> str:
        """The `seen` of the form to correct with."""
        return re.search(r'name="seen" value="([^"]+)"', self.http.get(f"{path}/correct").text)[1]

    def correct(self, path: str, **changed: str) -> httpx.Response:
        said = {f"answer.{key}" if key in ("why", "case") else f"applicant.{key}": v for key, v in changed.items()}
        return self.http.post(f"{path}/correct", data={"seen": self.seen(path), **ANA, **said})

    def files(self) -> list[str]:
        return sorted(path.stem for path in (self.workspace.root / "applications/oslo-2027").glob("*.md"))

    def stop(self) -> None:
        self.http.close()
        self.server.stop()
        self.thread.join(10)


@pytest.fixture
def team(new_workspace):
    """A workspace with a call that is open, and a form that may commit."""
    sandbox = new_workspace()
    sandbox.write("meetings/oslo-2027/call.md", CALL)
    sandbox.write("callforth.toml", sandbox.read("callforth.toml") + _MEMBER)
    sandbox.commit("Call for Oslo")
    return sandbox


@pytest.fixture
def serve(team):
    """Serve the call of `team`; what is given are settings."""
    begun = []

    def start(**changed) -> Served:
        log: list[str] = []
        clock = [datetime(2027, 9, 1, 10, 0, tzinfo=UTC)]
        workspace = Workspace(team.root, interactive=False)
        bound = serving.listen("127.0.0.1", 0)
        url = serving.address(bound)
        said = {"identity": FORM, "branch": changed.pop("branch", ""), "smtp": changed.pop("smtp", "")}
        chosen = settings({**said, "url": changed.pop("url", "")}, url, workspace.repository.private / "outbox")
        chosen = replace(chosen, now=lambda: clock[0], **changed)
        server = serving.prepare(workspace, "oslo-2027", bound, chosen, log.append)
        served = Served(team, url, server, clock, log, httpx.Client(base_url=url, trust_env=False))
        served.thread = threading.Thread(target=server.run, daemon=True)
        served.thread.start()
        begun.append((served, workspace))
        return served

    yield start
    for served, workspace in begun:
        served.stop()
        workspace.close()


def text_of(answer: httpx.Response | str) -> str:
    """What a page says, without its markup."""
    page = answer if isinstance(answer, str) else answer.text
    body = re.sub(r"(?s).*<main.*?>|</main>.*", "", page)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def wait_until(true, limit: float = 5.0) -> None:
    until = time.monotonic() + limit
    while not true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


__all__ = ["ANA", "CALL", "FORM", "Served", "text_of", "timedelta", "wait_until"]
