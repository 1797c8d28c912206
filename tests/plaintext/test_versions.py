"""What is told of a version without parsing it is what the parser tells."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callforth.plaintext import application as application_file
from callforth.plaintext.document import FileUnusable, read
from callforth.plaintext.versions import parted

WHOLE = """---
id: k7m2qx
status: received
received: 2022-08-20T10:12:00Z
applicant:
  name: Ana Example
  country: NO
tags:
- late
- youth-work
source: eusurvey/1
informed: 2022-09-20T10:00:00Z
---

<!-- question: one -->
## One?

status: accepted
"""
LINES = st.sampled_from(
    [
        "status: accepted", "status: received", "status: accepted # not really", "status: 'declined'",
        " status: declined", "tags:", "- late", "- two words", "  - deep", "tags: [late]", "informed: 2022-09-20",
        "informed: soon", "note: |", "  status: accepted", "note: 'begins", "ends'", "# status: accepted", "...", "---",
        "", "\r", "é: 1", "x: y",
    ]
)  # fmt: skip


def _parsed(raw: bytes) -> tuple[str, str, str, str] | None:
    try:
        document = read(raw, "k7m2qx.md")
        said = application_file.typed(document, "oslo-2022", "k7m2qx")
    except FileUnusable:
        return None
    return said.status.value, " ".join(said.tags), said.informed, application_file.content(raw, document)


def test_the_plainest_file_is_told_as_the_parser_tells_it() -> None:
    parts = parted(WHOLE.encode())
    assert parts is not None
    assert parts[1:] == _parsed(WHOLE.encode())
    assert (parts.status, parts.tags, parts.informed) == ("received", "late youth-work", "2022-09-20T10:00:00Z")


@st.composite
def versions(draw: st.DrawFn) -> tuple[bytes, bytes]:
    lines = WHOLE.split("\n")
    for _ in range(draw(st.integers(0, 2))):
        lines[draw(st.integers(1, 13))] = draw(LINES)
    first = "\n".join(lines)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(1, 14))
        lines[at : at + draw(st.integers(0, 1))] = draw(st.lists(LINES, max_size=2))
    return first.encode(), "\n".join(lines).encode()


@given(versions())
@example((WHOLE.encode(), WHOLE.replace("status: received", "status: confirmed").encode()))
@example((WHOLE.encode(), WHOLE.replace("- late\n", "").encode()))
def test_a_version_of_a_form_that_was_parsed_says_what_its_plainest_lines_say(pair: tuple[bytes, bytes]) -> None:
    first, second = (parted(raw) for raw in pair)
    if first is None or second is None or first[1:] != _parsed(pair[0]) or first.form != second.form:
        return
    assert second[1:] == _parsed(pair[1])


@pytest.mark.parametrize(
    "line",
    ["status: accepted # waitlisted", 'status: "accepted"', "status: acceptеd", "status:  accepted", "Status: x"],
)
def test_what_is_not_the_plainest_is_left_to_the_parser(line: str) -> None:
    raw = WHOLE.replace("status: received", line).encode()
    plain = parted(WHOLE.encode())
    parts = parted(raw)
    assert plain is not None
    assert parts is None or parts.form != plain.form


def test_a_comment_beside_a_status_is_content() -> None:
    raw = WHOLE.replace("status: received", "status: received # accepted").encode()
    assert _parsed(raw)[:3] == _parsed(WHOLE.encode())[:3]  # type: ignore[index]
    assert _parsed(raw)[3] != _parsed(WHOLE.encode())[3]  # type: ignore[index]


def test_how_lines_end_is_no_content() -> None:
    assert _parsed(WHOLE.replace("\n", "\r\n").encode()) == _parsed(WHOLE.encode())
