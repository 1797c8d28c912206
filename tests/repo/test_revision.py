"""The commit that a person means, by whatever they call it or by a date."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from callforth.repo import revision
from callforth.repo.repository import NotWritable, Repository
from callforth.repo.revision import AsOf, NothingYet, Revision, UnknownRevision

Commit = Callable[..., str]


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Be somewhere: `zone("Europe/Stockholm")`."""

    def move(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def made(workspace, monkeypatch) -> Commit:
    """Make an empty commit at a time."""

    def make(at: str, message: str = "Another") -> str:
        monkeypatch.setenv("GIT_AUTHOR_DATE", at)
        monkeypatch.setenv("GIT_COMMITTER_DATE", at)
        workspace.git("commit", "--quiet", "--allow-empty", "--message", message)
        return workspace.head()

    return make


@pytest.fixture
def history(workspace, made, zone) -> dict[str, str]:
    """Commits of three days in UTC, the first of which is the only one without parents."""
    zone("UTC")
    workspace.git("checkout", "--quiet", "--orphan", "other")
    return {
        "first": made("2022-08-20T10:00:00Z"),
        "second": made("2022-08-20T14:30:20Z"),
        "third": made("2022-08-22T00:30:00+02:00"),
        "last": made("2022-08-25T09:00:00Z"),
    }


@pytest.fixture
def repository(workspace) -> Iterator[Repository]:
    found = Repository(workspace.root)
    yield found
    found.close()


def found(repository: Repository, said: str) -> str:
    return revision.find(repository, said).commit


def test_a_commit_is_found_by_all_that_git_calls_it(workspace, history, repository) -> None:
    workspace.git("branch", "a-branch", history["second"])
    workspace.git("tag", "light", history["first"])
    workspace.git("tag", "-a", "-m", "x", "heavy", history["third"])
    workspace.git("tag", "-a", "-m", "x", "heavier", "heavy")
    for said, which in (
        ("HEAD", "last"), ("HEAD~1", "third"), ("a-branch", "second"), ("refs/heads/a-branch", "second"),
        ("light", "first"), ("heavy", "third"), ("heavier", "third"), ("main@{0}", None), (" HEAD ", "last"),
        (history["third"][:9], "third"), (history["second"].upper(), "second"),
    ):  # fmt: skip
        wanted = history[which] if which else workspace.git("rev-parse", "main")
        assert found(repository, said) == wanted, said


def test_it_comes_with_the_committers_time_in_its_own_zone(history, repository) -> None:
    assert revision.find(repository, "HEAD~1") == Revision(
        history["third"], datetime(2022, 8, 22, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    )


def test_a_seal_stands_for_the_commit_that_its_head_line_names(workspace, history, repository) -> None:
    blob = workspace.git("hash-object", "-w", "--stdin", stdin=b"the ledger\n")
    said = f"Seal 1\n\nHead: {history['second']}\nEntries: 3\n"
    workspace.git("tag", "-a", "-m", said, "seal/0001", blob)
    workspace.git("tag", "-a", "-m", f"Seal 2\n\nHead: {history['third']}\n", "seal/0002", blob)
    workspace.git("tag", "-a", "-m", "Seal 3 of nothing", "seal/0003", blob)
    workspace.git("tag", "-a", "-m", f"Seal 4\n\nHead: {'0' * 40}\n", "seal/0004", blob)
    assert found(repository, "seal/0001") == history["second"]
    assert [(name, one.commit) for name, one in revision.seals(repository)] == [
        ("seal/0002", history["third"]),
        ("seal/0001", history["second"]),
    ]
    for said in ("seal/0003", "seal/0004", blob):
        with pytest.raises(UnknownRevision):
            revision.find(repository, said)


def test_what_git_replaces_is_not_looked_at(workspace, history, repository) -> None:
    workspace.git("replace", history["third"], history["first"])
    assert revision.find(repository, "HEAD~1").at.day == 22
    assert found(repository, "2022-08-21") == history["third"]


@pytest.mark.parametrize(
    ("said", "which"),
    [
        ("2022-08-20", "second"),
        ("2022-08-21", "third"),  # it is 22:30 then, here
        ("2022-08-24", "third"),
        ("2022-08-25", "last"),
        ("2022-08-20 10:00", "first"),
        ("2022-08-20 14:29", "first"),
        ("2022-08-20 14:30", "second"),
        ("2022-08-20 14:30:19", "first"),
        ("2022-08-20T14:30:20", "second"),
        ("2022-08-20T14:30:20.5Z", "second"),
        ("2022-08-20 16:30+02:00", "second"),
        ("2022-08-20 14:30 +0200", "first"),
        ("2022-08-20t14:30z", None),
        ("9999-12-31", "last"),
        ("9999-12-31 23:59:59-11:00", "last"),
    ],
)
def test_a_date_stands_for_the_last_commit_that_was_not_made_later(history, repository, said, which) -> None:
    if which is None:
        with pytest.raises(UnknownRevision):
            revision.find(repository, said)
    else:
        assert found(repository, said) == history[which]


@pytest.mark.parametrize(("place", "which"), [("Pacific/Auckland", "second"), ("America/Los_Angeles", "third")])
def test_a_date_is_one_of_the_zone_here(history, repository, zone, place, which) -> None:
    zone(place)
    assert found(repository, "2022-08-21") == history[which]


def test_a_day_on_which_clocks_change_ends_at_midnight(workspace, made, repository, zone) -> None:
    zone("Europe/Stockholm")
    inside, _ = made("2022-10-30T23:59:59+01:00"), made("2022-10-31T00:00:00+01:00")
    assert found(repository, "2022-10-30") == inside


def test_only_the_line_of_first_parents_counts(workspace, made, repository, zone, monkeypatch) -> None:
    zone("UTC")
    workspace.git("checkout", "--quiet", "--orphan", "line")
    first = made("2022-08-20T10:00:00Z")
    workspace.git("checkout", "--quiet", "-b", "side")
    made("2022-08-21T10:00:00Z")
    workspace.git("checkout", "--quiet", "line")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2022-08-23T10:00:00Z")
    workspace.git("merge", "--quiet", "--no-ff", "-m", "Merge", "side")
    assert found(repository, "2022-08-21") == first


def test_of_times_out_of_order_the_newest_that_fits_counts(workspace, made, repository, zone) -> None:
    zone("UTC")
    workspace.git("checkout", "--quiet", "--orphan", "line")
    made("2022-08-20T10:00:00Z"), made("2022-08-24T10:00:00Z")
    early = made("2022-08-21T10:00:00Z")
    assert found(repository, "2022-08-22") == early


def test_what_looks_like_a_date_is_one_even_where_a_tag_is_called_so(workspace, history, repository) -> None:
    workspace.git("tag", "2022-08-20", history["last"])
    workspace.git("tag", "2022-08-20-final", history["last"])
    assert found(repository, "2022-08-20") == history["second"]
    assert found(repository, "refs/tags/2022-08-20") == history["last"]
    assert found(repository, "2022-08-20-final") == history["last"]


def test_before_the_first_commit_there_is_nothing(history, repository) -> None:
    for said in ("2022-08-19", "0001-01-01", "0001-01-01 00:00+14:00"):
        with pytest.raises(NothingYet) as caught:
            revision.find(repository, said)
        assert caught.value.says == f"nothing was committed by {said}; the first commit is of 20 Aug 2022 10:00"


def test_without_any_commit_there_is_nothing_either(tmp_path, workspace, history) -> None:
    workspace.git("checkout", "--quiet", "--orphan", "empty")
    repository = Repository(workspace.root)
    with pytest.raises(NothingYet) as caught:
        revision.find(repository, "2022-08-20")
    assert caught.value.says == "nothing is committed yet, so there is nothing to look back at"
    with pytest.raises(UnknownRevision):
        revision.find(repository, "HEAD")
    repository.close()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("nosuch", "nosuch"), ("", ""), ("--help", "--help"), ("HEAD:callforth.toml", "HEAD:callforth.toml"),
        ("HEAD^{tree}", "HEAD^{tree}"), ("a\nb", "a b"), ("\x1b[2J", "␛[2J"), ("HEAD~999", "HEAD~999"),
        ("x" * 999, "x" * 60), ("2022", "2022"), ("a\x00b", "a␀b"),
    ],
)  # fmt: skip
def test_what_is_neither_says_so(history, repository, said, shown) -> None:
    with pytest.raises(UnknownRevision) as caught:
        revision.find(repository, said)
    assert caught.value.says == (
        f"'{shown}' is no revision and no date; give a commit, a branch, a tag, or a date like 2022-08-20"
    )
    assert found(repository, "HEAD") == history["last"]  # git goes on answering


