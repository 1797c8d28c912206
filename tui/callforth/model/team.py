"""The team: who may decide, review and audit, with which keys they sign, and what is asked of a decision."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from datetime import datetime

FORM = "form"
ROLES = ("organiser", "reviewer", "auditor", FORM)
SIGNATURES = ("required", "recorded", "off")
SECOND_PERSON = ("off", "decisions", "reversals")
OPENPGP = "openpgp:"
# What a forge commits in its own name: an edit in the browser, a merge. Who did it is the author.
FORGES = ("noreply@github.com",)

_SHOWN = 16
# What forges write for accounts that keep their address to themselves: 583231+octocat@users.noreply.github.com.
_KEPT_BACK = re.compile(r"(?:[0-9]+[+-])?([^+@]+)@users\.noreply\.[a-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, and when it is one: from `valid_after` to `valid_before` (both included), always where None.

    `text` is kind and key in base64 as OpenSSH writes them, like `ssh-ed25519 AAAA…`, or `openpgp:` and the primary
    key's fingerprint in upper case. The same key always has the same text. Both times are aware.
    """

    text: str
    valid_after: datetime | None = None
    valid_before: datetime | None = None

    def valid_at(self, when: datetime) -> bool:
        """Tell whether the key is valid at an aware time."""
        return (self.valid_after is None or self.valid_after <= when) and (
            self.valid_before is None or when <= self.valid_before
        )

    @property
    def fingerprint(self) -> str:
        """What messages call it."""
        return fingerprint(self.text)


def fingerprint(text: str) -> str:
    """Return what messages call the key with this text: the beginning of what `ssh-keygen -l` shows, or GnuPG's key id.

    Empty where the text is; what holds no key in base64 is told by its kind.
    """
    if text.startswith(OPENPGP):
        return f"OpenPGP {text[-_SHOWN:]}"
    import hashlib  # of no use to the first screen

    kind, _, key = text.partition(" ")
    try:
        digest = hashlib.sha256(binascii.a2b_base64(key.encode(), strict_mode=True)).digest()
    except ValueError:
        return kind
    return f"SHA256:{binascii.b2a_base64(digest).decode()[:_SHOWN]}…" if key else kind


def ssh_strings(data: bytes) -> list[bytes]:
    """Return the strings that SSH makes a key of, one behind the other; nothing where the last one is cut off."""
    found: list[bytes] = []
    while data:
        end = 4 + int.from_bytes(data[:4], "big")
        if len(data) < end:
            return []
        found.append(data[4:end])
        data = data[end:]
    return found


@dataclass(frozen=True, slots=True)
class Member:
    """One member; `slug` names their review files, `email` is how git knows them, with `keys` they sign.

    `account` is their name on the forge, `organisation` where they belong; each is empty where it is not known.
    """

    slug: str
    name: str
    email: str
    roles: tuple[str, ...]
    keys: tuple[Key, ...] = ()
    account: str = ""
    organisation: str = ""

    @property
    def decides(self) -> bool:
        """True for an organiser."""
        return "organiser" in self.roles

    @property
    def only_reviews(self) -> bool:
        """True for a reviewer who is no organiser."""
        return "reviewer" in self.roles and not self.decides

    @property
    def is_form(self) -> bool:
        """True for the name that a form commits in: it takes in, corrects and withdraws for applicants, and no more."""
        return FORM in self.roles


def no_organiser(member: Member | None) -> str:
    """Return why this member (None: somebody else) may not decide, as what they are; empty where they may."""
    if member is None:
        return "not in the team"
    return "" if member.decides else "the form, which decides nothing" if member.is_form else "no organiser"


@dataclass(frozen=True, slots=True)
class Policy:
    """What is asked of a decision beside its rules; words are of `SIGNATURES` and `SECOND_PERSON`.

    A second person is asked for only in meetings that have more than `second_person_above` seats.
    """

    signatures: str = "recorded"
    second_person: str = "off"
    second_person_above: int = 0


@dataclass(frozen=True, slots=True)
class Team:
    """Everybody in `callforth.toml`, the workspace's name, and its policy."""

    name: str
    members: tuple[Member, ...]
    policy: Policy = Policy()

    def member(self, email: str) -> Member | None:
        """Return the member with this e-mail address (without regard to case), or None.

        An address that a forge writes for an account that keeps its own to itself is that of the account's member.
        """
        wanted = email.casefold()
        found = next((m for m in self.members if m.email.casefold() == wanted), None)
        if found is None and "@users.noreply." in wanted and (kept := _KEPT_BACK.fullmatch(wanted)):
            return self.with_account(kept[1])
        return found

    def with_account(self, account: str) -> Member | None:
        """Return the member with this name on the forge (without regard to case), or None."""
        wanted = account.casefold()
        return next((m for m in self.members if m.account and m.account.casefold() == wanted), None)

    @property
    def organisers(self) -> tuple[Member, ...]:
        """The members who may decide."""
        return tuple(member for member in self.members if member.decides)
