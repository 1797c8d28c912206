"""The one door to who an applicant is.

Whatever shows, compares or hides a person reads it here, so that a blind or an encrypted mode has one
place to change.
"""

from __future__ import annotations

from callforth.model.application import Application
from callforth.model.text import fold


def name(application: Application) -> str:
    """Return the applicant's name, or the application's id where the file has none."""
    return application.applicant.get("name") or application.id


def email(application: Application) -> str:
    """Return the applicant's e-mail address, or an empty string."""
    return application.applicant.get("email", "")


def organisation(application: Application) -> str:
    """Return the applicant's organisation, or an empty string."""
    return application.applicant.get("organisation", "")


def country(application: Application) -> str:
    """Return the applicant's country as the file has it, upper case, or an empty string."""
    return application.applicant.get("country", "").upper()


def key(application: Application) -> str:
    """Return what makes two applications one person's: the e-mail address, else the folded name."""
    return email(application).casefold() or fold(name(application))
