"""Journeys with an editor of one's own: what it leaves behind is taken in by the rules, or kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.terminal

STOCKHOLM = "stockholm-2022"
ID = "k7m2qx"
PATH = f"applications/{STOCKHOLM}/{ID}.md"


@pytest.fixture
def editing(practice, terminal, tmp_path):
    """Open the interface on one application with a shell script for an editor, and press `e`."""

    def begin(script: str, variable: str = "GIT_EDITOR"):
        editor = tmp_path / "my editor"
        editor.write_text(f"#!/bin/sh\necho in the editor\n{script}\n")
        editor.chmod(0o755)
        # A line for a shell, as git takes it: with a quoted blank and an option.
        term = terminal(practice, (120, 40), **{variable: f"'{editor}' --wait"})
        term.open()
        term.press(":")
        term.sees("Go to")
        term.type(ID)
        term.press("Enter")
        term.sees("─ Marta Oliveira ─")
        term.press("e")
        return term

    return begin


def _leave(term, practice) -> None:
    term.press("q")
    assert term.ended() == 0
    assert practice.git("status", "--porcelain") == ""


@pytest.mark.parametrize("variable", ["GIT_EDITOR", "EDITOR"])
def test_a_tag_written_by_hand_becomes_a_commit(practice, editing, variable) -> None:
    before = practice.read(PATH)
    term = editing('sed -i "s/^- youth-work$/- youth-work\\n- zealous/" "$2"', variable)
    term.sees(f"Edit {ID} for {STOCKHOLM}")
    _leave(term, practice)
    assert practice.read(PATH) == before.replace("- youth-work\n", "- youth-work\n- zealous\n")
    assert practice.git("log", "-1", "--format=%B").rstrip() == (
        f"Edit {ID} for {STOCKHOLM}\n\nApplication: {STOCKHOLM}/{ID}\nTags: +zealous"
    )


def test_an_editor_that_fails_after_saving_means_not_this(practice, editing) -> None:
    before = practice.head(), practice.read(PATH)
    term = editing('sed -i "s/^status: received/status: declined/" "$2"; exit 3')
    term.sees("the editor failed with 3; nothing was changed; your edit is in")
    _leave(term, practice)
    assert (practice.head(), practice.read(PATH)) == before


def test_an_answer_corrected_by_hand_becomes_an_edit(practice, editing) -> None:
    term = editing('sed -i "s/Marta Oliveira/Marta Oliveira Nunes/" "$2"')
    term.sees(f"Edit {ID} for {STOCKHOLM}")
    term.sees("─ Marta Oliveira Nunes ─")
    _leave(term, practice)
    assert practice.git("log", "-1", "--format=%s") == f"Edit {ID} for {STOCKHOLM}"


def test_nothing_edited_makes_no_commit(practice, editing) -> None:
    head = practice.head()
    term = editing("true")
    term.sees(f"{ID} is as it was")
    _leave(term, practice)
    assert practice.head() == head


def test_a_status_changed_by_hand_is_a_decision_and_asks_why_where_it_must(practice, editing) -> None:
    practice.done("decline", ID, "-m", "First.")
    term = editing('sed -i "s/^status: declined/status: accepted/" "$2"')
    term.sees("Why?")
    term.type("They wrote again.")
    term.press("Enter")
    term.sees(f"Accept {ID} for {STOCKHOLM}")
    _leave(term, practice)
    assert practice.git("log", "-1", "--format=%B").rstrip() == (
        f"Accept {ID} for {STOCKHOLM}\n\nThey wrote again.\n\n"
        f"Application: {STOCKHOLM}/{ID}\nDecision: declined -> accepted"
    )


def test_a_broken_file_is_not_taken_in_and_the_copy_is_kept_and_named(practice, editing) -> None:
    head, before = practice.head(), practice.read(PATH)
    term = editing('sed -i "s/^status: received/status: maybe/" "$2"')
    term.sees("Not taken in")
    term.sees("Edit it again?")
    assert f"{PATH}:3" in "".join(term.text().split())
    term.press("n")
    term.sees("nothing was changed; your edit is in ")
    kept = re.search(r"your edit is in\s+(\S+\.md)", " ".join(term.text().split()))
    assert kept
    assert Path(kept[1]).read_text() == before.replace("status: received", "status: maybe")
    _leave(term, practice)
    assert (practice.head(), practice.read(PATH)) == (head, before)


def test_a_broken_file_can_be_edited_again_until_it_is_right(practice, editing) -> None:
    term = editing(
        'if grep -q maybe "$2"; then to=declined; else to=maybe; fi; sed -i "s/^status: .*/status: $to/" "$2"'
    )
    term.sees("Edit it again?")
    term.press("y")
    term.sees(f"Decline {ID} for {STOCKHOLM}")
    _leave(term, practice)
    assert practice.status_of(ID, STOCKHOLM) == "declined"


def test_a_change_made_elsewhere_while_the_editor_was_open_is_not_overwritten(practice, editing, tmp_path) -> None:
    term = editing(
        f'touch {tmp_path}/open; while [ -e {tmp_path}/open ]; do sleep 0.05; done; sed -i "s/youth-work/x/" "$2"'
    )
    term.sees("in the editor")
    term.until(lambda: (tmp_path / "open").exists(), "the editor")
    practice.be("dario")
    practice.done("decline", ID, "-m", "Meanwhile.")
    practice.be("sanna")
    head = practice.head()
    (tmp_path / "open").unlink()
    term.sees("Not taken in")
    term.press("n")
    term.sees("your edit is in ")
    _leave(term, practice)
    assert (practice.head(), practice.status_of(ID, STOCKHOLM)) == (head, "declined")


def test_an_editor_that_does_not_exist_changes_nothing_and_leaves_the_screen_whole(practice, terminal) -> None:
    head = practice.head()
    term = terminal(practice, (120, 40), GIT_EDITOR="no-such-editor")
    term.open()
    term.press("e")
    term.sees("the editor (no-such-editor) failed with 127; nothing was changed")
    term.sees("╭─ all ─")
    _leave(term, practice)
    assert practice.head() == head


def test_a_file_that_cannot_be_used_is_mended_in_its_place(practice, terminal, tmp_path) -> None:
    good = practice.read(PATH)
    practice.write(PATH, good.replace("status: received", "status: maybe"))
    editor = tmp_path / "mend"
    editor.write_text('#!/bin/sh\nsed -i "s/^status: maybe/status: received/" "$1"\n')
    editor.chmod(0o755)
    term = terminal(practice, (120, 40), GIT_EDITOR=str(editor))
    term.open()
    term.sees("1 unusable")
    term.press("G")
    term.sees("This file cannot be used.")
    term.press("e")
    term.sees(f"{PATH} is as you left it")
    term.loses("This file cannot be used.")
    assert practice.read(PATH) == good
    _leave(term, practice)


def test_an_editor_that_leaves_no_file_changes_nothing(practice, editing) -> None:
    head, before = practice.head(), practice.read(PATH)
    term = editing('rm "$2"')
    term.sees("the editor left no file to take in (No such file or directory); nothing was changed")
    _leave(term, practice)
    assert (practice.head(), practice.read(PATH)) == (head, before)


def test_an_editor_that_leaves_a_file_of_its_own_beside_the_copy_leaves_nothing_behind(
    practice, editing, tmp_path
) -> None:
    term = editing(f'cp "$2" "$2~"; echo "$2" > {tmp_path}/where; sed -i "s/^- youth-work$/- zealous/" "$2"')
    term.sees(f"Edit {ID} for {STOCKHOLM}")
    _leave(term, practice)
    assert not Path((tmp_path / "where").read_text().strip()).parent.exists()


def test_a_copy_that_is_no_text_any_more_is_told_without_a_remedy_that_does_not_fit(practice, editing) -> None:
    term = editing('printf "\\000" >> "$2"')
    term.sees("the file is not text (it has a NUL")
    assert "restore it from git" not in term.text()
    term.press("n")
    term.sees("nothing was changed; your edit is in ")
    _leave(term, practice)


def test_what_may_not_be_decided_is_refused_before_the_editor_opens(practice, terminal) -> None:
    practice.git("switch", "--quiet", "--detach")
    term = terminal(practice, (120, 40), GIT_EDITOR="echo in the editor; read nothing; true")
    term.open()
    term.press("e")
    term.sees("HEAD is on no branch (detached);")
    term.type("dd wq")
    term.press("Enter")
    term.loses("enter or esc back")
    _leave(term, practice)
