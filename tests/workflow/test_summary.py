"""What a branch would change, counted from the files of three commits."""

import pytest

from callforth.model.status import Status
from callforth.workflow import summary as summing
from callforth.workflow.summary_page import page, title

_REVIEW = "---\napplication: {0}\nreviewer: hedda\nrecommend: {1}\nconflict: {2}\n---\n"


@pytest.fixture
def branch(workspace):
    """A workspace on a branch, with a quota; on main somebody has taken a seat since."""
    path = "meetings/oslo-2022/call.md"
    quota = "quotas:\n- field: country\n  most: 1\n- field: side\n  value: left\n  least: 1\n"
    side = "- name: side\n  label: Side | bank\nquestions:\n"
    text = workspace.read(path).replace("criteria:\n", f"{quota}criteria:\n").replace("questions:\n", side)
    workspace.write(path, text)
    workspace.application("3fk000", applicant={"country": "SE", "side": "left"})
    workspace.commit()
    workspace.git("switch", "--quiet", "--create", "propose/oslo-2022/sanna-1")
    workspace.git("switch", "--quiet", "main")
    assert workspace.run("accept", "3fk000", "-m", "First.").code == 0
    workspace.git("switch", "--quiet", "propose/oslo-2022/sanna-1")
    return workspace


def _summary(sandbox, opened, base: str = "main"):
    return summing.summary(opened(sandbox), base)


def test_decisions_have_their_reasons_and_seats_are_those_after_the_merge(branch, opened) -> None:
    for verb, why in (("shortlist", "Look again."), ("accept", "Knows @everyone | <b>\n\nand more")):
        assert branch.run(verb, "k7m2qx", "-m", why).code == 0
    assert branch.run("decline", "1e3456", "-m", "").code == 0
    assert branch.run("undo", "--yes").code == 0
    assert branch.run("tag", "k7m2qx", "3fh9td", "+first", "--yes").code == 0
    found = _summary(branch, opened)
    [one] = found.meetings
    assert (found.commits, found.others, one.meeting.id, one.taken) == (6, (), "oslo-2022", (1, 2))
    [decided] = one.decided
    assert (decided.application, decided.before, decided.after) == ("k7m2qx", Status.RECEIVED, Status.ACCEPTED)
    assert [(step.after, step.reason, step.by.name) for step in decided.steps] == [
        (Status.SHORTLISTED, "Look again.", "Sanna Lind"),
        (Status.ACCEPTED, "Knows @everyone | <b>\n\nand more", "Sanna Lind"),
    ]
    assert [(tagged.application, tagged.tags) for tagged in one.tagged] == [
        ("3fh9td", ("+first",)),
        ("k7m2qx", ("+first",)),
    ]
    assert one.statuses == ((Status.RECEIVED, 3, 2), (Status.ACCEPTED, 1, 2))
    assert [(s.field, s.value, s.before, s.after, s.least, s.most) for s in one.shares] == [
        ("country", "NO", 0, 1, None, 1),
        ("country", "SE", 1, 1, None, 1),
        ("side", "left", 1, 1, 1, None),
        ("side", "(not said)", 0, 1, None, None),
    ]
    assert title(found) == "Decisions for oslo-2022: 1 accepted, 2 tagged"
    assert page(found) == (
        "## The oslo-2022 meeting (oslo-2022)\n\n### Decisions\n\n"
        "| application | decision | why | by |\n| --- | --- | --- | --- |\n"
        "| k7m2qx | received → **accepted** | Look again.<br>Knows @<!-- -->everyone \\| \\<b\\> and more "
        "| Sanna Lind |\n\nSeats taken: 1 → 2 of 3.  \nApplications: received 3 → 2, accepted 1 → 2.\n\n"
        "Seats held, where that changes, or a quota is not kept:\n\n"
        "| field | value | before | after | quota |\n| --- | --- | --- | --- | --- |\n"
        "| Country | NO | 0 | 1 | at most 1 |\n| Side \\| bank | (not said) | 0 | 1 |  |\n\n"
        "### Tags\n\n| application | tags |\n| --- | --- |\n| 3fh9td | \\+first |\n| k7m2qx | \\+first |\n\n"
        f"<sub>6 commits to {found.base[:12]}, at {found.head[:12]}. Written by `callforth summary`.</sub>\n"
    )
    assert "Person k7m2qx" in page(found, names=True)


def test_reviews_are_told_by_reviewer_and_not_what_they_say_where_they_are_blind(branch, opened) -> None:
    for id, said in (
        ("k7m2qx", ("accept", "")),
        ("3fh9td", ("decline", "")),
        ("3fk000", ("", "true")),
        ("1e3456", ("", "")),
    ):
        branch.write(f"meetings/oslo-2022/reviews/{id}/hedda.md", _REVIEW.format(id, *said))
    branch.write("meetings/oslo-2022/reviews/k7m2qx/dario.md", "no frontmatter")
    branch.commit()
    found = _summary(branch, opened)
    [dario, hedda] = found.meetings[0].reviewed
    assert (hedda.reviewer, hedda.recommend, hedda.conflicts, hedda.blank) == (
        "hedda",
        {"accept": 1, "decline": 1},
        1,
        1,
    )
    assert (dario.reviews, dario.unusable) == (0, ("k7m2qx",))
    assert title(found) == "Reviews for oslo-2022: 3 reviews"
    assert "| hedda | 2 | 1 accept, 1 decline | 1 | 1 | 0 |" in page(found)
    assert "**Reviews that cannot be read**: k7m2qx (dario)" in page(found)
    path = "meetings/oslo-2022/call.md"
    branch.write(path, branch.read(path).replace("criteria:\n", "review:\n  blind: true\ncriteria:\n"))
    branch.commit()
    blind = page(_summary(branch, opened))
    assert "| hedda | 2 | 1 | 1 | 0 |" in blind and "1 accept" not in blind
    assert "**The call is changed**: blind False → True" in blind


