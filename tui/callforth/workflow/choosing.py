"""Choosing which side stands where two people changed the same thing: what was chosen, what is open, and in words.

Choices are given by path or application, and what of it ('' for all of it): `ours` (made here) or `theirs`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from shlex import quote

from callforth.errors import RefusedError, UsageError
from callforth.model.text import clean_line, counted
from callforth.workflow.merging import Clash, Side

Choices = Mapping[tuple[str, str], str]
_SOME = 4


class Undecided(RefusedError):
    """Two people changed the same thing, each in their own way, and nobody has said which stands.

    `counted` says the same where the clashes are told already. What was said of others is in `answered` and `reasons`,
    as `sync` takes them, so that the command that is named has it too.
    """

    def __init__(
        self,
        clashes: Sequence[Clash],
        answered: Choices | None = None,
        reasons: Mapping[str, str] | None = None,
        over_seats: bool = False,
    ) -> None:
        self.clashes = tuple(clashes)
        names = list(dict.fromkeys(clash.application or clash.path for clash in clashes))
        said = "; ".join(_brief(clash) for clash in self.clashes[:_SOME])
        more = f"; and {len(self.clashes) - _SOME} more" if len(self.clashes) > _SOME else ""
        said_again = words(answered or {}, reasons or {}, over_seats)
        said_again += [f"--take {quote(name)}=ours|theirs" for name in names[:_SOME]]
        how = " ".join(["callforth sync", *said_again]) + " …" * (len(names) > _SOME)
        none = "not everything comes together by itself, and nothing was changed"
        which = f"say which stands, ours (here) or theirs, with: {how}"
        things = counted(len(self.clashes), "thing")
        self.counted = f"{none}: {things}, named above, {_were(self.clashes)} changed here and there; {which}"
        super().__init__(f"{none}: {said}{more}; {which}")


class NothingToChoose(UsageError):
    """It was said which side stands of something that was not changed both here and there."""


def check(choices: Choices, clashes: Sequence[Clash], settled: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the keys by which choices may be given for these clashes, so that a slip does not pass for an answer.

    Raises `NothingToChoose` where a choice is about none of them, nor `settled`.
    """
    fitting = {key for clash in clashes for key in _keys(clash)}
    for name, what in choices.keys() - fitting - set(settled):
        there = ", ".join(f"{clash.application or clash.path}:{clash.what}" for clash in clashes[:_SOME]) or "nothing"
        about = clean_line(f"{name}:{what}" if what else name)[:80]
        raise NothingToChoose(
            f"'{about}' was not changed both here and there, so no side of it can be taken; leave it out (to choose "
            f"there is: {there})"
        )
    return fitting


def chosen(clashes: Sequence[Clash], choices: Choices) -> dict[tuple[str, str], str]:
    """Return which side stands of each clash that something was said of, by `Clash.key`."""
    return {clash.key: choices[key] for clash in clashes if (key := _answer(clash, choices)) is not None}


def is_another(clash: Clash, before: Clash | None) -> bool:
    """Tell whether a clash is between other sides than it was."""
    return before is not None and any(
        (now.value, now.commit) != (then.value, then.commit)
        for now, then in ((clash.ours, before.ours), (clash.theirs, before.theirs))
    )


def answers(clashes: Sequence[Clash], choices: Choices) -> dict[tuple[str, str], str]:
    """Return those of the choices that answer for something."""
    keys = (_answer(clash, choices) for clash in clashes)
    return {key: choices[key] for key in keys if key is not None}


def _answer(clash: Clash, choices: Choices) -> tuple[str, str] | None:
    return next((key for key in _keys(clash) if key in choices), None)


def _keys(clash: Clash) -> list[tuple[str, str]]:
    """Return the keys under which a choice answers for a clash, the narrowest first."""
    names = [name for name in (clash.path, clash.application) if name]
    of_it = [(name, clash.what) for name in names] + [(f"{name}:{clash.what}", "") for name in names]
    return of_it + [(name, "") for name in names]


def words(answered: Choices, reasons: Mapping[str, str], over_seats: bool) -> list[str]:
    """Return what to say again on the command line, of what was said already."""
    takes = [f"--take {quote(f'{name}:{what}' if what else name)}={side}" for (name, what), side in answered.items()]
    why = clean_line(reasons.get("", ""))
    return [*takes, *([f"-m {quote(why)}"] if why else []), *(["--over-seats"] if over_seats else [])]


def _were(things: Sequence[object]) -> str:
    return "was" if len(things) == 1 else "were"


def _brief(clash: Clash) -> str:
    """Return the same without what an applicant wrote: errors are kept by those who run this from a script."""
    if clash.what == "status":
        return described(clash)
    return f"{clash.application or clash.path}, {clash.what}"


def described(clash: Clash) -> str:
    """Return in one line what both sides say, who made it so, and when."""
    return f"{clash.application or clash.path}, {clash.what}: here {_side(clash.ours)}, there {_side(clash.theirs)}"


def _side(side: Side) -> str:
    when = f", {side.at:%d %b %Y %H:%M}" if side.at else ""
    value = f"'{clean_line(side.value)[:80]}'" if side.value else "nothing"
    return f"{value} ({clean_line(side.by) or 'unknown'}{when})"
