"""Application ids, slugs and tags."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callforth.model.ids import ALPHABET, is_id, is_slug, is_tag, new_id, typed_id
from callforth.model.text import clean


@pytest.mark.parametrize("text", ["k7m2qx", "012345", "1e3456", "000000", "zzzzzz"])
def test_six_characters_of_the_alphabet_are_an_id(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "k7m2q",
        "k7m2qx1",
        "K7M2QX",
        "k7m2qi",
        "k7m2ql",
        "k7m2qo",
        "k7m2qu",
        "k7m2q\n",
        "k7m2qx\n",
        "k7 2qx",
        "٠٠٠٠٠٠",
    ],
)
def test_anything_else_is_no_id(text: str) -> None:
    assert not is_id(text)


def test_what_is_easily_mistyped_is_read_as_meant() -> None:
    assert typed_id(" K7M2QX\n") == "k7m2qx"
    assert typed_id("ILO") == "110"


def test_a_new_id_is_never_a_taken_one() -> None:
    choices = iter("k7m2qxk7m2qx3fh9td")
    assert new_id(lambda alphabet: next(choices), {"k7m2qx"}) == "3fh9td"


def test_new_ids_are_ids_chosen_from_the_whole_alphabet() -> None:
    source = random.Random(1)
    found = [new_id(source.choice, ()) for _ in range(500)]
    assert all(is_id(one) for one in found)
    assert set("".join(found)) == set(ALPHABET)
    assert len(ALPHABET) == 32


@pytest.mark.parametrize("text", ["stockholm-2022", "a", "a" * 64])
def test_a_slug_is_lower_case_words_and_hyphens(text: str) -> None:
    assert is_slug(text)


@pytest.mark.parametrize(
    "text", ["", "a" * 65, "-a", "a-", "a--b", "A", "a_b", "a.b", "a/b", "..", "é", "a\n", "\na", "a b"]
)
def test_anything_else_is_no_slug(text: str) -> None:
    assert not is_slug(text)


@pytest.mark.parametrize(
    "text",
    ["youth-work", "Youth_Work", "v1.0", "молодёжь", "青年", "हिन्दी", "e\u0301te", "a" * 40],
)
def test_a_tag_is_letters_digits_and_hyphens_of_any_script(text: str) -> None:
    assert is_tag(text)


@pytest.mark.parametrize(
    "text",
    ["", "a" * 41, "é" * 41, "-late", ".x", "two words", "a\nb", "a\n", "a:b", "#a", "a,b", "[x]", "a\x1b", "\u0301a"],
)
def test_anything_else_is_no_tag(text: str) -> None:
    assert not is_tag(text)


@pytest.mark.parametrize("text", ["a\u200b", "\u3164", "a\u3164b", "a\u202eb", "x" + "\u0300" * 9])
def test_a_tag_hides_nothing(text: str) -> None:
    assert not is_tag(text)


@given(st.text(max_size=8))
def test_a_tag_is_clean_and_has_no_space(text: str) -> None:
    if is_tag(text):
        assert (clean(text), text.split()) == (text, [text])
