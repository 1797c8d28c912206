"""The pages as HTML: templates beside this file, in which everything is escaped, and the site's style with our own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from callforth.model.meeting import Meeting
from callforth.web import form
from callforth.web.form import Filled, Input
from callforth.web.settings import Settings
from callforth.workflow.site import facts, markdown, pages, words

if TYPE_CHECKING:
    from jinja2 import Environment

_STYLE = "form.css"
_NOTHING = Filled({}, {})


@dataclass(frozen=True, slots=True)
class Page:
    """What every page says: the call, where the form lies, and the moment it is."""

    meeting: Meeting
    settings: Settings
    now: datetime

    @property
    def is_open(self) -> bool:
        """Whether the call takes applications at this moment."""
        return self.now <= self.meeting.closes


def style() -> str:
    """Return the style sheet: the site's, and what forms need beside it."""
    return pages.style() + _own()


@cache
def _own() -> str:
    return (files(__package__) / "templates" / _STYLE).read_text("utf-8")


def render(name: str, page: Page, **more: Any) -> str:
    """Return the page `name` (a template without `.html`)."""
    meeting, settings = page.meeting, page.settings
    # Whoever serves a call has published it, whatever its file says.
    public = facts.of(replace(meeting, published=""), "", meeting.starts.date())
    about = {
        "call": public,
        "at": settings.prefix,
        "open": page.is_open,
        "now": page.now.astimezone(meeting.closes.tzinfo),
        "mail": public.mail if public else "",
        "lang": public.language if public and public.language.split("-")[0] not in ("", "en") else "",
    }
    return _templates().get_template(f"{name}.html").render({**about, **more})


def call(page: Page) -> str:
    """Return the call's own page."""
    return render("call", page, text=markdown.html(page.meeting.text, page.meeting.title))


def apply(page: Page, once: str, filled: Filled = _NOTHING, wrong: str = "") -> str:
    """Return the form, with what was filled in; `wrong` is what else is to be said about it."""
    more = {"action": f"{page.settings.prefix}/apply", "once": once, "consent": consent(page), "keeps": keeps(page)}
    return _form(page, filled, wrong, **more)


def correct(page: Page, token: str, seen: str, filled: Filled, wrong: str = "") -> str:
    """Return the form to correct an application with."""
    back = f"{page.settings.prefix}/yours/{token}"
    return _form(page, filled, wrong, action=f"{back}/correct", seen=seen, back=back)


def _form(page: Page, filled: Filled, wrong: str, **more: Any) -> str:
    asked = form.inputs(page.meeting)
    return render("form", page, **more, **_asked(asked), filled=filled, wrong=wrong, summary=_summary(asked, filled))


def late(page: Page, filled: Filled) -> str:
    """Return what is said to who sends after the deadline, with what they wrote."""
    return render("late", page, said=_wrote(page, filled))


def decided(page: Page, token: str, withdrawn: bool, filled: Filled) -> str:
    """Return what is said to who corrects what cannot be corrected any more, with what they wrote."""
    why = "You have withdrawn this application" if withdrawn else "The organisers are at work on the applications"
    why += ", so that nothing can be corrected here any more. What is stored is as it was."
    back = f"{page.settings.prefix}/yours/{token}"
    return render("kept", page, says="This was not stored", why=why, back=back, said=_wrote(page, filled))


def removed(page: Page, filled: Filled) -> str:
    """Return what is said to who sends again what was removed, with what they wrote."""
    says, why = "This application is not here any more", "It was removed, and what you sent was not stored."
    return render("kept", page, says=says, why=why, back="", said=_wrote(page, filled))


def _wrote(page: Page, filled: Filled) -> list[tuple[str, str]]:
    return [(one.label, text) for one in form.inputs(page.meeting) if (text := filled.values.get(one.name, ""))]


def plain(settings: Settings, says: str, why: str, back: bool = True) -> str:
    """Return a page that says one thing, made of nothing that could be missing."""
    return _templates().get_template("plain.html").render(says=says, why=why, at=settings.prefix, back=back)


def consent(page: Page) -> str:
    """Return the sentence that an applicant agrees to."""
    return (
        f"I agree that what I wrote is stored and used to choose the participants of “{page.meeting.title}” and to "
        f"organise it, and that it is deleted by {words.day(until(page))}."
    )


def until(page: Page) -> datetime:
    """Return the day by which everything is deleted."""
    return page.meeting.ends + timedelta(days=page.settings.keep_days)


def keeps(page: Page) -> Mapping[str, str]:
    """Return what is said about personal data, by what it is about."""
    title = page.meeting.title
    purpose = f"To choose who takes part in “{title}”, to write to you about it, and to organise the meeting."
    return {
        "purpose": page.settings.purpose or purpose,
        "who": "The team of this meeting. Nothing is given to anybody else, and nothing is published.",
        "until": f"Until {words.day(until(page))} at the latest; then it is deleted.",
    }


def _asked(asked: Sequence[Input]) -> Mapping[str, Any]:
    return {
        "fields": [one for one in asked if not one.is_answer],
        "questions": [one for one in asked if one.is_answer],
        "honeypot": form.HONEYPOT,
        "consent_name": form.CONSENT,
        "most": form.MOST_ANSWER,
    }


def _summary(asked: Sequence[Input], filled: Filled) -> list[tuple[str, str, str]]:
    """Return where each error is, whose, and what it says, in the order of the page."""
    places = {one.name: (one.id, one.label) for one in asked}
    places |= {form.CONSENT: (form.CONSENT, "Your agreement"), form.HONEYPOT: (form.HONEYPOT, "Homepage")}
    return [(*places[name], filled.errors[name]) for name in places if name in filled.errors]


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    templates = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    templates.filters |= {"day": words.day, "clock": words.clock, "zone": words.zone, "weekday": words.weekday}
    templates.filters["span"] = lambda call: words.span(call.starts, call.ends)
    return templates
