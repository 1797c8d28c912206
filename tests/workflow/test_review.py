"""Reviewing: who may, what is written, what is left to do, and who sees whose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callforth.index.questions import UnknownId
from callforth.model.decision import Actor
from callforth.model.review import Review, blank
from callforth.plaintext.document import FileUnusable
from callforth.plaintext.review import render
from callforth.repo import branches
from callforth.repo.commit import UncommittedEdit
from callforth.repo.repository import Signature
from callforth.workflow import review as reviewing
from callforth.workflow.audit import verify
from callforth.workflow.review import BadReview, Load, NothingSaid, NotReviewer, ReviewChanged, queue

MEETING = "oslo-2022"
HEDDA = Signature(Actor("Hedda Nyström", "Hedda.Nystrom@example.org"), 1_661_000_000, "+0200")
GOOD = Review("k7m2qx", "hedda", "accept", {"fit": 4.0}, ("youth",), False, "Years of it.")


def path(id: str, who: str = "hedda") -> str:
    return f"meetings/{MEETING}/reviews/{id}/{who}.md"


def test_organisers_and_reviewers_of_the_committed_team_may_review_as_themselves(workspace, opened, monkeypatch):
    here = opened(workspace)
    assert reviewing.reviewer(here).slug == "sanna"
    assert reviewing.reviewer(here, HEDDA).slug == "hedda"
    workspace.be("stranger")
    team = workspace.read("callforth.toml")
    workspace.write("callforth.toml", team.replace("hedda.nystrom@", "stranger@"))
    with pytest.raises(NotReviewer) as refused:
        reviewing.reviewer(here)
    assert refused.value.says == (
        "stranger@example.org is not in the team, so they cannot review; organisers here are: Sanna Lind "
        "<sanna.lind@example.org>, Dario Conti <dario.conti@example.org>. Ask one of them to add you to "
        "callforth.toml, or set git's user.email to the address you have there"
    )
    workspace.write("callforth.toml", team.replace('"reviewer"', '"auditor"'))
    workspace.commit()
    with pytest.raises(NotReviewer, match=r"^hedda\.nystrom@example\.org is no reviewer, so"):
        reviewing.reviewer(here, replace(HEDDA, actor=Actor("Hedda", "hedda.nystrom@example.org")))
    workspace.be("sanna")
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "dario.conti@example.org")
    with pytest.raises(NotReviewer, match=r"^git would commit as dario\.conti@example\.org, who is not Sanna Lind; "):
        reviewing.reviewer(opened(workspace))


def test_a_review_is_one_commit_of_one_file_that_the_audit_finds_sound(workspace, opened):
    workspace.be("hedda")
    here = opened(workspace)
    before = workspace.head()
    saved = reviewing.save(here, "k7m2qx", GOOD, None)
    assert (saved.path, saved.review, saved.commit) == (path("k7m2qx"), GOOD, workspace.head())
    assert workspace.git("rev-list", f"{before}..HEAD") == saved.commit
    assert workspace.git("diff", "--name-status", before, "HEAD") == f"A\t{saved.path}"
    assert workspace.git("status", "--porcelain") == ""
    assert workspace.git("log", "-1", "--format=%an <%ae>, %cn <%ce>%n%B") == (
        "Hedda Nyström <hedda.nystrom@example.org>, Hedda Nyström <hedda.nystrom@example.org>\n"
        "Review k7m2qx for oslo-2022\n\n"
        "Application: oslo-2022/k7m2qx\nReview: hedda\n"
    )
    assert here.catalog.reviews("k7m2qx") == [GOOD]
    raw, found = reviewing.read(here, "k7m2qx", "hedda")
    assert (raw, found) == (workspace.read(saved.path).encode(), GOOD)
    less = replace(GOOD, recommend="waitlist", scores={}, remarks="On second thoughts.")
    assert reviewing.save(here, "k7m2qx", less, raw).review == less
    assert reviewing.mine(here, "k7m2qx", "hedda") == less
    assert verify.findings(here) == ()


def test_nothing_is_written_that_may_not_be(workspace, opened):
    here = opened(workspace)
    workspace.write(path("k7m2qx"), "---\napplication: k7m2qx\nreviewer: hedda\nscores:\n  gone: 9\n---\nWell.\n")
    workspace.commit()
    everything = workspace.everything()
    raw = reviewing.read(here, "k7m2qx", "hedda")[0]

    def refused(kind, says, review=GOOD, seen=raw, application="k7m2qx"):
        with pytest.raises(kind) as caught:
            reviewing.save(here, application, review, seen, HEDDA)
        assert caught.value.says == says
        assert workspace.everything() == everything

    refused(BadReview, "the score 6 for 'fit' is off the scale 1-5; give 1 to 5", replace(GOOD, scores={"fit": 6}))
    refused(BadReview, "'it' is no criterion of the call; use one of fit", replace(GOOD, scores={"it": 1}))
    refused(
        BadReview,
        "the score nan for 'fit' is off the scale 1-5; give 1 to 5",
        replace(GOOD, scores={"fit": float("nan")}),
    )
    unknown = "use one of accept, waitlist, decline, abstain"
    refused(BadReview, f"the recommendation 'perhaps' is unknown; {unknown}", replace(GOOD, recommend="perhaps"))
    refused(BadReview, "'a b' is no tag; use letters, digits and hyphens, no spaces", replace(GOOD, tags=("a b",)))
    long = replace(GOOD, remarks="x" * 20_001)
    refused(BadReview, "the remarks have 20001 characters; keep them under 20000", long)
    refused(ReviewChanged, "your review of k7m2qx was changed elsewhere meanwhile; look at it again", seen=b"")
    says = "a review is written by its reviewer alone: this one is of sanna, not hedda"
    refused(NotReviewer, says, replace(GOOD, reviewer="sanna"))
    says = "this review of 3fh9td says nothing yet; recommend something, or give a score"
    refused(NothingSaid, says, blank("3fh9td", "hedda"), None, "3fh9td")
    says = "no application's id begins with 'zzzzzz'; 'callforth list' shows the ids"
    refused(UnknownId, says, replace(GOOD, application="zzzzzz"), None, "zzzzzz")
    old = Review("k7m2qx", "hedda", "", {"gone": 9.0}, (), False, "Well.")
    refused(NothingSaid, "your review of k7m2qx is as it was", old)
    refused(BadReview, "'gone' is no criterion of the call; use one of fit", replace(old, scores={"gone": 8.0}))
    # What the call has no criterion for any more stays as it was.
    now = replace(old, recommend="accept", scores={"gone": 9.0, "fit": 3.5})
    assert reviewing.save(here, "k7m2qx", now, raw, HEDDA).review == now


def test_what_was_edited_by_hand_and_not_committed_is_not_lost(workspace, opened):
    here = opened(workspace)
    reviewing.save(here, "k7m2qx", GOOD, None, HEDDA)
    text = workspace.read(path("k7m2qx")).replace("accept", "decline")
    workspace.write(path("k7m2qx"), text)
    with pytest.raises(UncommittedEdit, match=r"^meetings/.*/hedda\.md has edits that are not committed; commit them"):
        reviewing.save(here, "k7m2qx", GOOD, signed_by=HEDDA)
    assert workspace.read(path("k7m2qx")) == text


def test_a_whole_file_is_taken_in_by_the_same_rules_and_may_mend_an_unusable_one(workspace, opened):
    here = opened(workspace)
    template = reviewing.template(here, "k7", "hedda")
    assert template == render(here.catalog.meeting(MEETING), "k7m2qx", "hedda")
    with pytest.raises(NothingSaid, match=r"^nothing was filled in"):
        reviewing.save_file(here, "k7m2qx", template, None, HEDDA)
    workspace.write(path("k7m2qx"), template.replace(b"fit:", b"fit:9"))
    workspace.commit()
    here.catalog.refresh()
    assert (queue(here, MEETING, "hedda"), queue(here, MEETING, "dario")) == (["k7m2qx"], [])
    assert reviewing.progress(here, MEETING) == [Load("hedda", 1, 0, 0, 1)]
    broken = reviewing.as_read(here, "k7m2qx", "hedda")
    assert broken == reviewing.template(here, "k7m2qx", "hedda") == template.replace(b"fit:", b"fit:9")
    with pytest.raises(FileUnusable, match=r"'fit:'; write 'fit: 9'") as unusable:
        reviewing.save(here, "k7m2qx", GOOD, broken, HEDDA)
    assert (unusable.value.problem.line, unusable.value.problem.says) == (6, "there is no space after 'fit:'")
    with pytest.raises(BadReview, match=r"^the score 9 for 'fit' is off the scale 1-5; "):
        reviewing.save_file(here, "k7m2qx", template.replace(b"fit:", b"fit: 9"), broken, HEDDA)
    saved = reviewing.save_file(here, "k7m2qx", template.replace(b"fit:", b"fit: 3"), broken, HEDDA)
    assert saved.review == replace(blank("k7m2qx", "hedda"), scores={"fit": 3.0})
    assert here.catalog.reviews("k7m2qx") == [saved.review]


def test_where_nothing_was_assigned_all_that_is_undecided_is_left(workspace, opened):
    here = opened(workspace)
    everything = ["1e3456", "3fh9td", "3fk000", "k7m2qx"]
    assert queue(here, MEETING, "hedda") == everything
    reviewing.save(here, "3fh9td", replace(GOOD, application="3fh9td"), None, HEDDA)
    reviewing.save(here, "3fk000", replace(blank("3fk000", "hedda"), conflict=True), None, HEDDA)
    reviewing.save(here, "1e3456", replace(blank("1e3456", "hedda"), scores={"fit": 1.0}), None, HEDDA)
    assert (queue(here, MEETING, "hedda"), queue(here, MEETING, "dario")) == (["1e3456", "k7m2qx"], everything)
    workspace.done("accept", "k7m2qx")
    here.catalog.refresh()
    assert (queue(here, MEETING, "hedda"), queue(here, MEETING, "dario")) == (["1e3456"], everything[:3])
    assert reviewing.progress(here, MEETING) == [Load("hedda", 3, 1, 1, 1)]


def test_assignments_are_files_here_on_a_branch_and_on_a_fetched_one(workspace, opened):
    here = opened(workspace)
    call = here.catalog.meeting(MEETING)

    def branch(name, who, **files):
        made = {path(id, who): data for id, data in files.items()}
        branches.write(here.repository, name, made, "Assign\n", workspace.head())

    def template(id, who="hedda"):
        return render(call, id, who)

    workspace.write(path("k7m2qx"), template("k7m2qx"))
    workspace.write(path("3fh9td", "dario"), template("3fh9td", "dario"))
    workspace.commit()
    here.catalog.refresh()
    assert [queue(here, MEETING, who) for who in ("hedda", "dario", "sanna")] == [["k7m2qx"], ["3fh9td"], []]
    done = render(call, "3fk000", "hedda", replace(GOOD, application="3fk000"))
    branch(f"review/{MEETING}/hedda", "hedda", **{"3fh9td": template("3fh9td"), "3fk000": template("3fk000")})
    branch("pushed", "hedda", **{"3fk000": done, "1e3456": template("1e3456"), "zfajtz": template("zfajtz")})
    branch("other", "dario", k7m2qx=template("k7m2qx", "dario"))
    workspace.git("update-ref", f"refs/remotes/origin/review/{MEETING}/hedda", "pushed")
    # Another's files on a branch of hers assign nothing.
    workspace.git("update-ref", f"refs/remotes/fork/review/{MEETING}/hedda", "other")
    workspace.done("accept", "1e3456")
    here.catalog.refresh()
    assert queue(here, MEETING, "hedda") == ["3fh9td", "k7m2qx", "1e3456"]
    assert reviewing.progress(here, MEETING) == [Load("hedda", 4, 1, 0, 3), Load("dario", 1, 0, 0, 1)]
    # What says most is what counts, and going on from there loses nothing of it.
    assert reviewing.read(here, "3fk000", "hedda") == (done, replace(GOOD, application="3fk000"))
    assert reviewing.mine(here, "3fh9td", "hedda") == blank("3fh9td", "hedda")
    assert reviewing.mine(here, "3fh9td", "sanna") is None
    where = [reviewing.waits_on_branch(here, id, "hedda") for id in ("3fh9td", "k7m2qx")]
    said = "'callforth review start --switch' takes you there"
    assert where == [f"your file of it is on review/{MEETING}/hedda: {said}", ""]
    reviewing.save(here, "3fh9td", replace(GOOD, application="3fh9td"), template("3fh9td"), HEDDA)
    assert "# 1-5: Fits" in workspace.read(path("3fh9td"))
    assert queue(here, MEETING, "hedda") == ["k7m2qx", "1e3456"]
    workspace.git("update-ref", "-d", f"refs/remotes/origin/review/{MEETING}/hedda")
    workspace.git("branch", "-D", f"review/{MEETING}/hedda")
    reviewing.save(here, "k7m2qx", GOOD, signed_by=HEDDA)
    # All done is not the same as nothing ever assigned.
    assert (queue(here, MEETING, "hedda"), queue(here, MEETING, "dario")) == ([], ["3fh9td"])


def test_of_a_blind_meeting_a_reviewer_sees_others_reviews_after_their_own(workspace, opened):
    here = opened(workspace)
    call = here.catalog.meeting(MEETING)
    blind = replace(call, blind=True)
    team = {member.slug: member for member in here.team().members}
    ids = ("k7m2qx", "3fh9td", "3fk000", "1e3456")
    others = [Review(id, "dario", "decline", {}, (), False, "No.") for id in ids]
    own = replace(blank("3fk000", "hedda"), scores={"fit": 2.0})
    given = [*others, GOOD, own]
    see = reviewing.visible
    for member in (*team.values(), None):
        assert see(here, call, member, given) == tuple(given)
    assert see(here, blind, team["sanna"], given) == tuple(given)
    assert see(here, blind, replace(team["hedda"], roles=("auditor",)), given) == tuple(given)
    assert see(here, blind, None, given) == ()
    assert see(here, blind, team["hedda"], given) == (others[0], GOOD, own)
    # Her own may lie on her branch, and giving it up opens the others too.
    gave_up = render(call, "3fh9td", "hedda", replace(blank("3fh9td", "hedda"), conflict=True))
    branches.write(here.repository, f"review/{MEETING}/hedda", {path("3fh9td"): gave_up}, "Review\n", None)
    assert see(here, blind, team["hedda"], others[1:3]) == (others[1],)
    assert see(here, blind, team["hedda"], given) == (others[0], others[1], GOOD, own)


def test_nobody_reviews_under_a_second_name_or_in_anothers(workspace, opened):
    team = workspace.read("callforth.toml")
    again = '\n[team.hedwig]\nname = "Hedwig"\nemail = "hedda.nystrom@example.org"\nroles = ["reviewer"]\n'
    workspace.write("callforth.toml", team + again)
    workspace.commit()
    workspace.be("hedda")
    here = opened(workspace)
    reviewing.save(here, "k7m2qx", GOOD)
    with pytest.raises(NotReviewer, match=r": this one is of hedwig, not hedda$"):
        reviewing.save(here, "k7m2qx", replace(GOOD, reviewer="hedwig"))
    assert {found.rule for found in verify.findings(here)} == {"team-changed"}
    # By plain git it can be done, and is found.
    second = render(here.catalog.meeting(MEETING), "k7m2qx", "hedwig", replace(GOOD, reviewer="hedwig"))
    workspace.write(path("k7m2qx", "hedwig"), second)
    workspace.commit("Review k7m2qx\n")
    workspace.be("dario")
    workspace.write(path("k7m2qx"), workspace.read(path("k7m2qx")).replace("accept", "decline"))
    workspace.commit("Review k7m2qx\n")
    assert [(found.path, found.says) for found in verify.findings(here) if found.rule == "review"] == [
        (path("k7m2qx", "hedwig"), "the review of hedwig was written by Hedda Nyström <hedda.nystrom@example.org>"),
        (path("k7m2qx"), "the review of hedda was written by Dario Conti <dario.conti@example.org>"),
    ]
