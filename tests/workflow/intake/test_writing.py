"""Writing an import that was planned a while ago."""

from __future__ import annotations

import pytest

from callforth.workflow import intake
from callforth.workflow.change import Meanwhile
from callforth.workflow.intake import mapping, planning, writing

ROWS = "Your name,E-mail,Why do you want to come?\nAna Silva,ana@example.org,x\nBo Ek,bo@example.org,y\n"


def _planned(here, file):
    meeting = here.catalog.meeting("oslo-2022")
    export = intake.read(file, meeting)
    return planning.plan(here, meeting, export, mapping.propose(export, meeting, {}), planning.Options())


def test_what_came_in_meanwhile_is_told_and_nothing_is_written(workspace, opened, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(ROWS)
    here = opened(workspace)
    plan, other = _planned(here, file), tmp_path / "b.csv"
    other.write_text(ROWS.replace("Ana Silva,ana@", "Cy Roe,cy@"))
    workspace.done("import", "oslo-2022", str(other), "--yes")
    head = workspace.head()
    with pytest.raises(Meanwhile) as told:
        writing.write(here, plan)
    assert str(told.value) == (
        "1 row of it (3) came in meanwhile, by another import; nothing was written: look at the plan once more"
    )
    plan = _planned(here, file)
    path = "meetings/oslo-2022/call.md"
    workspace.write(path, workspace.read(path).replace("  to: answer.why\n", "  to: extra\n"))
    workspace.commit("Take it for something else\n")
    with pytest.raises(Meanwhile, match="the call of oslo-2022 was changed meanwhile; nothing was written"):
        writing.write(here, plan)
    assert (workspace.git("rev-parse", "HEAD~1"), workspace.git("status", "--porcelain")) == (head, "")
    workspace.git("revert", "--no-edit", "HEAD")
    here.catalog.refresh()
    plan = _planned(here, file)
    workspace.done("accept", "k7m2qx", "-m", "Yes.")  # which is another matter
    assert writing.write(here, plan).commit == workspace.head()
    assert len(plan.of("new")) == 1
