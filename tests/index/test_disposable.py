"""The index may be deleted, garbled or of another make at any moment: what is said stays the same."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from callforth.index import database
from callforth.index.catalog import Catalog
from callforth.index.database import Database
from callforth.index.query import Query, compile_query
from callforth.index.rows import Rows

CALL = (
    "---\ntitle: A meeting\nstarts: 2022-10-04T12:30:00+02:00\nends: 2022-10-05T13:00:00+02:00\nseats: 3\n"
    "closes: 2022-09-09T23:59:00+02:00\ncriteria:\n- id: fit\n  text: Fits\n  scale: 1-5\n---\n"
)
MEETINGS = ("bergen-2021", "oslo-2022")
IDS = ("k7m2qx", "3fh9td", "3fk000", "1e3456")
QUERIES = (
    "",
    "bridge",
    "br",
    "status:accepted",
    "tag:late -bridge",
    "country:NO",
    "before:yes",
    "name:ana",
    "score>=3 spread:<2",
)


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, capture_output=True, check=True)


def asks(query: str) -> Query:
    return compile_query(query, lambda: {"country", "name"}, database.has_words())


def everything(catalog: Catalog) -> object:
    """All that can be asked."""
    return (
        catalog.meetings,
        catalog.problems,
        catalog.statuses(),
        catalog.ids(),
        sorted(catalog.tags()),
        [
            (
                catalog.rows(meeting).lines,
                catalog.taken(meeting),
                sorted(catalog.fields(meeting)),
                [catalog.find(meeting, asks(query), "name") for query in QUERIES],
                [catalog.count(meeting, asks(query)) for query in QUERIES],
                catalog.find(meeting, asks(""), "-corrected"),
                catalog.offsets(meeting),
                [catalog.elsewhere(row, meeting).ids for row in catalog.rows(meeting)],
            )
            for meeting in MEETINGS
        ],
        [catalog.reviews(one) for one in IDS],
    )


class Session:
    """Somebody who does this and that to a workspace, and others who look."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.root, self.chance = root, chance
        git(root, "init")
        git(root, "config", "user.name", "Sanna Lind")
        git(root, "config", "user.email", "sanna.lind@example.org")
        for meeting in MEETINGS:
            self.write(f"meetings/{meeting}/call.md", CALL)
        self.edit()
        git(root, "add", ".")
        git(root, "commit", "-m", "Begin")
        self.commit()

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def edit(self) -> None:
        one, meeting = self.chance.choice(IDS), self.chance.choice(MEETINGS)
        status = self.chance.choice(("received", "accepted", "declined", "nonsense"))
        tags = "".join(f"- {tag}\n" for tag in ("late", "roma") if self.chance.random() < 0.5)
        who = self.chance.choice(("Ana", "Björn"))
        self.write(
            f"applications/{meeting}/{one}.md",
            f"---\nid: {one}\nstatus: {status}\nreceived: 2022-08-2{self.chance.randrange(9)}\n"
            f"applicant:\n  name: {who}\n  country: {self.chance.choice(('NO', 'SE'))}\n"
            f"{'tags:' if tags else 'source: x'}\n{tags}---\n\nA bridge.\n",
        )

    def review(self) -> None:
        one, meeting = self.chance.choice(IDS), self.chance.choice(MEETINGS)
        score, reviewer = self.chance.randrange(1, 6), self.chance.choice(("hedda", "nils", "sanna"))
        self.write(
            f"meetings/{meeting}/reviews/{one}/{reviewer}.md",
            f"---\napplication: {one}\nreviewer: {reviewer}\nrecommend: accept\nscores:\n  fit: {score}\n---\n",
        )

    def remove(self) -> None:
        files = sorted(self.root.glob("applications/*/*.md")) + sorted(self.root.glob("meetings/*/reviews/*/*.md"))
        if files:
            self.chance.choice(files).unlink()

    def commit(self) -> None:
        git(self.root, "add", "--all")
        git(self.root, "commit", "--allow-empty", "-m", "More")

    def switch(self) -> None:
        git(self.root, "add", "--all")
        git(self.root, "stash")
        git(self.root, "switch", "--force-create", f"b{self.chance.randrange(99)}", "HEAD~1")
        self.edit()
        self.commit()

    def break_call(self) -> None:
        path = f"meetings/{self.chance.choice(MEETINGS)}/call.md"
        self.write(path, self.chance.choice((CALL, CALL.replace("seats: 3", "seats: few"), CALL.replace("1-5", "0-9"))))

    def note_words(self) -> None:
        catalog = Catalog(self.root)
        catalog.refresh()
        catalog.note_words()
        catalog.close()


def harm(root: Path, chance: random.Random) -> None:
    place = database.place_of(root)
    assert place is not None
    what = chance.randrange(5)
    if what == 0:
        database.remove(place)
    elif what == 1:
        database.remove(place)
        place.write_bytes(b"SQLite format 3\0" + chance.randbytes(3000))
    elif what == 2 and place.exists():
        with sqlite3.connect(place) as db:
            db.execute("PRAGMA user_version = 7")
        db.close()
    elif what == 3:
        place.with_name(place.name + "-wal").unlink(missing_ok=True)
        place.unlink(missing_ok=True)


