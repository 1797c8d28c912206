"""Merging what people did in two clones: what comes together, who may choose, and that an audit agrees."""

from __future__ import annotations

import pytest

from callforth.plaintext import message
from callforth.repo.merging import UnrelatedHistories
from callforth.workflow.decide import ReasonMissing
from callforth.workflow.merging import (
    ChoiceMissing,
    MayNotChoose,
    NoChoice,
    Side,
    complete,
    plan,
)

PATH = "applications/oslo-2022/k7m2qx.md"
CALL = "meetings/oslo-2022/call.md"
REVIEW = "meetings/oslo-2022/reviews/k7m2qx/hedda.md"
STATUS = (PATH, "status")


class Team:
    """A workspace on two branches: Sanna's `main` and Dario's `side`."""

    def __init__(self, sandbox, opened):
        self.sandbox, self._opened = sandbox, opened
        sandbox.git("branch", "side")

    def at(self, branch, who):
        self.sandbox.git("switch", "--quiet", branch)
        self.sandbox.be(who)

    def on(self, branch, *commands, who=""):
        self.at(branch, who or ("sanna" if branch == "main" else "dario"))
        for command in commands:
            self.sandbox.done(*command)
        self.at("main", "sanna")

    def edit(self, branch, path, *pairs, who="", said=""):
        """Change a file by hand, in a commit with a record."""
        self.at(branch, who or ("sanna" if branch == "main" else "dario"))
        text = self.sandbox.read(path)
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        self.sandbox.write(path, text)
        record = f"Edit k7m2qx for oslo-2022\n\n{said}\n\nApplication: oslo-2022/k7m2qx\n"
        self.sandbox.commit(record if said else "Change\n")
        self.at("main", "sanna")

    def plan(self):
        self.repository = self._opened(self.sandbox).repository
        return plan(self.repository, *(self.sandbox.git("rev-parse", name) for name in ("main", "side")))

    def merge(self, planned, **how):
        """Commit the merge on `main`, and return its message."""
        done = complete(self.repository, planned, **how)
        parents = ["-p", planned.ours, "-p", planned.theirs]
        commit = self.sandbox.git("commit-tree", *parents, "-F", "-", done.tree, stdin=done.message.encode())
        self.sandbox.git("reset", "--quiet", "--hard", commit)
        return done.message

    def findings(self):
        ran = self.sandbox.run("audit", "verify", "--json", "--forget")
        return [(one["rule"], one["says"]) for one in ran.json["findings"]]


def _synced(planned):
    return f"Sync: {planned.theirs}\n"


@pytest.fixture
def team(new_workspace, opened):
    return Team(new_workspace("k7m2qx", "3fh9td", "1e3456", seats=9, tags=("old",)), opened)


