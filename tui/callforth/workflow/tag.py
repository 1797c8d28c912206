"""Tagging: short labels of the team's, added and taken away together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from callforth.errors import UsageError
from callforth.model.decision import Entry, Record
from callforth.model.ids import MOST_TAG, is_tag
from callforth.model.text import clean_line, fold
from callforth.repo.repository import Signature
from callforth.workflow.change import Change, Progress, actor, carry_out, tag_changes
from callforth.workflow.decide import new_batch
from callforth.workflow.workspace import Workspace

_ALIKE = 0.8  # of difflib's ratio: `youht-work` and `youth-works` are near `youth-work`


class BadTag(UsageError):
    """What was typed is no tag."""


class NothingToTag(UsageError):
    """The applications have these tags, or lack them, already."""


def parse_changes(words: Sequence[str]) -> tuple[set[str], set[str]]:
    """Return the tags to add and to take away, from words like `+a`, `-b` and `c` (which adds). Raises `BadTag`."""
    add: set[str] = set()
    remove: set[str] = set()
    for word in words:
        name = word[1:] if word[:1] in "+-" else word
        if len(name) > MOST_TAG:
            raise BadTag(f"'{clean_line(name)[:20]}…' has {len(name)} characters; a tag has at most {MOST_TAG}")
        if not is_tag(name):
            raise BadTag(f"'{clean_line(word)[:60]}' is no tag; use letters, digits and hyphens, like +youth-work")
        (remove if word.startswith("-") else add).add(name)
    if add & remove:
        raise BadTag(f"'{sorted(add & remove)[0]}' cannot be both added and taken away")
    return add, remove


def novelty(words: Sequence[str], in_use: Iterable[str]) -> str:
    """Return what to say of tags that nobody uses yet, and of which one in use that may be meant is near; or ''.

    `words` are as for `parse_changes`. Several may be one that was written with spaces.
    """
    known = set(in_use)
    added = [word.removeprefix("+") for word in words if not word.startswith("-")]
    new = [name for name in added if name and name not in known]
    if not new:
        return ""
    near = (nearest(name, known) for name in ("-".join(added), *new))
    found = next((one for one in near if one and one not in added), "")
    many = f"new: {' '.join(new)}" if len(new) > 1 else "new"
    return f"{many}; there is {found}" if found else "a new tag" if len(new) == 1 else "new tags"


def nearest(name: str, in_use: Iterable[str]) -> str:
    """Return the tag in use that is most like another: but for case, a word of it, or a slip; '' where none is."""
    from difflib import get_close_matches  # imported here: it is needed where a tag is new

    known = {_compared(one): one for one in sorted(in_use, reverse=True)}
    wanted = _compared(name)
    if wanted in known:
        return known[wanted]
    parts = set(wanted.split("-"))
    of_words = [one for one in sorted(known) if parts <= set(one.split("-")) or parts >= set(one.split("-"))]
    close = get_close_matches(wanted, sorted(known), 1, _ALIKE)
    return next((known[one] for one in (*close, *of_words)), "")


def starts_like(tag: str, start: str) -> bool:
    """Tell whether a tag begins like this, without case and accents."""
    return _compared(tag).startswith(_compared(start))


def _compared(tag: str) -> str:
    return fold(tag).replace("_", "-").replace(".", "-")


def plan(workspace: Workspace, ids: Sequence[str], words: Sequence[str], batch: str = "") -> list[Change]:
    """Return the changes that tagging would make, leaving out applications it would not change.

    Raises `BadTag`, `UnknownId`, `FileUnusable`, and `NothingToTag` where nothing would change.
    """
    add, remove = parse_changes(words)
    applications = {a.id: a for a in (workspace.catalog.application(i) for i in ids)}.values()
    changes = []
    for application in applications:
        after = tuple(sorted((set(application.tags) | add) - remove))
        said = tag_changes(application.tags, after)
        if said:
            subject = f"Tag {application.id} for {application.meeting}"
            record = Record(subject, application.meeting, application.id, tags=said, batch=batch)
            changes.append(Change(application, application.status, after, record))
    if not changes:
        what = " ".join([*(f"+{tag}" for tag in sorted(add)), *(f"-{tag}" for tag in sorted(remove))])
        has = {tag for application in applications for tag in application.tags}
        near = next(filter(None, (nearest(tag, has) for tag in sorted(remove - has))), "")
        meant = f"; there is {near}" if near else ""
        raise NothingToTag(f"nothing to do: {what or 'no tag given'} changes none of them{meant}")
    return changes


def tag(
    workspace: Workspace,
    ids: Sequence[str],
    words: Sequence[str],
    signed_by: Signature | None = None,
    progress: Progress | None = None,
) -> list[Entry]:
    """Add and take away tags: one commit for each application that changes, all or none.

    Raises what `plan` raises, `NotInTeam`, `NoIdentity`, and the errors of `repo.commit.write`.
    """
    actor(workspace, signed_by)
    batch = new_batch() if len(set(ids)) > 1 else ""
    return carry_out(workspace, ids, lambda: plan(workspace, ids, words, batch), signed_by, progress)
