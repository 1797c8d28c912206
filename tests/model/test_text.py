"""Cleaning text from outside, and folding it for search."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callforth.model.text import clean, clean_line, fold, old, typed

NASTY = st.characters() | st.sampled_from(
    "\r\n\t\x1b\x7f\x85\x9b\u00ad\u034f\u061c\u115f\u200b\u200c\u200d\u200e\u202e\u2028\u2029\u2060\u2066\u3164\ufe0f\ufeff"
    "\u0300\u0301\u05b0\u0e48\u1ab0\u094d\u0915\u0645\U000e0041\U0001d173\U0001bca0\ud800"
)
TEXTS = st.text(NASTY, max_size=60)

# Characters of category Cf that have a glyph of their own: number signs and the like.
_VISIBLE_FORMATS = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")
_LETTERS_AND_MARKS_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def harmful(character: str) -> bool:
    """Tell by Unicode's own tables whether a character may not come out of `clean` (joiners aside)."""
    if character in "\n\u200c\u200d" or _VISIBLE_FORMATS.match(character):
        return False
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return True
    return _LETTERS_AND_MARKS_UNSEEN.match(character) is not None


def test_no_character_of_unicode_that_is_a_control_or_reorders_or_is_invisible_comes_out() -> None:
    everything = "".join(map(chr, range(0x110000)))
    assert [c for c in clean(everything) if harmful(c)] == []


def test_every_letter_and_sign_that_can_be_seen_stays() -> None:
    seen = "".join(
        chr(code)
        for code in range(0x20, 0x30000)
        if unicodedata.category(chr(code))[0] in "LNPS" and not harmful(chr(code))
    )
    assert clean(seen) == seen


@given(TEXTS)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(TEXTS)
def test_nothing_harmful_comes_out_of_any_text(text: str) -> None:
    assert [c for c in clean(text) if harmful(c)] == []


@given(TEXTS)
def test_cleaning_never_leaves_out_or_adds_a_line(text: str) -> None:
    assert clean(text).count("\n") == text.count("\n")


@given(TEXTS)
def test_a_line_has_no_newline_and_no_outer_or_double_space(text: str) -> None:
    assert clean_line(text) == " ".join(clean_line(text).split())
    assert clean_line(clean_line(text)) == clean_line(text)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x9b2J\x9d0;title\x9c", "\ufffd2J\ufffd0;title\ufffd"),
        ("a\x7fb\x08c", "a␡b␈c"),
        ("one\r\ntwo\r\r\nthree\rfour", "one\ntwo\nthree␍four"),
        ("a\tb", "a    b"),
        ("one\u2028two\u2029three", "one two three"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("\u2066admin\u2069 \u200fx\u061cy", "admin xy"),
        ("pass\u200bword\ufeff\u2060 so\u00adft", "password soft"),
        ("tag\U000e0041\U000e0042", "tag"),
        ("\u3164\u115f\uffa0x", "x"),
        ("ab\u200dc", "abc"),
        ("a\ufe0f\u200d", "a"),
        ("\U0001f469\u200d\U0001f680", "\U0001f469\U0001f680"),
        ("a" + "\u0300" * 50 + "b", "a" + "\u0300" * 4 + "b"),
        ("a" + "\u0300" * 4 + "\u200b" + "\u0301" * 9, "a" + "\u0300" * 4),
        ("\u0e01" + "\u0e47" * 40, "\u0e01" + "\u0e47" * 4),
        ("lone \ud83d surrogate", "lone \ufffd surrogate"),
    ],
)
def test_harmful_text_becomes_harmless(raw: str, shown: str) -> None:
    assert clean(raw) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Aoife O’Brien",
        "Γιώργος Νικολάου",
        "Владимир",
        "عبد الله",
        "می\u200cخواهم",
        "क\u094d\u200dष",
        "Nguye\u0302\u0303n",
        "שָׁלוֹם",
        "日本語 👍🏽",
        "[/x] [link=x] <b>**not** `markup`</b>",
        "",
    ],
)
def test_what_people_are_called_and_write_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


def test_newlines_stay_in_clean_and_become_a_space_in_a_line() -> None:
    assert clean("one\n\ntwo") == "one\n\ntwo"
    assert clean_line(" one\n\n  two\t") == "one two"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("DIÁLOGO", "dialogo"),
        ("e\u0301te\u0301", "ete"),
        ("Straße", "strasse"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("Σίσυφος", "σισυφοσ"),
        ("№ ℡ ﬁ Ⅳ Ａ", "no tel fi iv a"),
        ("İstanbul", "istanbul"),
        ("Ångström", "angstrom"),
    ],
)
def test_search_sees_no_case_no_accents_no_compatibility_forms(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_what_a_text_contains_its_folded_form_contains(before: str, middle: str, after: str) -> None:
    assert fold(middle) in fold(f"{before} {middle} {after}")


@pytest.mark.parametrize(
    ("entered", "text"),
    [
        ("one\rtwo\r\nthree\n\rfour", "one\ntwo\nthree\n\nfour"),
        ("\r\r", "\n\n"),
        ("none", "none"),
    ],
)
def test_a_return_that_a_person_enters_ends_a_line(entered: str, text: str) -> None:
    assert typed(entered) == text


def test_a_return_alone_in_a_file_is_shown_and_ends_no_line() -> None:
    assert clean("Ana\rBo\r\nCy") == "Ana␍Bo\nCy"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3.0, "0 seconds old"),
        (0.4, "0 seconds old"),
        (1.9, "1 second old"),
        (119, "119 seconds old"),
        (120, "2 minutes old"),
        (7199, "119 minutes old"),
        (7200, "2 hours old"),
        (172_799, "47 hours old"),
        (172_802, "2 days old"),
        (9e6, "104 days old"),
    ],
)
def test_ages_are_told_in_words(seconds: float, words: str) -> None:
    assert old(seconds) == words