def test_what_comes_together_by_itself(team):
    """All that git's lines would not merge, in one application that was decided on."""
    team.on("main", ("accept", "k7m2qx"), ("tag", "k7m2qx", "+aa", "-old"))
    team.edit("main", PATH, ('name: "Person', 'name: "P.'), ("Because of", "Only for"), said="Asked for it.")
    team.on("side", ("tag", "k7m2qx", "+ab"), ("decline", "3fh9td"))
    team.edit("side", PATH, ("k7m2qx@example.org", "k7@example.org"), said="Wrote from there.")
    planned = team.plan()
    assert (planned.clashes, planned.paths) == ((), (PATH,))
    assert team.merge(planned) == f"Merge {planned.theirs[:7]}\n\nSync: {planned.theirs}\n"
    lines = team.sandbox.read(PATH).split("\n")
    assert [line for line in lines if line.startswith(("status", "- ", "  name", "  email", "Only"))] == [
        "status: accepted", '  name: "P. k7m2qx"', '  email: "k7@example.org"', "- aa", "- ab", "Only for the bridge."
    ]  # fmt: skip
    assert team.sandbox.status_of("3fh9td") == "declined"
    # The merge itself did nothing to it, so it is no step of its history.
    log = team.sandbox.done("log", "k7m2qx")
    assert planned.theirs in [entry["commit"] for entry in log]
    assert team.sandbox.head() not in [entry["commit"] for entry in log]
    assert team.findings() == []


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_two_decisions(team, side):
    team.on("main", ("accept", "k7m2qx", "-m", "Yes."), ("tag", "k7m2qx", "+aa"))
    team.on("side", ("decline", "k7m2qx", "-m", "No."), ("tag", "k7m2qx", "+ab"))
    team.edit("side", PATH, ('country: "NO"', 'country: "SE"'), said="Moved.")
    planned = team.plan()
    (clash,) = planned.clashes
    ours, theirs = (team.sandbox.git("rev-parse", name) for name in ("main~", "side~2"))
    assert (clash.key, clash.meeting, clash.application) == (STATUS, "oslo-2022", "k7m2qx")
    assert clash.ours == Side("accepted", "Sanna Lind", clash.ours.at, "Yes.", ours)
    assert clash.theirs == Side("declined", "Dario Conti", clash.theirs.at, "No.", theirs)
    assert clash.ours.at.isoformat() == team.sandbox.git("log", "-1", "--format=%aI", ours)
    # Offering the seat again after it was declined says why; so does taking it back.
    assert clash.reason_due == {"ours": True, "theirs": True}
    with pytest.raises(ChoiceMissing, match=f"both sides changed status of {PATH}; choose 'ours' or 'theirs'"):
        complete(team.repository, planned)
    with pytest.raises(ReasonMissing, match=r"k7m2qx: to choose '\w+' over '\w+' needs a reason"):
        complete(team.repository, planned, {STATUS: side})
    said = team.merge(planned, choices={STATUS: side}, reasons={"": "We talked."}, subject="Merge Dario's")
    before, after = ("declined", "accepted") if side == "ours" else ("accepted", "declined")
    decision = f"Application: oslo-2022/k7m2qx\nDecision: {before} -> {after}\n"
    assert said == f"Merge Dario's\n\nWe talked.\n\n{decision}{_synced(planned)}"
    assert team.sandbox.status_of("k7m2qx") == after
    # In the log it stands as what it decided, with its reason.
    merge = next(entry for entry in team.sandbox.done("log", "k7m2qx") if entry["commit"] == team.sandbox.head())
    assert (merge["from"], merge["to"], merge["reason"]) == (before, after, "We talked.")
    assert "(no record)" not in team.sandbox.run("log", "k7m2qx").out.split("\n")[0]
    assert 'country: "SE"' in team.sandbox.read(PATH) and "- aa\n- ab\n- old\n" in team.sandbox.read(PATH)
    assert team.findings() == []


def test_several_choices_and_a_reason_each(team):
    for id in ("k7m2qx", "3fh9td"):
        team.on("main", ("accept", id))
        team.on("side", ("decline", id))
    team.edit("main", PATH, ("the bridge", "the harbour"), said="A slip.")
    team.edit("side", PATH, ("the bridge", "the ferry"), said="A slip.")
    planned = team.plan()
    other = "applications/oslo-2022/3fh9td.md"
    answer = (PATH, "answer:why")
    assert [(clash.key, clash.ours.value, clash.theirs.value) for clash in planned.clashes] == [
        ((other, "status"), "accepted", "declined"),
        (answer, "Because of the harbour.", "Because of the ferry."),
        (STATUS, "accepted", "declined"),
    ]
    choices = {STATUS: "theirs", (other, "status"): "ours", answer: "ours"}
    said = team.merge(planned, choices=choices, reasons={PATH: "No harbour.", other: "Two of us\n\nthink so."})
    assert said == (
        f"Merge {planned.theirs[:7]}\n\n"
        "Two of us\n\nthink so.\n\nApplication: oslo-2022/3fh9td\nDecision: declined -> accepted\n\n"
        "No harbour.\n\nApplication: oslo-2022/k7m2qx\nDecision: accepted -> declined\n"
        f"Chosen: {PATH} answer:why {planned.ours}\n{_synced(planned)}"
    )
    assert message.claims(said)[1].after == "declined"
    assert "harbour" in team.sandbox.read(PATH)
    assert team.findings() == []


def test_equal_decisions_both_stay(team):
    for branch in ("main", "side"):
        team.on(branch, ("accept", "k7m2qx", "-m", branch))
    planned = team.plan()
    assert (planned.clashes, planned.paths) == ((), ())
    team.merge(planned)
    log = team.sandbox.done("log", "k7m2qx")
    assert sorted(entry["reason"] for entry in log if entry["to"] == "accepted") == ["main", "side"]
    assert team.findings() == []


