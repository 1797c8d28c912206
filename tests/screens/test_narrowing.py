"""The search line as the one place that says what is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callforth.index.query import split_terms
from callforth.index.questions import FACETS
from callforth.screens.narrowing import chosen, toggled, without

_values = st.text("abcdefghijklmnopqrstuvwxyz-0123456789", min_size=1, max_size=8)
_terms = st.one_of(
    _values.map(lambda v: v.lstrip("-") or "x"),
    st.tuples(st.sampled_from(FACETS), st.lists(_values, min_size=1, max_size=3, unique=True)).map(
        lambda pair: f"{pair[0]}:{','.join(pair[1])}"
    ),
    _values.map(lambda v: f"-tag:{v}"),
    st.just('"two words"'),
)
_queries = st.lists(_terms, max_size=4).map(" ".join)


@pytest.mark.parametrize(
    ("query", "key", "value", "after"),
    [
        ("", "status", "received", "status:received"),
        ("status:received", "status", "received", ""),
        ("status:received", "status", "accepted", "status:received,accepted"),
        ("status:received,accepted roma", "status", "received", "status:accepted roma"),
        ("roma -tag:late", "tag", "late", "tag:late roma -tag:late"),
        ('"two words"', "country", "PT", 'country:PT "two words"'),
    ],
)
def test_a_value_is_written_into_its_term_or_taken_out(query: str, key: str, value: str, after: str) -> None:
    assert toggled(query, key, value) == after


@given(_queries, st.sampled_from(FACETS), _values)
def test_toggling_twice_asks_for_the_same_values_as_before(query: str, key: str, value: str) -> None:
    twice = toggled(toggled(query, key, value), key, value)
    assert sorted(chosen(twice, key)) == sorted(chosen(query, key))


@given(_queries, st.sampled_from(FACETS), _values)
def test_toggling_changes_whether_that_value_is_asked_for_and_no_other_term(query: str, key: str, value: str) -> None:
    after = toggled(query, key, value)
    assert (value in chosen(after, key)) != (value in chosen(query, key))
    assert split_terms(without(after, key)) == split_terms(without(query, key))
