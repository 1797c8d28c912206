"""The registry of everything that can be done in the interface.

Keys, the bar at the bottom, the key help, the command palette and the table of keys in the docs all come from here,
so none of them can say something that another does not.
"""

from __future__ import annotations

from dataclasses import dataclass

from callforth.model.status import VERBS


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do: `name` is the method `action_<name>` of the main screen.

    `keys` are Textual's names; `label` is the short word in the bar (empty: not shown there); `narrow` is True where it
    stays in the bar at 80 columns, `first` where it does however narrow the window is.
    """

    name: str
    keys: tuple[str, ...]
    title: str
    help: str
    group: str
    label: str = ""
    narrow: bool = False
    first: bool = False

    @property
    def shown_keys(self) -> str:
        """The keys as a person calls them."""
        return " ".join(_SHOWN.get(key, key) for key in self.keys)


def bar_key(name: str, key: str, label: str, narrow: bool = True) -> Action:
    """Return what stands in a window's own bar of keys: a key, what it is called there, and what it does."""
    return Action(name, (key,), "", "", "", label, narrow)


_SHOWN = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "at": "@",
    "asterisk": "*",
    "down": "↓",
    "up": "↑",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "escape": "esc",
}

_MORE_VERB_KEYS = {"confirm": "C", "withdraw": "X", "reopen": "R", "attend": "T", "miss": "M"}

ACTIONS: tuple[Action, ...] = (
    Action("down", ("j", "down"), "Next application", "Move to the next application.", "Move"),
    Action("up", ("k", "up"), "Previous application", "Move to the one before.", "Move"),
    Action("first", ("g", "home"), "First application", "Move to the first application.", "Move"),
    Action("last", ("G", "end"), "Last application", "Move to the last application.", "Move"),
    Action("page_down", ("pagedown", "ctrl+d"), "One page down", "Move one page down.", "Move"),
    Action("page_up", ("pageup", "ctrl+u"), "One page up", "Move one page up.", "Move"),
    Action("scroll_answers_down", ("J",), "Scroll the answers down", "Read on without leaving the list.", "Move"),
    Action("scroll_answers_up", ("K",), "Scroll the answers up", "Read back without leaving the list.", "Move"),
    Action("open", ("enter",), "Read this application", "Read the answers; esc goes back to the list.", "Move"),
    Action("next_pane", ("tab",), "Next pane", "Next pane: list, answers, narrowing.", "Move"),
    Action("go_to", ("colon",), "Go to …", "Go to an application by its id, or to a meeting.", "Move"),
    *(
        Action(
            verb.name,
            ((verb.key or _MORE_VERB_KEYS[verb.name]),),
            verb.title,
            verb.help,
            "Decide",
            label=verb.name if verb.key else "",
            narrow=bool(verb.key),
        )
        for verb in VERBS.values()
    ),
    Action("tag", ("t",), "Tag …", "Add tags (+a) and take tags away (-b).", "Decide", "tag", narrow=True),
    Action("undo", ("u",), "Undo", "Take back your own last decision or tagging.", "Decide", "undo"),
    Action("edit", ("e",), "Edit the file", "Open the file in your editor; the rules apply.", "Decide"),
    Action("mark", ("space",), "Mark", "Mark or unmark; all verbs act on the marked.", "Decide", "mark"),
    Action("mark_all", ("asterisk",), "Mark all shown", "Mark all that the list shows, or unmark them.", "Decide"),
    Action("review", ("r",), "Review …", "Write your review, beside the answers.", "Together", "review"),
    Action("queue", ("m",), "My queue", "What waits for your review; again: all of them.", "Together", "my queue"),
    Action("import", ("I",), "Import …", "Take applications in from a form's export.", "Together"),
    Action("sync", ("S",), "Sync", "Fetch, merge and push; shows what came in.", "Together", "sync"),
    Action("auto_sync", ("f5",), "Sync by itself", "Sync every few minutes, or only when asked.", "Together"),
    Action("search", ("slash",), "Search", "Narrow by words and terms (tag:late -country:PT).", "Find",
           "search", narrow=True),
    Action("narrow", ("f",), "Narrow", "Narrow by status, score, tag, country, meeting.", "Find", "narrow"),
    Action("sort", ("o",), "Order", "Order by arrival, name, country, status, reviews.", "Find"),
    Action("history", ("h",), "History", "Every step of this application, with its changes.", "Find", "history"),
    Action("as_of", ("at",), "As it was …", "Show the meeting as of a date; again: back to now.", "Find",
           "as it was"),
    Action("compare", ("c",), "What changed …", "What changed since you last looked, or any date.", "Find",
           "changes"),
    Action("reload", ("ctrl+r",), "Read again", "Read the files again now.", "Find"),
    Action("help", ("question_mark",), "Keys", "Show all keys.", "callforth", "keys", narrow=True, first=True),
    Action("palette", ("ctrl+p",), "Command palette", "Find any of these by name.", "callforth"),
    Action("theme", ("f2",), "Colours", "Next colours: dark, light, high-contrast, ansi.", "callforth"),
    Action("back", ("escape",), "Back", "Cancel; or leave pane, clear marks, search, queue.", "callforth",
           "back", narrow=True, first=True),
    Action("quit", ("q",), "Quit", "Go back, or leave callforth.", "callforth", "quit", narrow=True, first=True),
)  # fmt: skip

# What the line of the search answers to; a click on the first and the last does the same.
SEARCHING = (
    bar_key("next_pane", "enter", "keep"),
    bar_key("back", "escape", "clear"),
    bar_key("next_pane", "down", "to the list"),
)

# What asks, writes or leaves: nothing that a paste may begin.
DEEDS = frozenset(
    {*VERBS, "tag", "undo", "edit", "review", "import", "sync", "auto_sync"}
    | {"history", "as_of", "compare", "go_to", "reload", "quit"}
)
BY_NAME = {action.name: action for action in ACTIONS}
GROUPS = tuple(dict.fromkeys(action.group for action in ACTIONS))
