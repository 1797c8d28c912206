"""What is found of reviews that is not about what they say: their mode, and who was not in the team."""

from __future__ import annotations

import pytest

from callforth.workflow.audit.verify import verify

REVIEW = "meetings/oslo-2022/reviews/{}/nils.md"
NILS = "Nils Berg <nils.berg@example.org>"
TEAM = '[team.nils]\nname = "Nils Berg"\nemail = "nils.berg@example.org"\nroles = ["reviewer"]\n'


@pytest.fixture
def joined(workspace):
    """The workspace, in which Nils has come and written two reviews; `branch` begins before he came."""
    workspace.git("branch", "branch")
    workspace.write("callforth.toml", f"{workspace.read('callforth.toml')}\n{TEAM}")
    workspace.commit("Nils came")
    workspace.git("config", "user.name", "Nils Berg")
    workspace.git("config", "user.email", "nils.berg@example.org")
    for id in ("k7m2qx", "3fh9td"):
        workspace.write(REVIEW.format(id), f"---\napplication: {id}\nreviewer: nils\nrecommend: accept\n---\n")
    workspace.commit("Review two")
    return workspace


def test_a_change_of_nothing_but_the_mode_is_noted(joined, opened):
    path = REVIEW.format("k7m2qx")
    for mode in (0o755, 0o644):
        (joined.root / path).chmod(mode)
        joined.commit("Tidy")
    found = [one for one in verify(opened(joined)).notes if one.rule != "team-changed"]
    assert [(one.rule, one.path, one.says, one.grave) for one in found] == [
        ("mode", path, "the review's file came to be executable (mode 100755)", False),
        ("mode", path, "the review's file came to be plain again (mode 100644)", False),
    ]


def test_who_throws_away_what_was_there_before_they_came_is_told_so_once(joined, opened):
    joined.git("switch", "--quiet", "branch")
    joined.git("merge", "--quiet", "-s", "ours", "--no-edit", "main")
    [told] = [one for one in verify(opened(joined)).findings if one.rule == "review"]
    assert told.says == (
        f"the author, {NILS}, was not in the team at that moment, and took away the review of nils and 1 more review"
    )
