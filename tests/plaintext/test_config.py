"""callforth.toml: the workspace's name and its team."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callforth.model.team import ROLES, Member, Team
from callforth.model.text import clean_line
from callforth.plaintext.config import member_section, parse, render
from callforth.plaintext.document import FileUnusable

SANNA = '[team.sanna]\nname = "Sanna Lind"\nemail = "sanna.lind@example.org"\nroles = ["organiser"]\n'


def test_a_team_is_read_as_documented() -> None:
    raw = f'format = 1\nname = "Test \\u202e workspace"\n{SANNA}'.encode()
    assert parse(raw) == Team(
        "Test workspace", (Member("sanna", "Sanna Lind", "sanna.lind@example.org", ("organiser",)),)
    )


def test_an_empty_file_is_a_workspace_without_a_team() -> None:
    assert parse(b"") == Team("", ())


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(clean_line)
MEMBERS = st.builds(
    Member,
    st.from_regex(r"[a-z0-9]{1,5}(-[a-z0-9]{1,5})?", fullmatch=True),
    TEXTS,
    TEXTS,
    st.lists(st.sampled_from(ROLES), min_size=1, max_size=3, unique=True).map(tuple),
)


@given(TEXTS, st.lists(MEMBERS, max_size=3, unique_by=lambda member: member.slug))
def test_reading_what_was_written_gives_the_team_back(name: str, members: list[Member]) -> None:
    team = Team(name, tuple(members))
    assert parse(render(team).encode()) == team


def test_a_member_is_taken_in_by_lines_at_the_end() -> None:
    new = Member("ana", 'Ana "A" \\ Ávila', "ana@example.org", ("reviewer", "auditor"))
    assert parse((SANNA + member_section(new)).encode()).members[1] == new


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("name = \n", 1, "this is not TOML"),
        ("\n\nx = [1,\n", 3, "this is not TOML"),
        (SANNA + SANNA, 5, "this is not TOML"),
        ("format = 2\n", 1, "the format is not 1"),
        ("team = 3\n", 1, "'team' is not a table"),
        ("[team]\nsanna = 3\n", 1, "'sanna' is not a member"),
        ("\n[team.'Sanna Lind']\n", 2, "'Sanna Lind' is not a member"),
        ("\n[team.sanna]\nname = 'S'\n", 2, "the member 'sanna' has no name or no email"),
        ("\n[team.sanna]\nname = 'S'\nemail = 3\n", 2, "the member 'sanna' has no name or no email"),
        ("[team.sanna]\nname = 'S'\nemail = 's@example.org'\n", 1, "the roles of 'sanna' are not known ones"),
        (SANNA.replace('["organiser"]', "[]"), 1, "the roles of 'sanna' are not known ones"),
        (SANNA.replace('["organiser"]', '"organiser"'), 1, "the roles of 'sanna' are not known ones"),
        (SANNA.replace("organiser", "boss"), 1, "the roles of 'sanna' are not known ones"),
        (SANNA.replace('"organiser"', "{a = 1}"), 1, "the roles of 'sanna' are not known ones"),
        ("x = " + "[" * 100_000, 1, "this TOML holds a number too long, or brackets too deep"),
        ("x = " + "9" * 5000, 1, "this TOML holds a number too long, or brackets too deep"),
        ("<<<<<<< HEAD\nname = 'a'\n", 1, "a merge left conflict markers here"),
        ("\ufeffname = 'a'\n", 1, "the file begins with a byte order mark"),
    ],
)
def test_what_is_no_configuration_is_refused_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(FileUnusable) as caught:
        parse(text.encode())
    problem = caught.value.problem
    assert (problem.path, problem.line, problem.says) == ("callforth.toml", line, says)
    assert problem.remedy


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_bytes_do_more_than_refuse_the_file(raw: bytes) -> None:
    try:
        assert isinstance(parse(raw), Team)
    except FileUnusable as error:
        assert error.problem.path == "callforth.toml"
