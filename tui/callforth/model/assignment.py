"""Who reviews which application: as many reviewers each as wanted, loads as even as can be, nobody where they must not.

It starts from a plain choice of whoever has least to do, and then moves single applications along chains of reviewers,
from one with more to one with less (each between them takes one and gives one), until no chain makes loads more even.
Where none is left, no other assignment is more even: of all that give each application as many, this one has the least
sum of squared loads, the least highest load, and the least of any convex measure. Source: N. Harvey, R. Ladner,
L. Lovász, T. Tamir, "Semi-matchings for bipartite graphs and load balancing", Journal of Algorithms 59 (2006), of
applications with one reviewer; with several it is the same theorem, on flows of convex cost: no cycle of negative cost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

_BYTES = 4


@dataclass(frozen=True, slots=True)
class Need:
    """What an application needs: how many further reviewers, and who must not be one (or is one already)."""

    more: int
    barred: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Assignment:
    """The new reviewers of each application that gets any, by slug; the loads then; how many some still lack."""

    new: Mapping[str, tuple[str, ...]]
    loads: Mapping[str, int]
    lacking: Mapping[str, int]


def assign(needs: Mapping[str, Need], loads: Mapping[str, int], seed: str) -> Assignment:
    """Return who is to review what.

    `needs` is by application id; `loads` has how much each reviewer, by slug, has to do already. Chance is drawn from
    `seed` and the names alone: the same call has the same result on any machine, in whatever order things are given.
    An application lacks reviewers only where too few may review it at all.
    """
    state = _State(needs, loads, seed)
    state.fill()
    state.even_out()
    return state.result()


class _State:
    """An assignment on its way; reviewers are numbers, sets of reviewers are bits."""

    def __init__(self, needs: Mapping[str, Need], loads: Mapping[str, int], seed: str) -> None:
        self.names = sorted(loads)
        self.loads = [loads[name] for name in self.names]
        self.needs = needs
        self.seed = seed
        bits = {name: 1 << number for number, name in enumerate(self.names)}
        everybody = (1 << len(self.names)) - 1
        # Who may review an application and does not yet: whoever gets it, or could take it over.
        self.free = {id: everybody - sum(bits.get(name, 0) for name in need.barred) for id, need in needs.items()}
        # What each reviewer gets; a dict, for it keeps its order.
        self.given: list[dict[str, None]] = [{} for _ in self.names]

    def fill(self) -> None:
        """Give each application reviewers who have least to do, those first of which fewest may be asked."""
        drawn = {id: hashlib.shake_256(f"{self.seed}\0{id}".encode()).digest(8) for id in self.needs}
        for id in sorted(self.needs, key=lambda id: (self.free[id].bit_count(), drawn[id], id)):
            chance = hashlib.shake_256(b"reviewers\0" + drawn[id]).digest(_BYTES * len(self.names))
            ranked = sorted(
                (self.loads[number], chance[_BYTES * number : _BYTES * (number + 1)], number)
                for number in _numbers(self.free[id])
            )
            for _, _, number in ranked[: max(0, self.needs[id].more)]:
                self._give(id, number)

    def even_out(self) -> None:
        """Move applications along chains until none makes loads more even."""
        # No chain from one of these can appear later: whoever they reach has as much to do, but for one, and chains
        # from those with less to do lead past them.
        settled: set[int] = set()
        while len(settled) < len(self.names):
            most = max((n for n in range(len(self.names)) if n not in settled), key=lambda n: (self.loads[n], -n))
            if self.loads[most] - min(self.loads) < 2:
                return
            chain = self._chain(most)
            if not chain:
                settled.add(most)
            for giver, id, taker in chain:
                del self.given[giver][id]
                self.loads[giver] -= 1
                self.free[id] |= 1 << giver
                self._give(id, taker)

    def result(self) -> Assignment:
        """Return what came of it."""
        new: dict[str, list[str]] = {}
        for name, given in zip(self.names, self.given, strict=True):
            for id in given:
                new.setdefault(id, []).append(name)
        lacking = {id: need.more - len(new.get(id, ())) for id, need in sorted(self.needs.items())}
        return Assignment(
            {id: tuple(new[id]) for id in sorted(new)},
            dict(zip(self.names, self.loads, strict=True)),
            {id: count for id, count in lacking.items() if count > 0},
        )

    def _give(self, id: str, number: int) -> None:
        self.given[number][id] = None
        self.loads[number] += 1
        self.free[id] &= ~(1 << number)

    def _chain(self, start: int) -> list[tuple[int, str, int]]:
        """Return a shortest chain from a reviewer to one with at least two less to do, as (giver, what, taker)."""
        came: dict[int, tuple[int, str]] = {}
        unseen = (1 << len(self.names)) - 1 - (1 << start)
        queue = [start]
        for giver in queue:
            for id in self.given[giver]:
                for taker in _numbers(self.free[id] & unseen):
                    came[taker] = (giver, id)
                    if self.loads[taker] <= self.loads[start] - 2:
                        return self._traced(came, taker)
                    queue.append(taker)
                    unseen ^= 1 << taker
                if not unseen:
                    break
        return []

    def _traced(self, came: Mapping[int, tuple[int, str]], end: int) -> list[tuple[int, str, int]]:
        chain = []
        while end in came:
            giver, id = came[end]
            chain.append((giver, id, end))
            end = giver
        return chain


def _numbers(bits: int) -> list[int]:
    """Return the places of the bits that are set, the lowest first."""
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return found
