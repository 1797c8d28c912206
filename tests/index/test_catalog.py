"""The catalog: every file in memory, and only what changed is read again."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from callforth.index.catalog import Catalog, UnknownId, UnknownMeeting
from callforth.index.reading import read_file
from callforth.model.status import Status
from callforth.plaintext import application as application_file
from callforth.plaintext.document import FileUnusable
from callforth.repo.listing import Listing, WorkTree

CALL = (
    "---\ntitle: A meeting\nstarts: 2022-10-04T12:30:00+02:00\nends: 2022-10-05T13:00:00+02:00\nseats: 3\n"
    "closes: 2022-09-09T23:59:00+02:00\n---\n"
)


def git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True).stdout


def application(id: str, status: str = "received", day: int = 20, more: str = "") -> str:
    return (
        f"---\nid: {id}\nstatus: {status}\nreceived: 2022-08-{day}\napplicant:\n  name: Person {id}\n"
        f"  email: {id}@example.org\n{more}---\n"
    )


def write(root: Path, path: str, text: str) -> Path:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    return target


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace's files: two meetings, four applications and two reviews."""
    git(tmp_path, "init")
    write(tmp_path, "meetings/oslo-2022/call.md", CALL)
    write(tmp_path, "meetings/bergen-2021/call.md", CALL.replace("2022-10", "2021-10"))
    write(tmp_path, "applications/oslo-2022/k7m2qx.md", application("k7m2qx", day=22))
    write(tmp_path, "applications/oslo-2022/3fh9td.md", application("3fh9td", "accepted", day=21))
    write(tmp_path, "applications/oslo-2022/3fk000.md", application("3fk000", "confirmed", day=21))
    write(tmp_path, "applications/bergen-2021/1e3456.md", application("1e3456", "attended"))
    for who in ("sanna", "hedda"):
        text = f"---\napplication: k7m2qx\nreviewer: {who}\nrecommend: accept\n---\n"
        write(tmp_path, f"meetings/oslo-2022/reviews/k7m2qx/{who}.md", text)
    return tmp_path


