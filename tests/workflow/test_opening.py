"""Who may ask for what to be merged, where it changes no file and yet means something."""

from __future__ import annotations

import pytest

from callforth.workflow.audit.verify import verify
from callforth.workflow.checking import check


def forged(sandbox, how, decided, author, committer=""):
    """Commit on the branch what changes no file and agrees with a decision; return the commit."""
    said = ["-m", "Countersign 1 decision", "-m", "I agree.", "-m", f"Countersigns: {decided}"]
    tree, parents = "HEAD^{tree}", ["-p", "HEAD"]
    if how == "merge":
        said, tree, parents = ["-m", "Merge"], f"{decided}^{{tree}}", ["-p", f"{decided}~1", "-p", decided]
    as_whom = ("-c", f"author.email={author}", "-c", f"committer.email={committer or author}")
    made = sandbox.git(*as_whom, "commit-tree", tree, *parents, *said)
    sandbox.git("reset", "--quiet", "--hard", made)
    return made


@pytest.mark.parametrize("how", ["countersigning", "merge"])
def test_nobody_brings_in_the_agreement_of_another(workspace, opened, how):
    def found(who):
        return [(one.rule, one.path) for one in check(opened(branch), "main", who)]

    branch = workspace
    team = branch.read("callforth.toml").replace("format = 1\n", 'format = 1\nsecond_person = "decisions"\n')
    branch.write("callforth.toml", team)
    branch.commit("Two people decide")
    decided = branch.done("accept", "k7m2qx")[0]["commit"]
    branch.git("switch", "--quiet", "--create", "branch")
    hedda, dario, sanna = (f"{name}@example.org" for name in ("hedda.nystrom", "dario.conti", "sanna.lind"))
    assert [one.rule for one in verify(opened(branch)).findings] == ["second-person"]
    made = forged(branch, how, decided, dario)
    assert verify(opened(branch)).sound  # it counts, where nothing is signed
    for who in (hedda, sanna, "stranger@example.org"):
        assert found(who) == [("opened-by", "")]
    assert found(dario) == []
    [one] = check(opened(branch), "main", hedda)
    assert (one.commit, one.says) == (
        made,
        "hedda opened the request, and this agrees with 1 decision as Sanna Lind <dario.conti@example.org>",
    )
    branch.git("reset", "--quiet", "--hard", "main")
    forged(branch, how, decided, hedda)  # every member of the team may agree, in their own name
    assert [found(who) for who in (hedda, "stranger@example.org")] == [[], [("opened-by", "")]]
    forged(branch, how, decided, hedda, sanna)
    assert found(hedda)[0] == ("opened-by", "")


def test_a_reviewer_brings_back_nothing_by_a_merge(workspace, opened):
    branch, old = workspace, workspace.head()
    call, flow = "meetings/oslo-2022/call.md", ".github/workflows/callforth.yml"
    branch.write(call, branch.read(call).replace("seats: 3", "seats: 4"))
    branch.write(flow, "newer\n")
    new = branch.commit("More seats, and a check")
    branch.git("switch", "--quiet", "--create", "branch")

    def found():
        return [(one.rule, one.path) for one in check(opened(branch), "main", "hedda.nystrom@example.org") if one.grave]

    made = branch.git("commit-tree", f"{old}^{{tree}}", "-p", new, "-p", old, "-m", "Merge")  # as an organiser
    branch.git("reset", "--quiet", "--hard", made)
    assert found() == [("opened-by", flow)]
    [one] = [one for one in check(opened(branch), "main", "hedda.nystrom@example.org") if one.rule == "opened-by"]
    assert one.says == f"hedda is no organiser, and this changes more than their own reviews: {flow} and 1 more"
    branch.git("reset", "--quiet", "--hard", old)
    path = "meetings/oslo-2022/reviews/k7m2qx/hedda.md"
    branch.be("hedda")
    branch.write(path, "---\napplication: k7m2qx\nreviewer: hedda\nrecommend: accept\n---\n")
    branch.commit("Review k7m2qx for oslo-2022")
    branch.git("merge", "--quiet", "--no-edit", "main")  # what a forge's 'update branch' does
    assert found() == []
