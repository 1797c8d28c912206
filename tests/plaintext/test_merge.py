"""Merging by what files say: laws that hold for all versions, and what comes of single cases, to the byte."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callforth.plaintext import application as application_file
from callforth.plaintext import merge as merging
from callforth.plaintext.document import read
from callforth.plaintext.merge import Clashing, Merged, merge, resolve, things

PATH = "applications/oslo-2022/k7m2qx.md"
REVIEW = "meetings/oslo-2022/reviews/k7m2qx/hedda.md"
CALL = "meetings/oslo-2022/call.md"

BASE = """---
id: k7m2qx
status: received
received: 2022-08-20T10:12:00Z
applicant:
  name: Marta Oliveira
  email: marta.oliveira@example.org
  country: PT
tags:
- faith-community
- youth-work
source: eusurvey/5f0c1d2e
---

<!-- question: dialogue -->
## What is your experience with dialogue?

Since 2017 I have run circles.

It began with one.

<!-- question: more -->
## Anything else?

No.
"""


def edited(*pairs, of=BASE):
    """The file with these texts replaced, each of which stands there once."""
    for old, new in pairs:
        assert of.count(old) == 1, old
        of = of.replace(old, new)
    return of.encode()


ACCEPTED = ("status: received\n", "status: accepted\n")
DECLINED = ("status: received\n", "status: declined\n")

CASES = {
    "status and a tag beside it": ([ACCEPTED], [("- youth-work", "- sport\n- youth-work")]),
    "neighbours in the applicant": ([("Marta", "Martha")], [("marta.oliveira", "martha")]),
    "a new field and a new tag on one line": ([("source:", "- z\nsource:")], [("source:", "- zz\nsource:")]),
    "informed and status": ([("---\n\n", "informed: 2022-09-01\n---\n\n")], [ACCEPTED]),
    "two answers": ([("No.", "Yes.")], [("circles.", "rings.")]),
    "two places in one answer": ([("circles.", "rings.")], [("one.", "two.")]),
    "status and a comment beside it": ([ACCEPTED], [("status: received", "status: received # ring her")]),
    "comments above, and a field of ours": (
        [("status:", "# ours\nnote: x\nstatus:")],
        [("status:", "# theirs\nstatus:")],
    ),
    "all tags gone, and one came": ([("tags:\n- faith-community\n- youth-work\n", "")], [("source:", "- z\nsource:")]),
    "tags in one line": (
        [("tags:\n- faith-community\n- youth-work\n", "tags: [faith-community, youth-work]\n"), ACCEPTED],
        [("- youth-work", "- sport")],
    ),
    "tags in a strange way": (
        [("tags:\n- faith-community\n- youth-work\n", "tags: [\n  faith-community,\n  youth-work]\n"), ACCEPTED],
        [("- youth-work", "- sport")],
    ),
    "an answer that came, and one that changed": (
        [("\nNo.\n", "\nNo.\n\n<!-- question: new -->\n## New?\n\nYes.\n")],
        [("\nNo.\n", "\nNothing.\n")],
    ),
    "an answer that went": ([("\n<!-- question: more -->\n## Anything else?\n\nNo.\n", "")], [("circles.", "rings.")]),
    "quoted otherwise": ([("status: received", "status: 'received'")], [ACCEPTED]),
}  # fmt: skip

RESULTS = {
    "status and a tag beside it": edited(ACCEPTED, ("- youth-work", "- sport\n- youth-work")),
    "neighbours in the applicant": edited(("Marta", "Martha"), ("marta.oliveira", "martha")),
    "a new field and a new tag on one line": edited(("source:", "- z\n- zz\nsource:")),
    "informed and status": edited(ACCEPTED, ("---\n\n", "informed: 2022-09-01\n---\n\n")),
    "two answers": edited(("No.", "Yes."), ("circles.", "rings.")),
    "two places in one answer": edited(("circles.", "rings."), ("one.", "two.")),
    "status and a comment beside it": edited(("status: received", "status: accepted # ring her")),
    "comments above, and a field of ours": edited(("status:", "# ours\nnote: x\n# theirs\nstatus:")),
    "all tags gone, and one came": edited(("- faith-community\n- youth-work\n", "- z\n")),
    "tags in one line": edited(("- youth-work", "- sport"), ACCEPTED),
    "tags in a strange way": edited(("- youth-work", "- sport"), ACCEPTED),
    "an answer that came, and one that changed": edited(
        ("\nNo.\n", "\nNothing.\n\n<!-- question: new -->\n## New?\n\nYes.\n")
    ),
    "an answer that went": edited(
        ("circles.", "rings."), ("\n<!-- question: more -->\n## Anything else?\n\nNo.\n", "")
    ),
    "quoted otherwise": edited(ACCEPTED),
}


@pytest.mark.parametrize("case", CASES)
def test_both_are_in_it(case):
    ours, theirs = (edited(*pairs) for pairs in CASES[case])
    found = merge(PATH, BASE.encode(), ours, theirs)
    assert (found.content.decode(), found.clashes) == (RESULTS[case].decode(), ())
    other = merge(PATH, BASE.encode(), theirs, ours)
    assert other.clashes == ()
    assert _said(other.content) == _said(found.content)


def test_a_clash_has_our_value_and_can_be_chosen():
    ours = edited(ACCEPTED, ("No.", "Yes."), ("- youth-work\n", ""))
    theirs = edited(DECLINED, ("No.", "Perhaps."), ("Marta O", "Martha O"))
    found = merge(PATH, BASE.encode(), ours, theirs)
    assert found.clashes == (
        Clashing("answer:more", "No.", "Yes.", "Perhaps."),
        Clashing("status", "received", "accepted", "declined"),
    )
    both = [("- youth-work\n", ""), ("Marta O", "Martha O")]
    assert found.content == edited(ACCEPTED, ("No.", "Yes."), *both)
    chosen = {"status": "theirs", "answer:more": "ours"}
    assert resolve(found, PATH, chosen) == edited(DECLINED, ("No.", "Yes."), *both)
    assert merging.chosen(found, PATH, resolve(found, PATH, chosen)) == chosen
    assert merging.chosen(found, PATH, edited(("received\n", "waitlisted\n"))) is None


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "content", "clashes"),
    [
        pytest.param(None, None, None, None, (), id="nowhere"),
        pytest.param(BASE, None, BASE, None, (), id="removed"),
        pytest.param(BASE, None, None, None, (), id="removed by both"),
        pytest.param(None, BASE, None, BASE, (), id="came"),
        pytest.param(BASE, None, "x", None, (Clashing("file", "25 lines", "", "1 lines"),), id="removed and changed"),
        pytest.param("\0", "\0a", "\0b", "\0a", (Clashing("file", *["1 lines"] * 3),), id="no text"),
        pytest.param("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n", (), id="no frontmatter"),
        pytest.param("a\nb\n", "A\nb\n", "x\nb\n", "A\nb\n", (Clashing("file", *["2 lines"] * 3),), id="the same line"),
    ],
)
def test_whole_files(base, ours, theirs, content, clashes):
    versions = [None if version is None else version.encode() for version in (base, ours, theirs)]
    found = merge(PATH, *versions)
    assert (found.content, found.clashes) == (None if content is None else content.encode(), clashes)
    assert resolve(found, PATH, {"file": "theirs"}) == (versions[2] if clashes else versions[1] and found.content)
    if clashes:
        assert merging.chosen(found, PATH, versions[2]) == {"file": "theirs"}


def test_came_on_both_sides():
    ours, theirs = edited(ACCEPTED), edited(("- youth-work", "- sport"))
    found = merge(PATH, None, ours, theirs)
    assert found.clashes == (Clashing("status", "", "accepted", "received"),)
    assert found.content == edited(ACCEPTED, ("- youth-work", "- sport\n- youth-work"))


def test_how_lines_end():
    windows = BASE.replace("\n", "\r\n").encode()
    theirs = edited(("No.", "Yes.")).replace(b"\n", b"\r\n")
    assert merge(PATH, windows, edited(ACCEPTED).replace(b"\n", b"\r\n"), theirs).content == (
        edited(ACCEPTED, ("No.", "Yes.")).replace(b"\n", b"\r\n")
    )
    # One side alone changed how lines end.
    ours_so = edited(ACCEPTED).replace(b"\n", b"\r\n")
    for ours, other in ((edited(ACCEPTED), theirs), (ours_so, edited(("No.", "Yes.")))):
        expected = edited(ACCEPTED, ("No.", "Yes.")).replace(b"\n", b"\r\n")
        assert merge(PATH, BASE.encode(), ours, other).content == expected
    mixed = windows.replace(b"status: received\r\n", b"status: received\n")
    found = merge(PATH, mixed, mixed.replace(b"received\n", b"accepted\n"), mixed.replace(b"No.", b"Yes."))
    assert found.content == mixed.replace(b"received\n", b"accepted\n").replace(b"No.", b"Yes.")


REVIEWED = """---
application: k7m2qx
reviewer: hedda
recommend:
scores:
  fit:
  practice:  # 1-5
