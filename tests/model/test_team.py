"""Keys: when they are valid, and what messages call them."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from callforth.model.team import Key, Member, Policy, Team, fingerprint, ssh_strings

AFTER, BEFORE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("key", "when", "valid"),
    [
        (Key("k"), AFTER, True),
        (Key("k", AFTER), AFTER, True),
        (Key("k", AFTER), AFTER - SECOND, False),
        (Key("k", None, BEFORE), BEFORE, True),
        (Key("k", None, BEFORE), BEFORE + SECOND, False),
        (Key("k", AFTER, BEFORE), datetime(2026, 12, 31, 1, tzinfo=timezone(timedelta(hours=1))), True),
        (Key("k", AFTER, BEFORE), datetime(2026, 12, 31, 0, tzinfo=timezone(timedelta(hours=-1))), False),
        (Key("k", AFTER, BEFORE), BEFORE + SECOND, False),
    ],
)
def test_a_key_is_valid_from_and_to_its_times_both_included(key: Key, when: datetime, valid: bool) -> None:
    assert key.valid_at(when) is valid


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not on this machine")
def test_a_key_is_called_as_ssh_keygen_calls_it(tmp_path: Path) -> None:
    file = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file], check=True)
    said = subprocess.run(["ssh-keygen", "-l", "-f", file], check=True, capture_output=True, text=True).stdout
    shown = Key(" ".join((tmp_path / "key.pub").read_text().split()[:2])).fingerprint
    assert len(shown) == len("SHA256:") + 16 + 1
    assert said.split()[1].startswith(shown.removesuffix("…"))


def test_a_key_of_openpgp_is_called_by_its_key_id() -> None:
    assert fingerprint("openpgp:0123456789ABCDEF0123456789ABCDEF01234567") == "OpenPGP 89ABCDEF01234567"


def test_what_is_no_key_is_called_what_it_is() -> None:
    assert [fingerprint(text) for text in ("", "ssh-ed25519", "ssh-ed25519 !")] == ["", "ssh-ed25519", "ssh-ed25519"]


def test_what_ssh_wrote_is_taken_apart_whole_or_not_at_all() -> None:
    assert ssh_strings(b"") == []
    assert ssh_strings(b"\0\0\0\1a\0\0\0\0\0\0\0\2bc") == [b"a", b"", b"bc"]
    assert [ssh_strings(data) for data in (b"\0", b"\0\0\0\1", b"\0\0\0\1a\0", b"\xff\xff\xff\xffa")] == [[]] * 4


def test_a_team_is_bound_to_no_more_than_was_said() -> None:
    assert Member("sanna", "Sanna Lind", "sanna.lind@example.org", ("organiser",)).keys == ()
    assert Team("Test", ()).policy == Policy("recorded", "off", 0)


def test_a_member_is_known_by_address_and_by_what_a_forge_writes_in_its_place() -> None:
    hedda = Member("hedda", "Hedda Nyström", "hedda.nystrom@example.org", ("reviewer",), account="hedda-n")
    sanna = Member("sanna", "Sanna Lind", "1+sanna@users.noreply.github.com", ("organiser",))
    team = Team("", (hedda, sanna))
    for email in (
        "Hedda.Nystrom@example.org",
        "hedda-n@users.noreply.github.com",
        "583231+Hedda-N@users.noreply.github.com",
        "4711-hedda-n@users.noreply.gitlab.com",
    ):
        assert team.member(email) is hedda
    assert team.member("1+sanna@users.noreply.github.com") is sanna
    for email in ("2+sanna@users.noreply.github.com", "hedda-n@example.org", "a+b@users.noreply.github.com", ""):
        assert team.member(email) is None
    assert (team.with_account("HEDDA-N"), team.with_account("")) == (hedda, None)