def test_who_syncs_does_not_thereby_agree(team):
    """Where two must agree, what came in waits for the second person as before."""
    team.edit("main", "callforth.toml", ("format = 1\n", 'format = 1\nsecond_person = "decisions"\n'))
    team.sandbox.git("branch", "--force", "side")
    team.on("side", ("accept", "k7m2qx"))
    team.on("main", ("tag", "3fh9td", "+a"))
    team.merge(team.plan())
    rules = [rule for rule, _ in team.findings() if rule != "policy-changed"]
    assert rules == ["second-person"]
    team.sandbox.done("audit", "countersign", team.sandbox.git("rev-parse", "side"))
    assert [rule for rule, _ in team.findings() if rule != "policy-changed"] == []


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_removed_on_one_side(team, side):
    team.at("main", "sanna")
    (team.sandbox.root / PATH).unlink()
    team.sandbox.commit("Remove k7m2qx from oslo-2022\n\nAsked us to.\n\nApplication: oslo-2022/k7m2qx\n")
    team.on("side", ("accept", "k7m2qx"))
    planned = team.plan()
    (clash,) = planned.clashes
    assert (clash.what, clash.ours.value, clash.ours.why, clash.theirs.by) == (
        "file",
        "",
        "Asked us to.",
        "Dario Conti",
    )
    assert clash.reason_due == {"ours": True, "theirs": False}
    said = team.merge(planned, choices={clash.key: side}, reasons={"": "We talked."} if side == "ours" else {})
    decision = "accepted -> removed" if side == "ours" else "removed -> accepted"
    assert said.endswith(f"Application: oslo-2022/k7m2qx\nDecision: {decision}\n{_synced(planned)}")
    assert (team.sandbox.root / PATH).exists() == (side == "theirs")
    assert team.findings() == []


def test_a_choice_that_is_none(team):
    team.on("main", ("accept", "k7m2qx"))
    team.on("side", ("waitlist", "k7m2qx"))
    planned = team.plan()
    for key, side, says in (
        ((PATH, "informed"), "ours", f"{PATH}: informed is not among what both sides changed"),
        (STATUS, "mine", "'mine' is no side; choose 'ours' or 'theirs'"),
    ):
        with pytest.raises(NoChoice, match=says):
            complete(team.repository, planned, {key: side})
    assert planned.clashes[0].reason_due == {"ours": False, "theirs": True}


def test_only_an_organiser_chooses_and_a_reviewer_in_their_own_review(team):
    review = "---\napplication: k7m2qx\nreviewer: hedda\nrecommend: {}\nscores:\n  fit: {}\n---\n\nListens.\n"
    for branch, recommend, score in (("main", "accept", 3), ("side", "decline", 3)):
        team.at(branch, "hedda")
        team.sandbox.write(REVIEW, review.format(recommend, score))
        team.sandbox.commit("Review k7m2qx for oslo-2022\n")
    team.at("main", "hedda")
    planned = team.plan()
    key = (REVIEW, "field recommend")
    assert [(clash.key, clash.application, clash.ours.by) for clash in planned.clashes] == [
        (key, "k7m2qx", "Hedda Nyström")
    ]
    said = team.merge(planned, choices={key: "theirs"})
    assert said.endswith(f"\n\nChosen: {REVIEW} field recommend {planned.theirs}\n{_synced(planned)}")
    assert team.sandbox.read(REVIEW) == review.format("decline", 3)
    assert team.findings() == []
    team.sandbox.git("branch", "--force", "side")
    team.on("main", ("accept", "3fh9td"))
    team.on("side", ("waitlist", "3fh9td"))
    team.at("main", "hedda")
    planned = team.plan()
    with pytest.raises(MayNotChoose, match=r"hedda.nystrom@example.org may not choose .* an organiser may: Sanna Lind"):
        complete(team.repository, planned, {planned.clashes[0].key: "ours"}, {"": "So."})


