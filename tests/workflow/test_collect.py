"""Reviews that were filled in elsewhere become commits of their reviewers, and nobody else's."""

import pytest

from callforth.workflow import collect as collecting
from callforth.workflow import handing_out

_BRANCH = "review/oslo-2022/hedda"
_MINE = "meetings/oslo-2022/reviews/{}/hedda.md"


class Pack:
    """A pack on a branch, edited as a forge's web editor does: by a commit on it, in a clone of its own."""

    def __init__(self, sandbox, opened) -> None:
        self.sandbox = sandbox
        workspace = opened(sandbox)
        meeting = workspace.catalog.meeting("oslo-2022")
        handing_out.to_branch(workspace, meeting, ["k7m2qx", "3fh9td", "3fk000"], "hedda", _BRANCH)
        self.root = sandbox.root.parent / "pack"
        sandbox.git("clone", "--quiet", "--branch", _BRANCH, ".", str(self.root))

    def edit(self, id: str, *changes: tuple[str, str], who: str = "hedda", path: str = _MINE) -> None:
        file = self.root / path.format(id)
        file.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text() if file.exists() else ""
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        file.write_text(text)
        self.commit(who)

    def commit(self, who: str) -> None:
        self.sandbox.be(who)
        self.sandbox.git("-C", str(self.root), "add", "--all")
        self.sandbox.git("-C", str(self.root), "commit", "--quiet", "--message", "Update a file")
        self.sandbox.git("-C", str(self.root), "push", "--quiet", "origin", f"HEAD:{_BRANCH}")
        self.sandbox.be("sanna")


@pytest.fixture
def pack(workspace, opened) -> Pack:
    return Pack(workspace, opened)


def _said(found) -> list[tuple[str, str]]:
    return [(one.where, one.says) for one in found.refused]


def test_a_review_is_committed_in_its_reviewers_name_and_the_audit_is_sound(workspace, opened, pack) -> None:
    pack.edit("k7m2qx", ("recommend:", "recommend: accept"), ("  fit:", "  fit: 4"))
    found = collecting.collect(opened(workspace), _BRANCH)
    assert [(one.review.application, one.review.recommend, dict(one.review.scores)) for one in found.taken] == [
        ("k7m2qx", "accept", {"fit": 4.0})
    ]
    assert (found.same, found.blank, found.refused) == (0, 2, ())
    assert workspace.git("log", "-1", "--format=%an <%ae>%n%cn%n%s%n%(trailers:only)").rstrip() == (
        "Hedda Nyström <hedda.nystrom@example.org>\nHedda Nyström\nReview k7m2qx for oslo-2022\n"
        "Application: oslo-2022/k7m2qx\nReview: hedda"
    )
    assert workspace.git("show", "--format=", "--name-only") == _MINE.format("k7m2qx")
    assert workspace.run("audit", "verify").code == 0
    again = collecting.collect(opened(workspace), _BRANCH)
    assert (again.taken, again.same, again.blank) == ((), 1, 2)


def test_a_review_that_was_changed_there_again_is_taken_again_but_never_over_another(workspace, opened, pack) -> None:
    pack.edit("k7m2qx", ("recommend:", "recommend: accept"))
    collecting.collect(opened(workspace), _BRANCH)
    pack.edit("k7m2qx", ("recommend: accept", "recommend: decline"))
    assert len(collecting.collect(opened(workspace), _BRANCH).taken) == 1
    here = workspace.read(_MINE.format("k7m2qx"))
    workspace.write(_MINE.format("k7m2qx"), here.replace("recommend: decline", "recommend: waitlist"))
    workspace.be("hedda")
    workspace.commit("Review k7m2qx for oslo-2022")
    workspace.be("sanna")
    kept = collecting.collect(opened(workspace), _BRANCH)
    says = "there is another review in its place here; --replace puts this one there"
    assert (kept.taken, _said(kept)) == ((), [(_MINE.format("k7m2qx"), says)])
    assert len(collecting.collect(opened(workspace), _BRANCH, replace=True).taken) == 1
    assert "recommend: decline" in workspace.read(_MINE.format("k7m2qx"))


