"""A review: what it counts for, what it may say, and how what was typed becomes what a file says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callforth.model.meeting import Criterion
from callforth.model.review import Review, Wrong, blank, check, tidy

NOTHING = blank("k7m2qx", "hedda")
CRITERIA = (Criterion("fit", "Fits", 1, 5), Criterion("calm", "Stays calm", -2, 0.5))


@pytest.mark.parametrize(
    ("says", "is_blank", "is_done", "counts"),
    [
        ({}, True, False, False),
        ({"tags": ("youth",)}, True, False, False),
        ({"scores": {"fit": 3}}, False, False, False),
        ({"remarks": "Well."}, False, False, False),
        ({"recommend": "abstain"}, False, True, True),
        ({"conflict": True}, False, True, False),
        ({"recommend": "accept", "conflict": True}, False, True, False),
    ],
)
def test_what_a_review_counts_for(says: dict[str, object], is_blank: bool, is_done: bool, counts: bool) -> None:
    review = replace(NOTHING, **says)
    assert (review.blank, review.done, review.counts) == (is_blank, is_done, counts)


def test_all_that_is_wrong_is_told() -> None:
    review = Review("k7m2qx", "hedda", "ja", {"fit": 5.01, "calm": 0.6, "fun": 1}, ("a b", "ok"), False, "x" * 20_001)
    assert check(review, CRITERIA) == [
        Wrong("recommend", "the recommendation 'ja' is unknown", "use one of accept, waitlist, decline, abstain"),
        Wrong("fit", "the score 5.01 for 'fit' is off the scale 1-5", "give 1 to 5"),
        Wrong("calm", "the score 0.6 for 'calm' is off the scale -2-0.5", "give -2 to 0.5"),
        Wrong("fun", "'fun' is no criterion of the call", "use one of fit, calm"),
        Wrong("tags", "'a b' is no tag", "use letters, digits and hyphens, no spaces"),
        Wrong("remarks", "the remarks have 20001 characters", "keep them under 20000"),
    ]
    assert check(replace(NOTHING, scores={"fit": 1, "calm": -2}), CRITERIA) == []
    assert [wrong.sentence for wrong in check(replace(NOTHING, scores={"fit": 1}), ())] == [
        "'fit' is no criterion of the call; leave it out: this call has none"
    ]


def test_what_was_typed_is_tidied() -> None:
    typed = replace(
        NOTHING, recommend=" Accept", scores={"fit": 1 / 3}, tags=("b", " a", "b", ""), remarks="\rOh\x07\r\n"
    )
    tidied = replace(NOTHING, recommend="accept", scores={"fit": 0.333333}, tags=("a", "b"), remarks="Oh␇")
    assert tidy(typed) == tidy(tidied) == tidied
