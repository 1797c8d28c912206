"""A review: one reviewer's recommendation, scores and remarks on one application."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from callforth.model.ids import is_tag
from callforth.model.meeting import Criterion
from callforth.model.text import clean, clean_line, typed

RECOMMENDATIONS = ("accept", "waitlist", "decline", "abstain")
MOST_REMARKS = 20_000
DECIMALS = 6  # of a score, as files hold it


@dataclass(frozen=True, slots=True)
class Review:
    """One review file; `scores` by criterion id, `tags` sorted. A template not yet filled in is `blank`."""

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

    @property
    def done(self) -> bool:
        """True where nothing more is expected of the reviewer: they recommend something, or should not judge."""
        return bool(self.recommend) or self.conflict

    @property
    def blank(self) -> bool:
        """True for a template that nobody has begun to fill in; suggested tags alone do not begin a review."""
        return not (self.recommend or self.scores or self.conflict or self.remarks)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What a review may not say: where (`recommend`, `tags`, `remarks`, or a criterion's id), why, and what to do."""

    where: str
    says: str
    remedy: str

    @property
    def sentence(self) -> str:
        """The whole of it for a person."""
        return f"{self.says}; {self.remedy}"


def blank(application: str, reviewer: str) -> Review:
    """Return a review that says nothing yet."""
    return Review(application, reviewer, "", {}, (), False, "")


def tidy(review: Review) -> Review:
    """Return the review as its file would say it: remarks cleaned, tags sorted and each once, scores to six decimals.

    For what somebody has typed. Tidying twice changes nothing.
    """
    return replace(
        review,
        recommend=review.recommend.strip().casefold(),
        scores={criterion: round(float(score), DECIMALS) for criterion, score in review.scores.items()},
        tags=tuple(sorted({clean_line(tag) for tag in review.tags} - {""})),
        remarks=clean(typed(review.remarks)).strip(),
    )


def check(review: Review, criteria: Iterable[Criterion]) -> list[Wrong]:
    """Return all that a review may not say, given what the call asks to be scored; nothing where all is well."""
    known = {criterion.id: criterion for criterion in criteria}
    found: list[Wrong] = []
    if review.recommend and review.recommend not in RECOMMENDATIONS:
        says = f"the recommendation '{clean_line(review.recommend)[:40]}' is unknown"
        found.append(Wrong("recommend", says, f"use one of {', '.join(RECOMMENDATIONS)}"))
    for name, score in review.scores.items():
        criterion = known.get(name)
        if criterion is None:
            what = f"use one of {', '.join(known)}" if known else "leave it out: this call has none"
            found.append(Wrong(name, f"'{clean_line(name)[:40]}' is no criterion of the call", what))
        elif not criterion.least <= score <= criterion.most:
            says = f"the score {score:g} for '{name}' is off the scale {criterion.scale}"
            found.append(Wrong(name, says, f"give {criterion.least:g} to {criterion.most:g}"))
    for tag in review.tags:
        if not is_tag(tag):
            says = f"'{clean_line(tag)[:40]}' is no tag"
            found.append(Wrong("tags", says, "use letters, digits and hyphens, no spaces"))
    if len(review.remarks) > MOST_REMARKS:
        says = f"the remarks have {len(review.remarks)} characters"
        found.append(Wrong("remarks", says, f"keep them under {MOST_REMARKS}"))
    return found


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
