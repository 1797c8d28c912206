"""Programs of forges are run without a terminal, and ended where they hang."""

from callforth.repo import forge
from callforth.repo.repository import Repository


def test_what_a_program_says_and_how_it_ends(workspace) -> None:
    repository = Repository(workspace.root)
    said = forge.run_tool(repository, ["sh", "-c", "cat; echo $GH_PROMPT_DISABLED >&2; exit 3"], b"in")
    assert said == forge.ToolSaid(3, "in", "1\n")
    assert forge.run_tool(repository, ["sh", "-c", "sleep 60 & sleep 60"], limit=0.1) == forge.ToolSaid(
        -1, "", "sh did not end within 0 seconds"
    )
    gone = forge.run_tool(repository, ["no-such-program"])
    assert gone == forge.ToolSaid(-1, "", "no-such-program cannot be started (No such file or directory)")
    assert forge.is_there("sh") and not forge.is_there("no-such-program")
