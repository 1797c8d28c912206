"""What the reviews of an application come to: means, spread, recommendations, and a mean corrected for severity.

For one application, over the reviews that count (`Review.counts`):

- a review's overall score is the mean of its scores, each by the weight of its criterion (one that the call does not
  know weighs 1); where the criteria's scales differ, each score is first brought to the scale of the first;
- `score` is the mean of the overall scores, `spread` their population standard deviation;
- a criterion's mean and spread are those of its scores, as they were given.

The corrected mean takes away from each overall score what its reviewer gives more (or less) than colleagues do. With
y(a, r) the overall score of application a by reviewer r, the offsets b(r), and values q(a), are those for which

    sum over all reviews of (y(a, r) - q(a) - b(r))**2  +  CAUTION * sum over all reviewers of b(r)**2

is least, and q(a) is the corrected mean: the mean over a's reviews of y(a, r) - b(r). It follows that

    b(r) = sum over r's reviews of (y(a, r) - q(a)) / (number of r's reviews + CAUTION),

so that a reviewer is compared with others on the same applications alone (who was given strong ones is not taken for
lenient), few comparisons move little, and all offsets add up to nothing. Sources: these are the regularised baseline
estimates of Y. Koren, "Factorization Meets the Neighborhood" (KDD 2008), with only the reviewers' part held back;
M. Roos, J. Rothe and B. Scheuermann, "How to Calibrate the Scores of Biased Reviewers by Quadratic Programming" (AAAI
2011) do alike with peer reviews; G. Robinson, "That BLUP Is a Good Thing" (Statistical Science 6, 1991), on shrinking.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import copysign, fsum, sqrt

from callforth.model.meeting import Criterion
from callforth.model.review import RECOMMENDATIONS, Review

# The best ratio is that of the variance of chance in a score to that of reviewers' offsets; from 1 to 4 it makes next
# to no difference in simulation.
CAUTION = 2.0
DECIMALS = 2
_CLOSE_ENOUGH = 1e-9

Given = Sequence[tuple[str, float]]
"""The overall scores of one application: (reviewer, score), not rounded."""


@dataclass(frozen=True, slots=True)
class Part:
    """What reviews say on one criterion; `spread` is None for a single review. Both are rounded."""

    reviews: int
    mean: float
    spread: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What the reviews of one application come to.

    `reviews` are those that count, `recommend` how many recommend what, in the order of `RECOMMENDATIONS`. `score` and
    `spread` are None where there is nothing to take them of (a spread takes two), else rounded.
    """

    reviews: int
    score: float | None
    spread: float | None
    recommend: Mapping[str, int]
    criteria: Mapping[str, Part]
    given: Given


def summary(reviews: Iterable[Review], criteria: Sequence[Criterion]) -> Summary:
    """Return what these reviews of one application come to, by the criteria of its call."""
    counting = [review for review in reviews if review.counts]
    given = tuple(
        (review.reviewer, score) for review in counting if (score := overall(review.scores, criteria)) is not None
    )
    overalls = [score for _, score in given]
    names = [*(one.id for one in criteria), *sorted({name for review in counting for name in review.scores})]
    scored = {name: [r.scores[name] for r in counting if name in r.scores] for name in dict.fromkeys(names)}
    recommended = [review.recommend for review in counting]
    return Summary(
        reviews=len(counting),
        score=round(_mean(overalls), DECIMALS) if overalls else None,
        spread=_spread(overalls),
        recommend={one: recommended.count(one) for one in RECOMMENDATIONS if one in recommended},
        criteria={
            name: Part(len(scores), round(_mean(scores), DECIMALS), _spread(scores))
            for name, scores in scored.items()
            if scores
        },
        given=given,
    )


def overall(scores: Mapping[str, float], criteria: Sequence[Criterion]) -> float | None:
    """Return the weighted mean of one review's scores, or None where nothing that weighs has one."""
    known = {criterion.id: criterion for criterion in criteria}
    weighing = [criterion for criterion in criteria if criterion.weight]
    total, weight = [], []
    for name, score in scores.items():
        criterion = known.get(name)
        if criterion is not None:
            score = _brought(score, criterion, weighing[0]) if weighing else score
        weight.append(criterion.weight if criterion else 1.0)
        total.append(score * weight[-1])
    return fsum(total) / fsum(weight) if any(weight) else None