@pytest.fixture
def catalog(root: Path) -> Catalog:
    catalog = Catalog(root)
    assert catalog.refresh() is True
    assert catalog.problems == []
    return catalog


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the applications that are parsed from now on."""
    paths: list[str] = []
    parse = application_file.parse

    def noting(raw: bytes, path: str, meeting: str, name: str) -> object:
        paths.append(path)
        return parse(raw, path, meeting, name)

    monkeypatch.setattr(application_file, "parse", noting)
    return paths


def ids(catalog: Catalog, meeting: str = "oslo-2022") -> list[str]:
    return catalog.rows(meeting).ids


def test_applications_come_in_the_order_in_which_they_came_in(catalog: Catalog) -> None:
    assert ids(catalog) == ["3fh9td", "3fk000", "k7m2qx"]
    assert ids(catalog, "bergen-2021") == ["1e3456"]
    assert ids(catalog, "nowhere") == []
    assert catalog.ids() == ["1e3456", "3fh9td", "3fk000", "k7m2qx"]


def test_meetings_come_the_latest_first(catalog: Catalog) -> None:
    assert [meeting.id for meeting in catalog.meetings] == ["oslo-2022", "bergen-2021"]


def test_accepted_and_confirmed_take_the_seats(catalog: Catalog) -> None:
    assert (catalog.taken("oslo-2022"), catalog.taken("bergen-2021"), catalog.taken("nowhere")) == (2, 0, 0)


def test_reviews_belong_to_their_application(catalog: Catalog) -> None:
    assert [review.reviewer for review in catalog.reviews("k7m2qx")] == ["hedda", "sanna"]
    assert catalog.reviews("3fh9td") == []


def test_an_id_may_be_shortened_while_it_is_unique(catalog: Catalog) -> None:
    assert catalog.application("k").id == "k7m2qx"
    assert catalog.application(" K7M2QX ").id == "k7m2qx"
    assert catalog.application("le").id == "1e3456"
    assert catalog.path_of("3fk") == ("applications/oslo-2022/3fk000.md", "3fk000")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("3f", "'3f' is the start of 2 ids (3fh9td, 3fk000); write more of it"),
        ("zzz", "no application's id begins with 'zzz'; 'callforth list' shows the ids"),
        ("", "no application's id begins with ''; 'callforth list' shows the ids"),
        ("\x1b[2J", "no application's id begins with '␛[2J'; 'callforth list' shows the ids"),
        ("k7m2qx9", "no application's id begins with 'k7m2qx9'; 'callforth list' shows the ids"),
    ],
)
def test_an_id_that_names_none_or_many_is_an_error_that_says_so(catalog: Catalog, typed: str, says: str) -> None:
    with pytest.raises(UnknownId) as caught:
        catalog.application(typed)
    assert caught.value.says == says


def test_an_id_that_two_files_have_is_a_problem_and_cannot_be_meant(root: Path, catalog: Catalog) -> None:
    write(root, "applications/bergen-2021/k7m2qx.md", application("k7m2qx"))
    catalog.refresh()
    first, second = "applications/bergen-2021/k7m2qx.md", "applications/oslo-2022/k7m2qx.md"
    assert [problem.sentence for problem in catalog.problems] == [
        f"{second}: the id k7m2qx is also that of {first}; give one of them a new id"
    ]
    with pytest.raises(UnknownId) as caught:
        catalog.application("k7m2qx")
    assert caught.value.says == f"2 files have the id k7m2qx ({first}, {second}); give all but one a new id"


def test_an_unknown_meeting_says_which_there_are(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(UnknownMeeting) as caught:
        catalog.meeting("osloo\x1b[2J")
    assert caught.value.says == "there is no meeting 'osloo␛[2J' here; there is: oslo-2022, bergen-2021"


def test_an_empty_folder_is_a_catalog_without_anything(tmp_path: Path) -> None:
    git(tmp_path, "init")
    catalog = Catalog(tmp_path)
    catalog.refresh()
    assert (catalog.meetings, catalog.problems, catalog.ids()) == ([], [], [])
    with pytest.raises(UnknownMeeting, match=r"there is: none yet$"):
        catalog.meeting("oslo-2022")


def test_without_a_change_nothing_is_read_again(catalog: Catalog, parsed: list[str]) -> None:
    assert catalog.refresh() is False
    assert parsed == []


def test_only_what_changed_is_read_again(root: Path, catalog: Catalog, parsed: list[str]) -> None:
    path = "applications/oslo-2022/k7m2qx.md"
    write(root, path, application("k7m2qx", "shortlisted"))
    assert catalog.refresh() is True
    assert parsed == [path]
    assert catalog.application("k7m2qx").status is Status.SHORTLISTED


def test_a_change_that_keeps_size_and_time_is_seen(root: Path, catalog: Catalog) -> None:
    file = root / "applications/oslo-2022/3fh9td.md"
    before = file.stat()
    other = write(root, "new", application("3fh9td", "declined", day=21))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert other.stat().st_size == before.st_size
    other.replace(file)
    assert catalog.refresh() is True
    assert catalog.application("3fh9td").status is Status.DECLINED


def test_new_and_gone_files_are_seen(root: Path, catalog: Catalog, parsed: list[str]) -> None:
    write(root, "applications/oslo-2022/zzzzzz.md", application("zzzzzz", day=30))
    (root / "applications/oslo-2022/3fh9td.md").unlink()
    shutil.rmtree(root / "applications/bergen-2021")
    (root / "meetings/bergen-2021/call.md").unlink()
    (root / "meetings/oslo-2022/reviews/k7m2qx/sanna.md").unlink()
    assert catalog.refresh() is True
    assert parsed == ["applications/oslo-2022/zzzzzz.md"]
    assert (ids(catalog), ids(catalog, "bergen-2021")) == (["3fk000", "k7m2qx", "zzzzzz"], [])
    assert [meeting.id for meeting in catalog.meetings] == ["oslo-2022"]
    assert [review.reviewer for review in catalog.reviews("k7m2qx")] == ["hedda"]


def test_a_file_that_git_has_and_the_folder_not_is_a_problem_until_it_is_back(root: Path, catalog: Catalog) -> None:
    git(root, "add", ".")
    catalog.refresh()
    first, second = "applications/oslo-2022/3fh9td.md", "applications/oslo-2022/k7m2qx.md"
    said = (root / first).read_text()
    (root / first).unlink()
    (root / second).rename(root / "applications/bergen-2021/k7m2qx.md")
    assert catalog.refresh() is True
    assert [problem.sentence for problem in catalog.problems] == [
        f"{path}: git has this file, and it is gone from its folder; 'git restore {path}' brings it back; 'git rm' and "
        "a commit that says why remove it"
        for path in (first, second)
    ]
    assert (ids(catalog), catalog.refresh()) == (["3fk000"], False)
    with pytest.raises(FileUnusable, match=f"^{first}: git has this file, and it is gone"):
        catalog.application("3fh")
    with pytest.raises(UnknownId, match=r"'3f' is the start of 2 ids \(3fh9td, 3fk000\)"):
        catalog.application("3f")
    assert catalog.application("k7m2qx").meeting == "bergen-2021"
    catalog.reread([first])
    assert [problem.path for problem in catalog.problems] == [first, second]
    # Another process, which has only the index and git's word that nothing changed since.
    assert [problem.path for problem in Catalog(root).problems] == [first, second]
    write(root, first, said)
    git(root, "rm", "--quiet", "--cached", second)
    assert (catalog.refresh(), catalog.problems, ids(catalog)) == (True, [], ["3fh9td", "3fk000"])


def test_many_files_that_are_gone_from_a_folder_are_one_problem_of_that(root: Path, catalog: Catalog) -> None:
    for number in range(6):
        write(root, f"applications/oslo-2023/aaaa0{number}.md", application(f"aaaa0{number}"))
    write(root, "meetings/oslo-2023/call.md", CALL)
    git(root, "add", ".")
    catalog.refresh()
    shutil.rmtree(root / "applications/oslo-2023")
    (root / "meetings/oslo-2023/call.md").unlink()
    catalog.refresh()
    assert [(problem.path, problem.says) for problem in catalog.problems] == [
        ("applications/oslo-2023", "git has 6 files that are gone from this folder"),
        ("meetings/oslo-2023/call.md", "git has this file, and it is gone from its folder"),
    ]
    with pytest.raises(FileUnusable, match=r"aaaa03\.md: git has this file, and it is gone"):
        catalog.application("aaaa03")
    with pytest.raises(FileUnusable, match="git has this file"):
        catalog.meeting("oslo-2023")
    [remedy, _] = [problem.remedy.split("'")[1] for problem in catalog.problems]
    subprocess.run(["sh", "-c", remedy], cwd=root, check=True)
    catalog.refresh()
    assert len(ids(catalog, "oslo-2023")) == 6


def test_a_mended_file_is_a_problem_no_more(root: Path, catalog: Catalog) -> None:
    path = "applications/oslo-2022/k7m2qx.md"
    write(root, path, application("k7m2qx", "odd"))
    assert catalog.refresh() is True
    assert [problem.where for problem in catalog.problems] == [f"{path}:3"]
    assert ids(catalog) == ["3fh9td", "3fk000"]
    with pytest.raises(FileUnusable, match="the status 'odd' is unknown"):
        catalog.application("k7m2qx")
    write(root, path, application("k7m2qx"))
    assert catalog.refresh() is True
    assert (catalog.problems, catalog.application("k7m2qx").status) == ([], Status.RECEIVED)


def test_a_broken_call_says_so_when_its_meeting_is_asked_for(root: Path, catalog: Catalog) -> None:
    write(root, "meetings/oslo-2022/call.md", CALL.replace("seats: 3", "seats: few"))
    catalog.refresh()
    assert [meeting.id for meeting in catalog.meetings] == ["bergen-2021"]
    with pytest.raises(FileUnusable, match=r"^meetings/oslo-2022/call\.md:5: 'seats' is not a whole number"):
        catalog.meeting("oslo-2022")
    assert ids(catalog) == ["3fh9td", "3fk000", "k7m2qx"]


def test_people_follow_a_refresh(root: Path, catalog: Catalog) -> None:
    one = catalog.application("k7m2qx")
    assert len(catalog.elsewhere(one, "oslo-2022")) == 0
    write(root, "applications/bergen-2021/yyyyyy.md", application("yyyyyy").replace("yyyyyy@", "k7m2qx@"))
    catalog.refresh()
    assert catalog.elsewhere(one, "oslo-2022").ids == ["yyyyyy"]


def test_progress_counts_up_to_all_there_is_to_read(root: Path) -> None:
    for number in range(250):
        write(root, f"applications/oslo-2022/aaa{number:03}.md", application(f"aaa{number:03}"))
    calls: list[tuple[int, int]] = []
    Catalog(root).refresh(progress=lambda done, of: calls.append((done, of)))
    assert [of for _, of in calls] == [258] * len(calls)
    assert [done for done, _ in calls] == sorted({done for done, _ in calls})
    assert calls[-1] == (258, 258)


def test_files_that_are_none_of_ours_are_left_alone(root: Path, catalog: Catalog) -> None:
    for path in (
        "applications/README.md",
        "applications/oslo-2022/notes.txt",
        "applications/oslo-2022/.k7m2qx.md.swp",
        "applications/oslo-2022/.hidden.md",
        "applications/.cache/x.md",
        "meetings/oslo-2022/programme.md",
        "meetings/oslo-2022/letters/accepted.md",
        "meetings/oslo-2022/reviews/README.md",
        "meetings/oslo-2022/reviews/k7m2qx/scan.pdf",
        "somewhere/else.md",
    ):
        write(root, path, "x")
    assert catalog.refresh() is False
    assert catalog.problems == []


def test_a_file_that_goes_while_files_are_read_is_gone(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look = WorkTree.look

    def look_then_lose(tree: WorkTree, known: str) -> Listing:
        listing = look(tree, known)
        (root / "applications/oslo-2022/k7m2qx.md").unlink(missing_ok=True)
        return listing

    monkeypatch.setattr(WorkTree, "look", look_then_lose)
    catalog = Catalog(root)
    catalog.refresh()
    assert (ids(catalog), catalog.problems) == (["3fh9td", "3fk000"], [])


def test_read_file_gives_the_bytes(root: Path) -> None:
    (root / "x.md").write_bytes(b"a\r\n\xff")
    assert read_file(root, "x.md") == b"a\r\n\xff"


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda place: None, "x.md: it cannot be read (No such file or directory); check the file"),
        (lambda place: place.mkdir(), "x.md: this is not a file; put the real file there"),
        (lambda place: os.mkfifo(place), "x.md: this is not a file; put the real file there"),
        (
            lambda place: place.symlink_to("/etc/hostname"),
            "x.md: it cannot be read (Too many levels of symbolic links); check the file",
        ),
        (
            lambda place: place.write_bytes(b"x" * (2 * 1024 * 1024 + 1)),
            "x.md: the file has 2.0 MiB, more than 2 MiB; shorten it",
        ),
    ],
)
def test_read_file_refuses_what_is_no_plain_small_file(tmp_path: Path, make: Callable[[Path], None], says: str) -> None:
    make(tmp_path / "x.md")
    with pytest.raises(FileUnusable) as caught:
        read_file(tmp_path, "x.md")
    assert caught.value.says == says
