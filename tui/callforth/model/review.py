"""A review: one reviewer's recommendation, scores and remarks on one application."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from callforth.model.ids import is_tag
from callforth.model.meeting import Criterion
from callforth.model.text import clean, clean_line, typed

RECOMMENDATIONS = ("accept", "waitlist", "decline", "abstain")
MOST_REMARKS = 20_000
DECIMALS = 6  # of a score, as files hold it
_ALIKE = 0.8  # from 0 (nothing in common) to 1 (the same)


@dataclass(frozen=True, slots=True)
class Review:
    """One review file; `scores` by criterion id, `tags` sorted. A template not yet filled in is `blank`.

    `further` are the names of fields in the file that are none of a review: they say nothing, and do not compare.
    """

    application: str
    reviewer: str
    recommend: str
    scores: Mapping[str, float]
    tags: tuple[str, ...]
    conflict: bool
    remarks: str
    further: tuple[str, ...] = field(default=(), compare=False)

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
    """What a review may not say: where, why, and what to do.

    Where is `recommend`, `tags`, `remarks`, a criterion's id, or the name of a further field.
    """

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
    return found + strays(review, known)


def strays(review: Review, criteria: Collection[str]) -> list[Wrong]:
    """Return which of a review's further fields are scores that stand in the wrong place: `criteria` are the ids."""
    meant = {name: alike(name, criteria) for name in review.further}
    return [
        Wrong(name, f"'{clean_line(name)[:40]}' is no field of a review", f"write '{one}:' indented below 'scores:'")
        for name, one in meant.items()
        if one
    ]


def alike(name: str, known: Iterable[str]) -> str:
    """Return which of the known names is meant by one that is none of them: in another case, or nearly so; or ''."""
    # Imported here: nothing waits for it where every field is known.
    from difflib import get_close_matches

    folded = {one.casefold(): one for one in known}
    near = get_close_matches(name.casefold(), folded, 1, _ALIKE)
    return folded[near[0]] if near else ""
