"""Whether two submissions are of one person, by what they say of who sent them."""

from __future__ import annotations

from collections.abc import Mapping

from callforth.model.text import fold
from callforth.workflow.intake.values import address

_ALIKE = 85.0


def another(was: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Tell whether an applicant's fields say that it is somebody else: no address and no name is as it was.

    A name that is written otherwise, with a part more or less, is the same; where nothing says who it was, or is,
    nothing says that it is another.
    """
    emails, names = _both(was, now, "email"), _both(was, now, "name")
    if not any((emails[0], names[0])) or not any((emails[1], names[1])):
        return False
    if emails[0] and emails[0] == emails[1]:
        return False
    return not (all(names) and alike(*names))


def alike(one: str, other: str) -> bool:
    """Tell whether two names, folded, may be one person's."""
    from rapidfuzz import fuzz

    return one == other or fuzz.token_set_ratio(one, other) >= _ALIKE


def same(was: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Tell whether two say the same name and the same address, as far as both say them, and one at least."""
    pairs = (_both(was, now, "email"), _both(was, now, "name"))
    told = [pair for pair in pairs if all(pair)]
    return bool(told) and all(one == other for one, other in told)


def _both(was: Mapping[str, str], now: Mapping[str, str], field: str) -> tuple[str, str]:
    compared = address if field == "email" else fold
    return compared(was.get(field, "")), compared(now.get(field, ""))
