"""Nothing that an applicant, a colleague or a file name says can drive a terminal, on stdout or stderr."""

import json
import os
import re
from pathlib import Path

import pytest

EVIL = (
    "\x1b[31mred\x1b]0;title\x07\x1b]52;c;bWFsaWNl\x1b\\\x9b2J\x90\x9c\x08\x08\x7f \u202eedil\u2066 [/x] [link=x] "
    "zero\u200bwidth \u2028line\u2029 \U000e0041tag \r\nback\rover"
)
YAML = EVIL.replace("\r\n", " ").replace("\r", " ").replace("\u2028", "").replace("\u2029", "")
# What no output may hold, as text; a newline is all that is left of C0 and C1.
FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e0fff]"
)


def assert_harmless(ran):
    for data in (ran.out_bytes, ran.err_bytes):
        text = data.decode()
        found = FORBIDDEN.search(text)
        assert found is None, repr(text[max(0, found.start() - 40) : found.end() + 40])


def _quoted(text):
    """A YAML double-quoted scalar with every odd character as an escape, which YAML lets in."""
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\U{ord(c):08x}" for c in text) + '"'


@pytest.fixture
def hostile(new_workspace):
    """A workspace in which everything that people write is evil."""
    sandbox = new_workspace("k7m2qx", "3fh9td")
    path = sandbox.application(
        "k7m2qx", body=f"\n{EVIL}\n<!-- question: why -->\n## {EVIL}\n\n{EVIL}\n{'x' * 100_000}\n"
    )
    text = sandbox.read(path)
    for field in ("name", "email", "organisation", "country"):
        text = re.sub(rf"  {field}: .*\n", lambda _, f=field: f"  {f}: {_quoted(YAML)}\n", text)
    text = text.replace("source: test/k7m2qx", f"{_quoted('room' + YAML)}: {_quoted(YAML)}\nsource: {_quoted(YAML)}")
    sandbox.write(path, text)
    call = sandbox.read("meetings/oslo-2022/call.md")
    for field in ("title", "series", "place"):
        call = re.sub(rf"^{field}: .*\n", lambda _, f=field: f"{f}: {_quoted(YAML)}\n", call, flags=re.M)
    sandbox.write("meetings/oslo-2022/call.md", call)
    sandbox.write(
        "meetings/oslo-2022/reviews/k7m2qx/hedda.md",
        "---\napplication: k7m2qx\nreviewer: hedda\nrecommend: accept\nscores:\n"
        f"  {_quoted('fit' + YAML)}: 3\n---\n\n{EVIL}\n",
    )
    # Files that cannot be used, with evil in what is wrong with them, and in their names.
    sandbox.write("applications/oslo-2022/aaaaaa.md", f"---\nid: {_quoted(YAML)}\nstatus: received\n---\n")
    sandbox.write(
        "applications/oslo-2022/bbbbbb.md",
        f"---\nid: bbbbbb\nstatus: {_quoted(YAML)}\nreceived: x\napplicant:\n  a: b\n---\n",
    )
    sandbox.write("applications/oslo-2022/cccccc.md", f"---\n{YAML}\n---\n")
    sandbox.write("applications/oslo-2022/\x1b[31mred\u202e\n.md", "x")
    sandbox.write("applications/\x1b]0;x\x07/dddddd.md", "x")
    Path(os.fsdecode(os.fsencode(sandbox.root) + b"/applications/oslo-2022/\xff\x9b.md")).write_text("x")
    Path(os.environ["GIT_CONFIG_GLOBAL"]).write_text(
        f'[user]\n\tname = "Sanna {YAML.replace(chr(92), "").replace(chr(34), "")}"\n\temail = sanna.lind@example.org\n'
    )
    sandbox.git("add", "--all")
    message = f"Evil {EVIL}\n\nImported: {YAML}\n"
    sandbox.git("commit", "--quiet", "--cleanup=verbatim", "--file=-", stdin=message.encode())
    return sandbox


READING = [
    [],
    ["meetings"],
    ["list"],
    ["list", "--where", "name:red"],
    ["list", "--where", "before:yes"],
    ["list", "--sort", "name"],
    ["show", "k7m2qx"],
    ["show", "aaaaaa"],
    ["show", "bbbbbb"],
    ["log"],
    ["log", "k7m2qx"],
]


