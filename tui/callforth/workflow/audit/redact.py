"""Leaving staff out of an explanation: their names and addresses, wherever they stand, also in reasons."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from callforth.model.decision import Actor
from callforth.model.team import Member
from callforth.model.text import fold
from callforth.workflow.audit.explain import Explanation, Opinion, Told

MEMBER = "a member of the team"
REVIEWER = "a reviewer"
_NOBODY = Actor(MEMBER, "")
_WORD = re.compile(r"[^\W\d_]+")
_BETWEEN = re.compile(r"[ .'’-]{1,2}")
# No cleaned text holds this; what stands for an address, until it is known whether its owner's name stands beside it.
_ADDRESS = "\0"
_ADDRESSES = re.compile(rf"{MEMBER}[ ,]*[<(]?{_ADDRESS}[>)]?|<?{_ADDRESS}[ ,]*[<(]{MEMBER}[>)]|<?{_ADDRESS}>?")
_SHORTEST = 3  # letters; shorter parts of a name are words of many languages


class Names:
    """Names, short names and addresses of people, to be found in texts: without regard to case and accents.

    A part of a name counts by itself where it has three letters or more and is written with a capital in the name;
    `van` or `de` only beside another part. So a word that is a name and something else goes too: rather that.
    """

    def __init__(self, members: Iterable[Member], actors: Iterable[Actor]) -> None:
        listed = list(members)
        people = [*((one.name, one.email) for one in listed), *((one.name, one.email) for one in actors)]
        emails = sorted({email for _, email in people if email}, key=lambda email: (-len(email), email))
        any_of = "|".join(map(re.escape, emails))
        self._emails = re.compile(rf"(?<![\w.+-])(?:{any_of})(?![\w-]|\.\w)", re.IGNORECASE) if emails else None
        # Scripts without capitals may be written without spaces: there a name is looked for as a whole.
        self._whole = sorted({name for name, _ in people if len(name) > 1 and name.lower() == name.upper()})
        words = [_WORD.findall(name) for name, _ in people]
        self._runs = {tuple(map(fold, name)) for name in words if name}
        self._parts = {part for run in self._runs for part in run}
        long = [word for name in words for word in name if len(word) >= _SHORTEST and not word[0].islower()]
        self._alone = set(map(fold, [*long, *(one.slug for one in listed if len(one.slug) >= _SHORTEST)]))

    def without(self, text: str) -> str:
        """Return a text with each of them replaced by 'a member of the team'."""
        if self._emails:
            text = self._emails.sub(_ADDRESS, text)
        for name in self._whole:
            text = text.replace(name, MEMBER)
        words = [(match.start(), match.end()) for match in _WORD.finditer(text)]
        parts: list[str] = []
        at = number = 0
        while number < len(words):
            last = self._run(text, words, number)
            if last > number:
                parts += [text[at : words[number][0]], MEMBER]
                at = words[last - 1][1]
            number = max(last, number + 1)
        return _ADDRESSES.sub(MEMBER, "".join([*parts, text[at:]]))

    def _run(self, text: str, words: list[tuple[int, int]], first: int) -> int:
        """Return the number after the last word of a name that begins at the word `first`; `first` where none does."""
        run: list[str] = []
        for number in range(first, len(words)):
            word = fold(text[slice(*words[number])])
            between = text[words[number - 1][1] : words[number][0]] if run else " "
            if word not in self._parts | self._alone or not _BETWEEN.fullmatch(between):
                break
            run.append(word)
        return first + len(run) if tuple(run) in self._runs or self._alone.intersection(run) else first


def redact(explanation: Explanation, members: Iterable[Member]) -> Explanation:
    """Return an explanation that names nobody of the team; `members` are all who were in it when it mattered."""
    known = list(members)
    slugs = {o.reviewer for step in explanation.steps for o in step.opinions or ()}
    reviewers = [Actor(name, "") for name in sorted(slugs)]
    names = Names(known, [*(step.entry.by for step in explanation.steps), *reviewers])
    return replace(explanation, steps=tuple(_step(step, names) for step in explanation.steps))


def _step(step: Told, names: Names) -> Told:
    entry = replace(
        step.entry,
        by=_NOBODY,
        reason=names.without(step.entry.reason),
        subject="",
        over_seats=names.without(step.entry.over_seats),
        tags=tuple(names.without(tag) for tag in step.entry.tags),
    )
    opinions = step.opinions
    if opinions is not None:
        opinions = tuple(Opinion(REVIEWER, one.review) for one in opinions)
    undone = replace(step.undone, by=_NOBODY) if step.undone else None
    return replace(
        step,
        entry=entry,
        undone=undone,
        opinions=opinions,
        informed=names.without(step.informed),
        changed=tuple(names.without(name) for name in step.changed),
    )
