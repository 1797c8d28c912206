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


@pytest.mark.parametrize(
    ("labels", "both", "family"),
    [
        (("Name", "Vorname", "Verein"), (1, 0), {0}), (("1. Naam *", "2. Voornaam"), (1, 0), {0}),
        (("Vorname", "Name"), (0, 1), {1}), (("Name", "Vorname", "Nachname"), (1, 2), {2}),
        (("Nom", "Prénom"), (1, 0), {0}), (("Nome", "Cognome"), (0, 1), {1}), (("Apellidos", "Nombre"), (1, 0), {0}),
        (("Name", "E-Mail"), None, set()), (("Vorname", "E-Mail"), None, set()), (("Name", "Country"), None, set()),
    ],
)  # fmt: skip
def test_two_columns_for_one_name(labels, both, family):
    asked = {str(at): headings.readings(label)[-1] for at, label in enumerate(labels)}
    assert headings.two_names(asked) == (both and tuple(map(str, both)))
    assert headings.only_family(asked) == {str(at) for at in family}


@pytest.mark.parametrize(
    ("head", "name"),
    [("Name,Vorname", "Lisa Berg"), ("Naam,Voornaam", "Lisa Berg"), ("Name,Mitglied", "Berg"),
     ("Name,Vorname,Nachname", "Lisa Falk")],
)  # fmt: skip
def test_a_name_in_two_columns_is_joined(workspace, tmp_path, head, name):
    cells = ["Berg", "Lisa", "Falk"][: head.count(",") + 1]
    (tmp_path / "a.csv").write_text(f"{head},E-Mail,Why\n{','.join(cells)},lisa@example.org,So.\n", encoding="utf-8")
    args = ("import", "oslo-2022", str(tmp_path / "a.csv"), "--yes", "--map", "Why=answer.why")
    (new,) = workspace.done(*args)["new"]
    assert workspace.done("show", new)["applicant"]["name"] == name
