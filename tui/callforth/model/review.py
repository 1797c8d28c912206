"""A review: one reviewer's recommendation, scores and remarks on one application."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from callforth.model.meeting import Criterion

RECOMMENDATIONS = ("accept", "waitlist", "decline", "abstain")


@dataclass(frozen=True, slots=True)
class Review:
    """One review file; `scores` by criterion id. An empty `recommend` is a template not yet filled in."""

    application: str
    reviewer: str
    recommend: str
    scores: Mapping[str, float]
    tags: tuple[str, ...]
    conflict: bool
    remarks: str

    @property
    def counts(self) -> bool:
        """True for a review that says something and was not given up for a conflict of interest."""
        return bool(self.recommend) and not self.conflict


def mean_score(reviews: Iterable[Review], criteria: Iterable[Criterion]) -> float | None:
    """Return the weighted mean of all scores that count, one decimal, or None where there are none."""
    weights = {criterion.id: criterion.weight for criterion in criteria}
    total = weight = 0.0
    for review in reviews:
        if review.counts:
            for criterion, score in review.scores.items():
                total += score * weights.get(criterion, 1.0)
                weight += weights.get(criterion, 1.0)
    return round(total / weight, 1) if weight else None
