"""The same people again: what they emptied, what was mapped wrongly, who is joined, and who was removed."""

from __future__ import annotations

import csv
import io

import pytest

HEADINGS = ["Id", "Your name", "E-mail", "Why do you want to come?", "Diet"]
ANA = ["1", "Ana Silva", "ana@example.org", "For the bridge.", "vegan"]
BO = ["2", "Bo Ek", "bo@example.org", "We sing.", ""]
OLD = ["3", "Ana M. Silva", "ana@example.org", "For the ferry.", ""]
IDS = ("--map", "Id=source")


@pytest.fixture
def take(workspace, tmp_path):
    """Import rows, and return what `--json` says; where `told`, what was run."""

    def run(rows, *options, headings=HEADINGS, told=False):
        stream = io.StringIO(newline="")
        csv.writer(stream).writerows([headings, *rows])
        (tmp_path / "a.csv").write_text(stream.getvalue(), newline="")
        command = ("import", "oslo-2022", str(tmp_path / "a.csv"), *options, "--yes")
        return workspace.run(*command) if told else workspace.done(*command)

    return run


def answers(workspace, one):
    return {said["question"]: said["text"] for said in workspace.done("show", one)["answers"]}


def test_what_was_emptied_goes_and_what_the_file_has_not_got_stays(workspace, take):
    ana, bo = take([ANA, BO], *IDS)["new"]
    workspace.write(
        f"applications/oslo-2022/{ana}.md",
        workspace.read(f"applications/oslo-2022/{ana}.md") + "\n<!-- question: ours -->\n## Ours\n\nA note.\n",
    )
    workspace.commit(f"Add a note\n\nApplication: oslo-2022/{ana}")
    assert take([ANA[:4], BO[:4]], headings=HEADINGS[:4])["unchanged"] == [ana, bo]
    ran = take([[*ANA[:4], ""], BO], told=True)
    assert (ran.code, f"{ana}: diet (emptied)" in ran.err) == (0, True)
    assert answers(workspace, ana) == {"why": "For the bridge.", "ours": "A note."}
    assert take([[*ANA[:4], ""], BO])["unchanged"] == [ana, bo]
    # Nobody is left of it: that is no correction.
    assert take([["1", "", "", *ANA[3:]], BO])["incomplete"] == [2]


def test_a_mapping_that_is_corrected_takes_along_what_came_in_by_mistake(workspace, take):
    ana, bo = take([ANA, [*BO[:4], "none"]], *IDS, "--map", "Diet=applicant.role")["new"]
    path = f"applications/oslo-2022/{bo}.md"
    workspace.write(path, workspace.read(path).replace("role: none", "role: singer"))
    workspace.commit(f"Correct a role\n\nApplication: oslo-2022/{bo}")
    ran = take([ANA, [*BO[:4], "none"]], "--map", "Diet=extra", told=True)
    assert "'Diet' was applicant.role the last time, and is extra now; what came in so goes with it" in ran.err
    said = {one["id"]: one["applicant"] for one in workspace.done("list", "oslo-2022")}
    assert (said[ana].get("role"), said[bo]["role"]) == (None, "singer")
    assert (answers(workspace, ana)["diet"], answers(workspace, bo)["diet"]) == ("vegan", "none")
    assert take([ANA, [*BO[:4], "none"]])["unchanged"] == [ana, bo]


def test_answers_to_what_the_call_asks_no_more_stay_answers(workspace, take):
    call = "meetings/oslo-2022/call.md"
    question = "- id: why\n  text: Why do you want to come?\n"
    workspace.write(call, workspace.read(call).replace(question, f"{question}- id: diet\n  text: Diet\n"))
    workspace.commit("Ask more")
    (ana,) = take([ANA], *IDS)["new"]
    workspace.write(call, workspace.read(call).replace("- id: diet\n  text: Diet\n", ""))
    workspace.commit("Ask less")
    ran = take([ANA, [*BO[:4], "fish"]], told=True)
    assert "the call does not ask 'diet' any more: 'Diet' stays an answer under its own heading" in ran.err
    (bo,) = {one["id"] for one in workspace.done("list", "oslo-2022") if one["applicant"]["name"] == "Bo Ek"}
    assert (answers(workspace, ana)["diet"], answers(workspace, bo)["diet"]) == ("vegan", "fish")


def test_of_two_rows_that_change_one_the_second_waits(workspace, take):
    (ana,) = take([ANA], *IDS)["new"]
    rows = [[*ANA[:4], "fish"], OLD, BO]
    first = take(rows, "--same", f"3={ana}")
    assert (first["changed"], first["refused"], len(first["new"])) == ([ana], [ana], 1)
    assert answers(workspace, ana) == {"why": "For the bridge.", "diet": "fish"}
    ran = take(rows, "--same", f"3={ana}", "--same", f"4={ana}", told=True)
    (bo,) = first["new"]
    assert f"row 4 ({bo}): is in already, as {bo}, and cannot become one with {ana}" in ran.err
    assert f"callforth withdraw {bo} -m" in ran.err
    assert answers(workspace, ana) == {"why": "For the ferry.", "diet": "fish"}
    assert len(take(rows)["unchanged"]) == 3
    two = [["8", *ANA[1:]], ["9", *ANA[1:]]]
    ran = take(two, "--same", f"2={ana}", "--same", f"3={ana}", told=True)
    assert f"row 3 ({ana}): row 2 changes {ana} too; import once more after this" in ran.err


def test_two_new_rows_of_one_person_become_one(workspace, take):
    rows = [ANA, BO, OLD]
    ran = take(rows, *IDS, "--same", "4=2", told=True)
    assert "2 applications imported: 2 new, 1 joined" in ran.out
    (ana,) = {one["id"] for one in workspace.done("list", "oslo-2022") if one["source"] == "table/1 table/3"}
    assert answers(workspace, ana) == {"why": "For the ferry.", "diet": "vegan"}
    assert "name: Ana M. Silva\n" in workspace.read(f"applications/oslo-2022/{ana}.md")
    assert len(take(rows)["unchanged"]) == 3
    assert take([["5", *ANA[1:]], ["6", *ANA[1:]]], "--same", "2=3", told=True).code == 2


def test_what_was_removed_on_record_comes_in_again_only_where_told(workspace, take):
    ana, bo = take([ANA, BO], *IDS)["new"]
    workspace.git("rm", "-q", f"applications/oslo-2022/{ana}.md")
    workspace.git("commit", "-q", "-m", f"Erase {ana}", "-m", "On request.", "-m", f"Application: oslo-2022/{ana}")
    ran = take([ANA, BO], told=True)
    assert f"row 2: {ana} was removed on " in ran.err
    assert "; --again 2 brings it in" in ran.err
    (new,) = take([ANA, BO], "--again", "2")["new"]
    assert (new != ana, take([ANA, BO])["unchanged"]) == (True, [new, bo])
    workspace.git("rm", "-q", "-r", "applications/oslo-2022")
    workspace.git("commit", "-q", "-m", "Begin anew")
    assert (take([ANA, BO])["new"], len(take([ANA, BO], "--again", "all")["new"])) == ([], 2)
