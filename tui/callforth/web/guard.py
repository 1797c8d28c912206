"""What stands before the pages: headers that forbid, limits of how much and how often, a log without anybody in it.

Sources: Content Security Policy Level 3; Referrer Policy; Fetch (`Cross-Origin-Resource-Policy`); RFC 6585 (429).
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from callforth.errors import UsageError, keep_traceback
from callforth.web import pages
from callforth.web.form import MOST_NAMES
from callforth.web.settings import Rate, Settings

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
}
_ENCRYPTED = "max-age=31536000"
_MOST_CLIENTS = 10_000
_MOST_PATH = 300
_FORM = "application/x-www-form-urlencoded"


class BadBody(UsageError):
    """What was sent is no form; `status` is the answer's."""

    def __init__(self, status: int, says: str) -> None:
        super().__init__(says)
        self.status = status


async def body(request: Request, settings: Settings) -> dict[str, str]:
    """Return what a form sends, of each name the first; whatever is no UTF-8 is replaced. Raises `BadBody`."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != _FORM:
        raise BadBody(415, "This takes only what the form sends.")
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > settings.most_bytes:
        raise BadBody(413, _too_long(settings))
    data = bytearray()
    try:
        async with asyncio.timeout(settings.body_seconds):
            async for some in request.stream():
                data += some
                if len(data) > settings.most_bytes:
                    raise BadBody(413, _too_long(settings))
    except TimeoutError:
        raise BadBody(408, "It took too long to send this. Go back and send it once more.") from None
    try:
        pairs = parse_qsl(
            data.decode("utf-8", "replace"), keep_blank_values=True, errors="replace", max_num_fields=MOST_NAMES
        )
    except ValueError:
        raise BadBody(400, "This is more than the form asks.") from None
    return dict(reversed(pairs))


def _too_long(settings: Settings) -> str:
    most = settings.most_bytes // 1024
    return f"What you sent is longer than {most} KiB altogether. Go back, shorten it, and send it once more."


class Buckets:
    """How much each client may still do: a bucket that fills again, for at most so many clients at once."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> int:
        """Take one; return 0, or in how many seconds there is one again."""
        now = self._clock()
        left, then = self._left.pop(client, (float(self._rate.burst), now))
        left = min(self._rate.burst, left + (now - then) / self._rate.seconds)
        wait = 0 if left >= 1 else int((1 - left) * self._rate.seconds) + 1
        self._left[client] = (left if wait else left - 1), now
        if len(self._left) > _MOST_CLIENTS:
            self._left.popitem(last=False)
        return wait


def client_of(scope: Scope) -> str:
    """Return whom to count: an IPv4 address, or the network of 64 bits that an IPv6 address is in."""
    host = (scope.get("client") or ("",))[0]
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return "nobody"
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
    return str(found)


class Guard:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, settings: Settings, tell: Callable[[str], None]) -> None:
        self._app = app
        self._settings = settings
        self._tell = tell
        self._sends, self._looks = Buckets(settings.sends), Buckets(settings.looks)
        headers = _HEADERS | ({"strict-transport-security": _ENCRYPTED} if settings.is_https else {})
        self._more = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] != "http":
            return
        started, status = monotonic(), 0

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                there = {name.lower() for name, _ in message["headers"]}
                kept = [] if b"cache-control" in there else [(b"cache-control", b"no-store")]
                message["headers"] = [*message["headers"], *self._more, *kept]
            await send(message)

        try:
            await self._answer(scope, receive, guarded)
        except Exception:
            self._tell(keep_traceback())
            if not status:
                await self._plain(500, "Something went wrong", "Nothing was stored. Try again.")(
                    scope, receive, guarded
                )
        # Neither who asked nor for what: an address is personal data, and a path may be a private link.
        took = (monotonic() - started) * 1000
        self._tell(f"{_known(scope['method'])} {scope.get('callforth.page', '-')} {status} {took:.0f} ms")

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        if method not in ("GET", "HEAD", "POST"):
            answer = self._plain(405, "This cannot be done here", "Only pages and forms are here.")
        elif len(scope["path"]) > _MOST_PATH:
            answer = self._plain(414, "There is no such page", "The address is too long.")
        elif wait := (self._sends if method == "POST" else self._looks).take(client_of(scope)):
            why = "More came from your network than is usual. Wait a minute, go back, and send it once more: what you "
            why += "wrote is still in your browser."
            answer = self._plain(429, "Please wait a minute", why, {"retry-after": str(wait)})
        else:
            prefix = self._settings.prefix
            if prefix and f"{scope['path']}/".startswith(f"{prefix}/"):
                scope["path"] = scope["path"].removeprefix(prefix) or "/"
            await self._app(scope, receive, send)
            return
        await answer(scope, receive, send)

    def _plain(self, status: int, says: str, why: str, headers: dict[str, str] | None = None) -> ASGIApp:
        from starlette.responses import HTMLResponse

        return HTMLResponse(pages.plain(self._settings, says, why), status, headers)


def _known(method: str) -> str:
    return method if method in ("GET", "HEAD", "POST") else "OTHER"
