"""What a form is served with: from git's configuration (`callforth.serve.*`, `callforth.mail.*`) and from options."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from callforth.errors import UsageError
from callforth.model.decision import Actor
from callforth.model.text import clean_line

# By the name of an option of the command: where git's configuration has it.
KEYS = {
    "branch": "callforth.serve.branch",
    "identity": "callforth.serve.identity",
    "url": "callforth.serve.url",
    "proxy": "callforth.serve.proxy",
    "purpose": "callforth.serve.purpose",
    "keep_days": "callforth.serve.keepDays",
    "smtp": "callforth.mail.smtp",
    "sender": "callforth.mail.from",
    "outbox": "callforth.mail.outbox",
}
_YEAR = 365
_LOOPBACK = "127.0.0.1,::1"


class BadSetting(UsageError):
    """A setting of the form, or an option, cannot be what it is."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How often one client may do something: `burst` at once, then one each `seconds`."""

    burst: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set; texts are '' where nothing was said.

    `url` is where applicants reach the form, without a slash at its end; `proxy` are the addresses of proxies that may
    say who the client is, with commas between, 'none' for nobody. `sends` and `looks` limit one client's sending and
    looking, `mails` what is written to one address. `most_bytes` is for one body. `now` is the clock that the deadline
    goes by.
    """

    url: str
    branch: str = ""
    by: Actor | None = None
    proxy: str = _LOOPBACK
    purpose: str = ""
    keep_days: int = _YEAR
    smtp: str = ""
    sender: str = ""
    outbox: Path = Path()
    sends: Rate = Rate(20, 6.0)
    looks: Rate = Rate(200, 0.2)
    mails: Rate = Rate(5, 600.0)
    most_bytes: int = 512 * 1024
    body_seconds: float = 30.0
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def prefix(self) -> str:
        """The path under which the form lies, '' at the top of its host."""
        return urlsplit(self.url).path.rstrip("/")

    @property
    def is_https(self) -> bool:
        """Whether applicants reach it encrypted."""
        return self.url.startswith("https://")

    def proxies(self) -> list[str]:
        """The addresses of proxies that may say who the client is."""
        return [] if self.proxy == "none" else [one.strip() for one in self.proxy.split(",") if one.strip()]


def settings(said: Mapping[str, str], url: str, outbox: Path) -> Settings:
    """Return the settings that these texts, by the keys of `KEYS`, make; `url` and `outbox` where nothing is said.

    Raises `BadSetting`.
    """
    words = {key: said.get(key, "").strip() for key in KEYS}
    days = words["keep_days"] or str(_YEAR)
    if not re.fullmatch(r"\d{1,5}", days):
        raise BadSetting(f"{KEYS['keep_days']} is '{clean_line(days)}', not a number of days; write one like 365")
    return Settings(
        url=_url(words["url"]) if words["url"] else url,
        branch=words["branch"],
        by=_identity(words["identity"]) if words["identity"] else None,
        proxy=_proxies(words["proxy"]) or _LOOPBACK,
        purpose=clean_line(words["purpose"]),
        keep_days=int(days),
        smtp=_smtp(words["smtp"]) if words["smtp"] else "",
        sender=words["sender"],
        outbox=_folder(words["outbox"]) if words["outbox"] else outbox,
    )


def _folder(text: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:
        raise BadSetting(f"{KEYS['outbox']} is '{clean_line(text)}', which is no home here; name a folder") from None


def _url(text: str) -> str:
    # A name, or an address, of a host; a port; a path.
    if not re.fullmatch(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:/[A-Za-z0-9._~/-]*)?", text):
        raise BadSetting(f"{KEYS['url']} is '{clean_line(text)}'; write it like https://apply.example.org/stockholm")
    return text.rstrip("/")


def _proxies(text: str) -> str:
    for one in text.split(",") if text not in ("", "none") else ():
        try:
            ipaddress.ip_network(one.strip())
        except ValueError:
            says = f"{KEYS['proxy']} has '{clean_line(one)}'; write addresses or networks, like 10.0.0.7, 10.1.0.0/16"
            raise BadSetting(says) from None
    return text


def _identity(text: str) -> Actor:
    name, email = parseaddr(text)
    if not name.strip() or "@" not in email:
        raise BadSetting(f"{KEYS['identity']} is '{clean_line(text)}'; write it like 'Form <form@example.org>'")
    return Actor(clean_line(name), email)


def _smtp(text: str) -> str:
    parts = urlsplit(text)
    try:
        whole = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        whole = False
    if not whole or parts.password is not None:
        raise BadSetting(
            f"{KEYS['smtp']} cannot be used; write it like smtp://user@mail.example.org:587, and the password in the "
            "environment as CALLFORTH_SMTP_PASSWORD"
        )
    return text
