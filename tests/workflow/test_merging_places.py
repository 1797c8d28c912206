"""Applications that one side moved, while the other removed them, or moved them elsewhere: a person sees to that."""

from __future__ import annotations

import pytest

from callforth.workflow.merging_places import RemovedAndMoved, TwoPlaces

from .test_merging import PATH, REVIEW, Team

MOVED = "applications/oslo/k7m2qx.md"
AWAY = "applications/bergen/k7m2qx.md"


@pytest.fixture
def team(new_workspace, opened):
    return Team(new_workspace("k7m2qx", "3fh9td", "1e3456", seats=9, tags=("old",)), opened)


def _renamed(team, branch, to, was="oslo-2022"):
    team.at(branch, "sanna" if branch == "main" else "dario")
    for folder in ("applications", "meetings"):
        team.sandbox.git("mv", f"{folder}/{was}", f"{folder}/{to}")
    team.sandbox.commit(f"Rename {was}\n")
    team.at("main", "sanna")


def _erased(team, branch, path=PATH):
    team.at(branch, "sanna" if branch == "main" else "dario")
    team.sandbox.git("rm", "--quiet", path)
    _, meeting, name = path.removesuffix(".md").split("/")
    team.sandbox.commit(f"Erase {name}\n\nAsked us to.\n\nApplication: {meeting}/{name}\n")
    team.at("main", "sanna")


def _rules(team):
    return [rule for rule, _ in team.findings() if rule != "call-changed"]


@pytest.mark.parametrize("decided", [False, True])
def test_removed_there_and_moved_here(team, decided):
    _renamed(team, "main", "oslo")
    if decided:
        team.on("main", ("accept", "k7m2qx"))
    _erased(team, "side")
    with pytest.raises(RemovedAndMoved) as refused:
        team.plan()
    assert (refused.value.exit_code, refused.value.code) == (3, "removed-and-moved")
    assert refused.value.places == ((MOVED, ""),)
    assert str(refused.value) == (
        f"k7m2qx was removed there, and was moved here to {MOVED}; nothing was changed: remove it here too ('git rm "
        f"{MOVED}', and its reviews; commit, and say why); then sync again"
    )
    # As it says.
    _erased(team, "main", MOVED)
    planned = team.plan()
    assert planned.clashes == ()
    team.merge(planned)
    assert "k7m2qx" not in team.sandbox.git("ls-tree", "-r", "--name-only", "HEAD")
    assert _rules(team) == []


def test_removed_here_and_moved_there(team):
    _renamed(team, "side", "oslo")
    _erased(team, "main")
    _erased(team, "main", "applications/oslo-2022/3fh9td.md")
    with pytest.raises(RemovedAndMoved) as refused:
        team.plan()
    assert refused.value.places == (("", "applications/oslo/3fh9td.md"), ("", MOVED))
    assert str(refused.value) == (
        "3fh9td was removed here, and was moved there to applications/oslo/3fh9td.md (and 1 more application like "
        "that); nothing was changed: ask whoever moved it to remove it there, or take your removal back ('git "
        "revert'), run 'callforth sync --no-push', and remove it again from applications/oslo/3fh9td.md; then sync "
        "again"
    )
    # As it says.
    team.sandbox.git("revert", "--no-edit", "HEAD", "HEAD~")
    planned = team.plan()
    assert planned.clashes == ()
    team.merge(planned)
    _erased(team, "main", MOVED)
    assert "k7m2qx" not in team.sandbox.git("ls-tree", "-r", "--name-only", "HEAD")
    assert _rules(team) == []


def test_one_file_that_was_moved_to_another_meeting_and_removed(team):
    team.sandbox.meeting("bergen")
    team.sandbox.commit("Another call\n")
    team.sandbox.git("branch", "--force", "side")
    team.at("side", "dario")
    (team.sandbox.root / "applications/bergen").mkdir(exist_ok=True)
    team.sandbox.git("mv", PATH, AWAY)
    team.sandbox.commit("It belongs to Bergen\n")
    _erased(team, "main")
    with pytest.raises(RemovedAndMoved, match=f"k7m2qx was removed here, and was moved there to {AWAY};"):
        team.plan()


