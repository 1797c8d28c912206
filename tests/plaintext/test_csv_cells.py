"""CSV cells: nothing that a spreadsheet would run, everything else as it is."""

import pytest

from callforth.plaintext.csv_cells import cell, write


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\t=1", "\r=1", "\n=1", "\tx", "＝1", "＋1", "－1", "＠x", "-a +b"]
)
def test_a_formula_gets_an_apostrophe(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["", "plain", "a=b", "1-2", "'x", -3.5, -2, 0, None])
def test_anything_else_stays(value):
    assert cell(value) == value


def test_rows_are_written_with_quotes_where_needed():
    assert write([("a", "b"), ('x "y", z', -1), (None, "two\nlines")]) == (
        'a,b\r\n"x ""y"", z",-1\r\n,"two\nlines"\r\n'
    )
