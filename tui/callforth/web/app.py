"""The routes: the call, the form, and what is behind a private link."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING

from callforth.errors import CallforthError, WorkspaceError
from callforth.model.meeting import Meeting
from callforth.repo.commit import UncommittedEdit
from callforth.web import form, pages
from callforth.web.desk import Closed, Desk, Filed
from callforth.web.form import Filled
from callforth.web.guard import BadBody, Buckets, Guard, body
from callforth.web.links import Link
from callforth.web.mail import Mailer
from callforth.web.pages import Page
from callforth.web.settings import Settings
from callforth.workflow.applying import Decided, Kept, OtherPerson, Removed, SeenOther, SentBefore
from callforth.workflow.intake import values
from callforth.workflow.site import words

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

Tell = Callable[[str], None]
Handler = Callable[["Request"], Awaitable["Response"]]

_BUSY = "This could not be stored just now. Nothing is lost: what you wrote is below. Wait a minute and send it again."
_EDITED = (
    "This could not be stored just now: the organisers have your application open, and have not saved it for good. "
    "Nothing is lost: what you wrote is below. Keep this page and send it again later, or write to the organisers."
)
_OPEN = "The organisers have your application open. Try again later, or write to them."
_REMOVED = "It was removed. If you think that this is a mistake, write to the organisers."
_OTHER = (
    "This form was sent before with the same address and another name. If this is another person’s application, send "
    "it now, and it becomes one of its own. To correct your own name, use your private link instead."
)
_OLD = "This form was made by a server that is not there any more. What you wrote is below: send it once more."
_MEANWHILE = "What is stored was changed since this page was opened. Look through what is below and save it again."


class Site:
    """One meeting's pages."""

    def __init__(self, desk: Desk, mailer: Mailer, settings: Settings, tell: Tell) -> None:
        self.desk = desk
        self.links = desk.links
        self.mailer = mailer
        self.settings = settings
        self.tell = tell
        self._mails = Buckets(settings.mails)

    def app(self) -> ASGIApp:
        """Return the application, guarded."""
        from starlette.applications import Starlette
        from starlette.routing import Route

        def route(path: str, name: str, handler: Handler, *methods: str) -> Route:
            async def named(request: Request) -> Response:
                request.scope["callforth.page"] = name
                try:
                    return await handler(request)
                except BadBody as error:
                    return self._plain("This cannot be taken", str(error), error.status)
                except Removed:
                    return self._plain("This application is not here any more", _REMOVED, 410)
                except CallforthError as error:
                    self.tell(f"{name}: {error.code}: {error.says}")
                    return self._plain("This is not there just now", "Nothing was stored. Try again in a minute.", 503)

            return Route(path, named, methods=list(methods) or ["GET"], name=name)

        routes = [
            route("/", "call", self.call),
            route("/apply", "form", self.form),
            route("/apply", "apply", self.apply, "POST"),
            route("/yours/{token}", "yours", self.yours),
            route("/yours/{token}/correct", "form-again", self.form_again),
            route("/yours/{token}/correct", "correct", self.correct, "POST"),
            route("/yours/{token}/withdraw", "ask", self.ask),
            route("/yours/{token}/withdraw", "withdraw", self.withdraw, "POST"),
            route("/style.css", "style", self.style),
            route("/health", "health", self.health),
        ]
        missing: Handler = self.missing

        async def not_found(request: Request, error: Exception) -> Response:
            return await missing(request)

        inner = Starlette(routes=routes, exception_handlers={404: not_found, 405: not_found})
        inner.router.redirect_slashes = False  # it would redirect to whatever host the browser says
        return Guard(inner, self.settings, self.tell)

    # Pages

    async def call(self, request: Request) -> Response:
        """Return the call's page."""
        from starlette.responses import HTMLResponse

        return HTMLResponse(pages.call(await self._page()))

    async def form(self, request: Request) -> Response:
        """Return an empty form, while the call is open."""
        page = await self._page()
        if not page.is_open:
            return self._html(pages.late(page, Filled({}, {})), 403)
        return self._html(pages.apply(page, self.links.once()))

    async def apply(self, request: Request) -> Response:
        """Take an application in, or say what is missing."""
        said = await body(request, self.settings)
        page = await self._page()
        filled = form.read(page.meeting, said, consent=True)
        if not page.is_open:
            return self._html(pages.late(page, filled), 403)
        once = said.get(form.ONCE, "")
        token = self.links.token(once, form.who(page.meeting, filled))
        if filled.errors or not token:
            wrong = "" if token else _OLD
            return self._html(pages.apply(page, once if token else self.links.once(), filled, wrong), 422)
        consent = form.agreed(page.meeting, pages.consent(page), self.settings.now())
        future = self.desk.submit(token, form.sent(page.meeting, filled), consent)
        try:
            filed = await _result(future)
        except Closed:
            return self._html(pages.late(await self._page(), filled), 403)
        except SentBefore:
            return self._to(token, "?since")
        except OtherPerson:
            return self._html(pages.apply(page, self.links.once(), filled, _OTHER), 409)
        except (Decided, Removed, SeenOther) as error:
            return await self._refused(page, token, filled, error)
        except CallforthError as error:
            return self._html(pages.apply(page, once, filled, self._busy(error)), 503)
        mailed = False
        if filed.new:
            self.tell(f"received {filed.link.id}")
            mailed = await self._write(page.meeting, filed, _CONFIRMS)
        return self._to(token, "?sent&mailed" if mailed else "?sent")

    async def yours(self, request: Request) -> Response:
        """Return what is stored of the holder of a private link, and what they can do."""
        token, link, kept = await self._kept(request)
        if link is None or kept is None:
            return await self.missing(request)
        page = await self._page()
        ended = page.now > page.meeting.ends
        sent, mailed = ("sent" in request.query_params, "mailed" in request.query_params)
        says = "Your application"
        if sent and not kept.withdrawn:
            says = "We have your application"
        told = next((says for name, says in _TOLD.items() if name in request.query_params), "")
        said = form.shown(page.meeting, kept.application)
        more = {
            "says": says, "link": link, "token": token, "told": told, "url": self.settings.url, "touched": kept.touched,
            "withdrawn": kept.withdrawn, "may_withdraw": not ended and not kept.withdrawn, "said": said,
            "mailed": mailed,
        }  # fmt: skip
        return self._html(pages.render("yours", page, **more))

    async def form_again(self, request: Request) -> Response:
        """Return the form with what is stored."""
        token, link, kept = await self._kept(request)
        if link is None or kept is None:
            return await self.missing(request)
        page = await self._page()
        if not page.is_open or kept.touched:
            return self._to(token)
        filled = Filled(form.kept(page.meeting, kept.application), {})
        return self._html(pages.correct(page, token, kept.version, filled))

    async def correct(self, request: Request) -> Response:
        """Take a correction in, or say what is missing."""
        said = await body(request, self.settings)
        page = await self._page()
        filled = form.read(page.meeting, said, consent=False)
        try:
            token, link, kept = await self._kept(request)
        except Removed:
            return self._html(pages.removed(page, filled), 410)
        if link is None or kept is None:
            return await self.missing(request)
        if not page.is_open:
            return self._html(pages.late(page, filled), 403)
        seen = said.get(form.SEEN, "")
        if filled.errors:
            return self._html(pages.correct(page, token, seen, filled), 422)
        try:
            filed = await _result(self.desk.correct(token, link, form.sent(page.meeting, filled), seen or "none"))
        except Closed:
            return self._html(pages.late(await self._page(), filled), 403)
        except (Decided, Removed, SeenOther) as error:
            return await self._refused(page, token, filled, error)
        except CallforthError as error:
            return self._html(pages.correct(page, token, seen, filled, self._busy(error)), 503)
        if filed.changed:
            self.tell(f"corrected {link.id}")
            before = form.address(kept.application)
            now = (await self._kept(request))[2]
            if now and form.address(now.application) != before:
                await self._write(page.meeting, filed, _CONFIRMS)
        return self._to(token, "?corrected")

    async def ask(self, request: Request) -> Response:
        """Ask whether an application shall be withdrawn."""
        token, link, kept = await self._kept(request)
        if link is None or kept is None:
            return await self.missing(request)
        page = await self._page()
        if kept.withdrawn or page.now > page.meeting.ends:
            return self._to(token)
        return self._html(pages.render("withdraw", page, link=link, token=token))

    async def withdraw(self, request: Request) -> Response:
        """Withdraw an application."""
        await body(request, self.settings)
        token, link, kept = await self._kept(request)
        if link is None or kept is None:
            return await self.missing(request)
        page = await self._page()
        if page.now <= page.meeting.ends:
            try:
                filed = await _result(self.desk.withdraw(token, link))
            except UncommittedEdit as error:
                self._busy(error)
                return self._plain("You have not withdrawn yet", _OPEN, 503)
            if filed.changed:
                self.tell(f"withdrawn {link.id}")
                await self._write(page.meeting, filed, _WITHDRAWN)
        return self._to(token)

    async def style(self, request: Request) -> Response:
        """Return the style sheet."""
        from starlette.responses import Response

        return Response(pages.style(), media_type="text/css", headers={"cache-control": "public, max-age=3600"})

    async def health(self, request: Request) -> Response:
        """Say that the server is there, and its call can be read."""
        from starlette.responses import PlainTextResponse

        await self._page()
        return PlainTextResponse("ok\n")

    async def missing(self, request: Request) -> Response:
        """Say that there is no such page."""
        return self._plain("There is no such page", "Look whether the whole address was copied.", 404)

    # What they share

    async def _page(self) -> Page:
        meeting = await asyncio.to_thread(self.desk.intake.call)
        return Page(meeting, self.settings, self.settings.now())

    async def _kept(self, request: Request) -> tuple[str, Link | None, Kept | None]:
        token = str(request.path_params["token"])
        return token, *await self._of(token)

    async def _of(self, token: str) -> tuple[Link | None, Kept | None]:
        link = self.links.find(token)
        return link, await asyncio.to_thread(self.desk.intake.get, link.id) if link else None

    async def _refused(self, page: Page, token: str, filled: Filled, error: CallforthError) -> Response:
        """Say why a correction was not stored, and hand it back."""
        try:
            _, kept = await self._of(token)
        except Removed:
            kept = None
        if kept is None:
            return self._html(pages.removed(page, filled), 410)
        if isinstance(error, Decided):
            return self._html(pages.decided(page, token, kept.withdrawn, filled), 409)
        return self._html(pages.correct(page, token, kept.version, filled, _MEANWHILE), 409)

    def _busy(self, error: CallforthError) -> str:
        self.tell(f"not stored: {error.code}: {error.says}")
        return _EDITED if isinstance(error, UncommittedEdit) else _BUSY

    async def _write(self, meeting: Meeting, filed: Filed, letter: tuple[str, str]) -> bool:
        """Put a letter into the outbox; tell whether it will be sent from there."""
        kept = await asyncio.to_thread(self.desk.intake.get, filed.link.id)
        to = form.address(kept.application) if kept else ""
        if not to:
            return False
        if self._mails.take(values.address(to)):
            self.tell("no mail: this address was written to very often just now")  # somebody else may have typed it
            return False
        subject, text = letter
        facts = _facts(meeting, filed, self.settings)
        try:
            await asyncio.to_thread(self.mailer.put, meeting, to, subject.format(**facts), text.format(**facts))
        except WorkspaceError as error:  # it is stored, and the page has the link: so that is no reason to fail
            self.tell(f"no mail: {error.code}: {error.says}")
            return False
        return bool(self.settings.smtp)

    def _html(self, text: str, status: int = 200) -> Response:
        from starlette.responses import HTMLResponse

        return HTMLResponse(text, status, {"x-robots-tag": "noindex"})

    def _plain(self, says: str, why: str, status: int) -> Response:
        from starlette.responses import HTMLResponse

        return HTMLResponse(pages.plain(self.settings, says, why), status)

    def _to(self, token: str, more: str = "") -> Response:
        from starlette.responses import RedirectResponse

        return RedirectResponse(f"{self.settings.prefix}/yours/{token}{more}", 303)


