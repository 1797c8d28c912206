"""The plainest frontmatter says the same without a YAML parser as with one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callforth.plaintext import plain, strings
from callforth.plaintext.document import FileUnusable

SAMPLE = Path(__file__).resolve().parents[2]


def by_the_parser(text: str) -> object:
    try:
        return strings.parse(text, "x.md")
    except FileUnusable:
        return "unusable"


def test_every_application_of_the_sample_is_of_the_plainest_kind_and_says_the_same() -> None:
    files = sorted((SAMPLE / "applications").glob("*/*.md"))
    assert len(files) == 104
    for file in files:
        text = file.read_text("utf-8")
        assert plain.parse(text) == strings.parse(text, file.name)


def test_fields_lists_and_quotes_are_read() -> None:
    text = (
        "---\nid: 012345\nstatus: received\nempty:\nwho:\n  name: Ana Ünal\n  say: 'a: b'\ntags:\n- late\n- \"x y\"\n"
        "at: 2022-08-20T10:12:00Z\n---\nBody\n"
    )
    data, lines, ends, body_at = plain.parse(text) or ({}, {}, {}, 0)
    assert data == {
        "id": "012345",
        "status": "received",
        "empty": "",
        "who": {"name": "Ana Ünal", "say": "a: b"},
        "tags": ["late", "x y"],
        "at": "2022-08-20T10:12:00Z",
    }
    assert (lines[("who",)], ends[("who",)], lines[("tags", "1")], ends[("tags",)]) == (5, 8, 10, 11)
    assert text[body_at:] == "Body\n"
    assert plain.parse(text) == strings.parse(text, "x.md")


@pytest.mark.parametrize(
    "block",
    [
        "a: b: c", "a: b #c", "a: [b]", "a: {b: c}", "a: |\n  b", "a: b\n  c", "a: &x b", "a: *x", "a: !!str b",
        "<<: b", "a: b\na: c", "a: 'b''c'", 'a: "b\\n"', "a : b", "a:b", "a:  b", "a: b ", "# b", "", "a: b\n\nc: d",
        "a:\n    b: c", "a:\n- b\n- c: d", "a:\n- - b", "a:\n  b:\n    c: d", "- a", "  a: b", "a: ~", "a: -", "a: b:",
        "a:\n  b: c\n- d", "a:\n- b\n  c: d", "a:\n- b\n  - c", "a: \x85", "a: b\tc", "a: \xa0b", "a: \u200bb", "é: b",
        "...\na: b", "a: b\n...\nc: d", "a: ?", "? a", "a: %b", "a: `b`", "a: @b", "a: ,b", "a: \ufeff", "a:\n  b:",
    ],
)  # fmt: skip
def test_what_is_not_surely_plain_is_left_to_the_parser(block: str) -> None:
    assert plain.parse(f"---\n{block}\n---\n") is None


PIECES = st.sampled_from(
    ["a", "b", "key", ": ", ":", " ", "  ", "\n", "\n", "\n- ", "\n  ", "- ", "'", '"', "#", " #", "[", "]", "{", "}",
     ",", "&", "*", "!", "|", ">", "%", "@", "`", "?", "-", "---", "...", "~", "é", "Γ", "字", "\x85", "\xa0",
     "\u2028", "\t", "2022-08-20", "0x1f", "null", "yes", "<<", "\\", "\ufeff", "\U0001f600", "\u0301", "_", "=",
     "name: x", "tags:\n- x"]
)  # fmt: skip


@settings(max_examples=3000, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join), st.sampled_from(["\n---\n", "\n---\nBody\n---\n", "\n--- \n", ""]))
def test_any_block_says_the_same_either_way(block: str, end: str) -> None:
    text = f"---\n{block}{end}"
    found = plain.parse(text)
    assert found is None or found == by_the_parser(text)


FIELDS = st.dictionaries(
    st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,8}", fullmatch=True),
    st.one_of(
        st.text(max_size=12),
        st.lists(st.text(max_size=8), max_size=3),
        st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), st.text(max_size=8), max_size=3),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=1500, deadline=None)
@given(FIELDS, st.sampled_from(["", "'", '"']), st.sampled_from(["", "  "]))
def test_any_fields_written_plainly_say_the_same_either_way(fields: dict[str, object], quote: str, deep: str) -> None:
    lines = []
    for key, value in fields.items():
        if isinstance(value, str):
            lines.append(f"{key}: {quote}{value}{quote}")
        elif isinstance(value, list):
            lines += [f"{key}:", *(f"{deep}- {quote}{item}{quote}" for item in value)]
        else:
            assert isinstance(value, dict)
            lines += [f"{key}:", *(f"  {name}: {quote}{text}{quote}" for name, text in value.items())]
    text = "\n".join(["---", *lines, "---", ""])
    found = plain.parse(text)
    assert found is None or found == by_the_parser(text)
