"""The pages of a site, looked at as a screen reader, a careful browser and a reader with weak eyes would."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from icalendar import Calendar

from callforth.plaintext import call as call_file
from callforth.workflow.site import Options, facts, pages

SAMPLE = Path(__file__).resolve().parents[3] / "meetings"
NAMES = ("stockholm-2022", "rotterdam-2022", "helsinki-2021")
NOW = datetime(2022, 8, 20, 10, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = """---
title: "</title><script>alert(1)</script> & \\"quotes\\""
series: "<img src=x onerror=alert(1)>"
starts: 2022-10-04T12:30:00+02:00
ends: 2022-11-05T13:00:00+01:00
place: "Oslo\\nDTSTART:19990101T000000Z; <b>"
language: "en\\" onload=\\"x"
seats: 3
published: 2022-08-01
closes: 2022-09-09T23:59:00+05:30
contact: "a&b?bcc=x@example.org"
profile:
- "<svg onload=alert(1)>"
fields:
- name: name
  label: "<input autofocus>"
questions:
- id: why
  text: "</li></ol><script>x</script>"
---

# One

#### Four

<iframe src="https://elsewhere.example"></iframe> ]]> \ufffe \x1b[2J ![p](https://elsewhere.example/p.png)
"""


def call(name, raw=None):
    path = f"meetings/{name}/call.md"
    raw = raw or (SAMPLE / name / "call.md").read_bytes()
    return facts.of(call_file.parse(raw, path, name), path, date(2022, 8, 1))


@pytest.fixture(scope="module")
def made():
    calls = [*map(call, NAMES), call("hostile-2022", HOSTILE.encode())]
    options = Options(NOW, "The <calls> & more", "https://calls.example.org/", preview=False)
    return {name: data.decode() for name, data in pages.render(calls, {}, options).items()}


VOID = {"meta", "link", "br", "hr", "img", "input"}
LANDMARKS = {"main", "header", "footer", "nav", "aside"}
INSIDE = {"li": {"ul", "ol"}, "dt": {"dl"}, "dd": {"dl"}, "tr": {"thead", "tbody"}}


class Read(HTMLParser):
    """Reads a page, insists that it is well formed, and keeps what the tests ask for."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.headings, self.links, self.outside, self.title = [], [], [], [], [], ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        assert len(given) == len(attributes), f"an attribute of {tag} stands twice"
        assert (self.open[-1][0] if self.open else "") in INSIDE.get(tag, {self.open[-1][0] if self.open else ""})
        self.tags.append((tag, given, tuple(name for name, _ in self.open)))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append([int(tag[1]), ""])
        if tag == "a":
            self.links.append([given["href"], ""])
        if tag not in VOID:
            self.open.append((tag, given))

    def handle_startendtag(self, tag, attributes):
        assert tag in VOID
        self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        inside = [tag for tag, _ in self.open]
        self.title += data if "title" in inside else ""
        if any(re.fullmatch("h[1-6]", tag) for tag in inside):
            self.headings[-1][1] += data
        if "a" in inside:
            self.links[-1][1] += data
        if data.strip() and "body" in inside and not LANDMARKS & set(inside):
            self.outside.append(data.strip())


def test_each_page_has_landmarks_an_outline_and_names_for_all_that_needs_one(made):
    for name in [name for name in made if name.endswith(".html")]:
        page = Read(made[name])
        tags = [tag for tag, _, _ in page.tags]
        assert [tags.count(tag) for tag in ("main", "header", "footer", "nav", "h1", "title")] == [1] * 6, name
        assert page.outside == ["Skip to the content"]  # all else lies in a landmark
        assert page.links[0] == ["#content", "Skip to the content"]
        levels = [level for level, _ in page.headings]
        assert levels[0] == 1 and all(after <= before + 1 for before, after in pairwise(levels))
        assert all(text.strip() for _, text in (*page.headings, *page.links)) and page.title.strip()
        ids = [given["id"] for _, given, _ in page.tags if "id" in given]
        assert len(ids) == len(set(ids))
        pointed = [given["aria-labelledby"] for _, given, _ in page.tags if "aria-labelledby" in given]
        assert set(pointed) <= set(ids) and "content" in ids
        sections = [given for tag, given, _ in page.tags if tag in ("nav", "section", "aside")]
        assert all("aria-label" in given or "aria-labelledby" in given for given in sections)
        (html,) = [given for tag, given, _ in page.tags if tag == "html"]
        assert html == {"lang": "en"}
        times = [given["datetime"] for tag, given, _ in page.tags if tag == "time"]
        assert times and all(datetime.fromisoformat(time) for time in times)


def test_a_page_asks_nobody_for_anything_and_runs_nothing(made):
    for name, text in made.items():
        if not name.endswith(".html"):
            continue
        page = Read(text)
        assert {tag for tag, _, _ in page.tags} & {"script", "img", "iframe", "object", "form", "input", "svg"} == set()
        for tag, given, _ in page.tags:
            assert not any(key.startswith("on") or key in ("style", "src", "srcset", "ping", "action") for key in given)
            if tag == "link":
                assert (given["rel"], given["href"]) in [
                    ("icon", "data:,"), ("alternate", "feed.xml"), ("canonical", f"https://calls.example.org/{name}"),
                ]  # fmt: skip
        for href, _ in page.links:
            # An address that a text has in it may be gone to; nothing is fetched from it.
            assert href in made or href in ("#content", "https://elsewhere.example") or href.startswith("mailto:")
        assert pages.policy() in [given.get("content") for _, given, _ in page.tags]
    assert re.findall(r"url\(|@import|expression", pages.style()) == []


def test_what_a_call_says_is_only_ever_text(made):
    text = made["hostile-2022.html"]
    assert "<h1>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#34;quotes&#34;</h1>" in text
    assert '<a href="mailto:a%26b%3Fbcc%3Dx@example.org">a&amp;b?bcc=x@example.org</a>' in text
    assert "&lt;iframe src=&quot;" in text and "[p]" in text and "␛[2J" in text
    assert [level for level, _ in Read(text).headings] == [1, 2, 2, 3, 4, 2, 2, 3]
    assert "4 October – 5 November 2022" in text and "23:59 (UTC+5:30)" in text and "<dt>Language</dt>" not in text


def said(html):
    html = html.split("</style>")[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", re.sub(r"</(?:dt|dd|h2|li)>", " ", html)))


def test_a_call_shows_what_applicants_need(made):
    text = said(made["stockholm-2022.html"])
    for part in (
        "Apply by 9 September 2022, 23:59 (UTC+2)",
        "Begins Tuesday 4 October 2022, 12:30 (UTC+2) Ends Wednesday 5 October 2022, 13:00 (UTC+2)",
        "Place Stockholm, Sweden Seats 25 Language English",
        "Published 12 August 2022 Contact stockholm-2022@example.org",
        "What is your experience with bringing together communities of different backgrounds? community dialogue? "
        "mapping polarisation or cohesion where you live or work? (optional)",
        "Earlier meetings A shared identity as protection against polarisation, 12–13 October 2021",
    ):
        assert part in text
    for inner in ("Brings examples from daily practice", "religious leader least", "quota", "weight"):
        assert inner not in text
    index = said(made["index.html"])
    assert index.index("Open for applications") < index.index("Holding communities") < index.index("Earlier calls")
    assert index.index("Earlier calls") < index.index("Town halls") < index.index("A shared identity")


def test_what_is_in_a_calls_language_says_so_wherever_it_stands():
    raw = (SAMPLE / "helsinki-2021" / "call.md").read_bytes().replace(b"language: en", b"language: ar")
    calls = [call("rotterdam-2022"), call("helsinki-2021", raw)]
    made = pages.render(calls, {}, Options(NOW, calls[1].series, "", preview=False))
    page, *others = [made[name].decode() for name in ("helsinki-2021.html", "rotterdam-2022.html", "index.html")]
    assert '<h1 lang="ar" dir="rtl">A shared' in page and '<div lang="ar" dir="rtl">\n<p>Can a town' in page
    assert all('<a href="helsinki-2021.html" lang="ar" dir="rtl">A shared' in text for text in others)
    assert b'<title xml:lang="ar">A shared' in made["feed.xml"] and "<dt>Language</dt><dd>Arabic</dd>" in page
    assert "eyebrow" not in page.split("</style>")[1], "the site's own name stands above already"


def _luminance(colour):
    # WCAG 2.2, "relative luminance".
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one, other):
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_all_text_can_be_read_in_both_colour_schemes_and_on_paper():
    css = pages.style()
    schemes = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{(.*?)\}", css, re.S)
    ]
    assert len(schemes) == 3 and len({tuple(sorted(scheme)) for scheme in schemes}) == 1
    on = {"paper": ("ink", "soft", "link", "mark"), "panel": ("ink", "soft", "link", "mark"), "band": ("on-band",)}
    for scheme in schemes:
        for ground, inks in on.items():
            for ink in inks:
                assert _contrast(scheme[ground], scheme[ink]) >= 4.5, (ink, ground)
        assert _contrast(scheme["paper"], scheme["focus"]) >= 3 <= _contrast(scheme["panel"], scheme["focus"])
    rules = css.split("* { box-sizing", 1)[1]
    assert {*re.findall(r"(?<![-a-z])color: ([^;]+);", rules)} <= {
        f"var(--{ink})" for inks in on.values() for ink in inks
    }
    assert {*re.findall(r"background(?:-color)?: ([^;]+);", rules)} == {f"var(--{ground})" for ground in on}
    assert "#" not in re.sub(r"(?s)@media print.*", "", rules) and "opacity" not in rules


def test_the_feed_is_well_formed_and_says_what_atom_asks_for(made):
    feed = ElementTree.fromstring(made["feed.xml"])
    entries = feed.findall(f"{ATOM}entry")
    for one in (feed, *entries):
        assert [len(one.findall(f"{ATOM}{tag}")) for tag in ("id", "title", "updated")] == [1, 1, 1]
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", one.findtext(f"{ATOM}id"))
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "The <calls> & more"
    links = [one.find(f"{ATOM}link").get("href") for one in entries]
    assert links == [
        f"https://calls.example.org/{name}.html" for name in ("stockholm-2022", "hostile-2022", *NAMES[1:])
    ]
    assert [one.findtext(f"{ATOM}updated") for one in entries] == [
        "2022-08-11T22:00:00Z", "2022-07-31T18:30:00Z", "2022-02-27T23:00:00Z", "2021-08-22T21:00:00Z",
    ]  # fmt: skip
    assert entries[0].findtext(f"{ATOM}summary") == (
        "4–5 October 2022, Stockholm, Sweden. Apply by 9 September 2022, 23:59 (UTC+2)."
    )
    assert entries[0].find(f"{ATOM}content").text.startswith("<p>On <strong>4 and 5 October 2022</strong>")


def test_calendars_get_the_meeting_and_the_deadline(made):
    meeting, closes = Calendar.from_ical(made["stockholm-2022.ics"]).walk("VEVENT")
    assert (
        str(meeting["SUMMARY"]),
        str(meeting["LOCATION"]),
        meeting.decoded("DTSTART"),
        meeting.decoded("DTEND"),
    ) == (
        "Holding communities together when opinions drift apart",
        "Stockholm, Sweden",
        datetime(2022, 10, 4, 10, 30, tzinfo=UTC),
        datetime(2022, 10, 5, 11, 0, tzinfo=UTC),
    )
    assert (str(closes["SUMMARY"]), closes.decoded("DTSTART"), "DTEND" in closes, str(closes["TRANSP"])) == (
        "Applications close: Holding communities together when opinions drift apart",
        datetime(2022, 9, 9, 21, 59, tzinfo=UTC),
        False,
        "TRANSPARENT",
    )
    assert meeting["UID"] != closes["UID"] and str(closes["URL"]) == "https://calls.example.org/stockholm-2022.html"
    text = made["stockholm-2022.ics"]
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n")) and "\n" not in text.replace("\r\n", "")
    hostile = Calendar.from_ical(made["hostile-2022.ics"]).walk("VEVENT")
    assert [one.decoded("DTSTART").year for one in hostile] == [2022, 2022]