async def _result(future: Future[Filed]) -> Filed:
    # Shielded: whoever goes away while it is written cancels nothing.
    return await asyncio.shield(asyncio.wrap_future(future))


def _facts(meeting: Meeting, filed: Filed, settings: Settings) -> Mapping[str, str]:
    closes = meeting.closes
    return {
        "title": meeting.title,
        "reference": filed.link.shown,
        "link": f"{settings.url}/yours/{filed.token}",
        "closes": f"{words.weekday(closes)} {words.day(closes)}, {words.clock(closes)} ({words.zone(closes)})",
        "contact": meeting.contact or "the organisers",
    }


_TOLD = {
    "corrected": "Your correction is stored.",
    "since": "This form was sent before, and what it said was corrected since. What counts is below.",
}
_CONFIRMS = (
    "We have your application: {title}",
    """Hello,

we have your application to "{title}".

Your reference: {reference}

Until {closes} you can correct what you wrote, and at any time before the
meeting you can withdraw, by your private link:

{link}

Whoever has this link can read and change your application, so please do
not pass it on. Everybody who applies gets an answer.

You did not apply? Then somebody has mistyped an address; please tell
{contact}.
""",
)
_WITHDRAWN = (
    "You have withdrawn your application: {title}",
    """Hello,

your application {reference} to "{title}" is withdrawn.

If that was a mistake, please write to {contact}.
""",
)