def offsets(given: Iterable[Given]) -> dict[str, float]:
    """Return how much more than colleagues each reviewer gives, cautiously, in points (a severe one's is negative).

    `given` are the overall scores of all applications of one meeting, in any order. Reviewers who were never compared
    with anybody have 0.
    """
    compared = [one for one in given if len(one) > 1]
    names = sorted({reviewer for one in compared for reviewer, _ in one})
    place = {name: at for at, name in enumerate(names)}
    # What is least has no slope: matrix * offsets = surplus, once the q(a) are put in.
    matrix: list[dict[int, float]] = [{at: CAUTION} for at in range(len(names))]
    surplus = [0.0] * len(names)
    for one in compared:
        mean, share = _mean([score for _, score in one]), 1 / len(one)
        places = [place[reviewer] for reviewer, _ in one]
        for at, (_, score) in zip(places, one, strict=True):
            surplus[at] += score - mean
            row = matrix[at]
            row[at] += 1
            for other in places:
                row[other] = row.get(other, 0.0) - share
    found = _solve(matrix, surplus)
    # Sums in another order differ in the last digits.
    return {name: round(found[at], 6) + 0.0 for name, at in place.items()}


def corrected(given: Given, offset: Mapping[str, float]) -> float | None:
    """Return the mean of one application's overall scores less their reviewers' offsets, rounded; None without any.

    It may lie a little outside of the scale.
    """
    if not given:
        return None
    return round(_mean([score - offset.get(reviewer, 0.0) for reviewer, score in given]), DECIMALS)


def in_words(recommend: Mapping[str, int]) -> str:
    """Return recommendations as people say them: '2 accept, 1 decline'."""
    return ", ".join(f"{recommend[one]} {one}" for one in RECOMMENDATIONS if recommend.get(one))


def in_letters(recommend: Mapping[str, int]) -> str:
    """Return recommendations in few cells: '2A 1D', by the letters of the statuses; an abstention is '-'."""
    return " ".join(
        f"{recommend[one]}{'-' if one == 'abstain' else one[0].upper()}"
        for one in RECOMMENDATIONS
        if recommend.get(one)
    )


def shown(number: float) -> str:
    """Return a score for a person: one decimal, 4.25 as 4.3 (which is what queries, and people, make of it)."""
    return f"{number + copysign(1e-9, number):z.1f}"


def disagree(recommend: Mapping[str, int]) -> bool:
    """Tell whether reviewers recommend different things; an abstention is no opinion."""
    return len([one for one, count in recommend.items() if count and one != "abstain"]) > 1


def _mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values)


def _spread(values: Sequence[float]) -> float | None:
    if len(values) < 2:
        return None
    mean = _mean(values)
    return round(sqrt(fsum((value - mean) ** 2 for value in values) / len(values)), DECIMALS)


def _brought(score: float, criterion: Criterion, to: Criterion) -> float:
    """Return a score on one criterion's scale as it is on another's."""
    if (criterion.least, criterion.most) == (to.least, to.most):
        return score
    share = (score - criterion.least) / (criterion.most - criterion.least)
    return to.least + share * (to.most - to.least)


def _solve(matrix: Sequence[Mapping[int, float]], wanted: Sequence[float]) -> list[float]:
    """Return x with matrix * x = wanted, for a symmetric positive definite matrix given by rows: conjugate gradients.

    Source: M. Hestenes, E. Stiefel, "Methods of Conjugate Gradients for Solving Linear Systems" (1952).
    """
    found = [0.0] * len(wanted)
    left = list(wanted)
    along = list(left)
    size = fsum(one * one for one in left)
    for _ in range(2 * len(wanted)):
        if size <= _CLOSE_ENOUGH**2:
            break
        steep = [fsum(share * along[at] for at, share in row.items()) for row in matrix]
        step = size / fsum(one * other for one, other in zip(along, steep, strict=True))
        found = [one + step * other for one, other in zip(found, along, strict=True)]
        left = [one - step * other for one, other in zip(left, steep, strict=True)]
        before, size = size, fsum(one * one for one in left)
        along = [one + size / before * other for one, other in zip(left, along, strict=True)]
    return found