@pytest.mark.parametrize("arguments", READING, ids=lambda words: " ".join(words) or "overview")
@pytest.mark.parametrize("as_json", [False, True])
def test_reading_prints_no_control_character(arguments, as_json, hostile):
    words = [*arguments, "--json"] if as_json and arguments else arguments
    ran = hostile.run(*words)
    assert ran.code == (4 if "aaaaaa" in words or "bbbbbb" in words else 0)
    assert_harmless(ran)
    assert ran.err.count("unusable: ") >= 5
    if as_json and arguments:
        json.loads(ran.out)


@pytest.mark.parametrize("as_json", [False, True])
def test_deciding_tagging_and_undoing_print_no_control_character(as_json, hostile):
    more = ["--json"] if as_json else []
    for code, words in (
        (0, ["accept", "k7m2qx", "-m", EVIL]),
        (2, ["waitlist", "k7m2qx", "3fh9td", "-m", EVIL]),
        (0, ["waitlist", "k7m2qx", "3fh9td", "-m", EVIL, "--yes"]),
        (0, ["tag", "k7m2qx", "3fh9td", "+late", "--yes"]),
        (0, ["undo", "--yes"]),
        (0, ["log"]),
        (0, ["show", "k7m2qx"]),
    ):
        ran = hostile.run(*words, *more)
        assert ran.code == code
        assert_harmless(ran)
    reasons = hostile.git("log", "-5", "--format=%b")
    assert FORBIDDEN.search(reasons) is None


WRONG = [
    ["list", EVIL],
    ["list", "--where", f"{EVIL}:1"],
    ["list", "--where", f"status:{EVIL}"],
    ["list", "--where", f"received>={EVIL}"],
    ["list", "--where", f'"{EVIL}"'],
    ["list", "--sort", EVIL],
    ["list", f"--{EVIL}"],
    [EVIL],
    ["show", EVIL],
    ["log", EVIL],
    ["log", "-n", EVIL],
    ["accept", EVIL],
    ["accept", "--where", EVIL],
    ["accept", "--where", "x", "--meeting", EVIL],
    ["tag", "k7m2qx", f"+{EVIL}"],
    ["tag", "k7m2qx", f"-{EVIL}"],
    ["--workspace", EVIL, "list"],
    ["init", "new", "--meeting", EVIL],
    ["init", EVIL],
    ["demo", EVIL.replace("\n", "")],
]


@pytest.mark.parametrize("words", WRONG, ids=lambda words: words[0][:7].strip("-") if words != [EVIL] else "command")
@pytest.mark.parametrize("as_json", [False, True])
def test_what_was_typed_wrong_is_repeated_without_control_characters(words, as_json, hostile):
    ran = hostile.run(*words, *(["--json"] if as_json else []))
    assert_harmless(ran)
    assert ran.code in (0, 2, 4)
    assert "defect" not in ran.err


def test_files_are_kept_as_they_were_written(hostile):
    path = "applications/oslo-2022/k7m2qx.md"
    was = hostile.read(path)
    hostile.run("list")
    hostile.run("show", "k7m2qx")
    assert hostile.read(path) == was
    assert hostile.run("accept", "k7m2qx").code == 0
    assert hostile.read(path) == was.replace("status: received", "status: accepted")


def test_hostile_text_is_still_found_and_shown_as_text(hostile):
    ran = hostile.run("show", "k7m2qx")
    assert "␛[31mred␛]0;title␇␛]52;c;bWFsaWNl␛\\�2J" in ran.out
    assert "[/x] [link=x] zerowidth" in ran.out
    assert [one["id"] for one in hostile.done("list", "--where", "bWFsaWNl zerowidth")] == ["k7m2qx"]
    assert hostile.done("show", "k7m2qx")["answers"][1]["text"].endswith("x" * 100_000)


def test_a_hundred_thousand_characters_in_a_name_keep_the_list_one_line_each(new_workspace):
    sandbox = new_workspace("k7m2qx", applicant={"name": "n" * 60_000})
    ran = sandbox.run("list")
    assert ran.out == f"k7m2qx  received  2022-08-20  NO  {'n' * 27}…  House of k7m2qx\n"