@pytest.mark.parametrize("said", ["2022-13-01", "2022-02-30", "2022-08-20 25:00", "2022-08-20 noon", "2022-08-20T"])
def test_a_date_that_is_none_says_so(history, repository, said) -> None:
    with pytest.raises(UnknownRevision) as caught:
        revision.find(repository, said)
    assert caught.value.says == f"'{said}' is not a date; write it like 2022-08-20 or '2022-08-20 14:30'"


def test_a_commit_that_is_gone_says_so(repository) -> None:
    with pytest.raises(UnknownRevision) as caught:
        revision.at_commit(repository, "ab" * 20)
    assert caught.value.says == "the commit abababababab is not here any more; fetch it, or choose another"


def test_a_time_is_shown_with_its_zone_where_that_is_not_the_one_here(zone) -> None:
    zone("Europe/Stockholm")
    assert revision.shown(datetime(2022, 8, 2, 14, 5, tzinfo=timezone(timedelta(hours=2)))) == "2 Aug 2022 14:05"
    assert revision.shown(datetime(2022, 8, 2, 14, 5, tzinfo=UTC)) == "2 Aug 2022 14:05 +0000"


def test_nothing_can_be_written_from_the_past(workspace, history) -> None:
    then = AsOf(workspace.root, False, history["second"])
    assert (then.head(), workspace.head()) == (history["second"], history["last"])
    with pytest.raises(NotWritable):
        then.tip()
    then.close()


def test_days_back_from_today_are_dates_where_nothing_has_that_name(workspace, history, made, repository) -> None:
    yesterday = made((datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="seconds"))
    made(datetime.now(UTC).isoformat(timespec="seconds"))
    for said in ("yesterday", "-1d", "1 day ago", "Yesterday"):
        assert found(repository, said) == yesterday, said
    for said in ("-3d", "2 weeks ago", "-1w"):
        assert found(repository, said) == history["last"], said
    for said in ("3d", "-3", "3 months ago", "-12345d"):
        with pytest.raises(UnknownRevision):
            found(repository, said)
    workspace.git("branch", "yesterday", history["first"])
    assert found(repository, "yesterday") == history["first"]
