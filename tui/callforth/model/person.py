"""The one door to who an applicant is.

Whatever shows, compares or hides a person reads it here, so that a blind or an encrypted mode has one
place to change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from callforth.model.text import fold


class Applied(Protocol):
    """An application, or a row of one: what has an id and says who applied."""

    @property
    def id(self) -> str:
        """The application's id."""

    @property
    def applicant(self) -> Mapping[str, str]:
        """What the call's fields asked, by field name."""


def name(application: Applied) -> str:
    """Return the applicant's name, or the application's id where the file has none."""
    return application.applicant.get("name") or application.id


def named(applicant: Mapping[str, str]) -> bool:
    """Tell whether an applicant's fields say who somebody is."""
    return bool(applicant.get("name") or applicant.get("email"))


def email(application: Applied) -> str:
    """Return the applicant's e-mail address, or an empty string."""
    return application.applicant.get("email", "")


def organisation(application: Applied) -> str:
    """Return the applicant's organisation, or an empty string."""
    return application.applicant.get("organisation", "")


def country(application: Applied) -> str:
    """Return the applicant's country as the file has it, upper case, or an empty string."""
    return application.applicant.get("country", "").upper()


def key(application: Applied) -> str:
    """Return what makes two applications one person's: the e-mail address, else the folded name."""
    return email(application).casefold() or fold(name(application))