def test_everything_else_that_a_branch_changes_is_named(branch, opened) -> None:
    path = branch.application("k7m2qx", body="\n<!-- question: why -->\n## Why?\n\nOther words.\n")
    branch.application("zzzzzz", tags=("new",))
    branch.application("1e3456", status="accepted")
    branch.write("applications/oslo-2022/3fk000.md", "gone wrong")
    branch.git("rm", "--quiet", "applications/oslo-2022/3fh9td.md")
    branch.write("callforth.toml", branch.read("callforth.toml") + "# more\n")
    branch.write("notes/a`b.md", "x")
    branch.commit("Edit by hand")
    found = _summary(branch, opened)
    [one] = found.meetings
    assert (one.came, one.edited, one.removed, one.unusable) == (("zzzzzz",), ("k7m2qx",), ("3fh9td",), ("3fk000",))
    assert (one.decided[0].application, one.decided[0].steps) == ("1e3456", ())
    assert found.others == ("callforth.toml", "notes/a`b.md")
    text = page(found)
    for part in (
        "*no record says so*",
        "New applications: zzzzzz",
        "**Answers or fields of applicants edited**: k7m2qx",
        "**Applications removed**: 3fh9td",
        "**Applications that cannot be read any more**: 3fk000",
        "- `callforth.toml`\n- `notes/a'b.md`",
    ):
        assert part in text
    assert "Other words" not in text and path not in text


def test_what_was_repaired_is_told_as_that_and_seats_follow_what_applicants_are_now(branch, opened) -> None:
    call = "meetings/oslo-2022/call.md"
    broken, held = (f"applications/oslo-2022/{id}.md" for id in ("1e3456", "3fk000"))
    branch.git("switch", "--quiet", "main")
    whole = {path: branch.read(path) for path in (call, broken)}
    for path in whole:
        branch.write(path, "gone wrong")
    branch.commit("Break")
    branch.git("switch", "--quiet", "--create", "mend")
    for path, text in whole.items():
        branch.write(path, text)
    branch.write(held, branch.read(held).replace('country: "SE"', "country: NO"))
    branch.commit("Mend")
    branch.git("switch", "--quiet", "main")
    branch.write(held, branch.read(held).replace('side: "left"', "side: right"))
    branch.commit("Meanwhile")
    branch.git("switch", "--quiet", "mend")
    found = _summary(branch, opened)
    [one] = found.meetings
    assert (one.came, one.edited, one.repaired, one.call) == ((), ("3fk000",), ("1e3456",), ("can be used again",))
    assert [(s.field, s.value, s.before, s.after) for s in one.shares] == [
        ("country", "NO", 0, 1),
        ("country", "SE", 1, 0),
        ("side", "left", 0, 0),
        ("side", "(something else)", 1, 1),
    ]
    assert (title(found), one.taken) == ("Changes for oslo-2022: 1 edited, 1 repaired, the call", (1, 1))
    assert "| Country | SE | 1 | 0 | at most 1 |" in page(found)
    assert page(found).count("Applications that can be read again: 1e3456\n") == 1


def test_agreement_with_decisions_is_told(branch, opened) -> None:
    branch.git("switch", "--quiet", "main")
    team = branch.read("callforth.toml").replace("format = 1\n", 'format = 1\nsecond_person = "decisions"\n')
    branch.write("callforth.toml", team)
    branch.commit("Two people decide")
    decided = branch.done("accept", "k7m2qx")[0]["commit"]
    branch.git("switch", "--quiet", "--create", "agree")
    branch.be("dario")
    branch.git("commit", "--quiet", "--allow-empty", "-m", "Countersign 1 decision", "-m", f"Countersigns: {decided}")
    found = _summary(branch, opened)
    assert title(found) == "Agreement with 1 decision"
    said = f"- {branch.head()[:12]} agrees with 1 decision: {decided[:12]} (k7m2qx), by Dario Conti\n"
    assert page(found).startswith(f"### Agreement with decisions\n\n{said}\n<sub>")
    assert branch.done("summary", "--base", "main")["agreed"][0]["decisions"] == [
        {"commit": decided, "application": "k7m2qx"}
    ]
    branch.git("switch", "--quiet", "propose/oslo-2022/sanna-1")
    branch.git("merge", "--quiet", "--no-ff", "--no-edit", "main")  # the main branch into one's own
    [one] = _summary(branch, opened, "main~3").agreed
    assert [application for _, application in one.decisions] == ["3fk000", "k7m2qx"]


def test_nothing_and_nothing_in_common(branch, opened) -> None:
    found = _summary(branch, opened)
    assert (found.meetings, found.commits, title(found)) == ((), 0, "No change")
    assert page(found).startswith("This changes nothing that callforth knows of.\n")
    orphan = branch.git("commit-tree", "-m", "Alone", branch.git("rev-parse", "HEAD^{tree}"))
    with pytest.raises(summing.NothingInCommon, match="callforth review collect"):
        _summary(branch, opened, orphan)
    branch.write(".git/shallow", f"{branch.git('rev-parse', 'main~1')}\n{branch.head()}\n")
    branch.git("commit", "--quiet", "--allow-empty", "--message", "More")
    with pytest.raises(summing.NothingInCommon, match="git fetch --unshallow"):
        _summary(branch, opened, orphan)
