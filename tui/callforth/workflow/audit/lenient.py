"""What was made where less was asked for, and merged to where more is: the policy of both sides counts.

Else a branch from before a policy would be a way around it for ever.
"""

from __future__ import annotations

from collections.abc import Sequence

from callforth.model.finding import Finding
from callforth.model.team import Policy, Team
from callforth.workflow.audit import signers
from callforth.workflow.audit.graph import Graph
from callforth.workflow.audit.scene import Scene
from callforth.workflow.audit.second import Decided, Pending

_NONE = Policy(signatures=signers.OFF)


class Lenient:
    """Commits so far that no known key of the team has signed, and decisions that nobody had to agree with."""

    def __init__(self) -> None:
        self.unsigned: set[str] = set()
        self.alone: dict[str, list[Decided]] = {}

    def merged(
        self, scene: Scene, sides: Sequence[tuple[str, Team | None]], graph: Graph
    ) -> tuple[list[Finding], list[Pending]]:
        """Return what a merge of these commits, each with its team, brings to where more was asked for.

        That are findings about commits that should be signed, and decisions that need a second person.
        """
        findings: dict[str, Finding] = {}
        pending: dict[Pending, None] = {}
        for parent, team in sides:
            policy = team.policy if team else _NONE
            for other, _ in sides:
                for commit in graph.brought([other], parent) if other != parent else ():
                    if policy.signatures == signers.REQUIRED and commit in self.unsigned:
                        findings[commit] = _unsigned(commit, scene.commit.id)
                    for one in self.alone.get(commit, ()):
                        if one.needs(policy):
                            pending[one.pending] = None
        return list(findings.values()), list(pending)


def differ(teams: Sequence[Team | None]) -> bool:
    """Tell whether not the same is asked for by all of these."""
    return len({team.policy if team else _NONE for team in teams}) > 1


def _unsigned(commit: str, merge: str) -> Finding:
    says = f"the commit is not signed with a key that its team knew, and was merged ({merge[:12]}) to where it must be"
    return Finding("unsigned", says, "decide again, on the branch where signatures are asked for", commit=commit)
