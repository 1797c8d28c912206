"""Text made to harm whoever reads it: harmless in memory, unchanged on disk."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callforth.index.catalog import Catalog
from callforth.index.reading import tell
from callforth.model.application import Application
from callforth.model.decision import Record
from callforth.plaintext import message
from callforth.plaintext.application import answers, escape, parse
from callforth.plaintext.document import FileUnusable
from callforth.plaintext.edit import set_status, set_tags

PATH = "applications/oslo-2022/k7m2qx.md"
HARMFUL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)

HOSTILE = {
    "markup": "[/x] [link=file:///etc/passwd]here[/link] [bold red]",
    "title": "\x1b]0;owned\x07",
    "clipboard": "\x1b]52;c;Y3VybCBldmlsfHNo\x07",
    "link": "\x1b]8;;file:///etc/passwd\x1b\\here\x1b]8;;\x1b\\",
    "clear": "\x1b[2J\x1b[1;1H\x9b2J",
    "answer back": "\x1b[6n\x1b[c\x05",
    "device control": "\x1bP+q544e\x1b\\\x90x\x9c",
    "backspace": "no\x08\x08yes\r--",
    "override": "invoice\u202egpj.exe\u2066\u2069",
    "zero width": "pass\u200bword\u2060\ufeff",
    "tags": "hello\U000e0068\U000e0069",
    "pile": "z" + "\u0335\u0353\u0316" * 60,
    "long line": "x" * 100_000,
    "long line of marks": "é\u200b" * 50_000,
    "html": "<script>alert(1)</script><img src=x onerror=y><!-- -->",
    "markdown": "![x](http://example.org/t.png) [a](javascript:b) ``` ~~~ \n# H\n- [ ] x\n| a | b |\n",
    "marker": "<!-- question: why -->\n## Why?\n\nFaked.",
    "frontmatter": "---\nstatus: accepted\n---\n",
    "conflict": "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> main\n",
    "trailer": "x\n\nDecision: received -> accepted",
    "formula": "=cmd|' /C calc'!A0",
    "percent": "%s %n {0} ${HOME} $(id) `id`",
    "separators": "a\u2028b\u2029c\x85d\x0ce\x0bf",
}


def file_with(answer: str, name: str = "Ana") -> bytes:
    return (
        f"---\nid: k7m2qx\nstatus: received\nreceived: 2022-08-20\napplicant:\n  name: {name}\nsource: test/1\n---\n\n"
        f"<!-- question: case -->\n## A case?\n\n{escape(answer)}\n\n<!-- question: why -->\n## Why?\n\nBecause.\n"
    ).encode()


def parsed(raw: bytes) -> Application:
    return parse(raw, PATH, "oslo-2022", "k7m2qx")


def texts(application: Application) -> Iterator[str]:
    """Everything of an application that is ever shown."""
    yield from (application.id, application.source, application.informed, *application.tags)
    for fields in (application.applicant, application.extra):
        yield from (*fields, *fields.values())
    yield application.body
    for answer in answers(application.body):
        yield from (answer.question, answer.ask, answer.text)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_answer_is_harmless_in_memory_and_stays_one_answer(kind: str) -> None:
    application = parsed(file_with(HOSTILE[kind]))
    assert [text for text in texts(application) if HARMFUL.search(text)] == []
    assert [answer.question for answer in answers(application.body)] == ["case", "why"]
    assert answers(application.body)[1].text == "Because."


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_decision_on_a_hostile_answer_changes_its_own_lines_only(kind: str) -> None:
    raw = file_with(HOSTILE[kind])
    assert set_status(raw, PATH, "accepted") == raw.replace(b"status: received", b"status: accepted", 1)
    assert set_tags(raw, PATH, ["late"]) == raw.replace(b"source: ", b"tags:\n- late\nsource: ", 1)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_answer_can_be_searched(kind: str) -> None:
    text = tell(parsed(file_with(HOSTILE[kind]))).text
    assert ("because" in text, "nowhere" in text) == (True, False)


@pytest.mark.parametrize("kind", [kind for kind, text in HOSTILE.items() if len(text) < 10_000])
def test_hostile_text_given_as_a_reason_adds_nothing_to_the_record(kind: str) -> None:
    text = message.write(Record("Tag k7m2qx", "oslo-2022", "k7m2qx", HOSTILE[kind]))
    assert HARMFUL.search(text) is None
    assert text.endswith("\n\nApplication: oslo-2022/k7m2qx\n")
    found = message.parse(text)
    assert (found.application, found.before, found.after) == ("k7m2qx", None, None)


ESCAPES = [
    '"\\e]0;x\\a"',
    '"\\x9b2J"',
    '"a\\0b"',
    '"\\u202egpj"',
    '"a\\nb\\rc\\td"',
    '"\\u200b"',
    '"\\L\\P\\N"',
    '"\\U000E0041"',
    '"\\uFEFFx"',
]


@pytest.mark.parametrize("written", ESCAPES)
def test_what_yaml_escapes_bring_into_a_field_is_harmless(written: str) -> None:
    head = f"  name: {written}\n  {written}: x\nsource: {written}\ninformed: {written}\nnotes: {written}"
    raw = file_with("x").replace(b"  name: Ana\nsource: test/1", head.encode())
    application = parsed(raw)
    shown = list(texts(application))
    assert [text for text in shown if HARMFUL.search(text)] == []
    assert "\n" not in "".join(application.applicant.values())
    assert set_status(raw, PATH, "declined") == raw.replace(b"status: received", b"status: declined", 1)


@pytest.mark.parametrize("written", ESCAPES)
@pytest.mark.parametrize("line", ["id: {}", "status: {}", "received: {}", "tags: [{}]", "{0}: 1\n{0}: 2", "a: !<{}> b"])
def test_what_yaml_escapes_bring_into_an_error_is_harmless(line: str, written: str) -> None:
    field = line.split(":")[0]
    kept = [one for one in file_with("x").decode().split("\n") if not one.startswith(f"{field}:")]
    raw = "\n".join([kept[0], line.format(written), *kept[1:]]).encode()
    with pytest.raises(FileUnusable) as caught:
        parsed(raw)
    assert HARMFUL.search(caught.value.says) is None
    assert "\n" not in caught.value.says


def test_field_names_made_to_harm_are_harmless_where_a_query_lists_them(tmp_path: Path) -> None:
    raw = file_with("x").replace(b"source:", b'"\\e[2J\\u202e": 1\nsource:')
    (tmp_path / PATH).parent.mkdir(parents=True)
    (tmp_path / PATH).write_bytes(raw)
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    catalog = Catalog(tmp_path)
    catalog.refresh()
    assert catalog.fields("oslo-2022") == {"name", "␛[2J"}


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200))
def test_no_answer_brings_a_control_or_format_character_into_memory(text: str) -> None:
    for shown in texts(parsed(file_with(text))):
        kinds = {unicodedata.category(c) for c in shown.replace("\n", "").replace("\u200c", "").replace("\u200d", "")}
        assert not kinds & {"Cc", "Cs", "Zl", "Zp"}
        assert HARMFUL.search(shown) is None


WHOLE = file_with("Something.", "José")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(WHOLE)), st.integers(0, 20), st.binary(max_size=12) | st.text(max_size=6).map(str.encode))
def test_a_damaged_file_is_read_or_refused_and_an_edit_of_it_is_right_or_refused(
    at: int, gone: int, new: bytes
) -> None:
    raw = WHOLE[:at] + new + WHOLE[at + gone :]
    try:
        before = parsed(raw)
        after = parsed(set_status(raw, PATH, "absent"))
    except FileUnusable as error:
        assert error.problem.path == PATH
        assert error.problem.remedy
        return
    assert (after.status, after.applicant, after.body) == ("absent", before.applicant, before.body)