def test_what_is_not_the_reviewers_or_not_right_stays_out_and_the_rest_comes_in(workspace, opened, pack) -> None:
    fill = ("recommend:", "recommend: accept")
    pack.edit("k7m2qx", fill)
    pack.edit("3fh9td", fill, who="dario")
    pack.edit("3fk000", fill, ("  fit:", "  fit: 9"))
    unknown = pack.root / _MINE.format("zzzzzz")
    unknown.parent.mkdir(parents=True)
    unknown.write_text("---\napplication: zzzzzz\nreviewer: hedda\nrecommend: accept\n---\n")
    pack.edit("1e3456", path="meetings/oslo-2022/reviews/{}/dario.md")
    broken = pack.root / "meetings/oslo-2022/reviews/1e3456/hedda.md"
    broken.write_text("---\napplication: 1e3456\nreviewer: hedda\nrecommend: perhaps\n---\n")
    pack.commit("hedda")
    found = collecting.collect(opened(workspace), _BRANCH, "hedda")
    assert [one.review.application for one in found.taken] == ["k7m2qx"]
    assert _said(found) == [
        (
            f"{_MINE.format('1e3456')}:4",
            "the recommendation is unknown; use one of accept, waitlist, decline, abstain",
        ),
        (
            _MINE.format("3fh9td"),
            "Dario Conti <dario.conti@example.org> changed it last, not hedda; let hedda commit it themselves",
        ),
        (_MINE.format("3fk000"), "the score 9 for 'fit' is off the scale 1-5; give 1 to 5"),
        (
            _MINE.format("zzzzzz"),
            "there is no application zzzzzz to oslo-2022 here; see whether its folder is right",
        ),
    ]
    assert workspace.git("status", "--porcelain") == ""


def test_from_a_folder_everyone_takes_their_own(workspace, opened, pack) -> None:
    file = pack.root / _MINE.format("k7m2qx")
    file.write_text(file.read_text().replace("recommend:", "recommend: accept"))
    found = collecting.collect(opened(workspace), str(pack.root))
    assert _said(found) == [
        (_MINE.format("k7m2qx"), "nothing shows that hedda wrote it; let them commit it, or take it in themselves")
    ]
    workspace.be("dario")
    workspace.be("hedda")
    found = collecting.collect(opened(workspace), str(pack.root))
    assert [one.review.application for one in found.taken] == ["k7m2qx"]
    assert workspace.git("log", "-1", "--format=%ae") == "hedda.nystrom@example.org"


def test_a_reviewer_takes_in_nobody_elses_and_an_empty_place_says_so(workspace, opened, tmp_path) -> None:
    other = "---\napplication: k7m2qx\nreviewer: dario\nrecommend: accept\n---\n"
    workspace.write("../pack/meetings/oslo-2022/reviews/k7m2qx/dario.md", other)
    workspace.be("hedda")
    found = collecting.collect(opened(workspace), str(tmp_path / "pack"))
    assert _said(found) == [
        (
            "meetings/oslo-2022/reviews/k7m2qx/dario.md",
            "it is of dario; only an organiser takes in others' reviews",
        )
    ]
    with pytest.raises(collecting.NothingThere, match="no review of sanna in"):
        collecting.collect(opened(workspace), str(tmp_path / "pack"), "sanna")
    with pytest.raises(collecting.revision.UnknownRevision):
        collecting.collect(opened(workspace), "review/oslo-2022/nobody")


def test_where_commits_are_signed_nobody_signs_for_another(workspace, opened, pack) -> None:
    pack.edit("k7m2qx", ("recommend:", "recommend: accept"))
    workspace.write(
        "callforth.toml",
        workspace.read("callforth.toml").replace("format = 1\n", 'format = 1\nsignatures = "required"\n'),
    )
    workspace.commit("Sign\n")
    workspace.git("config", "commit.gpgSign", "true")
    found = collecting.collect(opened(workspace), _BRANCH)
    assert (found.taken, len(found.refused)) == ((), 1)
    assert "signed" in found.refused[0].says


def test_who_hides_their_address_on_a_forge_is_known_by_their_account(workspace, opened, pack) -> None:
    config = workspace.read("callforth.toml")
    workspace.write("callforth.toml", config.replace('name = "Hedda', 'account = "hedda-n"\nname = "Hedda'))
    workspace.commit("Add an account\n")
    file = pack.root / _MINE.format("k7m2qx")
    file.write_text(file.read_text().replace("recommend:", "recommend: accept"))
    git = ("-C", str(pack.root), "-c", "user.name=GitHub", "-c", "user.email=noreply@github.com")
    author = "Hedda <583231+hedda-n@users.noreply.github.com>"
    workspace.git(*git, "commit", "--quiet", "--all", "--author", author, "--message", "Update hedda.md")
    workspace.git("-C", str(pack.root), "push", "--quiet", "origin", f"HEAD:{_BRANCH}")
    found = collecting.collect(opened(workspace), _BRANCH)
    assert [one.review.reviewer for one in found.taken] == ["hedda"]
    assert workspace.git("log", "-1", "--format=%an <%ae>") == author
    assert workspace.run("audit", "verify").code == 0
