"""The files of a site, written from what is public of its calls. Templates and style are files beside this one."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from callforth.workflow.site import FEED, INDEX, Options, dates, markdown, words
from callforth.workflow.site.facts import Call

if TYPE_CHECKING:
    from babel import Locale
    from jinja2 import Environment

_PREVIEW = "made of the files as they are; the site has what is published and committed"


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages say: the title, the address ('' where it is not known), and what feeds know the site by."""

    title: str
    url: str

    @property
    def id(self) -> str:
        """A URN that stays while the title does, wherever the site is."""
        return f"urn:uuid:{uuid5(NAMESPACE_URL, f'callforth:{self.title}')}"


@dataclass(frozen=True, slots=True)
class _Entry:
    call: Call
    updated: datetime
    html: str


@cache
def style() -> str:
    """Return the style sheet: of the site's pages, and of whatever else should look like them."""
    return (files(__package__) / "style.css").read_text("utf-8")


@cache
def policy() -> str:
    """Return the Content-Security-Policy of a page that holds `style()` and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def render(calls: Sequence[Call], updated: Mapping[str, datetime], options: Options) -> dict[str, bytes]:
    """Return the files of a site by name; `calls` in the order of the index.

    `updated` says by meeting when a call last changed, where that is known; else it counts as published then.
    """
    site = Site(options.title, options.url)
    templates = environment()
    when = {call.id: updated.get(call.id, call.since) for call in calls}
    pages = {INDEX: _index(templates, site, calls, options)}
    for call in calls:
        pages[f"{call.id}.html"] = _call(templates, site, call, calls, options)
    pages[FEED] = _feed(templates, site, calls, when, options.now)
    made = {name: text.encode() for name, text in pages.items()}
    for call in calls:
        page = f"{site.url}{call.id}.html" if site.url else ""
        made[f"{call.id}.ics"] = dates.ics(call, when[call.id], page)
    return made


def environment() -> Environment:
    """Return what renders templates: all that is put into them is escaped, and what is not there is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader(__package__ or "", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for name in ("day", "weekday", "clock", "zone", "instant"):
        made.filters[name] = getattr(words, name)
    made.filters["lang"] = _lang
    made.filters["span"] = lambda call: words.span(call.starts, call.ends)
    return made


def _index(templates: Environment, site: Site, calls: Sequence[Call], options: Options) -> str:
    open_ones, closed = ([call for call in calls if (call.closes >= options.now) is still] for still in (True, False))
    return templates.get_template("index.html").render(
        **_frame(site, INDEX, options),
        open=open_ones[::-1],  # what closes next stands first
        closed=closed,
    )


def _call(templates: Environment, site: Site, call: Call, calls: Sequence[Call], options: Options) -> str:
    from markupsafe import Markup

    asked = [*call.fields, *(part for one in call.questions for part in one.parts or (one,))]
    return templates.get_template("call.html").render(
        **_frame(site, f"{call.id}.html", options),
        call=call,
        open=call.closes >= options.now,
        language=language(call.language),
        mail=call.mail,
        text=Markup(markdown.html(call.text, call.title)),  # noqa: S704 (it escapes what it is given)
        summary=markdown.summary(call.text, call.title),
        optional=not all(one.required for one in asked),
        related=[other for name in call.related for other in calls if other.id == name],
    )


def _lang(call: Call) -> str:
    """Return the attributes of what is in a call's own words."""
    from markupsafe import Markup

    found = _locale(call.language)
    if call.language in ("", "en"):
        return ""
    direction = Markup(' dir="rtl"') if found and found.character_order == "right-to-left" else ""
    return Markup(' lang="{}"{}').format(call.language, direction)


def _feed(
    templates: Environment, site: Site, calls: Sequence[Call], when: Mapping[str, datetime], now: datetime
) -> str:
    entries = [_Entry(call, when[call.id], markdown.html(call.text, call.title)) for call in calls]
    entries.sort(key=lambda one: (one.updated, one.call.id), reverse=True)
    # A feed without entries has never changed: any moment that stays will do.
    last = max((one.updated for one in entries), default=datetime.fromtimestamp(0, now.tzinfo))
    text = templates.get_template("feed.xml").render(site=site, entries=entries, updated=last)
    return markdown.for_xml(text)


def _frame(site: Site, here: str, options: Options) -> dict[str, object]:
    from markupsafe import Markup

    return {
        "site": site,
        "here": here,
        "style": Markup(style()),  # noqa: S704 (our own)
        "policy": policy(),
        "preview": _PREVIEW if options.preview else "",
    }


def language(tag: str) -> str:
    """Return the English name of a language by its tag, '' where it has none."""
    found = _locale(tag)
    return found.get_display_name("en") or "" if found else ""


def _locale(tag: str) -> Locale | None:
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(tag, sep="-") if tag else None
    except (UnknownLocaleError, ValueError):
        return None
