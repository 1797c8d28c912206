"""Cells that mean something: moments, countries, addresses, choices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callforth.model.meeting import Field
from callforth.workflow.intake import values
from callforth.workflow.intake.values import AmbiguousDates, NoDate

ZONE = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("text", "order", "wanted"),
    [
        ("2022-08-20T10:12:00Z", "day-first", "2022-08-20T10:12:00+00:00"),
        ("2022-08-20", "day-first", "2022-08-20T00:00:00+02:00"),
        ("2022-08-20 10:12:33 +0300", "day-first", "2022-08-20T10:12:33+03:00"),
        ("20/08/2022 10:12:13", "day-first", "2022-08-20T10:12:13+02:00"),
        ("8/9/22 10:12:13", "month-first", "2022-08-09T10:12:13+02:00"),
        ("8/9/22 10:12", "day-first", "2022-09-08T10:12:00+02:00"),
        ("8/20/2022 1:12:13 PM", "month-first", "2022-08-20T13:12:13+02:00"),
        ("8/20/2022 12:12:13 AM", "month-first", "2022-08-20T00:12:13+02:00"),
        ("2022/08/20 10:12:33 AM GMT+3", "day-first", "2022-08-20T10:12:33+03:00"),
        ("20/8/2022 3:04:05 μ.μ.", "day-first", "2022-08-20T15:04:05+02:00"),
        ("20/08/2022 3:04:05 p. m.", "day-first", "2022-08-20T15:04:05+02:00"),
        ("2022/08/20 3:12:33 nachm. MEZ", "day-first", "2022-08-20T15:12:33+01:00"),
        ("20.8.2022 9.05", "month-first", "2022-08-20T09:05:00+02:00"),
        ("2022-08-20 10:12:33 UTC", "day-first", "2022-08-20T10:12:33+00:00"),
        ("44793.425", "month-first", "2022-08-20T10:12:00+02:00"),
        ("20-Aug-22", "month-first", "2022-08-20T00:00:00+02:00"),
        ("20. August 2022, 10:12 Uhr", "month-first", "2022-08-20T10:12:00+02:00"),
        ("20 серпня 2022 р. 10:12", "month-first", "2022-08-20T10:12:00+02:00"),
        ("2022. augusztus 20. 10:12", "month-first", "2022-08-20T10:12:00+02:00"),
        ("20. elokuuta 2022 klo 10.12", "month-first", "2022-08-20T10:12:00+02:00"),
    ],
)
def test_moments_as_form_programs_write_them(text, order, wanted):
    assert values.moment(text, order, ZONE).isoformat() == wanted


@pytest.mark.parametrize(
    "text", ["", "yesterday", "32/01/2022", "20/13/2022 10:00", "2022-02-30", "1/1/0001", "10:12", "7"]
)
def test_what_is_no_moment(text):
    with pytest.raises(NoDate, match="is not a date"):
        values.moment(text, "day-first", UTC)


@pytest.mark.parametrize(
    "text",
    ["2022-08-20 10:00 +25:00", "20/08/2022 10:00 +2500", "2022-08-20T10:00:00+99:99", "٣-12-1-25:61",
     "Mon, 32 Aug 2022 10:00 +0000", "12 Xyz 2022 10:00 +0000", "12 Aug 2022 99:00 +0000", "12 Aug 2022 10:00 +9900",
     "00 Aug 2022 10:00 -0000", "20 August 2022, 99:00", "2022-08-20 10:00 -24"],
)  # fmt: skip
def test_hours_days_and_zones_that_cannot_be(text):
    for order in values.ORDERS:
        with pytest.raises(NoDate, match="is not a date"):
            values.as_written(text, order)


PIECES = st.sampled_from(
    ["2022", "20", "8", "08", "32", "99", "0", "0000", "10:00", "99:99", "24:60", "T", " ", ", ", "-", "/", ".", ":",
     "+", "+0200", "+9900", "-25:61", "Z", "UTC", "MEZ", "Mon, ", "Aug", "August", "Xyz", "серпня", "pm", "μ.μ.", "Uhr",
     "٣", "²", "44793", "1e9", "\u202f", "\x00", "de", "h", "W32", "9" * 30]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=9).map("".join), st.sampled_from(values.ORDERS))
def test_whatever_stands_in_a_column_of_dates_it_is_a_date_or_none(text, order):
    try:
        said = values.as_written(text, order)
    except NoDate:
        return
    assert 1900 <= said.year <= 2999


def test_the_order_of_day_and_month_is_told_by_the_column_or_by_somebody():
    def order(*texts, said=""):
        return values.order_of(texts, said, "the dates")

    assert order("04/05/2022", "13/05/2022") == "day-first"
    assert order("04/05/2022", "05/13/2022") == "month-first"
    assert order("04.05.2022", "2022-05-04", "05/05/2022", "") == "day-first"
    assert order("04/05/2022", said="month-first") == "month-first"
    with pytest.raises(
        AmbiguousDates, match="nobody can tell whether '04/05/2022 10:00' in the dates begins with the day"
    ):
        order("04/05/2022 10:00", "06/07/2022 10:00")
    with pytest.raises(AmbiguousDates, match="has dates of both kinds"):
        order("13/05/2022", "05/13/2022")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("NO", "NO"), ("no", "NO"), ("Norge", "NO"), ("Deutschland", "DE"), ("Österreich", "AT"), ("UK", "GB"),
        ("Ελλάδα", "GR"), ("ΕΛΛΑΔΑ", "GR"), ("Türkiye", "TR"), ("Česko", "CZ"), ("Україна", "UA"), ("Éire", "IE"),
        ("España", "ES"), ("the Netherlands", "NL"), ("Bosnia and Herzegovina", "BA"), ("Belgium (Flanders)", "BE"),
        ("Germany / Deutschland", "DE"), ("საქართველო", "GE"), ("Suomi", "FI"), ("Magyarország", "HU"), ("Malta", "MT"),
        ("Atlantis", "Atlantis"), ("many", "many"), ("", ""), ("N.A.", ""), ("n/a", ""), ("-", ""), ("–", ""),
        ("none", ""), ("NA", "NA"), ("Turkiye", "TR"), ("Holland", "NL"), ("USA", "US"),
        ("England", "GB"), ("Czechia", "CZ"), ("Ivory Coast", "CI"), ("Cote d'Ivoire", "CI"),
        ("Kosovo*", "XK"), ("Kingdom of Sweden", "SE"),
    ],
)  # fmt: skip
def test_countries_in_the_languages_of_europe(text, code):
    assert values.country(text) == code


def test_addresses_are_alike_however_they_are_written():
    wanted = "marta.oliveira@example.org"
    assert {
        values.address(f" {text} ") for text in (wanted, wanted.upper(), f"Marta <{wanted}>", f"mailto:{wanted}")
    } == {wanted}
    assert values.address("a@bücher.example.org") == "a@xn--bcher-kva.example.org"
    assert [values.address(text) for text in ("", "none", "a@b", "@example.org")] == ["", "", "", ""]


def test_choices_are_the_calls_own_even_with_the_separator_in_them():
    options = ["Youth work", "Dialogue, debate and art", "Dialogue"]
    assert values.split_choices("Youth work, Dialogue, debate and art, by foot", options, ",") == [
        "Youth work",
        "Dialogue, debate and art",
        "by foot",
    ]
    assert values.split_choices("a;b;", [], ";") == ["a", "b"]
    assert values.choice(" YOUTH  work", Field("x", "X", choices=("Youth work",))) == "Youth work"
    assert values.choice("other", Field("x", "X", choices=("Youth work",))) == "other"


def test_a_moment_is_read_back_from_every_dialect_in_which_it_is_written():
    when = datetime(2022, 9, 8, 15, 4, 5, tzinfo=ZONE)
    for dialect, order in (("%d/%m/%Y %H:%M:%S", "day-first"), ("%m/%d/%Y %I:%M:%S %p", "month-first"),
                           ("%Y/%m/%d %H:%M:%S", "day-first"), ("%d.%m.%Y %H:%M:%S", "month-first")):  # fmt: skip
        assert values.moment(when.strftime(dialect), order, ZONE) == when


def test_countries_in_arabic_with_and_without_the_article():
    assert [values.country(text) for text in ("الأردن", "أردن", "الاردن", "مصر")] == ["JO", "JO", "JO", "EG"]


def test_one_time_that_cannot_be_read_is_kept_and_the_others_come_in(workspace, tmp_path):
    odd = ["20/08/2022 10:00 +2500", "Mon, 32 Aug 2022 10:00 +0000", "٣-12-1-25:61"]
    rows = [f'"{when}",Ann {at},a{at}@example.org,So.' for at, when in enumerate(["2022-08-20 10:00", *odd])]
    (tmp_path / "sent.csv").write_text("\n".join(["Received,Name,Email,Why", *rows]) + "\n", encoding="utf-8")
    args = ("import", "oslo-2022", str(tmp_path / "sent.csv"), "--yes", "--map", "Why=answer.why")
    said = workspace.run(*args, "--dry-run").err
    assert f"3 times of sending could not be read (row 3: '{odd[0]}'); they are kept as answers" in said
    new = workspace.done(*args)["new"]
    shown = [workspace.done("show", one)["answers"] for one in new]
    assert [[one["text"] for one in answers if one["question"] != "why"] for answers in shown] == [
        [],
        *[[one] for one in odd],
    ]
