"""Conflicts of interest that can be seen: who is the same, of one house, of one domain, and who only seems so."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from callforth.model import conflict
from callforth.model.team import Member


@dataclass
class _Applied:
    applicant: dict[str, str] = field(default_factory=dict)
    id: str = "k7m2qx"


@pytest.mark.parametrize(
    ("member", "applicant", "kind"),
    [
        (("hedda@a.se", ""), ("HEDDA@A.se", ""), conflict.PERSON),
        (("hedda@gmail.com", ""), (" hedda@gmail.com", ""), conflict.PERSON),
        (("hedda@a.se", "House of Bridges"), ("x@b.se", "house of  BRIDGES."), conflict.ORGANISATION),
        (("hedda@a.se", "Γειτονιά Ανοιχτή"), ("x@b.se", "γειτονια ανοιχτη"), conflict.ORGANISATION),
        (("hedda@a.se", "Bairro em Diálogo"), ("x@b.se", "Bairro\u200b em Dia\u0301logo"), conflict.ORGANISATION),
        (("hedda@a.se", "The House"), ("x@b.se", "The Other House"), ""),
        (("hedda@a.se", ""), ("x@b.se", ""), ""),
        (("hedda@a.se", "–"), ("x@b.se", "?"), ""),  # no word in it
        (("hedda@a.se", ""), ("x@A.SE.", ""), conflict.DOMAIN),
        (("hedda@social.uu.se", ""), ("x@uu.se", ""), conflict.DOMAIN),
        (("hedda@uu.se", ""), ("x@social.uu.se", ""), conflict.DOMAIN),
        (("hedda@uu.se", ""), ("x@luu.se", ""), ""),
        (("hedda@bücher.de", ""), ("x@xn--bcher-kva.de", ""), conflict.DOMAIN),
        (("hedda@gmail.com", ""), ("x@gmail.com", ""), ""),
        (("hedda@yahoo.co.uk", ""), ("x@yahoo.co.uk", ""), ""),
        (("hedda@hotmail.se", ""), ("x@hotmail.se", ""), ""),
        (("hedda@live.house.se", ""), ("x@live.house.se", ""), conflict.DOMAIN),
        (("hedda@example.org", ""), ("x@example.org", ""), ""),
        (("hedda@house.example", ""), ("x@house.example", ""), ""),
        (("hedda", ""), ("x", ""), ""),
        (("hedda@localhost", ""), ("x@localhost", ""), ""),
        (("hedda@a.se", ""), ("x@" + "ö" * 70 + ".se", ""), ""),
        (("hedda@a.se", ""), (None, None), ""),
    ],
)
def test_a_conflict_is_seen_where_there_is_one(member, applicant, kind):
    who = conflict.of_member(Member("hedda", "Hedda", member[0], ("reviewer",), organisation=member[1]))
    said = {name: value for name, value in zip(("email", "organisation"), applicant, strict=True) if value is not None}
    theirs = conflict.of_applicant(_Applied(said))
    assert (conflict.between(who, theirs), conflict.between(theirs, who)) == (kind, kind)


@pytest.mark.parametrize("domain", ["gmx.net", "web.de", "proton.me", "outlook.com", "live.at", "wp.pl", "seznam.cz"])
def test_where_anybody_can_have_an_address_is_public(domain):
    assert conflict.is_public(domain)
