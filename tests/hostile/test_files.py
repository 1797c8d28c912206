"""Bad files: each is listed with its place, its line and a remedy, nothing else is lost, nothing is written."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from callforth.plaintext.document import FileUnusable
from callforth.plaintext.edit import set_status, set_tags

FOLDER = "applications/oslo-2022"
BAD = f"{FOLDER}/k7m2qx.md"
GOOD = (
    "---\nid: k7m2qx\nstatus: received\nreceived: 2022-08-20\napplicant:\n  name: Ana\n  country: NO\n"
    "tags:\n- late\n---\n\n<!-- question: why -->\n## Why?\n\nBecause.\n"
)
Problems = Callable[[Path], list[str]]
SYNTAX = "put the value in double quotes if it holds ': ' or ' #', or begins with a sign"
ITEM = "use letters, digits and hyphens, no spaces"
STATUSES = "use one of received, shortlisted, accepted, waitlisted, declined, confirmed, withdrawn, attended, absent"


def edited(old: str, new: str) -> bytes:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new).encode()


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
MERGE_BOMB = "a: {<<: {b: c}}\n"
BAD_FILES = {
    "nothing": (b"", 1, "the file does not begin with frontmatter; begin it with a line '---'"),
    "no frontmatter": (b"Hello.\n", 1, "the file does not begin with frontmatter; begin it with a line '---'"),
    "broken frontmatter": (
        edited("Ana", "Ana: x: y"),
        6,
        f"this is not YAML (mapping values are not allowed in this context); {SYNTAX}",
    ),
    "open quote": (edited("Ana", '"Ana'), 10, f"this is not YAML (found unexpected end of stream); {SYNTAX}"),
    "open fence": (edited("---\n\n<", "\n<"), 1, "the frontmatter is not closed; end it with a line '---'"),
    "duplicate key": (
        edited("status: received", "status: received\nstatus: accepted"),
        4,
        "the field 'status' stands here a second time; keep one of them",
    ),
    "duplicate in applicant": (
        edited("  country: NO", "  country: NO\n  name: Eve"),
        8,
        "the field 'name' stands here a second time; keep one of them",
    ),
    "unknown status": (edited("status: received", "status: maybe"), 3, f"the status 'maybe' is unknown; {STATUSES}"),
    "bad date": (edited("2022-08-20", "20 August"), 4, "'20 August' is not a date; write it like 2022-08-20T10:12:00Z"),
    "tag of two words": (edited("- late", "- very late"), 9, f"'very late' is no tag; {ITEM}"),
    "tag that is a field": (edited("- late", "- late: very"), 9, f"'this' is no tag; {ITEM}"),
    "tags as text": (
        edited("tags:\n- late", "tags: late"),
        8,
        "'tags' is not a list; write one '- tag' a line below 'tags:'",
    ),
    "no id": (edited("id: k7m2qx\n", ""), 1, "there is no id; add a line 'id: k7m2qx'"),
    "another id": (edited("id: k7m2qx", "id: 3fh9td"), 2, "the id '3fh9td' is not the file's name; write 'id: k7m2qx'"),
    "10 MB answer": (GOOD.encode() + b"x" * 10 * 1024 * 1024, 0, "the file has 10.0 MiB, more than 2 MiB; shorten it"),
    "binary": (b"\x7fELF\x02\x01\x01\0\0\n\xff", 1, "the file is not text (it has a NUL byte); restore it from git"),
    "truncated to NUL bytes": (b"\0" * 4096, 1, "the file is not text (it has a NUL byte); restore it from git"),
    "conflict": (
        edited("status: received", "<<<<<<< HEAD\nstatus: accepted\n=======\nstatus: declined\n>>>>>>> main"),
        3,
        "a merge left conflict markers here; choose one side and delete the marker lines",
    ),
    "conflict in an answer": (
        edited("Because.", "A\n<<<<<<< HEAD\nB"),
        16,
        "a merge left conflict markers here; choose one side and delete the marker lines",
    ),
    "byte order mark": (
        b"\xef\xbb\xbf" + GOOD.encode(),
        1,
        "the file begins with a byte order mark; save it as UTF-8 without BOM",
    ),
    "Latin-1": (edited("Ana", "José").decode().encode("latin-1"), 6, "the file is not UTF-8; save it as UTF-8"),
    "UTF-16": (GOOD.encode("utf-16"), 1, "the file is not text (it has a NUL byte); restore it from git"),
    "anchor": (
        edited("name: Ana", "name: &a Ana"),
        6,
        "anchors ('&name') are not allowed; write the value out each time",
    ),
    "alias": (edited("name: Ana", "name: *a"), 6, "aliases ('*name') are not allowed; write the value out"),
    "merge key": (
        edited("  name: Ana", "  <<: {name: Ana}"),
        6,
        "merge keys ('<<') are not allowed; write the fields out",
    ),
    "type tag": (
        edited("name: Ana", "name: !!binary QQ=="),
        6,
        "the type tag 'tag:yaml.org,2002:binary' is not allowed; write the plain value",
    ),
    "bomb": (edited("tags:", f"{BOMB}tags:"), 8, "anchors ('&name') are not allowed; write the value out each time"),
    "merge bomb": (edited("tags:", f"{MERGE_BOMB}tags:"), 8, "merge keys ('<<') are not allowed; write the fields out"),
    "deep": (
        edited("name: Ana", f"name: {'[' * 20_000}"),
        6,
        "the fields are nested too deeply; keep to the documented format",
    ),
    "deep indentation": (
        edited("  name: Ana", "\n".join(" " * n + f"a{n}:" for n in range(2, 60))),
        12,
        "the fields are nested too deeply; keep to the documented format",
    ),
    "long frontmatter": (
        edited("name: Ana", f"name: {'x' * 70_000}"),
        1,
        "the frontmatter is longer than 64 KiB; shorten it",
    ),
    "a second document": (
        edited("---\n\n<", "...\n---\n\n<"),
        10,
        "the frontmatter ends with '...'; end it with '---'",
    ),
    "control character": (
        edited("Ana", "A\x1b[2Jna"),
        6,
        "the frontmatter has a character YAML does not allow; delete it",
    ),
    "old Macintosh": (
        GOOD.replace("\n", "\r").encode(),
        1,
        "the file does not begin with frontmatter; begin it with a line '---'",
    ),
}


# What the schema refuses, and a mere edit of other lines need not.
NOT_BROKEN = (
    "unknown status",
    "bad date",
    "no id",
    "another id",
    "tag of two words",
    "tag that is a field",
    "tags as text",
)


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_is_listed_with_its_line_and_remedy_while_the_rest_opens(
    root: Path, problems: Problems, kind: str
) -> None:
    raw, line, sentence = BAD_FILES[kind]
    (root / BAD).write_bytes(raw)
    assert problems(root) == [f"{BAD}:{line}: {sentence}" if line else f"{BAD}: {sentence}"]
    assert (root / BAD).read_bytes() == raw


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in BAD_FILES
        if "tag" not in kind and kind not in ("unknown status", "bad date", "no id", "another id")
    ],
)
def test_a_bad_file_is_never_edited(kind: str) -> None:
    raw, line, _ = BAD_FILES[kind]
    for edit in (lambda: set_status(raw, BAD, "accepted"), lambda: set_tags(raw, BAD, ["a"])):
        with pytest.raises(FileUnusable) as caught:
            edit()
        assert (caught.value.problem.path, caught.value.problem.line) == (BAD, line)


def test_all_bad_files_at_once_take_nothing_good_down(root: Path, problems: Problems) -> None:
    for number, (raw, _, _) in enumerate(BAD_FILES.values()):
        (root / FOLDER / f"0000{number:02}.md").write_bytes(raw.replace(b"k7m2qx", b"0000%02d" % number))
    assert len(problems(root)) == len(BAD_FILES)


SLOW = {
    "merge bomb": "a: &a {b: c}\n" + "".join(f"x{n}: &x{n} {{<<: [{', '.join(['*a'] * 50)}]}}\n" for n in range(200)),
    "aliases": "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40)),
    "empty lists": f"a: [{'[], ' * 15_000}]\n",
    "open braces": "a: " + "{" * 60_000,
    "open lists": "a: " + "[" * 60_000,
    "dashes": "a:\n" + "- " * 30_000,
    "question marks": "? " * 30_000,
    "keys": "".join(f"k{n}: v\n" for n in range(6_000)),
    "one long line": "name: " + "x " * 30_000,
    "quotes": "'" * 60_000,
    "colons": "a" + ":" * 60_000,
    "comments": "#" * 60_000,
    "tabs": "a:" + "\t" * 60_000,
    "newlines": "a: b" + "\n" * 60_000,
}
_READ = """
import sys
from callforth.plaintext.document import FileUnusable, read
for text in sys.stdin.buffer.read().split(b"\\0"):
    try:
        read(b"---\\nid: k7m2qx\\n" + text + b"\\n---\\n", "a.md")
    except FileUnusable:
        pass
print("done")
"""


def test_frontmatter_made_to_take_long_does_not() -> None:
    raw = b"\0".join(text.encode() for text in SLOW.values())
    # The bound is not a measurement: any one of these would take minutes, or for ever, where it did harm.
    done = subprocess.run([sys.executable, "-c", _READ], input=raw, capture_output=True, timeout=60, check=True)
    assert done.stdout == b"done\n"
