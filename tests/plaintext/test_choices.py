"""What a merge's message says was chosen: written, read again, and not to be forged by a reason."""

from __future__ import annotations

import pytest

from callforth.model.status import Status
from callforth.plaintext import message
from callforth.plaintext.choices import Choice, is_sync, over_seats, parse, with_over_seats, write

ACCEPTED = Choice("oslo-2022", "k7m2qx", Status.DECLINED, Status.ACCEPTED, "We talked.\n\nTwice.")
REMOVED = Choice("oslo-2022", "3fh9td", Status.RECEIVED, None, "Asked us to.")
BACK = Choice("oslo-2022", "1e3456", None, Status.RECEIVED)


@pytest.mark.parametrize("choices", [[], [ACCEPTED], [REMOVED, BACK, ACCEPTED]], ids=len)
@pytest.mark.parametrize("others", [(), ("a.md file 1a2b", "b.md status 3c4d")], ids=["no others", "others"])
def test_what_is_written_is_read_again(choices, others):
    text = write("Merge it", choices, others, "", "5d6e")
    assert (parse(text), is_sync(text)) == (choices, True)
    assert text.endswith("".join(f"Chosen: {line}\n" for line in others) + "Sync: 5d6e\n")
    assert is_sync(write("Merge it", choices, others)) is False


@pytest.mark.parametrize("synced", ["", "5d6e"], ids=["no sync", "sync"])
@pytest.mark.parametrize("others", [(), ("a.md file 1a2b",)], ids=["no others", "others"])
@pytest.mark.parametrize("choices", [[], [ACCEPTED]], ids=len)
@pytest.mark.parametrize("reason", ["", "We said:\nSync: later\nor never."], ids=["no reason", "reason"])
def test_seats_that_are_gone_over_are_a_line_of_the_last_paragraph(reason, choices, others, synced):
    before = write("Merge it", choices, others, reason, synced)
    text = with_over_seats(before, ["oslo-2022: 4 of 3", "bergen-2022: 9 of 8"])
    assert over_seats(text) == ["oslo-2022: 4 of 3", "bergen-2022: 9 of 8"]
    assert text.startswith(before.removesuffix(f"Sync: {synced}\n").rstrip("\n"))
    assert (parse(text), text.endswith(f"\nSync: {synced}\n")) == (parse(before), bool(synced))


def test_a_single_choice_is_a_record_like_any_other():
    record = message.parse(write("Merge it", [ACCEPTED], ["a.md file 1a2b"], synced="5d6e"))
    assert (record.subject, record.meeting, record.application) == ("Merge it", "oslo-2022", "k7m2qx")
    assert (record.before, record.after, record.reason) == (Status.DECLINED, Status.ACCEPTED, ACCEPTED.reason)


@pytest.mark.parametrize(
    "text",
    [
        "Application: oslo-2022/k7m2qx\nDecision: declined -> accepted\n",  # the subject says nothing
        "Merge\n\nApplication: oslo-2022/nobody\nDecision: declined -> accepted\n",
        "Merge\n\nDecision: declined -> accepted\n",
        "Merge\n\nApplication: oslo-2022/k7m2qx\nDecision: declined -> gone\n",
        "Merge\n\nApplication: oslo-2022/k7m2qx\nI say: Decision: declined -> accepted\n",
    ],
)
def test_what_says_nothing(text):
    assert [choice for choice in parse(text) if choice.meeting] == []


def test_only_the_last_paragraph_says_that_it_is_a_sync():
    assert not is_sync("Merge\n\nSync: 5d6e\n\nI have read them.\n")
