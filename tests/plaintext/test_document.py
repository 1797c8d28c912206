"""Reading frontmatter: strings only, nothing clever, and an error names its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callforth.plaintext.document import MOST_BYTES, FileUnusable, decode, read


def refused(raw: bytes | str) -> tuple[int, str]:
    """Return the line and the sentence with which a file is refused."""
    with pytest.raises(FileUnusable) as caught:
        read(raw.encode() if isinstance(raw, str) else raw, "a.md")
    problem = caught.value.problem
    assert problem.path == "a.md"
    assert problem.remedy
    return problem.line, problem.says


def head(text: str) -> str:
    return f"---\n{text}\n---\n"


def test_every_value_is_text_as_written() -> None:
    text = head(
        "id: 012345\nother: 1e3456\ncountry: NO\nyes: no\nempty:\nnull: ~\ndate: 2022-08-20\nfloat: 1_000.0\n"
        "on: off\noctal: 0o17\nsexagesimal: 12:30:00\n'content': x\nhandler: y\nquoted: \"a\\tb\"\nlist: [NO, 010]"
    )
    assert read(text.encode(), "a.md").data == {
        "id": "012345", "other": "1e3456", "country": "NO", "yes": "no", "empty": "", "null": "~", "date": "2022-08-20",
        "float": "1_000.0", "on": "off", "octal": "0o17", "sexagesimal": "12:30:00", "content": "x", "handler": "y",
        "quoted": "a\tb", "list": ["NO", "010"],
    }  # fmt: skip


SAMPLE = """---
id: k7m2qx
# a comment
applicant:
  name: Ana
  city:

  # about her
notes: |
  one

  two
plain: goes
  on
braces: {a: b,
  c: d
  }
tags:
- x # why
# between
- y

source:
---

  Body
