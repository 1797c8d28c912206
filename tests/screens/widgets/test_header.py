"""How the top line calls a meeting."""

from __future__ import annotations

from datetime import UTC, datetime

from callforth.model.meeting import Meeting
from callforth.screens.engine import View
from callforth.screens.widgets.header import called


def test_a_meeting_is_called_by_its_id_where_another_one_would_read_the_same():
    def meeting(name, place, year):
        when = datetime(year, 10, 4, 12, tzinfo=UTC)
        return Meeting(name, "T", "S", when, when, place, "en", 3, "", when, "")

    youth, elders = meeting("youth-27", "Bergen, Norway", 2027), meeting("elders-27", "Bergen", 2027)
    before = meeting("youth-26", "Bergen, Norway", 2026)
    view = View(youth, ((youth, 0), (elders, 0), (before, 0)), (), {}, ())
    assert [called(one, view) for one in (youth, elders, before)] == ["youth-27", "elders-27", "Bergen 2026"]
