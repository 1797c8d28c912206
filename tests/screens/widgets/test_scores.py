"""What reviews come to, beside the answers and in the list: at 80 columns, and where there is room for all of it."""

from __future__ import annotations

import pytest


@pytest.fixture
def scored(new_workspace):
    """Hedda gives two points more than Nils, twice; 3fh9td is read by her alone, 3fk000 by nobody."""
    workspace = new_workspace("k7m2qx", "1e3456", "3fh9td", "3fk000")
    for id, reviewer, recommend, fit in (
        ("k7m2qx", "hedda", "accept", 5),
        ("k7m2qx", "nils", "decline", 3),
        ("1e3456", "hedda", "accept", 4),
        ("1e3456", "nils", "accept", 2),
        ("3fh9td", "hedda", "waitlist", 3),
    ):
        text = f"---\napplication: {id}\nreviewer: {reviewer}\nrecommend: {recommend}\nscores:\n  fit: {fit}\n---\n"
        workspace.write(f"meetings/oslo-2022/reviews/{id}/{reviewer}.md", text)
    workspace.commit()
    return workspace


def _lines(it) -> list[str]:
    """The lines beside the answers from when it came in to the first question."""
    lines = str(it.main.preview._text.content).split("\n")
    at = next(at for at, line in enumerate(lines) if line.startswith("received 20 "))
    return lines[at + 1 : lines.index("", at)]


async def test_beside_the_answers_it_says_who_disagrees_and_by_how_much(scored, desk) -> None:
    async with desk(scored) as it:
        for id, said in (
            ("k7m2qx", ["2 reviews · ▲ 4.0 · 1 accept, 1 decline", "≈ 4.0 corrected · ± 1.0 spread", "fit 4.0 ± 1.0"]),
            ("3fh9td", ["1 review · ▲ 3.0 · 1 waitlist", "≈ 2.5 corrected"]),
            ("3fk000", []),
        ):
            await it.go(id)
            await it.until(lambda id=id: f"received · {id}" in str(it.main.preview._text.content))
            assert _lines(it) == said


async def test_the_list_shows_the_number_it_is_ordered_by_at_80_columns(scored, desk) -> None:
    async with desk(scored, size=(80, 24)) as it:

        def shown() -> list[str]:
            rows = [line for line in it.lines() if "Person" in line]
            return [" ".join(line.split("NO")[0].split()[-1:] + line.split("NO")[1].split()[:1]) for line in rows]

        seen = {}
        for _ in range(8):
            seen[it.main.order] = shown()
            await it.press("o")
        assert seen["received"] == ["1e3456 3.0", "3fh9td 3.0", "3fk000 House", "k7m2qx 4.0"]
        assert seen["score"] == ["k7m2qx 4.0", "1e3456 3.0", "3fh9td 3.0", "3fk000 House"]
        assert seen["corrected"] == ["k7m2qx ≈4.0", "1e3456 ≈3.0", "3fh9td ≈2.5", "3fk000 House"]
        assert seen["spread"] == ["1e3456 ±1.0", "k7m2qx ±1.0", "3fh9td House", "3fk000 House"]
        assert seen["reviews"] == ["3fk000 House", "3fh9td 1", "1e3456 2", "k7m2qx 2"]


async def test_where_there_is_room_the_list_has_the_recommendations_in_letters(scored, desk) -> None:
    async with desk(scored, size=(200, 30)) as it:
        found = [line.split("│") for line in it.lines() if line.count("│") > 3]
        rows = [line[3].split() for line in found if "Person" in line[3]]
        assert [" ".join(row[4:8]) for row in rows] == [
            "20 Aug 3.0 2A", "20 Aug 3.0 1W", "20 Aug House of", "20 Aug 4.0 1A",
        ]  # fmt: skip
        assert rows[3][7:9] == ["1A", "1D"]
