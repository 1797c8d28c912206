"""What applicants write is only ever text, wherever it is shown."""

from __future__ import annotations

import json
import unicodedata

import pytest

OSC_52 = "\x1b]52;c;cm0gLXJmIC8=\x07"
TITLE = "\x1b]0;owned\x07"
NAMES = {
    "markup": "[/x] [b]Bold[/b] [@click=app.quit]quit[/]",
    "link": "[link=file:///etc/passwd]here[/link] $text-muted [$error]",
    "escapes": f"A{TITLE}{OSC_52}\x1b[2J\x1b[31mred\x9b0mB",
    "bidi": "Ann\u202egpj.exe\u2066x\u2069\u200f",
    "zero-width": "A\u200bd\u2060a\ufeff\u00ad L",
    "controls": "tab\there\x00nul\x08\x7f\rcr",
    "wide": "国際 対話の会 العربية देवनागरी e\u0301\u0301\u0301\u0301\u0301\u0301\u0301",
    "braces": "{0} %s $(id) `id` \\[ \\x1b[31m",
    "long": "x" * 3000,
}
BODY = (
    "\n<!-- question: why -->\n## Why do you want to come?\n\n"
    f"{NAMES['markup']}\n{NAMES['escapes']}\n{NAMES['bidi']}\n<script>alert(1)</script>\n"
    "[click](javascript:alert(1))\n"
)
LONG_BODY = f"{BODY}{'y' * 100_000}\n"
TAGGED = ("a-tag", "b-tag")


def _harmless(it) -> None:
    """Nothing that a terminal obeys, that reorders or that cannot be seen is painted."""
    for strip in it.strips():
        for segment in strip:
            bad = {c for c in segment.text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c != "\n"}
            assert (bad, segment.control) == (set(), None), repr(segment.text)
            assert not (segment.style and segment.style.link)


@pytest.fixture
def hostile(new_workspace):
    """A workspace with an application for each kind of hostile text, in every field."""
    made = new_workspace("k7m2qx")
    ids = {}
    for number, (kind, text) in enumerate(NAMES.items()):
        id = f"00000{number}"
        who = {"name": text, "organisation": text, "role": text, "email": f"{kind}@example.org", "note": text}
        made.application(id, applicant=who, tags=TAGGED, body=LONG_BODY if kind == "long" else BODY)
        ids[kind] = id
    made.commit()
    made.ids = ids
    return made


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_list_and_preview_show_it_as_text(hostile, desk, size) -> None:
    async with desk(hostile, size=size) as it:
        assert it.main.shown.problems == ()
        for id in hostile.ids.values():
            await it.go(id)
            await it.until(lambda id=id: it.main.preview.id_shown == id)
            _harmless(it)
            await it.press("enter", "pagedown")
            _harmless(it)
            await it.press("escape")


@pytest.mark.parametrize("kind", list(NAMES))
async def test_prompts_notices_history_and_undo_show_it_as_text(hostile, desk, kind) -> None:
    async with desk(hostile) as it:
        id = hostile.ids[kind]
        await it.go(id)
        for key, window in (("t", "Ask"), ("d", "Ask"), ("h", "History")):
            await it.press(key)
            await it.until_asked(window)
            _harmless(it)
            if key == "d":
                await it.answer("[/x] [b]no[/b]")
                await it.until(lambda: hostile.status_of(id) == "declined" and not it.main.asking)
                await it.go(id)
            else:
                await it.press("escape")
            _harmless(it)
        await it.press("u")
        await it.until_asked("Confirm")
        _harmless(it)
        await it.press("escape")
        await it.until(lambda: not it.main.asking)
        await it.press("d")
        await it.until_asked("Refused")
        assert it.about == f"{id} is declined already"
        _harmless(it)
        await it.press("escape")
        await it.until(lambda: not it.main.asking)
        assert it.said == f"{id} is declined already"
        _harmless(it)


async def test_markup_is_shown_as_it_was_written(hostile, desk) -> None:
    async with desk(hostile, size=(200, 50)) as it:
        await it.go(hostile.ids["markup"])
        await it.until(lambda: it.shown().count("[/x] [b]Bold[/b] [@click=app.quit]quit[/]") >= 2)


async def test_an_escape_is_shown_as_its_picture(hostile, desk) -> None:
    async with desk(hostile, size=(200, 50)) as it:
        await it.go(hostile.ids["escapes"])
        await it.until(lambda: "␛]0;owned␇" in it.shown())


async def test_the_search_takes_markup_and_escapes_as_text(hostile, desk) -> None:
    async with desk(hostile) as it:
        for text in ("[/x]", "[b]", "\x1b[31m", "[/x]:y", '"', "-", "status:[/x]"):
            await it.press("slash")
            it.main.search.value = text
            await it.settle()
            _harmless(it)
            await it.press("escape")


async def test_what_is_written_of_it_stays_as_it_was(hostile, desk) -> None:
    id = hostile.ids["escapes"]
    before = hostile.read(f"applications/oslo-2022/{id}.md")
    async with desk(hostile) as it:
        await it.go(id)
        await it.press("d")
        await it.until_asked("Ask")
        await it.answer("")
        await it.until(lambda: hostile.status_of(id) == "declined" and not it.main.asking)
    after = hostile.read(f"applications/oslo-2022/{id}.md")
    assert after == before.replace("status: received", "status: declined")
    assert json.dumps(NAMES["escapes"]) in after


async def test_a_hostile_file_name_is_listed_harmlessly(workspace, desk) -> None:
    workspace.write("applications/oslo-2022/[b]\x1b]0;owned\x07[x].md", "---\n")
    workspace.write("applications/oslo-2022/000000.md", "---\nid: [/x]\n\x1b[31m: \n---\n")
    async with desk(workspace) as it:
        assert len(it.main.shown.problems) == 2
        for path in it.ids[-2:]:
            await it.go(path)
            await it.until(lambda: "This file cannot be used." in it.shown())
            _harmless(it)


async def test_a_commit_message_with_escapes_is_shown_harmlessly(workspace, desk) -> None:
    path = "applications/oslo-2022/k7m2qx.md"
    text = workspace.read(path).replace("status: received", "status: declined")
    workspace.write(path, text)
    workspace.commit(
        f"Decline k7m2qx for oslo-2022\n\n[/x] {TITLE} no\u202e\n\nApplication: oslo-2022/k7m2qx\n"
        "Decision: received -> declined\n"
    )
    workspace.git("-c", "user.name=[/x] \x1b]0;owned\x07", "commit", "-q", "--allow-empty", "-m", "x")
    async with desk(workspace) as it:
        await it.go("k7m2qx")
        await it.press("h")
        await it.until_asked("History")
        await it.until(lambda: "-status: received" in it.shown())
        _harmless(it)
