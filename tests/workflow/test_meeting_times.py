"""Times as people type them: always in a zone, and never guessed."""

import pytest

from callforth.workflow.meeting_times import NotATime, NoZone, UnknownZone, times, zone_here


def iso(found):
    return found.starts.isoformat(), found.ends.isoformat(), found.closes.isoformat()


@pytest.mark.parametrize(
    ("said", "means"),
    [
        (
            ("2027-10-04", "", "2027-09-09", "Europe/Stockholm", True),
            ("2027-10-04T12:30:00+02:00", "2027-10-05T13:00:00+02:00", "2027-09-09T23:59:00+02:00"),
        ),
        (
            # Clocks change within the meeting, and between the deadline and the meeting.
            ("2027-10-30", "2027-11-01", "2027-03-27", "Europe/Stockholm", True),
            ("2027-10-30T12:30:00+02:00", "2027-11-01T13:00:00+01:00", "2027-03-27T23:59:00+01:00"),
        ),
        (
            ("2027-10-04T09:00", "2027-10-04 17:30:30", "2027-09-09T12:00Z", "America/St_Johns", False),
            ("2027-10-04T09:00:00-02:30", "2027-10-04T17:30:30-02:30", "2027-09-09T12:00:00+00:00"),
        ),
        (
            ("2027-10-04T09:00+03:00", "2027-10-04T17:00+03:00", "2027-09-09T23:59+03:00", "", False),
            ("2027-10-04T09:00:00+03:00", "2027-10-04T17:00:00+03:00", "2027-09-09T23:59:00+03:00"),
        ),
    ],
)
def test_a_time_is_in_the_offset_that_holds_there_on_that_day(said, means):
    assert iso(times(*said)) == means


@pytest.mark.parametrize(
    ("said", "error", "says"),
    [
        (("2027-10-04", "2027-10-05", "2027-09-09", "UTC", False), NotATime, "'starts' has a day and no time"),
        (("2027-10-04", "", "2027-09-09", "", True), NoZone, "in which time zone 'starts' is; say --zone"),
        (("2027-10-04T09:00Z", "2027-10-04T17:00", "2027-09-09", "", False), NoZone, "time zone 'ends' is"),
        (("4/10/2027", "", "2027-09-09", "UTC", True), NotATime, "'starts' is '4/10/2027', which is no date"),
        (("2027-10-04T12:30", "", "2027-09-09", "UTC", True), NotATime, "'starts' is only a day here"),
        (("2027-02-29", "", "2027-02-09", "UTC", True), NotATime, "'starts' is '2027-02-29', which is no date"),
        (("0027-10-04", "", "2027-02-09", "UTC", True), NotATime, "'starts' is '0027-10-04', which is no date"),
        (("2027-10-04", "", "2027-W36", "UTC", True), NotATime, "'closes' is '2027-W36', which is no date"),
        (("2027-10-04", "", "2027-09-09", "Europe/Stokholm", True), UnknownZone, "did you mean Europe/Stockholm?"),
        (("2027-10-04", "", "2027-09-09", "new york", True), UnknownZone, "did you mean America/New_York?"),
        (("2027-10-04", "", "2027-09-09", "istanbul", True), UnknownZone, "did you mean Europe/Istanbul?"),
        (("2027-10-04", "", "2027-09-09", "CEST", True), UnknownZone, "'CEST' is no time zone; name one like"),
        (("2027-10-04", "", "2027-09-09", "../zone\x1b.tab", True), UnknownZone, "'../zone␛.tab' is no time zone"),
        (
            ("2027-10-04", "", "2027-03-28T02:30", "Europe/Stockholm", True),
            NotATime,
            "'closes' is at 02:30, which clocks there skip on that day",
        ),
        (
            ("2027-10-04", "", "2027-10-31T02:30", "Europe/Stockholm", True),
            NotATime,
            "'closes' is at 02:30, which comes twice there on that day",
        ),
    ],
)
def test_what_could_mean_two_things_or_nothing_is_refused(said, error, says):
    with pytest.raises(error) as caught:
        times(*said)
    assert says in caught.value.says


def test_the_machines_own_zone_is_known_by_a_name_or_not_at_all(monkeypatch):
    monkeypatch.setenv("TZ", ":Europe/Lisbon")
    assert zone_here() == "Europe/Lisbon"
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0")
    assert zone_here() == ""
