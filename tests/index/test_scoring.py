"""Scores in the index: corrected means depend on all of a meeting's reviews, and follow each of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from callforth.index import scoring, store
from callforth.index.catalog import Catalog

CALL = (
    "---\ntitle: A meeting\nstarts: 2022-10-04T12:30:00+02:00\nends: 2022-10-05T13:00:00+02:00\nseats: 3\n"
    "closes: 2022-09-09T23:59:00+02:00\ncriteria:\n- id: fit\n  text: Fits\n  scale: 1-5\n---\n"
)
BOTH, ALONE, OTHER = "k7m2qx", "3fh9td", "1e3456"


class Files:
    """A workspace of files, and a catalog that follows them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("meetings/oslo-2022/call.md", CALL)
        for id in (BOTH, ALONE, OTHER):
            self.application(id)
        self.review(BOTH, "hedda", 5)
        self.review(BOTH, "nils", 2)
        self.review(ALONE, "hedda", 3)
        self.catalog = Catalog(root)
        self.catalog.refresh()

    def write(self, path: str, text: str) -> str:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)
        return path

    def application(self, id: str, status: str = "received") -> str:
        text = f"---\nid: {id}\nstatus: {status}\nreceived: 2022-08-20\napplicant:\n  name: Ana\n---\n"
        return self.write(f"applications/oslo-2022/{id}.md", text)

    def review(self, id: str, reviewer: str, fit: float, recommend: str = "accept") -> str:
        text = f"---\napplication: {id}\nreviewer: {reviewer}\nrecommend: {recommend}\nscores:\n  fit: {fit}\n---\n"
        return self.write(f"meetings/oslo-2022/reviews/{id}/{reviewer}.md", text)

    def remove(self, path: str) -> None:
        (self.root / path).unlink()
        self.catalog.refresh()

    @property
    def corrected(self) -> dict[str, float | None]:
        return {row.id: row.corrected for row in self.catalog.rows("oslo-2022")}


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_a_review_of_one_application_corrects_others(files: Files) -> None:
    # 1.5 points from the mean, once: 1.5 / (1 + 2).
    assert files.catalog.offsets("oslo-2022") == {"hedda": 0.5, "nils": -0.5}
    assert files.corrected == {BOTH: 3.5, ALONE: 2.5, OTHER: None}
    before = store.edition(files.catalog.database._open())
    files.catalog.reread([files.review(OTHER, "hedda", 4), files.review(OTHER, "nils", 1)])
    # Now twice: 3 / (2 + 2).
    assert files.corrected == {BOTH: 3.5, ALONE: 2.25, OTHER: 2.5}
    assert store.edition(files.catalog.database._open()) > before


def test_what_goes_corrects_no_more(files: Files) -> None:
    files.remove(f"meetings/oslo-2022/reviews/{BOTH}/nils.md")
    assert files.corrected == {BOTH: 5.0, ALONE: 3.0, OTHER: None}
    files.review(BOTH, "nils", 2)
    files.catalog.refresh()
    assert files.corrected[ALONE] == 2.5
    files.remove(f"applications/oslo-2022/{BOTH}.md")
    assert files.corrected == {ALONE: 3.0, OTHER: None}
    files.remove(f"meetings/oslo-2022/reviews/{ALONE}/hedda.md")
    assert files.corrected == {ALONE: None, OTHER: None}


def test_an_application_that_cannot_be_used_corrects_nothing(files: Files) -> None:
    files.write(f"applications/oslo-2022/{BOTH}.md", "---\nid: [\n---\n")
    files.catalog.refresh()
    assert files.corrected == {ALONE: 3.0, OTHER: None}


def test_another_call_weighs_anew(files: Files) -> None:
    files.write("meetings/oslo-2022/call.md", CALL.replace("scale: 1-5", "scale: 1-5\n  weight: 0"))
    files.catalog.refresh()
    assert files.corrected == {BOTH: None, ALONE: None, OTHER: None}
    [row] = files.catalog.only([BOTH])
    assert (row.reviews, row.score, row.criteria["fit"].mean) == (2, None, 3.5)


def test_a_decision_leaves_the_scores_and_makes_nothing_anew(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(db: object) -> None:
        raise AssertionError

    monkeypatch.setattr(store, "settle", fail)
    files.application(BOTH, "accepted")
    files.catalog.refresh()
    [row] = files.catalog.only([BOTH])
    assert (row.status, row.score, row.corrected) == ("accepted", 3.5, 3.5)


def test_what_a_killed_process_left_unsettled_the_next_one_settles(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Exception):
        pass

    def killed(db: object) -> None:
        raise Killed

    files.review(OTHER, "hedda", 4)
    files.review(OTHER, "nils", 1)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(store, "settle", killed)
        files.catalog.refresh()
    assert files.catalog.database.run(scoring.unsettled) == ["oslo-2022"]
    files.catalog = Catalog(files.root)
    files.catalog.refresh()
    assert files.corrected == {BOTH: 3.5, ALONE: 2.25, OTHER: 2.5}
