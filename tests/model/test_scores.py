"""What reviews come to: every formula by examples worked out by hand, its laws, and what the correction is worth."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from math import fsum
from statistics import correlation, fmean, pstdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callforth.model import scores
from callforth.model.meeting import Criterion
from callforth.model.review import Review
from callforth.model.scores import CAUTION, Given, Part, corrected, offsets, overall, summary

PRACTICE, FIT = Criterion("practice", "", 1, 5, 3), Criterion("fit", "", 1, 5, 1)


def review(reviewer: str, recommend: str = "accept", conflict: bool = False, **given: float) -> Review:
    return Review("k7m2qx", reviewer, recommend, given, (), conflict, "")


def test_the_summary_of_three_reviews_by_hand() -> None:
    said = summary(
        [
            review("alva", practice=5, fit=1),  # (3*5 + 1*1) / 4 = 4
            review("hedda", practice=4),  # 4: what is not scored does not count
            review("nils", "decline", practice=1, fit=1),  # 1
        ],
        (PRACTICE, FIT),
    )
    assert (said.reviews, said.score) == (3, 3.0)  # (4 + 4 + 1) / 3
    assert said.spread == 1.41  # the root of ((1 + 1 + 4) / 3) is 1.414
    assert said.recommend == {"accept": 2, "decline": 1}
    assert said.criteria == {
        "practice": Part(3, 3.33, 1.7),  # 10 / 3; the root of (25/9 + 4/9 + 49/9) / 3 is 1.700
        "fit": Part(2, 1.0, 0.0),
    }
    assert said.given == (("alva", 4.0), ("hedda", 4.0), ("nils", 1.0))


def test_only_reviews_that_say_something_without_a_conflict_count() -> None:
    said = summary(
        [
            review("alva", "", practice=5),
            review("hedda", conflict=True, practice=5),
            review("nils", "abstain"),
            review("sanna", "waitlist", practice=2),
        ],
        (PRACTICE,),
    )
    assert (said.reviews, said.score, said.spread) == (2, 2.0, None)
    assert said.recommend == {"waitlist": 1, "abstain": 1}
    assert said.criteria == {"practice": Part(1, 2.0, None)}
    nothing = summary([], (PRACTICE,))
    assert (nothing.reviews, nothing.score, nothing.recommend, nothing.criteria) == (0, None, {}, {})


@pytest.mark.parametrize(
    ("given", "criteria", "mean"),
    [
        ({}, (PRACTICE, FIT), None),
        ({"practice": 4, "fit": 5}, (PRACTICE, FIT), 4.25),
        ({"unknown": 2, "fit": 4}, (PRACTICE, FIT), 3.0),
        ({"fit": 3}, (Criterion("fit", "", 1, 5, 0),), None),
        ({"practice": 4}, (), 4.0),
        # 5 on a scale of 0-10 is the middle, which is 3 on one of 1-5: (3*5 + 1*3) / 4
        ({"practice": 5, "wide": 5}, (PRACTICE, Criterion("wide", "", 0, 10, 1)), 4.5),
    ],
)
def test_the_overall_score_of_one_review(
    given: dict[str, float], criteria: Sequence[Criterion], mean: float | None
) -> None:
    assert overall(given, criteria) == mean


def test_the_offsets_of_two_who_disagree_once() -> None:
    # q = 4, and b = (5 - 4) / (1 + 2): two points apart, but only once.
    assert offsets([[("alva", 5), ("nils", 3)]]) == {"alva": 0.333333, "nils": -0.333333}


def test_a_severe_reviewer_is_made_up_for_also_where_nobody_else_reviewed() -> None:
    together = [[("alva", high), ("nils", high - 2)] for high in (4, 5, 3)]
    alone = [[("alva", 4)], [("nils", 2)]]
    # Each is one point from the mean, three times: 3 / (3 + 2). What one reviewed alone compares with nothing.
    found = offsets([*together, *alone])
    assert found == {"alva": 0.6, "nils": -0.6}
    assert [corrected(one, found) for one in (*together, *alone)] == [3.0, 4.0, 2.0, 3.4, 2.6]


def test_offsets_along_a_chain() -> None:
    # From the condition for each: 2.5a - 0.5b = 1, 3.5b = -1, 2.5c - 0.5b = 0.
    found = offsets([[("a", 5), ("b", 3)], [("b", 3), ("c", 3)]])
    assert found == {"a": round(12 / 35, 6), "b": round(-2 / 7, 6), "c": round(-2 / 35, 6)}


def test_without_comparison_the_corrected_mean_is_the_mean() -> None:
    assert offsets([]) == offsets([[("alva", 2)], [("nils", 5)], []]) == {}
    assert corrected([("alva", 2.0)], {}) == 2.0
    assert corrected([], {}) is None


def test_in_words_and_in_letters() -> None:
    said = {"decline": 1, "accept": 2, "abstain": 1}
    assert scores.in_words(said) == "2 accept, 1 decline, 1 abstain"
    assert scores.in_letters(said) == "2A 1D 1-"
    assert scores.in_words({}) == scores.in_letters({}) == ""
    assert [scores.disagree(one) for one in (said, {"accept": 3}, {"accept": 1, "abstain": 1}, {})] == [
        True, False, False, False,
    ]  # fmt: skip


def test_what_is_half_way_is_shown_as_people_round_it() -> None:
    assert [scores.shown(one) for one in (4.25, 4.24, 3.35, -0.25, -0.04, 5, 10.0)] == [
        "4.3", "4.2", "3.4", "-0.3", "0.0", "5.0", "10.0",
    ]  # fmt: skip


OVERALLS = st.lists(
    st.dictionaries(st.sampled_from("abcdefg"), st.integers(1, 5).map(float), max_size=4).map(
        lambda one: sorted(one.items())
    ),
    max_size=12,
)


@given(OVERALLS, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_laws_of_offsets(all_given: list[Given], chance: random.Random) -> None:
    found = offsets(all_given)
    assert abs(fsum(found.values())) < 1e-5
    for reviewer, offset in found.items():
        theirs = [one for one in all_given if reviewer in dict(one)]
        apart = [dict(one)[reviewer] - fmean(score - found.get(name, 0.0) for name, score in one) for one in theirs]
        assert abs(offset - fsum(apart) / (len(theirs) + CAUTION)) < 1e-4
    shuffled = [chance.sample(one, len(one)) for one in chance.sample(all_given, len(all_given))]
    assert offsets(shuffled) == pytest.approx(found, abs=2e-6)
    higher = offsets([[(reviewer, score + 1) for reviewer, score in one] for one in all_given])
    assert higher == pytest.approx(found, abs=2e-6)


# What the correction is worth: calls drawn by chance, of which it is known how good each application is.

Method = Callable[[Sequence[Given]], list[float]]


def drawn(
    chance: random.Random, applications: int, reviewers: int, each: int, severity: float
) -> tuple[list[float], list[Given]]:
    """Return how good each application is, and its overall scores: three criteria in whole points from 1 to 5.

    `severity` is the standard deviation of reviewers' offsets, in points; that of chance in a score is 0.85.
    """
    good = [chance.gauss(3.3, 0.8) for _ in range(applications)]
    offset = [chance.gauss(0, severity) for _ in range(reviewers)]
    load = [0] * reviewers
    all_given: list[Given] = []
    for value in good:
        chosen = sorted(range(reviewers), key=lambda one: (load[one], chance.random()))[:each]
        given = []
        for one in chosen:
            load[one] += 1
            points = [min(5, max(1, round(value + offset[one] + chance.gauss(0, 0.85)))) for _ in range(3)]
            given.append((str(one), (3 * points[0] + 2 * points[1] + points[2]) / 6))
        all_given.append(given)
    return good, all_given


def plain(all_given: Sequence[Given]) -> list[float]:
    return [fmean(score for _, score in one) for one in all_given]


def cautious(all_given: Sequence[Given]) -> list[float]:
    offset = offsets(all_given)
    return [fmean(score - offset.get(name, 0.0) for name, score in one) for one in all_given]


def z_scores(all_given: Sequence[Given]) -> list[float]:
    """Each score less its reviewer's mean, by the standard deviation of that reviewer's scores."""
    theirs: dict[str, list[float]] = {}
    for one in all_given:
        for name, score in one:
            theirs.setdefault(name, []).append(score)
    of = {name: (fmean(given), pstdev(given) or 1.0) for name, given in theirs.items()}
    return [fmean((score - of[name][0]) / of[name][1] for name, score in one) for one in all_given]


def worth(method: Method, applications: int, reviewers: int, each: int, severity: float) -> float:
    """Return how well a method's order agrees with the true one, over 60 calls: the mean rank correlation."""
    chance = random.Random(2022)
    found = []
    for _ in range(60):
        good, all_given = drawn(chance, applications, reviewers, each, severity)
        found.append(correlation(ranks(good), ranks(method(all_given))))
    return fmean(found)


def ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value; those that are equal share theirs."""
    first: dict[float, int] = {}
    count: dict[float, int] = {}
    for at, value in enumerate(sorted(values)):
        first.setdefault(value, at)
        count[value] = count.get(value, 0) + 1
    return [first[value] + (count[value] - 1) / 2 for value in values]


SMALL, USUAL = (30, 15, 2), (60, 8, 3)


def test_where_reviewers_differ_the_correction_beats_the_mean_and_z_scores() -> None:
    # Four reviews each: reviewers' own spread is mostly chance, and to divide by it does more harm than good.
    mean, z, ours = (worth(method, *SMALL, severity=0.6) for method in (plain, z_scores, cautious))
    assert (round(mean, 2), round(z, 2), round(ours, 2)) == (0.78, 0.78, 0.82)
    mean, z, ours = (worth(method, *USUAL, severity=0.6) for method in (plain, z_scores, cautious))
    assert (round(mean, 3), round(z, 3), round(ours, 3)) == (0.864, 0.907, 0.912)


def test_where_reviewers_do_not_differ_it_costs_next_to_nothing() -> None:
    mean, z, ours = (worth(method, *SMALL, severity=0.0) for method in (plain, z_scores, cautious))
    assert (round(mean, 2), round(z, 2), round(ours, 2)) == (0.87, 0.78, 0.86)
