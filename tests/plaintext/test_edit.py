"""Edits of hand-written files: only the lines they are about change, or nothing at all."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from callforth.model.status import Status
from callforth.plaintext.document import FileUnusable, read
from callforth.plaintext.edit import set_status, set_tags

PATH = "applications/oslo-2022/k7m2qx.md"
TAGS = ("alpha", "beta", "gamma", "delta-4", "1.0", "молодёжь", "null", "yes")
BODY = "\n<!-- question: why -->\n## Why?\n\nstatus: declined\ntags:\n- beta\n\x0cpage\u2028two"


def quoted(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from([text, f'"{text}"', f"'{text}'"])


@st.composite
def status_lines(draw: st.DrawFn) -> list[str]:
    key = draw(st.sampled_from(["status:", '"status":', "'status' :", "status :"]))
    gap = draw(st.sampled_from([" ", "   ", " \t"]))
    comment = draw(st.sampled_from(["", " # shortlisted?", "   ", "\t#: x"]))
    return [f"{key}{gap}{draw(quoted(draw(st.sampled_from(list(Status)))))}{comment}"]


@st.composite
def tag_lines(draw: st.DrawFn, styles: tuple[str, ...]) -> list[str]:
    tags = draw(st.lists(st.sampled_from(TAGS), max_size=5, unique=draw(st.booleans())))
    style = draw(st.sampled_from(styles))
    comment = draw(st.sampled_from(["", " # the team's"]))
    items = [draw(quoted(tag)) for tag in tags]
    if style == "none":
        return []
    if style == "flow":
        return [f"tags: [{', '.join(items)}]{comment}"]
    if style == "flow lines":
        return [f"tags: [{comment}", *(f"  {item}," for item in items), "  ]"]
    if style == "below":
        return [f"tags:{comment}", f"  [{', '.join(items)}]"]
    lead = draw(st.sampled_from(["- ", "  - ", "-   ", "    -  "]))
    lines = [f"tags:{comment}"]
    for item in items:
        lines += draw(st.sampled_from([[], [], ["# between"], [""]]))
        lines.append(lead + item + draw(st.sampled_from(["", " # why", "  "])))
    return lines


OTHERS = (
    ["id: k7m2qx  # do not touch"],
    ["received: '2022-08-20T10:12:00Z'"],
    ["applicant:", '  name: "Ana: \\u0161"', "  country: NO", "  # in here too"],
    ["applicant: {name: Ana, country: 'NO'}"],
    ["notes: |", "  status: not this", "  - nor this", ""],
    ["folded: >-", "    one", "", "    two"],
    ["plain: begins here", "   and goes on", "   to here"],
    ["source: eusurvey/1"],
    ["source:"],
    ["# a line of comment", ""],
    ["zip: 012345"],
)


PLAIN = ("block", "block", "flow", "none")
ODD = ("flow lines", "below")


@st.composite
def files(draw: st.DrawFn, styles: tuple[str, ...] = PLAIN, indent: str = "") -> bytes:
    """A file as a person may have left it."""
    chosen = draw(st.lists(st.sampled_from(OTHERS), max_size=6, unique_by=lambda lines: lines[0].split(":")[0]))
    parts = draw(st.permutations([*chosen, draw(status_lines()), draw(tag_lines(styles))]))
    head = [indent + line if line else line for part in parts for line in part]
    fence = draw(st.sampled_from(["---", "--- "]))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = newline.join([fence, *head, fence, *BODY.split("\n")])
    return (text + draw(st.sampled_from(["", newline, newline * 3]))).encode()


def lines_of(raw: bytes) -> list[bytes]:
    return raw.split(b"\n")


def only_tags_changed(raw: bytes, after: bytes, wanted: set[str]) -> None:
    before, found = read(raw, PATH), read(after, PATH)
    assert sorted(found.data.get("tags") or []) == sorted(wanted)
    assert {k: v for k, v in found.data.items() if k != "tags"} == {k: v for k, v in before.data.items() if k != "tags"}
    assert found.body == before.body
    gone = Counter(lines_of(raw)) - Counter(lines_of(after))
    come = Counter(lines_of(after)) - Counter(lines_of(raw))
    first, last = before.lines.get(("tags",), 1), before.ends.get(("tags",), 1)
    assert set(gone) <= set(lines_of(raw)[first - 1 : last - 1])
    assert all(line.strip().startswith((b"- ", b"tags:")) for line in come)


@settings(max_examples=300, deadline=None)
@given(files(), st.sampled_from(list(Status)))
def test_a_new_status_changes_one_line_and_in_it_one_word(raw: bytes, status: Status) -> None:
    before = read(raw, PATH)
    after = set_status(raw, PATH, status)
    changed = [(a, b) for a, b in zip(lines_of(raw), lines_of(after), strict=True) if a != b]
    assert len(changed) == (before.data["status"] != status)
    assert read(after, PATH).data == {**before.data, "status": str(status)}
    for old, new in changed:
        assert old.replace(before.data["status"].encode(), status.encode(), 1) == new


@settings(max_examples=400, deadline=None)
@given(files(), st.sets(st.sampled_from(TAGS), max_size=5))
def test_new_tags_change_only_lines_of_tags(raw: bytes, wanted: set[str]) -> None:
    only_tags_changed(raw, set_tags(raw, PATH, wanted), wanted)


@settings(max_examples=200, deadline=None)
@given(files(ODD) | files((*PLAIN, *ODD), "  "), st.sets(st.sampled_from(TAGS), max_size=5))
def test_tags_and_status_of_an_oddly_written_file_change_as_wanted_or_not_at_all(raw: bytes, wanted: set[str]) -> None:
    with suppress(FileUnusable):
        only_tags_changed(raw, set_tags(raw, PATH, wanted), wanted)
    with suppress(FileUnusable):
        assert read(set_status(raw, PATH, "absent"), PATH).data == {**read(raw, PATH).data, "status": "absent"}


@settings(max_examples=200, deadline=None)
@given(files(("block",)), st.sampled_from(TAGS))
def test_one_tag_more_in_a_list_of_lines_is_one_line_more(raw: bytes, tag: str) -> None:
    present = read(raw, PATH).data["tags"] or []
    assume(len(set(present)) == len(present))
    after = set_tags(raw, PATH, {*present, tag})
    come = Counter(lines_of(after)) - Counter(lines_of(raw))
    assert Counter(lines_of(raw)) - Counter(lines_of(after)) == Counter()
    assert [line.decode().split() for line in come] == ([["-", tag]] if tag not in present else [])


HEAD = "---\nid: k7m2qx\nstatus: received\nreceived: 2022-08-20\napplicant:\n  name: Ana\n"
TAIL = "source: a/1\n---\n\nstatus: x\n"


def tagged(lines: str) -> bytes:
    return (HEAD + lines + TAIL).encode()


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        ("", {"b", "a"}, "tags:\n- a\n- b\n"),
        ("", set(), ""),
        ("tags:\n- b\n- d\n", {"a", "b", "c", "d", "e"}, "tags:\n- a\n- b\n- c\n- d\n- e\n"),
        ("tags:\n- b\n- d\n", {"d"}, "tags:\n- d\n"),
        ("tags:\n- b\n- d\n", {"c"}, "tags:\n- c\n"),
        ("tags:\n- b\n- d\n", set(), ""),
        ("tags: # ours\n- b\n", set(), "tags: # ours\n"),
        ("tags: # ours\n", {"a"}, "tags: # ours\n- a\n"),
        ("tags: []\n", {"a"}, "tags:\n- a\n"),
        ("tags: [b, a]\n", {"a", "c"}, "tags:\n- a\n- c\n"),
        ("tags: [b] # ours\n", {"a"}, "tags: # ours\n- a\n"),
        ("tags: [b]\n", set(), ""),
        ("tags:\n  -  b # why\n  -  d\n", {"b", "c", "d"}, "tags:\n  -  b # why\n  - c\n  -  d\n"),
        ("tags:\n- z\n- a\n", {"z", "a", "m"}, "tags:\n- m\n- z\n- a\n"),
        ("tags:\n- b\n# note\n- d\n", {"d"}, "tags:\n# note\n- d\n"),
        ("tags:\n- b\n- b\n- c\n", {"b"}, "tags:\n- b\n"),
        ("tags:\n- b\n- b\n", {"b", "c"}, "tags:\n- b\n- c\n"),
        ('tags:\n- "b"\n', {"b", "null"}, 'tags:\n- "b"\n- null\n'),
        ("'tags':\n- b\n", {"a", "b"}, "'tags':\n- a\n- b\n"),
    ],
)
def test_tags_come_and_go_by_their_lines(before: str, wanted: set[str], after: str) -> None:
    assert set_tags(tagged(before), PATH, wanted).decode() == tagged(after).decode()


def test_tags_of_a_file_without_source_stand_after_the_applicant() -> None:
    raw = f"{HEAD}notes: x\n---\n".encode()
    assert set_tags(raw, PATH, ["a"]).decode() == f"{HEAD}tags:\n- a\nnotes: x\n---\n"


def test_tags_of_a_file_with_neither_stand_last() -> None:
    assert set_tags(b"---\nid: k7m2qx\nstatus: received\n---\n", PATH, ["a"]) == (
        b"---\nid: k7m2qx\nstatus: received\ntags:\n- a\n---\n"
    )


def test_tags_after_an_applicant_in_braces_over_several_lines_stand_below_the_brace() -> None:
    raw = b"---\nid: k7m2qx\napplicant: {\n  name: Ana\n  }\n---\n"
    assert set_tags(raw, PATH, ["a"]) == b"---\nid: k7m2qx\napplicant: {\n  name: Ana\n  }\ntags:\n- a\n---\n"


def test_windows_line_ends_and_a_missing_last_newline_stay() -> None:
    raw = b"---\r\nstatus: received # x\r\nsource: a\r\n---\r\n\r\nText"
    assert set_status(raw, PATH, "accepted") == b"---\r\nstatus: accepted # x\r\nsource: a\r\n---\r\n\r\nText"
    assert set_tags(raw, PATH, ["a"]) == (
        b"---\r\nstatus: received # x\r\ntags:\r\n- a\r\nsource: a\r\n---\r\n\r\nText"
    )


@pytest.mark.parametrize(
    ("lines", "line", "says"),
    [
        ("id: k7m2qx", 1, "there is no status"),
        ("status:\n  received", 2, "the status is not on a line of its own"),
        ("? status\n: received", 2, "the status is not on a line of its own"),
        ("{id: k7m2qx, status: received}", 2, "the status is not on a line of its own"),
        ("  status: received", 2, "the status is not on a line of its own"),
        ("status: received\n  again", 2, "'status' cannot be changed without changing other lines"),
        ("status: >-\n  received", 2, "'status' cannot be changed without changing other lines"),
    ],
)
def test_a_status_written_unusually_is_refused_with_its_line(lines: str, line: int, says: str) -> None:
    with pytest.raises(FileUnusable) as caught:
        set_status(f"---\n{lines}\n---\n".encode(), PATH, "accepted")
    assert (caught.value.problem.line, caught.value.problem.says) == (line, says)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("tags: a", "the tags are written in an unusual way"),
        ("tags: [a,\n  b]", "the tags are written in an unusual way"),
        ("tags:\n  [a]", "the tags are written in an unusual way"),
        ("tags:\n- a: b", "the tags are written in an unusual way"),
        ("tags:\n- [a]", "the tags are written in an unusual way"),
        ("tags:\n-\n  a", "the tags are written in an unusual way"),
        ("tags: {a: b}", "the tags are written in an unusual way"),
        ("tags: [a, 'b#c']", "the tags are written in an unusual way"),
    ],
)
def test_tags_written_unusually_are_refused_with_their_line(lines: str, says: str) -> None:
    with pytest.raises(FileUnusable) as caught:
        set_tags(f"---\nid: k7m2qx\n{lines}\n---\n".encode(), PATH, ["a", "z"])
    assert (caught.value.problem.line, caught.value.problem.says) == (3, says)


def test_an_edit_that_would_break_an_indented_file_is_refused_as_such() -> None:
    with pytest.raises(FileUnusable) as caught:
        set_tags(b"---\n  id: k7m2qx\n  tags: [a]\n---\n", PATH, ["b"])
    assert caught.value.problem.says == "'tags' cannot be changed without changing other lines"


def test_the_same_tags_again_change_nothing() -> None:
    raw = tagged("tags:\n  - b # x\n  - a\n")
    assert set_tags(raw, PATH, ["a", "b"]) == raw


def test_a_line_of_very_many_spaces_is_edited_at_once() -> None:
    spaces = " " * 60_000
    assert set_status(f"---\nstatus: received{spaces}\n---\n".encode(), PATH, "accepted").startswith(
        b"---\nstatus: accepted "
    )
    with pytest.raises(FileUnusable):
        set_tags(f"---\nid: x\ntags:{spaces}[a,\n b]\n---\n".encode(), PATH, ["z"])
