"""The team: who may decide, review and audit."""

from __future__ import annotations

from dataclasses import dataclass

ROLES = ("organiser", "reviewer", "auditor")


@dataclass(frozen=True, slots=True)
class Member:
    """One member; `slug` names their review files, `email` is how git knows them."""

    slug: str
    name: str
    email: str
    roles: tuple[str, ...]

    @property
    def decides(self) -> bool:
        """True for an organiser."""
        return "organiser" in self.roles


@dataclass(frozen=True, slots=True)
class Team:
    """Everybody in `callforth.toml`, and the workspace's name."""

    name: str
    members: tuple[Member, ...]

    def member(self, email: str) -> Member | None:
        """Return the member with this e-mail address (without regard to case), or None."""
        wanted = email.casefold()
        return next((m for m in self.members if m.email.casefold() == wanted), None)

    @property
    def organisers(self) -> tuple[Member, ...]:
        """The members who may decide."""
        return tuple(member for member in self.members if member.decides)
