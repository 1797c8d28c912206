"""What headings ask for, in many languages and with what form programs put around them."""

from __future__ import annotations

import pytest

from callforth.workflow.intake import headings


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("1. Name *", "name"), ("Q3 - Country", "country"), ("About you: Your name", "name"), ("(2) E-mail", "email"),
        ("About you [Your e-mail]", "email"), ("Angaben zur Person - Land", "country"), ("Name (required)", "name"),
        ("Adınız Soyadınız", "name"), ("ÜLKE", "country"), ("البريد الإلكتروني", "email"), ("Країна", "country"),
        ("ФИО", "name"), ("Организация", "organisation"), ("Ονοματεπώνυμο", "name"), ("Jméno a příjmení", "name"),
        ("Ország", "country"), ("Adresă de e-mail", "email"), ("Sähköpostiosoite", "email"), ("Riik", "country"),
        ("Vārds, uzvārds", "name"), ("El. paštas", "email"), ("Държава", "country"),
        ("Naziv organizacije", "organisation"), ("Submission Date", "received"),
        ("Referee: Name", ""), ("3-day meeting?", ""), ("2 languages", ""),
    ],
)  # fmt: skip
def test_what_a_heading_asks_for(text, field):
    assert next(filter(None, map(headings.usual, headings.readings(text))), "") == field
