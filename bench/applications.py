"""Fictional applications by the thousand, made of the sample's own sentences, names and tags.

What reading and searching cost depends on the text: how long the fields are, what scripts names are written in, how
many applications a word is in. So nothing is made up here: every value and sentence is one of the sample's, shuffled.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_SAMPLE = Path(__file__).resolve().parent.parent / "applications"
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_ANSWER_CHARACTERS = 640
QUESTIONS = ("bringing-together", "dialogue", "mapping", "challenges")


@dataclass(frozen=True, slots=True)
class Person:
    """One application: its id, the name in it, when it was received, and the bytes of its file."""

    id: str
    name: str
    received: str
    content: bytes


class Writer:
    """Writes applications; the same seed and the same sample give the same ones, in the same order."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._files = [path.read_text("utf-8") for path in sorted(_SAMPLE.glob("*/*.md"))]
        self._ids: set[str] = set()
        names = self._values("name")
        self._first = [name.split(" ", 1)[0] for name in names]
        self._last = [name.rsplit(" ", 1)[-1] for name in names]

    @cached_property
    def _sentences(self) -> list[str]:
        bodies = [file.split("\n---\n", 1)[1] for file in self._files]
        lines = [line for body in bodies for line in body.split("\n") if line[:1] not in ("", "#", "<")]
        return [found for line in lines for found in re.split(r"(?<=[.!?]) +", line) if len(found) > 20]

    @cached_property
    def words(self) -> list[str]:
        """Words that stand in answers, each once, in no particular order."""
        found = {word for sentence in self._sentences for word in re.findall(r"\b[a-z]{6,9}\b", sentence)}
        return self._chance.sample(sorted(found), len(found))

    def _values(self, field: str) -> list[str]:
        return [match[1] for file in self._files if (match := re.search(rf"^  {field}: (.+)$", file, re.M))]

    @cached_property
    def _fields(self) -> dict[str, list[str]]:
        return {name: self._values(name) for name in ("organisation", "role", "country")}

    @cached_property
    def _tags(self) -> list[str]:
        found = (re.search(r"^tags:\n(?:- .+\n)+", file, re.M) for file in self._files)
        return [match[0] if match else "" for match in found]

    def write(self, month: str) -> Person:
        """Return another application, received in the `month` given as `2022-08`."""
        pick = self._chance.choice
        application_id = self._new_id()
        name = f"{pick(self._first)} {pick(self._last)}"
        moment = f"{self._chance.randrange(1, 29):02}T{self._chance.randrange(24):02}:{self._chance.randrange(60):02}"
        received = f"{month}-{moment}:00Z"
        who = "".join(f"  {field}: {pick(values)}\n" for field, values in self._fields.items())
        answers = "".join(
            f"\n<!-- question: {question} -->\n## What about {question}?\n\n{self._answer()}\n"
            for question in QUESTIONS
        )
        text = (
            f"---\nid: {application_id}\nstatus: received\nreceived: {received}\n"
            f"applicant:\n  name: {name}\n  email: {application_id}@example.org\n{who}{pick(self._tags)}"
            f"source: eusurvey/{self._chance.getrandbits(32):08x}\n---\n{answers}"
        )
        return Person(application_id, name, received, text.encode())

    def _answer(self) -> str:
        length = self._chance.randrange(_ANSWER_CHARACTERS // 2, _ANSWER_CHARACTERS * 3 // 2)
        parts: list[str] = []
        while length > 0:
            parts.append(self._chance.choice(self._sentences))
            length -= len(parts[-1])
        return " ".join(parts)

    def _new_id(self) -> str:
        while True:
            number = self._chance.getrandbits(30)
            made = "".join(_ALPHABET[number >> shift & 31] for shift in range(25, -1, -5))
            if made not in self._ids:
                self._ids.add(made)
                return made
