"""The colours: four themes under plain names, and what `NO_COLOR` asks for."""

from __future__ import annotations

from textual.theme import Theme

from callforth.errors import UsageError
from callforth.model.text import clean_line

THEMES = {
    "dark": "callforth-dark",
    "light": "callforth-light",
    "high-contrast": "callforth-contrast",
    "ansi": "ansi-dark",
}


class UnknownTheme(UsageError):
    """There are no such colours."""


def check(name: str) -> str:
    """Return the name of colours that there are. Raises `UnknownTheme`."""
    if name not in THEMES:
        raise UnknownTheme(f"there are no colours '{clean_line(name)}'; there are: {', '.join(THEMES)}")
    return name


# For what matters less. Not Textual's `$text-muted`: inside a text it comes out as full white or black.
MUTED = "$foreground 70%"

OURS = (
    Theme(
        name="callforth-dark",
        primary="#7aa2f7",
        secondary="#9ece6a",
        accent="#e0af68",
        success="#73c991",
        warning="#e5c07b",
        error="#f7768e",
        foreground="#d5d9e3",
        background="#16181f",
        surface="#1d2029",
        panel="#252936",
        dark=True,
    ),
    Theme(
        name="callforth-light",
        primary="#2255aa",
        secondary="#3a6b1f",
        accent="#8a4b00",
        success="#1a6b34",
        warning="#7a5200",
        error="#b0182f",
        foreground="#1c1e26",
        background="#fbfaf7",
        surface="#f3f1ec",
        panel="#e6e3db",
        dark=False,
    ),
    Theme(
        name="callforth-contrast",
        primary="#ffff00",
        secondary="#00ffff",
        accent="#00ffff",
        success="#00ff00",
        warning="#ffff00",
        error="#ff6060",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#303030",
        dark=True,
        text_alpha=1.0,
    ),
)
