"""Which applications were removed, few or many, and when."""

from __future__ import annotations

import pytest

from callforth.workflow.intake.removed import Removed, removed


@pytest.mark.parametrize("more", [0, 120])
def test_few_and_many_are_told_alike(workspace, opened, more):
    ids = [f"9{number:05}" for number in range(more)]
    for name in ids:
        workspace.application(name)
    workspace.application("9z9z9z", "bergen")
    workspace.commit()
    workspace.git("rm", "--quiet", "applications/bergen/9z9z9z.md", "applications/oslo-2022/3fh9td.md")
    workspace.commit("Remove two\n")
    # Came back once, and was removed once more: that day counts.
    for days, text in (("2031-03-04T12:00:00Z", "so"), ("2032-05-06T12:00:00Z", "")):
        if text:
            workspace.application("3fh9td", body="Anew.\n")
        else:
            for name in ("3fh9td", *ids):
                (workspace.root / f"applications/oslo-2022/{name}.md").unlink()
        workspace.git("add", "--all")
        workspace.git("commit", "--quiet", "--message", "Change", f"--date={days}")
    (workspace.root / "applications/oslo-2022/3fk000.md").unlink()  # nobody has committed that
    found = removed(opened(workspace), "oslo-2022", {"k7m2qx", "3fh9td", "3fk000", "9z9z9z", "abcdef", *ids})
    who = {"email": "3fh9td@example.org", "name": "Person 3fh9td", "organisation": "House of 3fh9td", "country": "NO"}
    gone = [
        Removed("3fh9td", "06 May 2032", who),
        Removed("3fk000", "", {key: value.replace("3fh9td", "3fk000") for key, value in who.items()}),
    ]
    assert [found[f"test/{one.id}"] for one in gone] == gone
    assert (len(found), {one.day for one in found.values()}) == (2 + more, {"06 May 2032", ""})
    assert sorted(found) == sorted(f"test/{name}" for name in ("3fh9td", "3fk000", *ids))
