"""How far the last audit came, in the index: so that the next one looks only at what is new.

Unlike what `memory` keeps, this may be lost at any time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass

from callforth.index import store
from callforth.index.commits import seal
from callforth.index.database import Database
from callforth.model.finding import Finding
from callforth.workflow.audit.second import Pending
from callforth.workflow.audit.walk import Examined
from callforth.workflow.audit.world import World

_NAME = "audit"
_FORM = 6  # of what is kept, and of the rules that it was found by


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of all that leads to a commit; `sealed` are the tags of the seals that were checked there."""

    examined: Examined
    sealed: frozenset[str]
    seals: Mapping[str, list[Finding]]

    def of_seals(self, names: Collection[str]) -> list[Finding]:
        """Return what is wrong with these seals."""
        return [finding for name, some in self.seals.items() if name in names for finding in some]


def load(database: Database, edges: str) -> Known | None:
    """Return what the last audit has left, in a history with these edges; None where there is nothing."""
    text = database.run(lambda db: store.get(db, _NAME))
    try:
        said = json.loads(text)
        if [said["form"], said["edges"]] != [_FORM, edges] or said["seal"] != seal(said["what"]):
            return None
        what = json.loads(said["what"])
        world = what["world"]
        counts = {meeting: (taken, applied) for meeting, (taken, applied) in world["counts"].items()}
        examined = Examined(
            tip=what["tip"],
            world=World(world["config"], world["calls"], counts, frozenset(world["gone"])),
            began=what["began"],
            ids={one: meeting for meeting, some in what["ids"].items() for one in some.split()},
            pending=[Pending(*one) for one in what["pending"]],
            findings=[Finding(**one) for one in what["findings"]],
            unusable=set(what["unusable"]),
            commits=what["commits"],
            decisions=what["decisions"],
        )
        seals = {name: [Finding(**one) for one in some] for name, some in what["seals"].items()}
        return Known(examined, frozenset(what["sealed"]), seals)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def _by_meeting(ids: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for one, meeting in ids.items():
        found.setdefault(meeting, []).append(one)
    return {meeting: " ".join(some) for meeting, some in found.items()}


def save(database: Database, edges: str, known: Known) -> None:
    """Leave what is known for the next audit."""
    examined = known.examined
    what = json.dumps(
        {
            "tip": examined.tip,
            "world": {
                "config": examined.world.config,
                "calls": dict(examined.world.calls),
                "counts": dict(examined.world.counts),
                "gone": sorted(examined.world.gone),
            },
            "began": examined.began,
            "ids": _by_meeting(examined.ids),
            "pending": examined.pending,
            "findings": [asdict(one) for one in examined.findings],
            "unusable": sorted(examined.unusable),
            "commits": examined.commits,
            "decisions": examined.decisions,
            "sealed": sorted(known.sealed),
            "seals": {name: [asdict(one) for one in some] for name, some in known.seals.items()},
        }
    )
    text = json.dumps({"form": _FORM, "edges": edges, "seal": seal(what), "what": what})

    def keep(db: sqlite3.Connection) -> None:
        with database.changing(db):
            store.put(db, _NAME, text)

    database.run(keep)
