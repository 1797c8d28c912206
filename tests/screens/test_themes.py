"""Colours: four themes, remembered, and none needed to tell a status."""

from __future__ import annotations

import pytest
from rich.color import ColorType

from callforth.errors import UsageError
from callforth.model.status import Status
from callforth.screens.app import run
from callforth.screens.engine import Engine
from callforth.screens.themes import THEMES
from callforth.workflow.workspace import Workspace

LEAST_CONTRAST = 4.5  # WCAG 2.2, level AA, for text


def _luminance(colour) -> float:
    parts = [part / 255 for part in colour.triplet]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(style) -> float:
    one, other = sorted((_luminance(style.color), _luminance(style.bgcolor)), reverse=True)
    return (one + 0.05) / (other + 0.05)


def test_every_status_has_a_letter_of_its_own() -> None:
    assert len({status.letter for status in Status}) == len(Status)


def _too_weak(it) -> set[tuple[str, float]]:
    """What is painted as words with less contrast than can be read, with how much it has."""
    return {
        (segment.text.strip(), round(_contrast(segment.style), 1))
        for strip in it.strips()
        for segment in strip
        if any(character.isalnum() for character in segment.text)
        and segment.style.color.type is ColorType.TRUECOLOR
        and _contrast(segment.style) < LEAST_CONTRAST
    }


@pytest.mark.parametrize("theme", ["dark", "light", "high-contrast"])
async def test_all_text_on_the_main_screen_and_in_the_history_has_contrast_enough(practice, desk, theme) -> None:
    async with desk(practice, theme=theme) as it:
        await it.press("space", "f")
        await it.until(lambda: it.main._histories)
        assert _too_weak(it) == set()
        await it.press("escape", "h")
        await it.until_asked("History")
        await it.until(lambda: "@@" in it.shown())
        assert _too_weak(it) == set()


@pytest.mark.parametrize("theme", ["dark", "light", "high-contrast"])
async def test_high_contrast_has_more_than_the_others(practice, desk, theme) -> None:
    async with desk(practice, theme=theme) as it:
        style = next(s.style for s in it.strips()[5] if "Álvaro" in s.text or "Лилия" in s.text)
        assert (_contrast(style) >= 20) == (theme == "high-contrast")


async def test_the_ansi_theme_uses_the_terminals_own_colours_only(practice, desk) -> None:
    async with desk(practice, theme="ansi") as it:
        await it.press("space", "f")
        kinds = {
            colour.type
            for strip in it.strips()
            for segment in strip
            if segment.style
            for colour in (segment.style.color, segment.style.bgcolor)
            if colour is not None
        }
        assert kinds <= {ColorType.DEFAULT, ColorType.STANDARD}


async def test_the_cursor_shows_without_colour(practice, desk, monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with desk(practice) as it:
        assert it.app.theme_name == "ansi"
        name = it.main.current.applicant["name"][:15]
        strip = it.strips()[it.main.listing.content_region.y + it.main.listing.cursor]
        assert {segment.style.reverse for segment in strip if name in segment.text} >= {True}
        await it.press("f")
        strip = it.strips()[it.main.listing.content_region.y + it.main.listing.cursor]
        assert {segment.style.underline for segment in strip if name in segment.text} >= {True}


@pytest.mark.parametrize("theme", list(THEMES))
async def test_marks_statuses_and_choices_have_signs_in_every_theme(practice, desk, theme) -> None:
    async with desk(practice, theme=theme) as it:
        await it.press("g", "space")
        letters = {line.split("│")[3][2] for line in it.lines()[3:30]}
        assert letters <= {status.letter for status in Status}
        assert len(letters) >= 5
        assert it.lines()[3].split("│")[3].startswith("● ")


async def test_f2_goes_through_the_themes_and_remembers_the_last(practice, desk, isolated) -> None:
    async with desk(practice) as it:
        seen = []
        for _ in range(4):
            await it.press("f2")
            seen.append((it.app.theme_name, it.app.theme, it.said))
        assert seen == [
            ("light", "callforth-light", "colours: light"),
            ("high-contrast", "callforth-contrast", "colours: high-contrast"),
            ("ansi", "ansi-dark", "colours: ansi"),
            ("dark", "callforth-dark", "colours: dark"),
        ]
        await it.press("f2")
    assert (isolated / ".config" / "callforth" / "theme").read_text() == "light\n"


def test_an_unknown_theme_is_refused_with_those_that_exist(practice) -> None:
    engine = Engine(Workspace.find(practice.root, interactive=False))
    with pytest.raises(UsageError) as refused:
        run(engine, engine.open(), "pink")
    engine.close()
    assert refused.value.says == "there are no colours 'pink'; there are: dark, light, high-contrast, ansi"


async def test_what_is_highlighted_to_choose_from_shows_without_colour(practice, desk, monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with desk(practice) as it:
        await it.press("f")
        panel = it.main.panel
        strip = it.strips()[panel.content_region.y + panel.highlighted - panel.scroll_offset.y]
        assert {segment.style.underline for segment in strip if "stockholm" in segment.text} == {True}
        await it.press("escape", "h")
        await it.until_asked("History")
        assert {segment.style.underline for segment in it.strips()[1] if " 22 " in segment.text} == {True}
