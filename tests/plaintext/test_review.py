"""The review file."""

from __future__ import annotations

from pathlib import Path

import pytest

from callforth.model.review import Review, strays
from callforth.plaintext.document import FileUnusable
from callforth.plaintext.review import parse

PATH = "meetings/oslo-2022/reviews/k7m2qx/hedda.md"
HEAD = "application: k7m2qx\nreviewer: hedda\n"


def parsed(more: str = "", head: str = HEAD, body: str = "") -> Review:
    return parse(f"---\n{head}{more}---\n{body}".encode(), PATH, "k7m2qx", "hedda")


def test_a_review_is_read_as_documented() -> None:
    more = "recommend: accept\nscores:\n  practice: 5\n  fit: 3.5\n  later:\ntags:\n- youth\nconflict: false\n"
    assert parsed(more, body="\nGood \x1b[31m.\n") == Review(
        application="k7m2qx",
        reviewer="hedda",
        recommend="accept",
        scores={"practice": 5.0, "fit": 3.5},
        tags=("youth",),
        conflict=False,
        remarks="Good ␛[31m.",
    )


def test_an_empty_template_counts_for_nothing() -> None:
    review = parsed("recommend:\nscores:\ntags:\nconflict:\n")
    assert review == Review("k7m2qx", "hedda", "", {}, (), False, "")
    assert not review.counts


@pytest.mark.parametrize(("written", "conflict"), [("true", True), ("yes", True), ("false", False), ("no", False)])
def test_a_conflict_of_interest_is_true_or_yes(written: str, conflict: bool) -> None:
    assert parsed(f"conflict: {written}\n").conflict is conflict


@pytest.mark.parametrize(
    ("head", "more", "line", "says"),
    [
        ("application: 3fh9td\nreviewer: hedda\n", "", 2, "'application' does not fit the file's place"),
        ("application: k7m2qx\nreviewer: sanna\n", "", 3, "'reviewer' does not fit the file's place"),
        ("application: k7m2qx\n", "", 1, "'reviewer' does not fit the file's place"),
        (HEAD, "recommend: maybe\n", 4, "the recommendation is unknown"),
        (HEAD, "recommend: [accept]\n", 4, "'recommend' is not a single text"),
        (HEAD, "scores: 5\n", 4, "'scores' has no fields"),
        (HEAD, "scores:\n  fit: good\n", 5, "the score is not a number"),
        (HEAD, "scores:\n  fit: [5]\n", 5, "the score is not a number"),
        (HEAD, "scores:\n  fit: nan\n", 5, "the score is not a number"),
        (HEAD, "scores:\n  fit: inf\n", 5, "the score is not a number"),
        (HEAD, "scores:\n  fit: 1e9\n", 5, "the score is not a number"),
        (HEAD, "scores:\n  fit: 1_0\n", 5, "the score is not a number"),
        (HEAD, "tags:\n-social\n", 5, "there is no space after '-' in '-social'"),
        (HEAD, "tags:\n- youth\n-social\nconflict:\n", 6, "there is no space after '-' in '-social'"),
    ],
)
def test_what_the_schema_does_not_allow_is_refused_with_its_line(head: str, more: str, line: int, says: str) -> None:
    with pytest.raises(FileUnusable) as caught:
        parsed(more, head)
    assert (caught.value.problem.line, caught.value.problem.says) == (line, says)
    assert caught.value.problem.remedy


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("recomend", "recommend"),
        ("Recommend", "recommend"),
        ("recommendation", "recommend"),
        ("Scores", "scores"),
        ("score", "scores"),
        ("tag", "tags"),
        ("conflicts", "conflict"),
    ],
)
def test_what_is_nearly_a_field_is_refused_and_not_lost(written: str, meant: str) -> None:
    with pytest.raises(FileUnusable) as caught:
        parsed(f"lunch: vegan\n{written}: accept\n")
    says = f"{PATH}:5: '{written}' is no field of a review; did you mean '{meant}'?"
    assert str(caught.value) == says


def test_further_fields_say_nothing_and_those_that_are_scores_are_known() -> None:
    review = parsed("recommend: accept\nlunch: vegan\nFit: 4\nreminded: yes\n")
    assert review == parsed("recommend: accept\n")
    assert review.further == ("lunch", "Fit", "reminded")
    assert [(one.where, one.sentence) for one in strays(review, ("fit", "practice"))] == [
        ("Fit", "'Fit' is no field of a review; write 'fit:' indented below 'scores:'")
    ]


SAMPLES = sorted((Path(__file__).parents[2] / "meetings").glob("*/reviews/*/*.md"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_every_review_of_the_sample_counts(path: Path) -> None:
    review = parse(path.read_bytes(), str(path), path.parent.name, path.stem)
    assert review.counts or review.conflict
    assert review.remarks
