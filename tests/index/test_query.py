"""The query language: every operator, what a wrong term says, and that no half-typed one does harm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callforth.index import store
from callforth.index.catalog import Catalog
from callforth.index.query import BUILT_IN, BadQuery, Query, compile_query
from callforth.index.reading import Record, tell
from callforth.model.application import Application
from callforth.model.review import Review
from callforth.model.status import Status
from callforth.plaintext import layout


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
# Applied to an earlier meeting too.
EARLIER = application("2zzzzz", meeting="lund-2020", applicant=NIKOS.applicant)
FIELD_NAMES = {name for one in ALL for name in (*one.applicant, *one.extra)}


def indexed(*applications: Application, reviews: Sequence[Review] = ()) -> Catalog:
    """The index of these alone, in memory."""
    records = [Record(layout.application(a.meeting, a.id), a.id, tell(a), ()) for a in applications]
    records += [Record(f"meetings/oslo-2022/reviews/{r.application}/{r.reviewer}.md", "1", r, ()) for r in reviews]
    catalog = Catalog(Path("/nowhere"))
    catalog.database.run(lambda db: store.keep(db, records, {}, lambda record: "known"))
    return catalog


# Of Marta's there are two reviews, of Nikos's one.
REVIEWS = (
    Review("k7m2qx", "hedda", "accept", {"fit": 5, "Übung": 4}, (), False, ""),
    Review("k7m2qx", "nils", "decline", {"fit": 2}, (), False, ""),
    Review("k7m2qx", "sanna", "accept", {"fit": 1}, (), True, ""),
    Review("1e3456", "hedda", "waitlist", {"fit": -1}, (), False, ""),
    Review("3fh9td", "hedda", "", {}, (), False, ""),
)
CATALOG = indexed(*ALL, EARLIER, reviews=REVIEWS)


def asks(query: str) -> Query:
    return compile_query(query, lambda: FIELD_NAMES, criteria=lambda: ("fit", "Übung"))


def passing(query: Query) -> set[str]:
    return {one for meeting in ("oslo-2022", "bergen-2021") for one in CATALOG.find(meeting, query)}


def found(query: str) -> str:
    """Return the first names of those that pass."""
    ids = passing(asks(query))
    return " ".join(name for name, one in zip(("marta", "aoife", "nikos"), ALL, strict=True) if one.id in ids)


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
        ("took-part:yes", ""),
        ("took-part:no before:yes", "nikos"),
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
        # numbers: 3.25 of Marta's two reviews, -1 of Nikos's one; of Aoife's there is only a template
        ("reviews:2", "marta"),
        ("reviews<2", "aoife nikos"),
        ("reviews:<2", "aoife nikos"),
        ("reviews:0,2", "marta aoife"),
        ("reviews!=1", "marta aoife"),
        ("score>=3.25", "marta"),
        ("score>3.25", ""),
        ("score:3", "marta"),
        ("score:3.3", "marta"),
        ("score:3.2", ""),
        ("score=3.25", "marta"),
        ("score<=-1", "nikos"),
        ("score:<0,>3", "marta nikos"),
        ("score:", "aoife"),
        ("-score:", "marta nikos"),
        ("-score>=3", "aoife nikos"),
        ("SCORE>=3 spread>1", "marta"),
        ("spread:", "aoife nikos"),
        ("score.fit:3.5", "marta"),
        ("score.ubung>=4", "marta"),
        ("score.übung:", "aoife nikos"),
        ("spread.fit:1.5", "marta"),
        ("recommend:accept", "marta"),
        ("recommend:acc recommend:d", "marta"),
        ("recommend:accept,waitlist", "marta nikos"),
        ("recommend:", "aoife"),
        ("-recommend:decline", "aoife nikos"),
        ("recommend.accept:1", "marta"),
        ("recommend.accept:0", "aoife nikos"),
        # all together
        ("status:received country:PT,ES tag:youth-work circles -tag:late received>=2022-08-20", "marta"),
    ],
)  # fmt: skip
def test_a_query_lets_pass_what_it_says(query: str, passes: str) -> None:
    assert found(query) == passes


@pytest.mark.parametrize(
    "query", ["-", '"', '""', '-"', "status:", "-status:", "status!=", "status:,", "id:", "meeting:", "before:",
              "-before:", "text:", 'text:""', "received:", "received>=", "-received<", 'status:"', "score>=",
              "-spread<", "reviews:", "recommend.accept:", "\t", "\u0301"],
)  # fmt: skip
def test_a_term_only_begun_lets_all_pass(query: str) -> None:
    assert found(query) == EVERYONE


STATUSES = "received, shortlisted, accepted, waitlisted, declined, confirmed, withdrawn, attended, absent"
FIELDS = (
    "id, status, tag, meeting, source, received, informed, before, took-part, text, reviews, score, corrected, spread, "
    "recommend, Organisation, country, name, notes, role"
)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("status:maybe", f"'status:maybe': there is no status 'maybe'; there is: {STATUSES}"),
        ("status:a", f"'status:a': there is no status 'a'; there is: {STATUSES}"),
        ("circles -status:received,x", f"'-status:received,x': there is no status 'x'; there is: {STATUSES}"),
        ("contry:PT", "'contry:PT': there is no field 'contry'; did you mean country?"),
        ("http://example.org", f"'http://example.org': there is no field 'http'; there is: {FIELDS}"),
        ("tags:late", "'tags:late': there is no field 'tags'; did you mean tag?"),
        ("country>PT", "'country>PT': '>' compares dates and numbers only; write 'country:value'"),
        ("status<=received", "'status<=received': '<=' compares dates and numbers only; write 'status:value'"),
        ("tag>=", "'tag>=': '>=' compares dates and numbers only; write 'tag:value'"),
        ("before:maybe", "'before:maybe': write 'before:yes' (applied to another meeting) or 'before:no'"),
        ("took-part:1", "'took-part:1': write 'took-part:yes' (took part in another meeting) or 'took-part:no'"),
        ("before:yes,no", "'before:yes,no': write 'before:yes' (applied to another meeting) or 'before:no'"),
        *(
            (f"received:{date}", f"'received:{date}': '{date}' is not a date; write it like 2022-08-20")
            for date in ("x", "2", "20.8.2022", "2022-13", "2022-02-30", "20220820", "2022-W34", "2022-08-20T25:00",
                         "9999", "0000", "9999-12", "9999-12-31", "9999-12-31T23:59", "2022-08-20T")
        ),
        *(
            (f"{term}", f"'{term}': '{value}' is not a number; write it like score>=4 or reviews:<2")
            for term, value in (("score:high", "high"), ("reviews>=x", "x"), ("spread:>", ">"), ("score>=<4", "<4"),
                                ("score:1e9", "1e9"), ("score:nan", "nan"), ("score.fit:4-5", "4-5"))
        ),
        ("score.fun>3", "'score.fun>3': there is no 'score.fun'; there is: score.fit, score.Übung"),
        ("recommend.yes:1", "'recommend.yes:1': there is no 'recommend.yes'; there is: "
         "recommend.accept, recommend.waitlist, recommend.decline, recommend.abstain"),
        ("recommend:a", "'recommend:a': nobody can recommend 'a'; there is: accept, waitlist, decline, abstain"),
        ("recommend>accept", "'recommend>accept': '>' compares dates and numbers only; write 'recommend:value'"),
        ("informed>=soon", "'informed>=soon': 'soon' is not a date; write it like 2022-08-20"),
    ],
)  # fmt: skip
def test_a_wrong_term_says_which_and_what_there_is(query: str, says: str) -> None:
    with pytest.raises(BadQuery) as caught:
        asks(query)
    assert caught.value.says == says


def test_who_took_part_attended_another_meeting() -> None:
    people = [
        application(id, applicant={"email": f"{who}@example.org"}) for id, who in (("aaaaaa", "a"), ("bbbbbb", "b"))
    ]
    others = [
        application(id, meeting="lund-2020", status=status, applicant={"email": f"{who}@example.org"})
        for id, who, status in (("cccccc", "a", Status.ATTENDED), ("dddddd", "b", Status.ABSENT))
    ]
    catalog = indexed(*people, *others)
    assert catalog.find("oslo-2022", asks("took-part:yes")) == ["aaaaaa"]
    assert catalog.find("oslo-2022", asks("took-part:no before:yes")) == ["bbbbbb"]
    assert catalog.find("lund-2020", asks("took-part:yes")) == []


def test_an_error_about_a_very_long_or_hostile_term_stays_short_and_harmless() -> None:
    with pytest.raises(BadQuery) as caught:
        asks("status:\x1b[2J" + "x" * 100_000)
    assert caught.value.says == (f"'status:␛[2J{'x' * 49}': there is no status '␛[2J{'x' * 36}'; there is: {STATUSES}")


def test_without_applications_the_built_in_fields_are_there() -> None:
    with pytest.raises(BadQuery, match=f"there is: {', '.join(BUILT_IN)}$"):
        compile_query("country:PT", set)


def test_which_fields_there_are_is_asked_only_where_a_query_names_one() -> None:
    def fail() -> set[str]:
        raise AssertionError

    assert compile_query("circles status:received tag:late -before:yes", fail).words


def test_a_query_of_very_many_terms_is_refused() -> None:
    with pytest.raises(BadQuery) as caught:
        asks("a " * 101)
    assert caught.value.says == "the query has 101 terms; write at most 100"
    assert found("-zzzz " * 100) == EVERYONE


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
        asked = asks(query)
    except BadQuery as error:
        assert error.says.startswith("'")
        assert error.exit_code == 2
    else:
        assert passing(asked) | passing(~asked) == {one.id for one in ALL}
        assert passing(asked) & passing(~asked) == set()


@settings(max_examples=300, deadline=None)
@given(QUERIES)
def test_every_beginning_of_a_query_being_typed_works_or_says_what_is_wrong(query: str) -> None:
    for end in range(len(query)):
        try:
            asks(query[:end])
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
    assert passing(asks(term)) == {one.id for one in ALL} - passing(asks(f"-{term}"))


@given(st.lists(WHOLE_TERMS, max_size=4))
def test_terms_are_joined_by_and(terms: list[str]) -> None:
    together = {one.id for one in ALL}.intersection(*(passing(asks(term)) for term in terms))
    assert passing(asks("  ".join(terms))) == together