conflict: false
---

Remarks.

More.
"""


def test_a_review_that_both_sides_have_new_is_the_one_that_was_filled_in():
    template = REVIEWED.replace("Remarks.", "").replace("More.", "").encode()
    filled = edited(("recommend:", "recommend: accept"), of=REVIEWED)
    tagged = edited(("conflict: false", "conflict: false\ntags: [late]"), of=template.decode())
    for one, other in ((template, filled), (template, tagged)):
        assert merge(REVIEW, None, one, other) == Merged(other, (), (None, one, other))
        assert merge(REVIEW, None, other, one) == Merged(other, (), (None, other, one))
    assert merge(REVIEW, None, filled, tagged).clashes


def test_a_review_is_merged_by_its_fields():
    ours = edited(("recommend:", "recommend: accept"), ("  fit:", "  fit: 4"), of=REVIEWED)
    tagged = ("false\n", "false\ntags:\n- a\n")
    theirs = edited(("  practice:", "  practice: 2"), ("More.", "Enough."), tagged, of=REVIEWED)
    found = merge(REVIEW, REVIEWED.encode(), ours, theirs)
    every = [
        ("recommend:", "recommend: accept"),
        ("  fit:", "  fit: 4"),
        ("  practice:", "  practice: 2"),
        ("More.", "Enough."),
        tagged,
    ]
    assert (found.content, found.clashes) == (edited(*every, of=REVIEWED), ())
    other = edited(("  fit:", "  fit: 3"), ("Remarks.", "No."), of=REVIEWED)
    clashing = merge(REVIEW, REVIEWED.encode(), edited(("Remarks.", "Yes."), of=ours.decode()), other).clashes
    assert clashing == (
        Clashing("remarks", "Remarks.\n\nMore.", "Yes.\n\nMore.", "No.\n\nMore."),
        Clashing("field scores.fit", "", "4", "3"),
    )


def test_a_call_is_merged_by_its_fields(workspace):
    base = workspace.read(CALL)
    ours = base.replace("seats: 3", "seats: 4").replace("\n---\n", "\nreview:\n  each: 2\n---\n")
    theirs = base.replace("seats: 3\n", "seats: 3\nprofile:\n- Whoever listens\n")
    found = merge(CALL, *(version.encode() for version in (base, ours, theirs)))
    assert found.clashes == ()
    assert found.content.decode() == ours.replace("seats: 4\n", "seats: 4\nprofile:\n- Whoever listens\n")


def test_a_team_that_could_not_be_read_any_more_is_a_clash(workspace):
    base = workspace.read("callforth.toml")
    who = '[team.new]\nname = "New"\nemail = "new@example.org"\nroles = ["reviewer"]\n'
    ours, theirs = base + "\n" + who, base.replace("\n[team.", "\n" + who + "\n[team.", 1)
    found = merge("callforth.toml", *(version.encode() for version in (base, ours, theirs)))
    assert (found.content, [clash.what for clash in found.clashes]) == (ours.encode(), ["file"])


def test_where_lines_crossed_neither_stands():
    one, other = edited(ACCEPTED, ("No.", "Yes.")), edited(DECLINED, ("Marta O", "Martha O"))
    base = merging.of_bases(PATH, BASE.encode(), one, other)
    assert base == edited(("status: received\n", ""), ("No.", "Yes."), ("Marta O", "Martha O"))
    found = merge(PATH, base, edited(ACCEPTED, of=BASE), edited(DECLINED, of=BASE))
    assert Clashing("status", "", "accepted", "declined") in found.clashes


@pytest.mark.parametrize("name", ["many alike", "many unlike"])
def test_long_texts_do_not_take_long(name):
    lines = ["a", "b"] * 4000 if name == "many alike" else [str(number) for number in range(40_000)]
    text = BASE + "\n".join(lines) + "\n"
    ours = text.replace("circles", "rings").replace("\na\n" if name == "many alike" else "\n7\n", "\nc\n")
    theirs = (BASE + "\n".join(reversed(lines)) + "\n").replace("youth-work", "sport")
    found = merge(PATH, text.encode(), ours.encode(), theirs.encode())
    assert [clash.what for clash in found.clashes] == ["answer:more"]


# Laws

_WORDS = st.sampled_from(["one", "two", "x: y", "#three", "1e5", "NO", "ж", "'", '"', "[", "- d", "", "a  # b"])
_LINES = st.lists(st.sampled_from(["a", "b", "c", "", "## d", "---", "<!-- question: more -->", "e" * 9]), max_size=5)
_TAGS = st.frozensets(st.sampled_from(["a", "b", "c", "d-e"]), max_size=3)
_COMMENTS = st.sampled_from(["", "", "# one", "# two"])


@st.composite
def versions(draw):
    """A version of an application, written in one of many ways."""
    names = draw(st.permutations(["name", "email", "country"]))
    width = draw(st.sampled_from([2, 4]))
    rows = [f"{' ' * width}{name}: {_written(draw(_WORDS), draw)}" for name in names[: draw(st.integers(1, 3))]]
    tags = sorted(draw(_TAGS))
    listed = [f"tags: [{', '.join(tags)}]"] if draw(st.booleans()) else ["tags:", *(f"- {tag}" for tag in tags)]
    fields = ["id: k7m2qx", f"status: {draw(st.sampled_from(['received', 'accepted', 'declined']))}{_note(draw)}"]
    fields += ["received: 2022-08-20T10:12:00Z", f"applicant:{_note(draw)}", *rows, *(listed if tags else [])]
    for name in ("source", "informed", "note", "list"):
        if draw(st.booleans()):
            above = draw(_COMMENTS)
            fields += [above] if above else []
            fields += [f"{name}: {_written(draw(_WORDS), draw)}"] if name != "list" else ["list:", "- a", "- b: c"]
    body = draw(st.sampled_from(["", "Before.\n"]))
    for question in draw(st.permutations(["why", "more", "how"]))[: draw(st.integers(0, 3))]:
        text = application_file.escape("\n".join(draw(_LINES)))
        body += f"\n<!-- question: {question} -->\n## {question}?\n\n{text}\n"
    text = "\n".join(["---", *fields, "---", "", body])
    return text.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n"]))).encode()


def _written(word, draw):
    if draw(st.booleans()) and re.fullmatch(r"\w+", word):
        return word
    return "'" + word.replace("'", "''") + "'"


def _note(draw):
    note = draw(_COMMENTS)
    return f"  {note}" if note else ""


def _said(raw):
    document = read(raw, PATH)
    typed = application_file.typed(document, "oslo-2022", "k7m2qx")
    answers = sorted(application_file.answers(document.body), key=lambda answer: answer.question)
    data = {key: value for key, value in document.data.items() if value}
    return {**data, "tags": sorted(document.data.get("tags") or [])}, answers, typed.status


def _tags(raw):
    return set(read(raw, PATH).data.get("tags") or [])


@settings(max_examples=120, deadline=None)
@given(base=st.one_of(st.none(), versions()), ours=versions(), theirs=versions())
def test_laws(base, ours, theirs):
    assert merge(PATH, base, ours, base).content == ours
    assert merge(PATH, base, base, theirs).content == theirs
    assert merge(PATH, base, ours, ours).content == ours
    found, mirrored = merge(PATH, base, ours, theirs), merge(PATH, base, theirs, ours)
    # The same comes of it whichever side is ours.
    assert sorted(found.clashes, key=str) == sorted(
        (Clashing(one.what, one.base, one.theirs, one.ours) for one in mirrored.clashes), key=str
    )
    whats = [clash.what for clash in found.clashes]
    assert _said(resolve(found, PATH, dict.fromkeys(whats, "theirs"))) == _said(mirrored.content)
    says, was, here, there = (things(PATH, raw) if raw else {} for raw in (found.content, base, ours, theirs))
    for what in {*here, *there} - {"field tags", "field applicant"} if "file" not in whats else ():
        if what in whats:
            assert says.get(what, "") == here.get(what, "")
        elif here.get(what) == was.get(what):
            assert says.get(what, "") == there.get(what, ""), what
        elif there.get(what) == was.get(what):
            assert says.get(what, "") == here.get(what, ""), what
    if "file" not in whats:
        tags = _tags(base) if base else set()
        assert _tags(found.content) == (_tags(ours) & _tags(theirs)) | (_tags(ours) - tags) | (_tags(theirs) - tags)
    for raw in (found.content, mirrored.content):
        assert not re.search(rb"^(<<<<<<<|=======|>>>>>>>|\|\|\|\|\|\|\|)", raw, re.MULTILINE)
    for side in ("ours", "theirs"):
        choices = dict.fromkeys(whats, side)
        assert merging.chosen(found, PATH, resolve(found, PATH, choices)) is not None
        application_file.parse(resolve(found, PATH, choices), PATH, "oslo-2022", "k7m2qx")
