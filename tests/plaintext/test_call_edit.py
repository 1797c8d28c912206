"""Editing a call: only the lines that it is about, however lines end and whatever stands between them."""

import pytest

from callforth.model.meeting import Mapped, Question
from callforth.plaintext.call_edit import set_imports, set_questions
from callforth.plaintext.document import FileUnusable

CALL = (
    "---\r\ntitle: Oslo\r\nstarts: 2022-10-04T12:30:00+02:00\r\nends: 2022-10-05T13:00:00+02:00\r\n"
    "seats: 3\r\ncloses: 2022-09-09T23:59:00+02:00\r\n---\r\n\r\n# Oslo\x0c and on\r\n"
)


def test_a_note_of_columns_comes_and_changes_with_all_other_lines_as_they_were():
    first = set_imports(CALL.encode(), "meetings/oslo-2022/call.md", "oslo-2022", [Mapped("table", "A: b", "extra")])
    block = 'import:\r\n- kind: table\r\n  column: "A: b"\r\n  to: extra\r\n'
    assert first.decode() == CALL.replace("---\r\n\r\n# Oslo", f"{block}---\r\n\r\n# Oslo")
    again = set_imports(first, "meetings/oslo-2022/call.md", "oslo-2022", [Mapped("table", "A: b", "ignore")])
    assert again == first.replace(b"to: extra", b"to: ignore")


def test_a_question_comes_below_the_others_however_they_stand_there():
    new = [Question("why-here", 'Why "here"?', 'Why "here"?')]
    written = '- id: why-here\r\n{}  text: "Why \\"here\\"?"\r\n'
    path = "meetings/oslo-2022/call.md"
    old = Question("why", "Why?", "Why?")
    none = set_questions(CALL.encode(), path, "oslo-2022", new)
    assert none.decode() == CALL.replace("---\r\n\r\n", f"questions:\r\n{written.format('')}---\r\n\r\n")
    indented = CALL.replace("seats:", "questions:\r\n  - id: why\r\n    text: Why?  # short\r\nseats:")
    after = set_questions(indented.encode(), path, "oslo-2022", [old, *new]).decode()
    assert after == indented.replace("seats:", f"  {written.format('  ')}seats:")
    assert set_questions(indented.encode(), path, "oslo-2022", [old]) == indented.encode()
    # A remark, or an empty line, above the first says nothing of how far in they stand.
    for between in ("# what we ask\r\n", "\r\n", "    # far in\r\n\r\n"):
        remarked = indented.replace("questions:\r\n", f"questions:\r\n{between}")
        after = set_questions(remarked.encode(), path, "oslo-2022", [old, *new]).decode()
        assert after == remarked.replace("seats:", f"  {written.format('  ')}seats:")
    # One that goes takes only its own lines with it.
    swapped = set_questions(indented.encode(), path, "oslo-2022", new).decode()
    assert swapped == CALL.replace("seats:", f"questions:\r\n  {written.format('  ')}seats:")
    flow = CALL.replace("seats:", "questions: []\r\nseats:")
    with pytest.raises(FileUnusable, match="'questions' is written in an unusual way; write them by hand"):
        set_questions(flow.encode(), path, "oslo-2022", new)
