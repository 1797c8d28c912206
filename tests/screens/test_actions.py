"""Every action can be done by key and from the palette, and stands in the key help."""

from __future__ import annotations

from collections import Counter

from textual.binding import BindingsMap
from textual.widgets import Static

from callforth.model.status import VERBS, Status
from callforth.screens.actions import ACTIONS, BY_NAME, GROUPS
from callforth.screens.dialogs.help import SIGNS, Keys
from callforth.screens.main import MainScreen, call_of

DESIGNED = {
    "j": "down", "down": "down", "k": "up", "up": "up", "g": "first", "G": "last", "space": "mark",
    "a": "accept", "d": "decline", "w": "waitlist", "s": "shortlist", "enter": "open", "tab": "next_pane",
    "question_mark": "help", "colon": "go_to", "slash": "search", "f": "narrow", "t": "tag", "u": "undo",
    "h": "history", "ctrl+p": "palette", "q": "quit", "e": "edit", "r": "review",
}  # fmt: skip
TAKEN_BY_TERMINALS = {"ctrl+h", "ctrl+i", "ctrl+m", "ctrl+j", "ctrl+s", "ctrl+q", "ctrl+z", "ctrl+c"}


def _keys() -> dict[str, str]:
    return {key: action.name for action in ACTIONS for key in action.keys}


def test_no_two_actions_share_a_name_or_a_key() -> None:
    assert Counter(action.name for action in ACTIONS).most_common(1)[0][1] == 1
    assert Counter(key for action in ACTIONS for key in action.keys).most_common(1)[0][1] == 1


def test_the_keys_are_those_of_the_design() -> None:
    assert {key: _keys()[key] for key in DESIGNED} == DESIGNED


def test_no_key_is_one_that_terminals_take_for_another() -> None:
    assert TAKEN_BY_TERMINALS & set(_keys()) == set()


def test_every_verb_is_an_action() -> None:
    assert [name for name in VERBS if name not in BY_NAME] == []


def test_every_key_is_bound_on_the_main_screen_to_its_action() -> None:
    bound = {key: binding.action for key, binding in BindingsMap(MainScreen.BINDINGS)}
    assert bound == {key: call_of(action) for action in ACTIONS for key in action.keys}


def test_every_action_has_a_method() -> None:
    names = [call_of(action).split("(")[0] for action in ACTIONS]
    missing = [name for name in names if not hasattr(MainScreen, f"action_{name}")]
    assert missing == []


def test_every_action_says_what_it_does_in_a_sentence_and_has_a_group() -> None:
    assert [a.name for a in ACTIONS if not (a.title and a.help.endswith(".") and a.group in GROUPS)] == []


async def test_the_palette_has_every_action_with_its_keys(practice, desk) -> None:
    async with desk(practice) as it:
        entries = [(c.title, c.help) for c in it.app.get_system_commands(it.app.screen)]
    assert entries == [(f"{a.title} ({a.shown_keys})", a.help) for a in ACTIONS if a.name != "palette"]


async def test_an_entry_of_the_palette_does_what_its_key_does(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("ctrl+p")
        await it.until_asked("CommandPalette")
        await it.type("last app")
        await it.until(lambda: "Last application (G end)" in it.shown())
        await it.press("enter")
        await it.until(lambda: it.top == "MainScreen" and it.at == it.ids[-1])


async def test_the_key_help_has_a_line_for_every_action(practice, desk) -> None:
    async with desk(practice, size=(120, 70)) as it:
        await it.press("question_mark")
        await it.until_asked("Keys")
        assert isinstance(it.app.screen, Keys)
        text = str(it.app.screen.query_one(".dialog-scroll Static", Static).render())
        expected = "\n".join(
            "\n".join([group, *(f"  {a.shown_keys:<12}{a.help}" for a in ACTIONS if a.group == group), ""])
            for group in GROUPS
        )
        signs = "\n".join(["Signs", *(f"  {sign:<12}{meaning}" for sign, meaning in SIGNS)])
        expected += "  ctrl+z      Give the terminal back for now; the shell's fg goes on.\n"
        assert text == f"{expected}\n{signs}"
        assert [status for status in Status if (status.letter, str(status)) not in SIGNS] == []
        shown = it.shown()
        assert [a.name for a in ACTIONS if a.help not in shown] == []
        await it.press("escape")
        assert it.top == "MainScreen"


async def test_the_key_help_fits_80_columns_and_scrolls(practice, desk) -> None:
    async with desk(practice, size=(80, 24)) as it:
        await it.press("question_mark")
        await it.until_asked("Keys")
        seen = it.shown()
        for _ in range(24):
            await it.press("j")
            seen += it.shown()
        assert [a.name for a in ACTIONS if a.help not in seen] == []


async def test_the_bar_shows_its_keys_at_80_columns_and_more_at_120(practice, desk) -> None:
    async with desk(practice, size=(80, 24)) as it:
        narrow = " a accept  d decline  w waitlist  s shortlist  t tag  / search  ? keys  q quit"
        assert it.lines()[-1].rstrip() == narrow
        await it.pilot.resize_terminal(120, 40)
        await it.settle()
        deciding = " a accept  d decline  w waitlist  s shortlist  t tag  r review  space mark"
        assert it.lines()[-1].rstrip() == f"{deciding}  / search  h history  u undo  ? keys  q quit"


async def test_however_narrow_the_window_is_the_bar_says_how_to_get_help_and_to_leave(practice, desk) -> None:
    async with desk(practice, size=(40, 10)) as it:
        assert it.lines()[-1].rstrip() == " a accept  d decline  ? keys  q quit"
        await it.press("enter")
        assert it.lines()[-1].rstrip() == " esc back  a accept  ? keys  q quit"
