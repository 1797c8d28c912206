"""callforth.toml: the workspace's name and its team."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callforth.model.team import FORM, ROLES, SECOND_PERSON, SIGNATURES, Key, Member, Policy, Team
from callforth.model.text import clean_line
from callforth.plaintext.config import member_section, parse, render
from callforth.plaintext.document import FileUnusable

PEOPLES = tuple(role for role in ROLES if role != FORM)


def ssh_key(kind: str, *parts: bytes) -> str:
    blob = b"".join(len(part).to_bytes(4, "big") + part for part in (kind.encode(), *parts))
    return f"{kind} {base64.b64encode(blob).decode()}"


ED25519 = ssh_key("ssh-ed25519", bytes(range(32)))
OTHER = ssh_key("ssh-ed25519", bytes(32))
FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"
SANNA = '[team.sanna]\nname = "Sanna Lind"\nemail = "sanna.lind@example.org"\nroles = ["organiser"]\n'


def test_a_team_is_read_as_documented() -> None:
    raw = f'format = 1\nname = "Test \\u202e workspace"\n{SANNA}'.encode()
    assert parse(raw) == Team(
        "Test workspace", (Member("sanna", "Sanna Lind", "sanna.lind@example.org", ("organiser",)),)
    )


def test_an_empty_file_is_a_workspace_without_a_team() -> None:
    assert parse(b"") == Team("", ())


def test_keys_are_read_as_documented() -> None:
    keys = f"""
