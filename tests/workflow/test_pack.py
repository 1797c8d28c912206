"""A pack holds answers and chosen fields, and nothing that says who applied."""

import re

import pytest

from callforth.model.text import fold
from callforth.workflow import pack

_FIELDS = """fields:
- name: name
  label: Your name
  identity: true
- name: email
  label: Your address
- name: organisation
  label: Where you work
  identity: true
- name: role
  label: Your role
- name: country
  label: Your country
"""


@pytest.fixture
def asked(new_workspace):
    """A workspace whose call asks five things, of which three say who somebody is, one of them without saying so."""

    def make(review: str = "", **fields):
        sandbox = new_workspace("k7m2qx", "3fh9td", tags=("secret-tag",), **fields)
        path = "meetings/oslo-2022/call.md"
        text = re.sub(r"fields:\n(?:[- ] .*\n)+", _FIELDS, sandbox.read(path))
        sandbox.write(path, text.replace("criteria:\n", f"{review}criteria:\n"))
        sandbox.commit()
        return sandbox

    return make


def test_a_page_has_neither_who_applied_nor_where_it_stands(asked, opened) -> None:
    sandbox = asked(applicant={"role": "youth worker"}, status="shortlisted")
    path = "applications/oslo-2022/k7m2qx.md"
    more = "\n<!-- question: phone -->\n## Telephone\n\n+47 22 00 00 00\n"
    more += "\n<!-- question: consent -->\n## Agreed\n\nYes.\n"
    sandbox.write(path, sandbox.read(path) + more)
    sandbox.commit("Set it up\n\nImported: more\n")
    workspace = opened(sandbox)
    assert pack.left_out(workspace.catalog.meeting("oslo-2022"), workspace.catalog.application("k7m2qx")) == (
        "phone", "consent"
    )  # fmt: skip
    files = pack.files(workspace, workspace.catalog.meeting("oslo-2022"), ["k7m2qx"], None)
    assert sorted(files) == ["README.md", "applications/oslo-2022/k7m2qx.md"]
    assert files["applications/oslo-2022/k7m2qx.md"].decode() == (
        '---\nid: "k7m2qx"\nmeeting: oslo-2022\napplicant:\n  role: youth worker\n  country: "NO"\n---\n\n'
        "<!-- question: why -->\n## Why do you want to come?\n\nBecause of the bridge.\n"
    )


def test_a_reviewer_gets_their_files_to_fill_in_and_what_they_wrote(asked, opened) -> None:
    sandbox = asked("review:\n  fields:\n  - role\n", applicant={"role": "youth worker"})
    written = "---\napplication: 3fh9td\nreviewer: hedda\nrecommend: accept\n---\n\nYes.\n"
    sandbox.write("meetings/oslo-2022/reviews/3fh9td/hedda.md", written)
    sandbox.write("meetings/oslo-2022/reviews/3fh9td/dario.md", written.replace("hedda", "dario"))
    workspace = opened(sandbox)
    meeting = workspace.catalog.meeting("oslo-2022")
    files = pack.files(workspace, meeting, ["k7m2qx", "3fh9td"], "hedda")
    mine = "meetings/oslo-2022/reviews/{}/hedda.md"
    assert sorted(files) == [
        "README.md",
        "applications/oslo-2022/3fh9td.md",
        "applications/oslo-2022/k7m2qx.md",
        mine.format("3fh9td"),
        mine.format("k7m2qx"),
    ]
    assert files[mine.format("3fh9td")].decode() == written
    assert b"recommend:" in files[mine.format("k7m2qx")]
    assert b"country" not in files["applications/oslo-2022/k7m2qx.md"]  # the call names the fields, and not this one
    readme = files["README.md"].decode()
    assert "reviews/ID/hedda.md" in readme and "| fit | Fits | 1 to 5 | 1 |" in readme and "Your role." in readme


def test_what_is_not_told_as_telling_says_who_nobody_is(practice, opened) -> None:
    """In a hundred applications, every value of identity in a page is found by `telling`; in most there is none."""
    workspace = opened(practice)
    told = clean = 0
    for meeting in workspace.catalog.meetings:
        for row in workspace.catalog.rows(meeting.id):
            application = workspace.catalog.application(row.id)
            text = fold(pack.page(meeting, application).decode().split("---\n", 2)[2].replace("\\", ""))
            standing = [name for name in ("name", "email", "organisation") if fold(row.applicant[name]) in text]
            fields = pack.telling(meeting, application)
            assert set(standing) <= set(fields), row.id
            assert row.source not in text and row.received.isoformat() not in text
            told, clean = told + bool(fields), clean + (not fields)
    assert clean > told


def test_a_name_in_an_answer_is_told_whatever_its_case_and_accents(asked, opened) -> None:
    body = "\n<!-- question: why -->\n## Why?\n\nASK JØRGEN_LIE, jorgen@example.org!\n"
    sandbox = asked(applicant={"name": "Jørgen Aas", "email": "jorgen@example.org"}, body=body)
    workspace = opened(sandbox)
    meeting = workspace.catalog.meeting("oslo-2022")
    assert pack.telling(meeting, workspace.catalog.application("k7m2qx")) == ("email",)
    sandbox.application("k7m2qx", applicant={"name": "José Arroyo"}, body=body.replace("JØRGEN_LIE", "JOSÉ"))
    workspace = opened(sandbox)
    assert pack.telling(meeting, workspace.catalog.application("k7m2qx")) == ("name",)