"""


def test_each_value_knows_its_line_and_the_line_after_it() -> None:
    document = read(SAMPLE.encode(), "a.md")
    at = {".".join(path): (document.lines[path], document.ends[path]) for path in document.lines}
    assert at == {
        "id": (2, 3),
        "applicant": (4, 7),
        "applicant.name": (5, 6),
        "applicant.city": (6, 7),
        "notes": (9, 13),
        "plain": (13, 15),
        "braces": (15, 18),
        "braces.a": (15, 16),
        "braces.c": (16, 17),
        "tags": (18, 22),
        "tags.0": (19, 20),
        "tags.1": (21, 22),
        "source": (23, 24),
    }


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_body_is_all_after_the_fence_but_outer_newlines(newline: str) -> None:
    assert read(SAMPLE.replace("\n", newline).encode(), "a.md").body == "  Body"
    assert read(head("a: b").replace("\n", newline).encode() + b" \n x \xc2\xa0\n\n", "a.md").body == " \n x \xa0"


@pytest.mark.parametrize("text", ["---\na: b\n---", "---\na: b\n--- ", "---\na: b\n---\n", "---  \na: b\n---\t\n"])
def test_a_file_may_end_with_its_frontmatter(text: str) -> None:
    document = read(text.encode(), "a.md")
    assert (document.data, document.body) == ({"a": "b"}, "")


@pytest.mark.parametrize(
    ("raw", "line", "says"),
    [
        (b"", 1, "the file does not begin with frontmatter"),
        (b"# Heading\n", 1, "the file does not begin with frontmatter"),
        (b"\n---\na: b\n---\n", 1, "the file does not begin with frontmatter"),
        (b"----\na: b\n---\n", 1, "the file does not begin with frontmatter"),
        (b"---\na: b\n", 1, "the frontmatter is not closed"),
        (b"---", 1, "the frontmatter is not closed"),
        (b"---\na: b\n...\n", 3, "the frontmatter ends with '...'"),
        (b"---\n---\n", 2, "the frontmatter is empty"),
        (b"---\n# only this\n---\n", 2, "the frontmatter is empty"),
        (b"---\n{}\n---\n", 2, "the frontmatter is empty"),
        (b"---\n- a\n- b\n---\n", 2, "the frontmatter is not 'field: value' lines"),
        (b"---\njust words\n---\n", 2, "the frontmatter is not 'field: value' lines"),
        (b"---\n*a\n---\n", 2, "the frontmatter is not 'field: value' lines"),
        (b"\xef\xbb\xbf---\na: b\n---\n", 1, "the file begins with a byte order mark"),
        (b"---\na: b\n---\nx\ny\0z\n", 5, "the file is not text (it has a NUL byte)"),
        (b"---\na: b\n---\nx\ny \xe9\n", 5, "the file is not UTF-8"),
        ("---\na: b\n---\n".encode("utf-16"), 1, "the file is not text (it has a NUL byte)"),
        (b"---\na: b\n---\n\xed\xa0\x80\n", 4, "the file is not UTF-8"),
        (b"---\n<<<<<<< HEAD\na: b\n=======\na: c\n>>>>>>> main\n---\n", 2, "a merge left conflict markers here"),
        (b"---\na: b\n---\n\nx\n>>>>>>> main\n", 6, "a merge left conflict markers here"),
        (b"---\r\na: b\r\n---\r\n<<<<<<<\r\n", 4, "a merge left conflict markers here"),
    ],
)
def test_what_is_not_text_with_frontmatter_is_refused_with_its_line(raw: bytes, line: int, says: str) -> None:
    assert refused(raw) == (line, says)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: b\na: c", 3, "the field 'a' stands here a second time"),
        ("x:\n  a: b\n  'a': c", 4, "the field 'a' stands here a second time"),
        ("x: {a: b, a: c}", 2, "the field 'a' stands here a second time"),
        ('"\\e[2J": b\n"\\e[2J": c', 3, "the field '␛[2J' stands here a second time"),
        ("a: &x b", 2, "anchors ('&name') are not allowed"),
        ("a: &x [b]", 2, "anchors ('&name') are not allowed"),
        ("a: &x {b: c}", 2, "anchors ('&name') are not allowed"),
        ("&x a: b", 2, "anchors ('&name') are not allowed"),
        ("a: 1\nb: *x", 3, "aliases ('*name') are not allowed"),
        ("a: 1\n*x : b", 3, "a field's name must be plain text"),
        ("a: 1\n? [b]\n: c", 3, "a field's name must be plain text"),
        ("a: 1\n<<: {b: c}", 3, "merge keys ('<<') are not allowed"),
        ("a: !!str b", 2, "the type tag 'tag:yaml.org,2002:str' is not allowed"),
        ("a: !!python/none x", 2, "the type tag 'tag:yaml.org,2002:python/none' is not allowed"),
        ("a: ! b", 2, "the type tag '!' is not allowed"),
        ("a: b: c", 2, "this is not YAML (mapping values are not allowed in this context)"),
        ("a: b\n\tc: d", 3, "this is not YAML (found a tab character that violates indentation)"),
        ("a: b\nc: @d", 3, "this is not YAML (found character that cannot start any token)"),
        ("a: b\nc: [d", 4, "this is not YAML (did not find expected ',' or ']')"),
        ("a: b\nnot a field", 4, "this is not YAML (could not find expected ':')"),
        ("  a: b\nc: d", 3, "this is not YAML (did not find expected <document start>)"),
        ("{a: b}\nc: d", 3, "this is not YAML (did not find expected <document start>)"),
        ("{a: b}\n--- {c: d}", 3, "the frontmatter is not 'field: value' lines"),
        ("a: b\nc: d\x01", 3, "the frontmatter has a character YAML does not allow"),
        ("ä: öü 日本語\nb: é\nc: d\x1b[0m", 4, "the frontmatter has a character YAML does not allow"),
        ("a: b\nc: d\x0ce", 3, "the frontmatter has an unusual line break"),
        ("a: b\rc: d", 2, "the frontmatter has an unusual line break"),
        ("a: b\nc: d\u2028e", 3, "the frontmatter has an unusual line break"),
        ("a: b\nc: d\x85e", 3, "the frontmatter has an unusual line break"),
        ("a: [[[[[[[[b]]]]]]]]", 2, "the fields are nested too deeply"),
        ("a: {a: {a: {a: {a: {a: {a: b}}}}}}", 2, "the fields are nested too deeply"),
        ("a: " + "[" * 30_000, 2, "the fields are nested too deeply"),
        ("a:\n" + "- " * 30_000, 3, "the fields are nested too deeply"),
        ("a: " + "x" * 65536, 1, "the frontmatter is longer than 64 KiB"),
    ],
)  # fmt: skip
def test_frontmatter_that_is_more_than_plain_fields_is_refused_with_its_line(text: str, line: int, says: str) -> None:
    assert refused(head(text)) == (line, says)


def test_very_many_empty_lists_are_read_at_once() -> None:
    count = 15_000
    assert read(head(f"a: [{'[], ' * count}]").encode(), "a.md").data == {"a": [[] for _ in range(count)]}


def test_a_file_of_more_than_two_mebibytes_is_refused_for_its_size() -> None:
    raw = b"---\na: b\n---\n"
    assert read(raw.ljust(MOST_BYTES, b"x"), "a.md").data == {"a": "b"}
    assert refused(raw.ljust(10 * 1024 * 1024, b"x")) == (0, "the file has 10.0 MiB, more than 2 MiB")


@pytest.mark.parametrize("line", ["<<<<<<", "<<<<<<<x", "=======", "|||||||", " <<<<<<< HEAD", "x >>>>>>> y"])
def test_what_only_resembles_a_conflict_is_text(line: str) -> None:
    assert decode(line.encode(), "a.md") == line


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_no_bytes_do_more_than_refuse_the_file(raw: bytes) -> None:
    for whole in (raw, b"---\n" + raw + b"\n---\n", b"---\na: " + raw + b"\n---\n"):
        try:
            assert read(whole, "a.md").data
        except FileUnusable as error:
            assert error.problem.line <= whole.count(b"\n") + 1


PIECES = [
    "a", "b", ":", ": ", "- ", "\n", "\n  ", "{", "}", "[", "]", ",", "&x ", "*x", "!t ", "|\n", ">", "?",
    " ", "'", '"', "#", "%YAML 1.1\n", "<<", "---", "...", "\t", "\\", "é",
]  # fmt: skip
YAMLISH = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@given(YAMLISH)
def test_no_yaml_does_more_than_refuse_the_file(text: str) -> None:
    try:
        document = read(head(text).encode(), "a.md")
    except FileUnusable as error:
        assert 1 <= error.problem.line <= text.count("\n") + 4
    else:
        assert set(document.lines) == set(document.ends) - {()}
        assert all(line < document.ends[path] for path, line in document.lines.items())