keys = [
  "{ED25519} sanna's laptop",
  'valid-before="20260101" {OTHER}',
  'Valid-After="202601011530Z",valid-before="20261231235959",namespaces="git" openpgp:{FINGERPRINT.lower()} new',
]
"""
    assert parse((SANNA + keys).encode()).members[0].keys == (
        Key(ED25519),
        Key(OTHER, None, datetime(2026, 1, 1, tzinfo=UTC)),
        Key(
            f"openpgp:{FINGERPRINT}",
            datetime(2026, 1, 1, 15, 30, tzinfo=UTC),
            datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
        ),
    )


@pytest.mark.parametrize(
    "key",
    [
        ssh_key("ssh-rsa", b"\1\0\1", b"\0" + b"\xff" * 256),
        ssh_key("ecdsa-sha2-nistp256", b"nistp256", b"\4" * 65),
        ssh_key("ecdsa-sha2-nistp384", b"nistp384", b"\4" * 97),
        ssh_key("ecdsa-sha2-nistp521", b"nistp521", b"\4" * 133),
        ssh_key("sk-ssh-ed25519@openssh.com", b"\1" * 32, b"ssh:"),
        ssh_key("sk-ecdsa-sha2-nistp256@openssh.com", b"nistp256", b"\4" * 65, b"ssh:"),
        "openpgp:" + "A" * 64,
    ],
    ids=lambda key: key.split(" ")[0],
)
def test_every_kind_of_key_that_can_sign_is_read(key: str) -> None:
    assert parse(f"{SANNA}keys = ['{key}']".encode()).members[0].keys == (Key(key),)


def test_the_policy_is_read_as_documented() -> None:
    assert parse(SANNA.encode()).policy == Policy("recorded", "off", 0)
    raw = f'signatures = "required"\nsecond_person = "decisions"\nsecond_person_above = 30\n{SANNA}'.encode()
    assert parse(raw).policy == Policy("required", "decisions", 30)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(clean_line)
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)).map(
    lambda when: when.replace(microsecond=0)
)
DAYS = MOMENTS.map(lambda when: when.replace(hour=0, minute=0, second=0))
TIMES = st.tuples(st.none() | MOMENTS | DAYS, st.none() | MOMENTS | DAYS).map(
    lambda times: sorted(times) if all(times) else times  # type: ignore[type-var]
)
KEYS = st.builds(
    lambda text, times: Key(text, *times),
    st.binary(min_size=32, max_size=32).map(lambda key: ssh_key("ssh-ed25519", key))
    | st.binary(min_size=20, max_size=20).map(lambda key: f"openpgp:{key.hex().upper()}"),
    TIMES,
)
MEMBERS = st.builds(
    Member,
    st.from_regex(r"[a-z0-9]{1,5}(-[a-z0-9]{1,5})?", fullmatch=True),
    TEXTS,
    TEXTS,
    st.just((FORM,)) | st.lists(st.sampled_from(PEOPLES), min_size=1, max_size=3, unique=True).map(tuple),
    st.lists(KEYS, max_size=2).map(tuple),
    st.just("") | st.from_regex(r"[a-z][a-z0-9._-]{0,9}[a-z]", fullmatch=True),
)
TEAMS = st.lists(MEMBERS, max_size=3, unique_by=lambda member: member.slug).filter(
    lambda members: (
        len({key.text for one in members for key in one.keys}) == sum(len(one.keys) for one in members)
        and len({one.account for one in members if one.account}) == sum(bool(one.account) for one in members)
    )
)
POLICIES = st.builds(Policy, st.sampled_from(SIGNATURES), st.sampled_from(SECOND_PERSON), st.integers(0, 10**6))


@given(TEXTS, TEAMS, POLICIES)
def test_reading_what_was_written_gives_the_team_back(name: str, members: list[Member], policy: Policy) -> None:
    team = Team(name, tuple(members), policy)
    assert parse(render(team).encode()) == team


def test_the_example_of_the_formats_guide_can_be_read() -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "formats.md").read_text("utf-8")
    team = parse(guide.partition("```toml\n")[2].partition("```\n")[0].encode())
    assert team.policy == Policy("required", "decisions", 30)
    assert [key.text.split(" ")[0] for key in team.members[0].keys] == [
        "ssh-ed25519",
        "ssh-ed25519",
        f"openpgp:{FINGERPRINT}",
    ]


def test_a_file_says_no_more_of_the_policy_than_what_is_unusual() -> None:
    member = Member("sanna", "Sanna Lind", "sanna.lind@example.org", ("organiser",))
    before = Key(ED25519, None, datetime(2026, 1, 1, tzinfo=UTC))
    assert render(Team("Test", (member,))).endswith(f'name = "Test"\n\n{SANNA}')
    team = Team("Test", (replace(member, keys=(before, Key(OTHER))),), Policy("required"))
    assert render(team).endswith(
        f'name = "Test"\nsignatures = "required"\n\n{SANNA}'
        f'keys = [\n  "valid-before=\\"20260101Z\\" {ED25519}",\n  "{OTHER}",\n]\n'
    )


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
        (SANNA.replace('"]', '", "form"]'), 1, "'sanna' is the form and something else"),
        (SANNA.replace('"organiser"', "{a = 1}"), 1, "the roles of 'sanna' are not known ones"),
        (SANNA + "account = '@sanna-l'\n", 1, "the account of 'sanna' is no name on a forge"),
        (SANNA + "account = 3\n", 1, "the account of 'sanna' is no name on a forge"),
        (
            f"{SANNA}account = 'sanna-l'\n{SANNA.replace('sanna', 'ana')}account = 'Sanna-L'\n",
            6,
            "'ana' has the same account as 'sanna'",
        ),
        ("\nsignatures = 'always'\n", 2, "'signatures' is not a known word"),
        ("signatures = true\n", 1, "'signatures' is not a known word"),
        ("signatures = ['off']\n", 1, "'signatures' is not a known word"),
        ("name = 'a'\n'second_person' = 'all'\n" + SANNA, 2, "'second_person' is not a known word"),
        ("second_person_above = -1\n", 1, "'second_person_above' is not a number of seats"),
        ("second_person_above = true\n", 1, "'second_person_above' is not a number of seats"),
        ("\nsecond_person_above = '30'\n", 2, "'second_person_above' is not a number of seats"),
        ("\n" + SANNA + f"keys = '{ED25519}'", 2, "the keys of 'sanna' are not a list of texts"),
        (SANNA + "keys = [3]", 1, "the keys of 'sanna' are not a list of texts"),
        (
            f"{SANNA}keys = ['{ED25519}']\n{SANNA.replace('sanna', 'ana')}keys = [\n  '{OTHER}',\n  '{ED25519} b',\n]",
            12,
            "'ana' has the same key as 'sanna'",
        ),
        (
            f"""{SANNA}keys = [\n  'valid-after="20260101" {ED25519}',\n  '{ED25519}']""",
            7,
            "'sanna' has the same key twice",
        ),
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


NO_KEY = "it is no public key of a kind that can sign"
NOT_SO = "the option 'valid-before' cannot be used so"
NO_TIME = "the time of 'valid-before' is not one"


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("", NO_KEY),
        ("   ", NO_KEY),
        ("ssh-ed25519", "it is cut off, or not of the kind 'ssh-ed25519'"),
        (ED25519[:-4], "it is cut off, or not of the kind 'ssh-ed25519'"),
        (ED25519 + "AAAA", "it is cut off, or not of the kind 'ssh-ed25519'"),
        (ED25519.replace("A", "!", 1), "it is cut off, or not of the kind 'ssh-ed25519'"),
        (ED25519.replace("ssh-ed25519", "ssh-rsa", 1), "it is cut off, or not of the kind 'ssh-rsa'"),
        (ssh_key("ssh-ed25519", bytes(31)), "it is cut off, or not of the kind 'ssh-ed25519'"),
        (ssh_key("ssh-dss", b"1", b"2", b"3", b"4"), NO_KEY),
        (ED25519.split(" ")[1], NO_KEY),
        (f"sanna@example.org {ED25519}", NO_KEY),
        ("SHA256:abc", NO_KEY),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", NO_KEY),
        (f"openpgp:{FINGERPRINT[:-1]}", "it is not the fingerprint of an OpenPGP key"),
        (f"openpgp:{FINGERPRINT[:-1]}G", "it is not the fingerprint of an OpenPGP key"),
        ("openpgp: " + FINGERPRINT, "it is not the fingerprint of an OpenPGP key"),
        (f"valid-before=20260101 {ED25519}", NOT_SO),
        (f"valid-before {ED25519}", NOT_SO),
        (f'valid-before="2026"x {ED25519}', NOT_SO),
        (f'valid-before="20260101",valid-before="20260102" {ED25519}', NOT_SO),
        (f'valid-before="20260101 {ED25519}', NO_KEY),
        (f"cert-authority {ED25519}", "the option 'cert-authority' cannot be used so"),
        (f'namespaces="file" {ED25519}', "the option 'namespaces' cannot be used so"),
        (f'colour="red" {ED25519}', NO_KEY),
        (f'valid-before="20260230" {ED25519}', NO_TIME),
        (f'valid-before="2026-01-01" {ED25519}', NO_TIME),
        (f'valid-before="2026010112" {ED25519}', NO_TIME),
        (f'valid-before="00000101" {ED25519}', NO_TIME),
        (f'valid-before="" {ED25519}', NO_TIME),
        (f'valid-before="20260101",valid-after="20260102" {ED25519}', "it is valid at no time"),
    ],
)
def test_what_is_no_key_is_refused_with_its_line(key: str, says: str) -> None:
    text = f"name = 'a'\n{SANNA}keys = [\n  '{OTHER}',\n  '{key}',\n]\n"
    with pytest.raises(FileUnusable) as caught:
        parse(text.encode())
    problem = caught.value.problem
    assert (problem.path, problem.says) == ("callforth.toml", f"a key of 'sanna' cannot be used: {says}")
    # A line is found by what is written on it.
    assert problem.line == (8 if key.strip() else 2)
    assert problem.remedy


def test_the_line_of_a_member_is_not_that_of_one_with_a_longer_name() -> None:
    text = SANNA.replace("sanna", "ana-maria", 1) + SANNA.replace("sanna", "ana", 1).replace("organiser", "boss")
    with pytest.raises(FileUnusable) as caught:
        parse(text.encode())
    assert (caught.value.problem.line, caught.value.problem.says) == (5, "the roles of 'ana' are not known ones")


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_bytes_do_more_than_refuse_the_file(raw: bytes) -> None:
    try:
        assert isinstance(parse(raw), Team)
    except FileUnusable as error:
        assert error.problem.path == "callforth.toml"


def test_a_member_may_belong_to_an_organisation() -> None:
    team = parse(f'{SANNA}organisation = "House\\tof \\u0022Bridges\\u0022"\n'.encode())
    assert team.members[0].organisation == 'House of "Bridges"'
    assert parse(render(team).encode()).members == team.members
    with pytest.raises(FileUnusable) as caught:
        parse(f"{SANNA}organisation = ['House']\n".encode())
    assert caught.value.problem.says == "the organisation of 'sanna' is not a text"
