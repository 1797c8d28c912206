"""Where things are in a workspace."""

from __future__ import annotations

import pytest

from callforth.plaintext import layout


def test_paths_are_those_of_the_documented_layout() -> None:
    assert layout.call("oslo-2022") == "meetings/oslo-2022/call.md"
    assert layout.application("oslo-2022", "k7m2qx") == "applications/oslo-2022/k7m2qx.md"
    assert layout.review("oslo-2022", "k7m2qx", "hedda") == "meetings/oslo-2022/reviews/k7m2qx/hedda.md"


def test_an_applications_path_says_its_meeting_and_id() -> None:
    assert layout.parse_application("applications/oslo-2022/1e3456.md") == ("oslo-2022", "1e3456")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "applications/oslo-2022/k7m2qx",
        "applications/oslo-2022/k7m2qi.md",
        "applications/oslo-2022/k7m2qx.md.md",
        "applications/oslo-2022/deep/k7m2qx.md",
        "applications/k7m2qx.md",
        "applications/Oslo/k7m2qx.md",
        "applications/../k7m2qx.md",
        "/applications/oslo-2022/k7m2qx.md",
        "meetings/oslo-2022/k7m2qx.md",
        "applications/oslo-2022/k7m2qx.md\n",
    ],
)
def test_any_other_path_is_no_applications(path: str) -> None:
    assert layout.parse_application(path) is None