@pytest.mark.parametrize("seed", range(12))
def test_a_random_session_gives_the_same_answers_whatever_happens_to_the_index(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    root = tmp_path / "w"
    root.mkdir()
    session = Session(root, chance)
    deeds: list[Callable[[], None]] = [session.edit, session.edit, session.review, session.review]
    deeds += [session.remove, session.commit]
    deeds += [session.switch, session.break_call, session.note_words]
    staying = Catalog(root)
    for _ in range(25):
        chance.choice(deeds)()
        if chance.random() < 0.4:
            harm(root, chance)
        elsewhere = tmp_path / "copy"
        shutil.copytree(root, elsewhere, symlinks=True)
        place = database.place_of(elsewhere)
        assert place is not None
        database.remove(place)
        anew, fresh = Catalog(elsewhere), Catalog(root)
        anew.refresh()
        expected = everything(anew)
        for catalog in (staying, fresh):
            catalog.refresh()
            assert everything(catalog) == expected
        anew.close()
        fresh.close()
        shutil.rmtree(elsewhere)
    staying.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Session(tmp_path, random.Random(1)).root


def test_it_is_readable_by_its_owner_alone(root: Path) -> None:
    Catalog(root).refresh()
    place = database.place_of(root)
    assert place is not None
    assert place.stat().st_mode & 0o777 == 0o600


def test_it_lies_in_the_git_directory_and_git_sees_nothing_of_it(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--allow-empty", "-m", "All")
    Catalog(root).refresh()
    assert database.place_of(root) == root / ".git/callforth/index.sqlite"
    said = subprocess.run(["git", "status", "--porcelain", "--ignored"], cwd=root, capture_output=True, check=True)
    assert said.stdout == b""


def test_a_linked_work_tree_has_its_own(root: Path, tmp_path: Path) -> None:
    git(root, "worktree", "add", str(tmp_path / "other"))
    other = tmp_path / "other"
    assert database.place_of(other) == root / ".git/worktrees/other/callforth/index.sqlite"
    (one := Catalog(other)).refresh()
    assert [meeting.id for meeting in one.meetings] == ["oslo-2022", "bergen-2021"]


def test_where_another_process_holds_it_the_answers_come_from_memory(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Catalog(root).refresh()
    monkeypatch.setattr(database, "_WAIT_SECONDS", 0.05)
    place = database.place_of(root)
    assert place is not None
    with sqlite3.connect(place, isolation_level=None) as held:
        held.execute("BEGIN EXCLUSIVE")
        session = root / "applications/oslo-2022/zzzzzz.md"
        session.parent.mkdir(exist_ok=True)
        session.write_text("---\nid: zzzzzz\nstatus: received\nreceived: 2022-08-20\napplicant:\n  name: Z\n---\n")
        catalog = Catalog(root)
        assert catalog.refresh() is True
        assert "zzzzzz" in catalog.ids()
    held.close()


def test_an_index_damaged_under_an_open_catalog_is_made_anew_before_it_answers(root: Path) -> None:
    catalog = Catalog(root)
    catalog.refresh()
    expected = everything(catalog)
    catalog._change(lambda db: db.execute("UPDATE call SET data = x'80059500'"))
    assert everything(catalog) == expected


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM application WHERE id = (SELECT min(id) FROM application)",
        "UPDATE application SET line = substr(line, 2)",
        "DELETE FROM tally",
        "UPDATE tally SET size = size + 1",
    ],
)
def test_rows_that_harmed_pages_have_lost_are_missed(root: Path, harm: str) -> None:
    expected = everything(_refreshed(root))
    place = database.place_of(root)
    assert place is not None
    db = sqlite3.connect(place)
    with db:
        for name in ("tally_more", "tally_other", "tally_less"):
            db.execute(f"DROP TRIGGER {name}")
        db.execute(harm)
    db.close()
    catalog = Catalog(root)
    catalog.refresh()
    assert [catalog.rows(meeting).lines for meeting in MEETINGS] == [one[0] for one in expected[5]]  # type: ignore[index]
    assert everything(catalog) == expected


def test_where_words_cannot_be_looked_up_by_letters_the_same_is_found(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = everything(_refreshed(root))
    place = database.place_of(root)
    assert place is not None
    database.remove(place)
    monkeypatch.setattr(database, "has_words", lambda: False)
    assert everything(_refreshed(root)) == expected


def _refreshed(root: Path) -> Catalog:
    catalog = Catalog(root)
    catalog.refresh()
    assert catalog.note_words() is True
    return catalog


def test_a_row_that_somebody_garbled_shows_its_id_and_is_told() -> None:
    rows = Rows(['{"id": "k7m2qx", "meet'])
    assert (rows[0].id, rows.damaged) == ("k7m2qx", True)


def test_every_statement_of_the_schema_can_be_made() -> None:
    tables = Database(None).run(lambda db: {name for (name,) in db.execute("SELECT name FROM sqlite_schema")})
    assert {"file", "application", "text", "tag", "review", "call", "state"} <= tables
    assert "words" in tables or not database.has_words()
