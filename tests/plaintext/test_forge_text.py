"""Text for pull requests mentions nobody, refers to nothing and runs nothing."""

import pytest

from callforth.plaintext import forge_text

_N = "<!-- -->"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, with a well-known e-mail", "plain, with a well-known e-mail"),
        ("ask @dario or a@example.org", f"ask @{_N}dario or a@{_N}example.org"),
        (
            "see #12, !3, $4, %5, ~bug, &6, GH-12",
            f"see \\#{_N}12, !{_N}3, \\${_N}4, %{_N}5, \\~{_N}bug, \\&{_N}6, GH-{_N}12",
        ),
        ("/close", "&#47;close"),
        ("a | b\n<b>[x](javascript:y)</b>", "a \\| b \\<b\\>\\[x\\](javascript:y)\\</b\\>"),
        ("Application: oslo-2022/k7m2qx", "Application: oslo-2022/k7m2qx"),
        ("1. first", "1\\. first"),
        ("https://example.org", "https\\://example.org"),
    ],
)
def test_what_somebody_wrote_only_shows(text: str, shown: str) -> None:
    assert forge_text.escape(text) == shown


def test_a_table_has_a_line_for_each_row() -> None:
    assert forge_text.table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
