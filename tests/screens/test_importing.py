"""Importing in the interface: the path, the columns, the dates, the plan, doing it and cancelling it; who is new."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from textual.widgets import Static

from callforth.repo.job import Job
from callforth.screens.dialogs.path import completions
from callforth.screens.widgets.choices import Choices
from callforth.screens.widgets.preview import Preview
from tests.conftest import Sandbox

OSLO, BERGEN = "oslo-2022", "bergen-2021"
HEADINGS = ["Sent", "Your name", "E-mail", "Please tell us why do you want to come?", "Diet"]
ANA = ["04/05/2022 10:00", "Ana Silva", "ana@example.org", "For the bridge.", "[red]vegan[/]"]
BO = ["05/06/2022 11:00", "Bo Ek", "bo@example.org", "We sing.", ""]
AGAIN = ["07/06/2022 09:00", "Ana da Silva", "ANA@example.org", "For the ferry too.", "vegan"]


@pytest.fixture
def table(tmp_path):
    """Write a table beside the workspace, and return its path."""

    def make(*rows, headings=HEADINGS, name="answers of May.csv") -> Path:
        stream = io.StringIO(newline="")
        csv.writer(stream, delimiter=";").writerows([headings, *rows])
        (tmp_path / "exports").mkdir(exist_ok=True)
        file = tmp_path / "exports" / name
        file.write_text(stream.getvalue(), newline="")
        return file

    return make


async def _read(it, path: Path) -> None:
    """Name the file in the question, with its last part completed."""
    await it.press("I")
    await it.until_asked("WhichFile")
    it.line.value = f"{path.parent}/{path.name[:3]}"
    it.line.action_end()
    await it.press("tab")
    await it.until(lambda: it.line.value == str(path))
    await it.press("enter")


def _hint(it) -> str:
    return str(it.app.screen.query_one("#import-hint", Static).render()).strip()


def _columns(it) -> dict[str, str]:
    window = it.app.screen
    return {one.label: window.targets.to[one.key] for one in window._export.columns}


async def _ended(it) -> None:
    await it.until(lambda: not it.main.asking)
    await it.settle()


async def _on(it, text: str) -> None:
    """Put the cursor on the line that says this."""
    choices = it.app.screen.query_one(Choices)
    lines = [str(one.prompt) for one in choices.options]
    choices.highlighted = next(at for at, line in enumerate(lines) if text in line)
    await it.settle()


async def test_a_table_is_taken_in_from_its_path_to_the_list_and_again_changes_nothing(workspace, table, desk) -> None:
    path, head = table(ANA, BO), workspace.head()
    async with desk(workspace) as it:
        before = set(it.ids)
        await it.press("slash")
        await it.type("zzz")
        await it.press("enter")
        await _read(it, path)
        await it.until_asked("Columns")
        assert _columns(it) == {
            "Sent": "extra", "Your name": "applicant.name", "E-mail": "applicant.email",
            "Please tell us why do you want to come?": "extra", "Diet": "extra",
        }  # fmt: skip
        # Nothing that would be wrong goes on.
        await it.press("n")
        await it.until(lambda: "no column answers a question of oslo-2022" in _hint(it))
        assert _hint(it).endswith(
            "; if not, choose the question with enter on its column; if so, esc, and : goes to its meeting"
        )
        assert "--map" not in it.shown()
        for heading, target in (("Please tell", "Why do you want to come?"), ("Sent", "when it was sent")):
            await _on(it, heading)
            await it.press("enter")
            await it.until_asked("WhatItIs")
            await _on(it, target)
            await it.press("enter")
            await it.until_asked("Columns")
        await _on(it, "Diet")
        assert "row 2    [red]vegan[/]" in it.shown()
        await it.press("n")
        await it.until_asked("Dates")
        assert (
            it.about
            == "nobody can tell whether '04/05/2022 10:00' in the times of sending begins with the day or the month"
        )
        await it.press("j", "enter")
        await it.until_asked("ImportPlan")
        assert it.lines()[0].strip() == "2 new"
        assert it.lines()[-1].strip() == "y import 2  m columns  esc back"
        assert (workspace.head(), set(it.main.shown.rows.ids)) == (head, before)
        await it.press("y")
        await _ended(it)
        assert it.said == f"{workspace.head()[:7]}  Import 2 applications for oslo-2022"
        new = set(it.ids) - before
        assert (len(new), it.at in new, it.main.query_text) == (2, True, "")
        assert workspace.git("rev-parse", "HEAD~1") == head
        assert [one["received"] for one in workspace.done("list", OSLO) if one["id"] in new] == [
            "2022-04-05T08:00:00+00:00", "2022-05-06T09:00:00+00:00",
        ]  # fmt: skip
        # The call knows the columns now: only the dates are asked for again, and the path is there.
        head = workspace.head()
        await it.press("I")
        await it.until_asked("WhichFile")
        assert it.line.value == str(path)
        await it.press("enter")
        await it.until_asked("Dates")
        await it.press("j", "enter")
        await it.until_asked("ImportPlan")
        assert _hint(it) == "There is nothing to import: all of it is here already, or left out."
        await it.press("y")
        assert it.top == "ImportPlan"
        await it.press("escape")
        await _ended(it)
        assert (it.said, workspace.head()) == ("nothing was imported", head)


async def test_back_in_the_plan_leads_to_the_columns_as_they_were_left(workspace, table, desk) -> None:
    async with desk(workspace) as it:
        await _read(it, table(ANA))
        await it.until_asked("Columns")
        await _on(it, "Diet")
        await it.press("i")
        await _on(it, "Please")
        await it.press("enter")
        await it.until_asked("WhatItIs")
        await _on(it, "Why do you want to come?")
        await it.press("enter")
        await it.until_asked("Columns")
        await it.press("n")
        await it.until_asked("ImportPlan")
        await it.press("escape")
        await it.until_asked("Columns")
        assert (_columns(it)["Diet"], _columns(it)["Please tell us why do you want to come?"]) == (
            "ignore",
            "answer.why",
        )
        await it.press("escape")
        await _ended(it)
        assert it.said == "nothing was imported"


async def test_columns_become_questions_of_a_call_that_nobody_has_answered_yet(new_workspace, table, desk) -> None:
    workspace = new_workspace()
    more = ("--title", "Oslo", "--place", "Oslo, Norway", "--starts", "2828-05-02", "--lunch-to-lunch", "--zone")
    workspace.done(
        "meeting", "new", "oslo-2828", *more, "Europe/Oslo", "--closes", "2828-03-01", "--seats", "3", "--yes"
    )
    path = table(ANA, headings=["Sent", "Your name", "E-mail", "Your story", "Diet"])
    async with desk(workspace, size=(80, 24)) as it:
        await _read(it, path)
        await it.until_asked("Columns")
        await it.press("n")
        await it.until(lambda: _hint(it).endswith("press a on each column with an answer to a question of your form, "
                                                  "and the call asks that"))  # fmt: skip
        assert it.lines()[-1].strip() == "enter change  a new question  x own answer  i leave out  n next  esc back"
        await _on(it, "Your story")
        await it.press("a")
        assert _columns(it)["Your story"] == "answer.your-story"
        await _on(it, "Diet")
        await it.press("enter")
        await it.until_asked("WhatItIs")
        await _on(it, "a new question")
        await it.press("enter")
        await it.until_asked("Columns")
        assert [one.id for one in it.app.screen.targets.asks] == ["your-story", "diet"]
        assert sum("a new question" in line for line in it.lines()[:-1]) == 2
        await it.press("x")  # a second thought
        assert [one.id for one in it.app.screen.targets.asks] == ["your-story"]
        await _on(it, "Sent")
        await it.press("i")
        await it.press("n")
        await it.until_asked("ImportPlan")
        assert "the call asks 1 question from now on instead of what every new call asks" in it.shown()
        await it.press("y")
        await _ended(it)
        assert 'questions:\n- id: your-story\n  text: "Your story"\n' in workspace.read("meetings/oslo-2828/call.md")
        # Now somebody has answered it, so what it asks stays.
        await _read(it, table(BO, headings=["Sent", "Your name", "E-mail", "Your story", "Shoe"], name="later.csv"))
        await it.until_asked("Columns")
        await _on(it, "Shoe")
        await it.press("a")
        assert _columns(it)["Shoe"] == "extra"
        assert _hint(it) == "there are applications to oslo-2828, which were not asked that"
        assert "a new question" not in it.lines()[-1]
        await it.press("escape")
        await _ended(it)


def _imported(workspace: Sandbox, path: Path) -> list[str]:
    more = ("--map", "Please=answer.why", "--map", "Sent=received", "--dates", "day-first", "--yes")
    return workspace.done("import", OSLO, str(path), *more)["new"]


async def test_who_may_be_one_person_is_kept_joined_or_left_out_by_key_and_mouse(workspace, table, desk) -> None:
    (ana,) = _imported(workspace, table(ANA))
    path = table(ANA, AGAIN, ["13/06/2022 09:00", *BO[1:]])
    async with desk(workspace, size=(80, 24)) as it:
        await _read(it, path)
        await it.until_asked("ImportPlan")
        assert it.lines()[0].strip() == "2 new · 1 unchanged"
        await it.press("n")
        assert "[b keep]  o join   l leave out" in it.shown()
        await it.press("o")
        await it.until(lambda: it.lines()[0].strip() == "1 new · 1 changed · 1 unchanged")
        assert f"row 3     {ana} Ana da Silva  name, email, why, diet" in it.shown()
        # The pair is there to be thought over, after another look at the columns too.
        await it.press("m")
        await it.until_asked("Columns")
        await it.press("n")
        await it.until_asked("ImportPlan")
        assert it.lines()[0].strip() == "1 new · 1 changed · 1 unchanged"
        assert "b keep  [o join]  l leave out" in it.shown()
        assert _hint(it) == "Some may be here already: of each, keep both, join them, or leave it out."
        y, line = next((y, line) for y, line in enumerate(it.lines()) if "l leave out" in line)
        await it.pilot.click(offset=(line.index("l leave out") + 2, y))
        await it.until(lambda: it.lines()[0].strip() == "1 new · 1 unchanged · 1 left out")
        await it.press("enter", "enter")
        await it.until(lambda: it.lines()[0].strip() == "1 new · 1 changed · 1 unchanged")
        await it.press("y")
        await _ended(it)
        assert "Ana da Silva" in workspace.read(f"applications/{OSLO}/{ana}.md")
        assert len(it.main.shown.rows) == len(workspace.done("list", OSLO))


async def test_two_rows_of_one_person_are_looked_at_and_joined(workspace, table, desk) -> None:
    (bo,) = _imported(workspace, table(BO))
    workspace.git("rm", "-q", f"applications/{OSLO}/{bo}.md")
    workspace.git("commit", "-q", "-m", f"Erase {bo}", "-m", "On request.", "-m", f"Application: {OSLO}/{bo}")
    async with desk(workspace, size=(110, 30)) as it:
        await _read(it, table(ANA, ["13/06/2022 09:00", *AGAIN[1:]], BO, name="more.csv"))
        await it.until_asked("ImportPlan")
        assert it.lines()[0].strip() == "2 new · 1 left out"
        assert f"Bo Ek  {bo} was removed on " in it.shown()
        await it.press("r")
        await it.until(lambda: it.lines()[0].strip() == "3 new")
        await it.press("n", "v")
        await it.until_asked("Both")
        assert "row 3  For the ferry too." in it.shown()
        assert "row 2  For the bridge." in it.shown()
        await it.press("j")
        assert "row 2  [red]vegan[/]" in it.shown()
        await it.press("escape")
        await it.until_asked("ImportPlan")
        await it.press("o")
        await it.until(lambda: it.lines()[0].strip() == "2 new · 1 joined")
        await it.press("y")
        await _ended(it)
        (row,) = [one for one in workspace.done("list", OSLO) if " " in one["source"]]
        assert (row["applicant"]["name"], row["received"]) == ("Ana da Silva", "2022-05-04T08:00:00+00:00")


async def test_what_is_said_of_one_pair_stays_when_another_is_kept_and_what_came_meanwhile_is_told(
    workspace, table, desk
) -> None:
    workspace.meeting(BERGEN, 3, year=2021)
    workspace.commit("Announce another one\n")
    (ana,) = _imported(workspace, table(ANA))
    more = ("--map", "Please=answer.why", "--map", "Sent=received", "--dates", "day-first", "--yes")
    (there,) = workspace.done("import", BERGEN, str(table(ANA)), *more)["new"]
    path = table(ANA, AGAIN, ["13/06/2022 09:00", *BO[1:]])
    async with desk(workspace, size=(110, 40)) as it:
        await it.press("I")
        await it.until_asked("WhichFile")
        assert f"Import into {OSLO}" in it.shown()
        it.line.value = str(path)
        await it.press("enter")
        await it.until_asked("ImportPlan")
        await it.press("n", "o")
        await it.until(lambda: it.lines()[0].strip() == "1 new · 1 changed · 1 unchanged")
        await it.press("n")
        assert it.app.screen._here().other.id == there
        await it.press("b")
        await it.until(lambda: _hint(it) == f"Row 3 is joined with {ana}: b there keeps both.")
        assert it.app.screen.said.same == {3: ana}
        head = workspace.done("import", OSLO, str(path), "--yes", "--dates", "day-first")["commit"]
        await it.press("y")
        await it.until_asked("Refused")
        assert "1 row of it (4) came in meanwhile, by another import; nothing was written" in it.about
        assert workspace.head() == head


async def test_guesses_are_marked_and_changes_of_what_was_decided_wait_for_a_key(workspace, table, desk) -> None:
    guessed = [*HEADINGS[:3], "Why do you want to come so?", "Diet"]
    (ana,) = workspace.done("import", OSLO, str(table(ANA)), "--map", "Please=answer.why", "--yes")["new"]
    workspace.done("accept", ana)
    changed = table(["", *ANA[1:3], "For the ferry.", "vegan"], headings=guessed, name="changed.csv")
    async with desk(workspace, size=(200, 50)) as it:
        await _read(it, changed)
        await it.until_asked("Columns")
        columns = it.app.screen.query_one(Choices)
        assert (columns.highlighted, str(columns.border_subtitle)) == (3, "≈ 1 column guessed")
        assert "≈ answer: why" in it.shown()
        await it.press("x")
        assert "≈" not in it.shown()
        await it.press("enter")
        await it.until_asked("WhatItIs")
        await _on(it, "another field")
        await it.press("enter")
        await it.until_asked("Ask")
        await it.answer("Motive")
        assert "'applicant.Motive' is nothing that a column can be" in it.hint
        it.line.value = ""
        await it.answer("motive")
        await it.until_asked("Columns")
        assert "applicant: motive" in it.shown()
        await it.press("enter")
        await it.until_asked("WhatItIs")
        await _on(it, "Why do you want to come?")
        await it.press("enter")
        await it.until_asked("Columns")
        await it.press("n")
        await it.until_asked("ImportPlan")
        assert it.lines()[0].strip() == "1 refused"
        assert f"{ana} Ana Silva  it is accepted by now, and what it says was changed" in it.shown()
        await it.press("d")
        await it.until(lambda: it.lines()[0].strip() == "1 changed")
        assert it.lines()[-1].strip() == "y import 1  d without decided ones  m columns  esc back"
        await it.pilot.click(offset=(it.lines()[-1].index("m columns"), 49))
        await it.until_asked("Columns")
        await it.press("escape")
        await _ended(it)
        assert it.said == "nothing was imported"


async def test_what_the_form_adds_is_told_by_what_it_is_read_as(workspace, table, desk) -> None:
    headings = ["ID", "Start time", "Completion time", "Email", "Name", "Your name", "Why do you want to come?"]
    row = ["1", "31/05/22 9:50:00", "31/05/22 10:00:00", "anonymous", "", "Ana Silva", "For the bridge."]
    async with desk(workspace) as it:
        await _read(it, table(row, headings=headings))
        await it.until_asked("Columns")
        columns = it.app.screen.query_one(Choices)
        assert str(columns.border_title) == "answers of May.csv → oslo-2022 · Microsoft Forms · 1 row"
        lines = [" ".join(str(one.prompt).split()) for one in columns.options]
        assert lines == [
            "Your name applicant: name Ana Silva",
            "Why do you want to come? answer: why For the bridge.",
            "ID its id in the form 1",
            "Start time of the form itself 31/05/22 9:50:00",
            "Completion time when it was sent 31/05/22 10:00:00",
            "Email of the form itself",
            "Name of the form itself",
        ]
        await _on(it, "Start time")
        await it.press("enter")
        await it.until_asked("WhatItIs")
        assert "▸ of the form itself  about the sending; not taken in" in it.shown()
        await it.press("escape")
        await it.until_asked("Columns")
        await it.press("n")
        await it.until_asked("ImportPlan")
        assert "columns left out" not in it.shown()
        assert "columns of the form itself  5" in it.shown()


async def test_what_cannot_be_read_is_told_in_place_and_cancelling_leaves_nothing(
    workspace, table, desk, tmp_path, monkeypatch
) -> None:
    path, head = table(ANA, BO), workspace.head()
    (tmp_path / "empty.csv").write_bytes(b"")
    async with desk(workspace) as it:
        await it.press("I")
        await it.until_asked("WhichFile")
        for name in ("empty.csv", "missing.csv"):
            it.line.value = f"'{tmp_path / name}'"
            await it.press("enter")
            await it.until(lambda name=name: name in it.hint and "reading" not in it.hint)
        assert it.hint == f"{tmp_path}/missing.csv cannot be read (No such file or directory)"
        await it.press("escape")
        await _ended(it)
        more = ("--map", "Please=answer.why", "--map", "Sent=ignore", "--yes")
        workspace.done("import", OSLO, str(table(BO, name="first.csv")), *more)
        head = workspace.head()
        await _read(it, path)
        await it.until_asked("ImportPlan")
        built = Job.built

        def cancelled(self, *arguments):
            it.main.cancelled = True  # as esc does, while it is being written
            return built(self, *arguments)

        monkeypatch.setattr(Job, "built", cancelled)
        await it.press("y")
        await _ended(it)
        assert it.said == "cancelled; nothing was imported"
        assert (workspace.head(), workspace.git("status", "--porcelain")) == (head, "")
        workspace.git("config", "user.email", "stranger@example.org")
        await it.press("I")
        await it.until_asked("Refused")
        assert "stranger@example.org" in it.about


async def test_paths_are_completed_as_a_shell_does(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("Answers.csv", "answers.xlsx", ".hidden", "bad\x1bname"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    assert completions("~") == ["~/"]
    assert completions("~/") == ["~/Answers.csv", "~/answers.xlsx", "~/folder/"]
    assert completions("~/FOL") == ["~/folder/"]
    assert completions(f"{tmp_path}/.h") == [f"{tmp_path}/.hidden"]
    assert completions("~/nowhere/x") == completions("~nobody-is-called-so/") == completions("a\0/b") == []


async def test_new_ones_that_others_bring_show_and_are_counted_until_something_else_is_said(workspace, desk) -> None:
    async with desk(workspace) as it:
        at, count = it.at, len(it.ids)
        first = workspace.read(f"applications/{OSLO}/{at}.md")
        for number, new in enumerate(("000001", "000002"), 1):
            workspace.write(f"applications/{OSLO}/{new}.md", first.replace(at, new))
            workspace.commit(f"Bring {new}\n\nImported: 1 new")
            said = f"{number} new application{'s' * (number > 1)}"
            await it.until(lambda number=number, said=said: (len(it.ids), it.said) == (count + number, said))
        assert it.at == at


async def test_list_and_preview_tell_who_applied_before_and_who_took_part(practice, desk) -> None:
    took_part, applied = (
        {one["id"] for one in practice.done("list", "stockholm-2022", "--where", query)}
        for query in ("took-part:yes", "before:yes -took-part:yes")
    )
    async with desk(practice) as it:
        await it.until(lambda: "◆" in it.shown() and "◇" in it.shown())
        assert (it.main.listing._took_part, it.main.listing._applied) == (took_part, applied | took_part)
        expected = {
            "4znhrx": "◆ took part in Rotterdam 2022",
            "k7m2qx": "◆ took part in Rotterdam 2022",
            min(applied): "◇ has applied before: ",
        }
        for one, says in expected.items():
            await it.go(one)
            await it.until(lambda says=says: says in str(it.main.query_one(Preview)._text.render()))
        other = json.loads(practice.run("list", "stockholm-2022", "--where", "-before:yes", "--json").out)[0]["id"]
        await it.go(other)
        await it.until(lambda: it.main.preview.id_shown == other)
        assert "◇" not in str(it.main.preview._text.render())