def test_removed_on_both_sides_or_moved_alike_is_nothing_to_ask(team):
    """Also where one side moved all of it first, and beside new applications."""
    _renamed(team, "main", "oslo")
    _erased(team, "main", MOVED)
    _erased(team, "side")
    team.at("side", "dario")
    team.sandbox.application("9z9z9z")
    team.sandbox.commit("Add one\n\nImported: by hand\n")
    _renamed(team, "side", "oslo")
    planned = team.plan()
    assert planned.clashes == ()
    team.merge(planned)
    assert sorted(team.sandbox.git("ls-tree", "-r", "--name-only", "HEAD", "applications").split()) == [
        "applications/oslo/1e3456.md", "applications/oslo/3fh9td.md", "applications/oslo/9z9z9z.md"
    ]  # fmt: skip


def test_a_meeting_that_both_renamed_differently(team):
    _renamed(team, "main", "bergen")
    _renamed(team, "side", "oslo")
    team.on("main", ("accept", "k7m2qx"))
    with pytest.raises(TwoPlaces) as refused:
        team.plan()
    assert (refused.value.exit_code, refused.value.code, len(refused.value.places)) == (3, "two-places", 3)
    assert refused.value.places[2] == (AWAY, MOVED)
    assert str(refused.value) == (
        "1e3456 was moved to applications/bergen/1e3456.md here and to applications/oslo/1e3456.md there (and 2 more "
        "applications like that), and together it would be there twice; nothing was changed: agree on one place; then "
        "move it here to where it is there ('git mv', for a meeting its folders in applications/ and meetings/; "
        "commit), or ask for it to be moved there, and sync again"
    )
    # As it says: who had decided meanwhile is asked once.
    _renamed(team, "main", "oslo", "bergen")
    planned = team.plan()
    assert [clash.key for clash in planned.clashes] == [(MOVED, "status")]
    team.merge(planned, choices={(MOVED, "status"): "ours"}, reasons={"": "Only here was it decided."})
    assert team.sandbox.status_of("k7m2qx", "oslo") == "accepted"
    assert not (team.sandbox.root / "applications/bergen").exists()
    assert _rules(team) == []


def test_an_application_that_was_there_twice_before_can_be_mended(team):
    """What one side has twice already is not the merge's doing, and must not stop whoever brings it in order."""
    team.at("side", "dario")
    team.sandbox.write(MOVED, team.sandbox.read(PATH))
    team.sandbox.commit("A copy\n")
    team.on("main", ("tag", "3fh9td", "+aa"))
    assert team.plan().clashes == ()


def test_who_made_it_so_where_one_side_moved_it(team):
    """Not whoever renamed the folder after it."""
    team.on("side", ("decline", "k7m2qx", "-m", "No."))
    _renamed(team, "side", "oslo")
    team.on("main", ("accept", "k7m2qx", "-m", "Yes."))
    (clash,) = team.plan().clashes
    assert (clash.key, clash.ours.why, clash.theirs.why) == ((MOVED, "status"), "Yes.", "No.")
    assert clash.theirs.commit == team.sandbox.git("rev-parse", "side~")


def test_many_things_to_choose_are_each_told_by_who_made_them_so(team):
    for name, word in (("main", "harbour"), ("side", "ferry")):
        team.on(name, ("accept" if name == "main" else "decline", "k7m2qx", "-m", word))
        team.edit(name, PATH, ("the bridge", f"the {word}"), said=f"Of the {word}.")
        team.on(name, ("decline" if name == "main" else "accept", "3fh9td", "-m", f"{word} too"))
    said = {(clash.application, clash.what): (clash.ours.why, clash.theirs.why) for clash in team.plan().clashes}
    assert said == {
        ("3fh9td", "status"): ("harbour too", "ferry too"),
        ("k7m2qx", "status"): ("harbour", "ferry"),
        ("k7m2qx", "answer:why"): ("Of the harbour.", "Of the ferry."),
    }


def test_a_review_that_its_reviewer_removed_is_no_matter_of_the_application(team):
    team.sandbox.write(REVIEW, "---\nrecommend: accept\nscores:\n  fit: 4\n---\n")
    team.sandbox.commit("Review\n")
    team.sandbox.git("branch", "--force", "side")
    team.at("side", "hedda")
    team.sandbox.git("rm", "--quiet", REVIEW)
    team.sandbox.commit("Take my review back\n")
    _renamed(team, "main", "oslo")
    assert team.plan().clashes == ()