def test_calls_and_other_texts(team):
    team.edit("main", CALL, ("seats: 9", "seats: 8"))
    team.edit("side", CALL, ("seats: 9\n", "seats: 9\nprofile:\n- Whoever listens\n"))
    for branch, text in (("main", "ours\n"), ("side", "theirs\n")):
        team.at(branch, "sanna")
        team.sandbox.write("notes.txt", text)
        team.sandbox.commit("Note\n")
    planned = team.plan()
    (clash,) = planned.clashes
    assert (clash.key, clash.meeting, clash.ours.value) == (("notes.txt", "file"), "", "1 lines")
    team.merge(planned, choices={clash.key: "theirs"})
    assert "seats: 8\nprofile:\n- Whoever listens\n" in team.sandbox.read(CALL)
    assert team.sandbox.read("notes.txt") == "theirs\n"
    assert [found for found in team.findings() if found[0] != "call-changed"] == []


def test_two_teams_that_cannot_be_one(team):
    who = '[team.new]\nname = "{}"\nemail = "new@example.org"\nroles = ["reviewer"]\n'
    team.edit("main", "callforth.toml", ("\n[team.hedda]", "\n" + who.format("A") + "\n[team.hedda]"))
    team.edit(
        "side",
        "callforth.toml",
        (
            'hedda.nystrom@example.org"\nroles = ["reviewer"]\n',
            'hedda.nystrom@example.org"\nroles = ["reviewer"]\n\n' + who.format("B"),
        ),
    )
    planned = team.plan()
    assert [clash.key for clash in planned.clashes] == [("callforth.toml", "file")]
    team.merge(planned, choices={("callforth.toml", "file"): "theirs"})
    assert [rule for rule, _ in team.findings() if rule != "team-changed"] == []


def test_a_meeting_that_was_renamed_on_one_side(team):
    team.on("main", ("accept", "k7m2qx"))
    team.at("side", "dario")
    for folder in ("applications", "meetings"):
        team.sandbox.git("mv", f"{folder}/oslo-2022", f"{folder}/oslo")
    team.sandbox.commit("Rename the meeting\n\nImported: all of it\n")
    team.at("main", "sanna")
    planned = team.plan()
    assert planned.clashes == ()
    team.merge(planned)
    assert team.sandbox.status_of("k7m2qx", "oslo") == "accepted"
    assert not (team.sandbox.root / "applications/oslo-2022").exists()
    assert [rule for rule, _ in team.findings() if rule in ("merge", "merge-dropped", "answers")] == []


def test_lines_that_crossed(team):
    """Each merged the other's tag and answer, and went on; then both decided, and both took a tag away."""
    team.on("main", ("tag", "k7m2qx", "+aa"))
    team.on("side", ("tag", "k7m2qx", "+bb"))
    first, second = (team.sandbox.git("rev-parse", name) for name in ("main", "side"))
    for branch, other in (("main", second), ("side", first)):
        team.at(branch, "sanna" if branch == "main" else "dario")
        repository = team._opened(team.sandbox).repository
        mine = team.sandbox.head()
        done = complete(repository, plan(repository, mine, other))
        parents = ["-p", mine, "-p", other]
        commit = team.sandbox.git("commit-tree", *parents, "-F", "-", done.tree, stdin=done.message.encode())
        team.sandbox.git("reset", "--quiet", "--hard", commit)
    team.on("main", ("tag", "k7m2qx", "-aa"), ("accept", "k7m2qx"))
    team.on("side", ("tag", "k7m2qx", "-bb"), ("accept", "3fh9td"))
    planned = team.plan()
    assert (len(planned.merge.bases), planned.clashes) == (2, ())
    team.merge(planned)
    assert "tags:\n- old\n" in team.sandbox.read(PATH)
    assert (team.sandbox.status_of("k7m2qx"), team.sandbox.status_of("3fh9td")) == ("accepted", "accepted")
    assert team.findings() == []


def test_nothing_in_common(team):
    team.sandbox.git("switch", "--quiet", "--orphan", "alone")
    team.sandbox.git("commit", "--quiet", "--allow-empty", "-m", "Alone")
    team.sandbox.git("branch", "--force", "side")
    team.sandbox.git("switch", "--quiet", "main")
    with pytest.raises(UnrelatedHistories):
        team.plan()
