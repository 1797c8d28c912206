"""The query language: every operator, what a wrong term says, and that no half-typed one does harm."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callforth.index.query import BUILT_IN, BadQuery, Known, compile_query, fields_of, searchable
from callforth.model.application import Application
from callforth.model.status import Status


def application(id: str, **changes: object) -> Application:
    values: dict[str, object] = {
        "id": id,
        "meeting": "oslo-2022",
        "status": Status.RECEIVED,
        "received": datetime.fromisoformat("2022-08-20T10:12:30+00:00"),
        "applicant": {},
        "tags": (),
        "source": "",
        "informed": "",
        "extra": {},
        "body": "",
        **changes,
    }
    return Application(**values)  # type: ignore[arg-type]


MARTA = application(
    "k7m2qx",
    applicant={
        "name": "Marta Oliveira",
        "country": "PT",
        "role": "community leader",
        "Organisation": "Bairro em Diálogo",
    },
    tags=("faith-community", "youth-work"),
    source="eusurvey/5f0c1d2e",
    body="Since 2017 I have sat in ninety-four circles: http://example.org/x",
)
AOIFE = application(
    "3fh9td",
    status=Status.DECLINED,
    received=datetime.fromisoformat("2022-08-31T23:30:00-02:00"),
    applicant={"name": 'Aoife "Fi" O’Brien', "country": "ie", "role": "social worker"},
    tags=("late",),
    informed="2022-09-03T08:00:00+00:00 declined",
    extra={"notes": "a, b"},
)
NIKOS = application(
    "1e3456",
    meeting="bergen-2021",
    status=Status.SHORTLISTED,
    received=datetime.fromisoformat("2021-12-31T23:59:59+00:00"),
    applicant={"name": "Γιώργος Νικολάου", "country": "GR"},
    informed="2022-09-04",
)
ALL = (MARTA, AOIFE, NIKOS)
KNOWN = Known(fields_of(ALL), lambda one: one is NIKOS)


def found(query: str) -> str:
    """Return the first letters of the ids that pass."""
    test = compile_query(query, KNOWN)
    return " ".join(name for name, one in zip(("marta", "aoife", "nikos"), ALL, strict=True) if test(one))


EVERYONE = "marta aoife nikos"


@pytest.mark.parametrize(
    ("query", "passes"),
    [
        ("", EVERYONE),
        ("  ", EVERYONE),
        # words
        ("circles", "marta"),
        ("CIRCLES", "marta"),
        ("oliveira 2017", "marta"),
        ("oliveira late", ""),
        ("dialogo", "marta"),
        ("νικολαου", "nikos"),
        ("youth-work", "marta"),
        ("k7m2qx", "marta"),
        ("-circles", "aoife nikos"),
        ('"sat in ninety"', "marta"),
        ('-"sat in ninety"', "aoife nikos"),
        ('"in sat"', ""),
        ('"http://example.org/x"', "marta"),
        ("2017", "marta"),
        # status
        ("status:received", "marta"),
        ("status=received", "marta"),
        ("status:rec", "marta"),
        ("status:S", "nikos"),
        ("status:received,declined", "marta aoife"),
        ("-status:received", "aoife nikos"),
        ("status!=received", "aoife nikos"),
        ("-status!=received", "marta"),
        ("STATUS:Received", "marta"),
        # tags
        ("tag:late", "aoife"),
        ("tag:lat", ""),
        ("tag:LATE,youth-work", "marta aoife"),
        ("tag:youth-work tag:faith-community", "marta"),
        ("-tag:late", "marta nikos"),
        ("tag!=late", "marta nikos"),
        ("tag:", "nikos"),
        ("-tag:", "marta aoife"),
        ("tag!=", "marta aoife"),
        # fields
        ("country:PT", "marta"),
        ("country:pt,IE", "marta aoife"),
        ("country:p", ""),
        ("name:oliv", "marta"),
        ("name=oliveira", ""),
        ('name="marta oliveira"', "marta"),
        ('name!="marta oliveira"', "aoife nikos"),
        ("organisation:dialogo", "marta"),
        ("Organisation:dialogo", "marta"),
        ("organisation:", "aoife nikos"),
        ('role:"social worker"', "aoife"),
        ('role:"social worker","community leader"', "marta aoife"),
        ("role:social worker", "aoife"),
        ('notes:"a, b"', "aoife"),
        ('notes="a"', ""),
        ("-notes:", "aoife"),
        ("source:eusurvey", "marta"),
        ("meeting:bergen-2021", "nikos"),
        ("meeting:bergen", ""),
        ("text:circles,late", "marta aoife"),
        ("id:k7", "marta"),
        ("id:K7,3fh", "marta aoife"),
        ("id:ie", "nikos"),
        ("before:yes", "nikos"),
        ("before:no", "marta aoife"),
        ("-before:yes", "marta aoife"),
        # dates: in UTC; a year, a month, a day, a minute
        ("received:2022", "marta aoife"),
        ("received:2021", "nikos"),
        ("received:2022-08", "marta"),
        ("received:2022-08,2021-12", "marta nikos"),
        ("received:2022-09-01", "aoife"),
        ("received=2022-08-20", "marta"),
        ("received!=2022-08-20", "aoife nikos"),
        ("received>=2022-08-20", "marta aoife"),
        ("received>2022-08-20", "aoife"),
        ("received<=2022-08-20", "marta nikos"),
        ("received<2022-08-20", "nikos"),
        ("received>2021", "marta aoife"),
        ("received<=2021", "nikos"),
        ("received:2022-08-20T10:12", "marta"),
        ("received:2022-08-20T12:12+02:00", "marta"),
        ("received>2022-08-20T10:12", "aoife"),
        ('received:"2022-08-20 10:12"', "marta"),
        ("received>=2022-08-20 received<2022-09", "marta"),
        ("-received:2022", "nikos"),
        ("informed:2022-09-04", "nikos"),
        ("informed>2022", ""),
        ("informed:", "marta aoife"),
        ("-informed:", "nikos"),
        # all together
        ("status:received country:PT,ES tag:youth-work circles -tag:late received>=2022-08-20", "marta"),
    ],
)  # fmt: skip
def test_a_query_lets_pass_what_it_says(query: str, passes: str) -> None:
    assert found(query) == passes


@pytest.mark.parametrize(
    "query", ["-", '"', '""', '-"', "status:", "-status:", "status!=", "status:,", "id:", "meeting:", "before:",
              "-before:", "text:", 'text:""', "received:", "received>=", "-received<", 'status:"', "\t", "\u0301"],
)  # fmt: skip
def test_a_term_only_begun_lets_all_pass(query: str) -> None:
    assert found(query) == EVERYONE


STATUSES = "received, shortlisted, accepted, waitlisted, declined, confirmed, withdrawn, attended, absent"
FIELDS = "id, status, tag, meeting, source, received, informed, before, text, Organisation, country, name, notes, role"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("status:maybe", f"'status:maybe': there is no status 'maybe'; there is: {STATUSES}"),
        ("status:a", f"'status:a': there is no status 'a'; there is: {STATUSES}"),
        ("circles -status:received,x", f"'-status:received,x': there is no status 'x'; there is: {STATUSES}"),
        ("contry:PT", f"'contry:PT': there is no field 'contry'; there is: {FIELDS}"),
        ("http://example.org", f"'http://example.org': there is no field 'http'; there is: {FIELDS}"),
        ("tags:late", f"'tags:late': there is no field 'tags'; there is: {FIELDS}"),
        ("country>PT", "'country>PT': '>' compares dates only; write 'country:value'"),
        ("status<=received", "'status<=received': '<=' compares dates only; write 'status:value'"),
        ("tag>=", "'tag>=': '>=' compares dates only; write 'tag:value'"),
        ("before:maybe", "'before:maybe': write 'before:yes' (applied to an earlier meeting) or 'before:no'"),
        ("before:yes,no", "'before:yes,no': write 'before:yes' (applied to an earlier meeting) or 'before:no'"),
        *(
            (f"received:{date}", f"'received:{date}': '{date}' is not a date; write it like 2022-08-20")
            for date in ("x", "2", "20.8.2022", "2022-13", "2022-02-30", "20220820", "2022-W34", "2022-08-20T25:00",
                         "9999", "0000", "9999-12", "9999-12-31", "9999-12-31T23:59", "2022-08-20T")
        ),
        ("informed>=soon", "'informed>=soon': 'soon' is not a date; write it like 2022-08-20"),
    ],
)  # fmt: skip
def test_a_wrong_term_says_which_and_what_there_is(query: str, says: str) -> None:
    with pytest.raises(BadQuery) as caught:
        compile_query(query, KNOWN)
    assert caught.value.says == says


def test_an_error_about_a_very_long_or_hostile_term_stays_short_and_harmless() -> None:
    with pytest.raises(BadQuery) as caught:
        compile_query("status:\x1b[2J" + "x" * 100_000, KNOWN)
    assert caught.value.says == (f"'status:␛[2J{'x' * 49}': there is no status '␛[2J{'x' * 36}'; there is: {STATUSES}")


def test_without_applications_the_built_in_fields_are_there() -> None:
    with pytest.raises(BadQuery, match=f"there is: {', '.join(BUILT_IN)}$"):
        compile_query("country:PT", Known())
    assert compile_query("tag:late", Known())(AOIFE)


def test_what_is_searchable_follows_a_change_of_the_application() -> None:
    before = application("k7m2qx", body="first")
    after = application("k7m2qx", body="second")
    assert [searchable(one) for one in (before, after, before)] == ["k7m2qx\nfirst", "k7m2qx\nsecond", "k7m2qx\nfirst"]


PIECES = st.sampled_from(
    ["status", "tag", "received", "informed", "before", "id", "text", "country", "name", "nope", ":", "=", "!=", ">",
     ">=", "<", "<=", ",", "-", '"', " ", "yes", "2022", "2022-08-20", "T10:12", "+02:00", "9999-12-31T23:59:59",
     "0001-01-01T00:00+14:00", "late", "*", "(", "[", "\\", "\n", "\x1b", "\u0301", "é"]
)  # fmt: skip
QUERIES = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=30)


@settings(max_examples=1000, deadline=None)
@given(QUERIES)
def test_any_query_either_works_or_says_what_is_wrong(query: str) -> None:
    try:
        test = compile_query(query, KNOWN)
    except BadQuery as error:
        assert error.says.startswith("'")
        assert error.exit_code == 2
    else:
        assert {test(one) for one in ALL} <= {True, False}


@settings(max_examples=300, deadline=None)
@given(QUERIES)
def test_every_beginning_of_a_query_being_typed_works_or_says_what_is_wrong(query: str) -> None:
    for end in range(len(query)):
        try:
            compile_query(query[:end], KNOWN)
        except BadQuery as error:
            assert error.says


WHOLE_TERMS = st.sampled_from(
    [
        "circles",
        "status:received",
        "tag:late",
        "tag:",
        "country:PT,IE",
        "received>=2022",
        "before:yes",
        'name:"marta o"',
        "informed:",
    ]
)


@given(WHOLE_TERMS)
def test_a_minus_turns_a_whole_term_round(term: str) -> None:
    one, other = compile_query(term, KNOWN), compile_query(f"-{term}", KNOWN)
    assert [one(a) for a in ALL] == [not other(a) for a in ALL]


@given(st.lists(WHOLE_TERMS, max_size=4))
def test_terms_are_joined_by_and(terms: list[str]) -> None:
    tests = [compile_query(term, KNOWN) for term in terms]
    together = compile_query("  ".join(terms), KNOWN)
    assert [together(a) for a in ALL] == [all(test(a) for test in tests) for a in ALL]
