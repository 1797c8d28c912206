"""Who applied before, and who applied twice: found by e-mail address, else by name."""

from __future__ import annotations

from collections.abc import Iterable

from callforth.model import person
from callforth.model.application import Application


class People:
    """The applications of every person who has more than one."""

    def __init__(self, applications: Iterable[Application]) -> None:
        self._of: dict[str, list[Application]] = {}
        for application in applications:
            self._of.setdefault(person.key(application), []).append(application)

    def elsewhere(self, application: Application) -> list[Application]:
        """Return this person's applications to other meetings, the latest first."""
        others = [a for a in self._of.get(person.key(application), ()) if a.meeting != application.meeting]
        return sorted(others, key=lambda a: (a.received, a.id), reverse=True)

    def again(self, application: Application) -> list[Application]:
        """Return this person's other applications to the same meeting."""
        same = self._of.get(person.key(application), ())
        return [a for a in same if a.meeting == application.meeting and a.id != application.id]
