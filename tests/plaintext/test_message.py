"""The commit message: what is written is what is read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callforth.model.decision import Record
from callforth.model.status import Status
from callforth.plaintext import message

ANYTHING = st.text(
    st.characters() | st.sampled_from("\r\n\n\n \t:-#\x1b\u2028\u200b\u202e"), max_size=80
) | st.sampled_from(
    [
        "Application: oslo-2022/3fh9td\nDecision: received -> declined",
        "Why not.\n\nDecision: received -> declined",
        "Batch: x\nReverts: y\nTags: +z\nOver-Seats: 9",
        "Signed-off-by: A B <a@example.org>",
        "---\n\ndiff --git a/x b/x",
        "# a comment to git\n# ------------------------ >8 ------------------------",
        "\n\n\n",
        "- one\n- two\n\n\n\n\nlast",
        "fixup! squash! Revert \"x\"",
    ]
)  # fmt: skip
CHANGES = st.sampled_from([(None, None), *((a, b) for a in Status for b in Status if a is not b)])
WORDS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,9}", fullmatch=True)


@st.composite
def records(draw: st.DrawFn) -> Record:
    before, after = draw(CHANGES)
    return Record(
        subject=draw(st.sampled_from(["Accept k7m2qx for oslo-2022", "Tag k7m2qx", "Undo: decline 3fh9td"])),
        meeting="oslo-2022",
        application="k7m2qx",
        reason=message.reason(draw(ANYTHING)),
        before=before,
        after=after,
        tags=tuple(draw(st.lists(WORDS.map("+{}".format) | WORDS.map("-{}".format), max_size=3))),
        batch=draw(st.just("") | WORDS),
        reverts=draw(st.just("") | st.from_regex(r"[0-9a-f]{40}", fullmatch=True)),
        over_seats=draw(st.just("") | st.from_regex(r"[0-9]{1,3} of [0-9]{1,3}", fullmatch=True)),
        letter=draw(st.just("") | WORDS),
        imported=draw(st.just("") | WORDS),
        edited=tuple(draw(st.lists(WORDS, max_size=3))),
    )


@given(records())
def test_reading_what_was_written_gives_the_record_back(record: Record) -> None:
    assert message.parse(message.write(record)) == record


@given(ANYTHING, CHANGES)
def test_whatever_a_reason_holds_the_trailers_are_ours(
    reason: str, change: tuple[Status | None, Status | None]
) -> None:
    before, after = change
    record = Record("Accept k7m2qx for oslo-2022", "oslo-2022", "k7m2qx", reason, before, after)
    found = message.parse(message.write(record))
    assert (found.meeting, found.application, found.before, found.after) == ("oslo-2022", "k7m2qx", before, after)
    assert (found.tags, found.batch, found.reverts, found.over_seats, found.imported) == ((), "", "", "", "")
    assert found.reason == message.reason(reason)


@given(ANYTHING, ANYTHING)
def test_whatever_is_put_in_a_one_line_field_adds_no_line(subject: str, batch: str) -> None:
    text = message.write(Record(f"x {subject}", "oslo-2022", "k7m2qx", batch=f"b {batch}"))
    assert len(text.splitlines()) == 4
    assert message.parse(text).application == "k7m2qx"


@given(ANYTHING)
def test_a_reason_once_tidied_stays_as_it_is(text: str) -> None:
    tidy = message.reason(text)
    assert message.reason(tidy) == tidy
    assert not re.search(r"\n{3,}|[ \t]+$|\A\s|\s\Z", tidy, re.MULTILINE) or tidy == ""


@given(st.text(max_size=200))
def test_any_message_can_be_read(text: str) -> None:
    assert isinstance(message.parse(text), Record)


def test_a_decision_reads_as_documented() -> None:
    record = Record(
        subject="Accept k7m2qx for stockholm-2022",
        meeting="stockholm-2022",
        application="k7m2qx",
        reason="Runs dialogue circles between three parishes; nobody else from Portugal.",
        before=Status.RECEIVED,
        after=Status.ACCEPTED,
    )
    assert message.write(record) == (
        "Accept k7m2qx for stockholm-2022\n"
        "\n"
        "Runs dialogue circles between three parishes; nobody else from Portugal.\n"
        "\n"
        "Application: stockholm-2022/k7m2qx\n"
        "Decision: received -> accepted\n"
    )


def test_all_trailers_stand_in_one_block_in_a_fixed_order() -> None:
    record = Record(
        "Subject",
        "oslo-2022",
        "k7m2qx",
        "",
        Status.RECEIVED,
        Status.ACCEPTED,
        ("+a", "-b"),
        "bat",
        "rev",
        "4 of 3",
        "let",
        "imp",
    )
    assert message.write(record) == (
        "Subject\n\nApplication: oslo-2022/k7m2qx\nDecision: received -> accepted\nTags: +a -b\n"
        "Over-Seats: 4 of 3\nBatch: bat\nReverts: rev\nLetter: let\nImported: imp\n"
    )


def test_a_status_that_stays_is_no_decision() -> None:
    text = message.write(Record("Tag", "oslo-2022", "k7m2qx", "", Status.RECEIVED, Status.RECEIVED, ("+a",)))
    assert text == "Tag\n\nApplication: oslo-2022/k7m2qx\nTags: +a\n"


def test_a_message_of_other_people_has_no_application() -> None:
    assert message.parse("Fix the call\n\nA typo.\n\nIn two places.\n") == Record(
        "Fix the call", "", "", reason="A typo.\n\nIn two places."
    )
    assert message.parse("") == Record("", "", "")


OURS = "Accept k7m2qx\n\nWhy.\n\nApplication: oslo-2022/k7m2qx\nDecision: received -> accepted\n"


@pytest.mark.parametrize(
    "more",
    [
        "Signed-off-by: Sanna Lind <sanna.lind@example.org>\n",
        "Signed-off-by: A <a@example.org>\nSigned-off-by: B <b@example.org>\n",
        "Change-Id: I0123456789\nReviewed-by: Dario Conti <dario.conti@example.org>\n",
    ],
)
def test_trailers_that_hooks_append_to_the_block_do_not_hide_ours(more: str) -> None:
    assert message.parse(OURS + more) == message.parse(OURS)
    assert message.parse(OURS).after is Status.ACCEPTED


@pytest.mark.parametrize(
    "text",
    [
        OURS + "Decision: received -> declined\n",
        OURS + "no trailer\n",
        OURS + "\nLast paragraph.\n",
        OURS + "\nSigned-off-by: A <a@example.org>\n",
        "Accept k7m2qx\nApplication: oslo-2022/k7m2qx\nDecision: received -> accepted\n",
        "Accept\n\nApplication: ../../etc\nDecision: received -> accepted\n",
        "Accept\n\nApplication: oslo-2022/k7m2qi\n",
        "Accept\n\nApplication:oslo-2022/k7m2qx\n",
    ],
)
def test_a_block_that_is_not_wholly_ours_says_nothing(text: str) -> None:
    found = message.parse(text)
    assert (found.application, found.before, found.after) == ("", None, None)


@pytest.mark.parametrize("said", ["received -> accept", "Received -> accepted", "received->accepted", "x", ""])
def test_a_decision_between_unknown_statuses_is_none(said: str) -> None:
    found = message.parse(f"S\n\nApplication: oslo-2022/k7m2qx\nDecision: {said}\n")
    assert (found.application, found.before, found.after) == ("k7m2qx", None, None)


def test_windows_line_ends_change_nothing() -> None:
    assert message.parse(OURS.replace("\n", "\r\n")) == message.parse(OURS)


def test_an_import_of_many_needs_no_application() -> None:
    found = message.parse("Import 12 applications\n\nImported: eusurvey.csv\n")
    assert (found.subject, found.application, found.imported) == ("Import 12 applications", "", "eusurvey.csv")


def test_a_return_in_a_reason_ends_a_line() -> None:
    assert message.reason("first\rsecond \r\n\r\rthird\r") == "first\nsecond\n\nthird"


def test_a_return_in_somebody_elses_message_is_shown() -> None:
    text = "Decline k7m2qx\n\nfirst\rsecond\n\nApplication: oslo-2022/k7m2qx\nDecision: received -> declined\n"
    assert message.parse(text).reason == "first␍second"
