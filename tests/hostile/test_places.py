"""What is no plain file in its place: links, pipes, folders, odd names, what may not be read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from callforth.errors import WorkspaceError
from callforth.index.catalog import Catalog

FOLDER = "applications/oslo-2022"
REVIEWS = "meetings/oslo-2022/reviews"
BAD = f"{FOLDER}/k7m2qx.md"
Problems = Callable[[Path], list[str]]


def linked_file(root: Path, outside: Path) -> None:
    (root / BAD).symlink_to(outside / "k7m2qx.md")


def linked_passwords(root: Path, outside: Path) -> None:
    (root / BAD).symlink_to("/etc/passwd")


def dangling(root: Path, outside: Path) -> None:
    (root / BAD).symlink_to("nowhere.md")


def looping(root: Path, outside: Path) -> None:
    (root / BAD).symlink_to("k7m2qx.md")


def pipe(root: Path, outside: Path) -> None:
    os.mkfifo(root / BAD)


def folder(root: Path, outside: Path) -> None:
    (root / BAD).mkdir()


def misnamed(root: Path, outside: Path) -> None:
    (root / FOLDER / "Ana \x1b[2J.md").write_text("x")


def not_utf8_name(root: Path, outside: Path) -> None:
    (root / os.fsdecode(f"{FOLDER}/".encode() + b"\xe9.md")).write_text("x")


def upper_case(root: Path, outside: Path) -> None:
    (root / FOLDER / "K7M2QX.md").write_text("x")


def linked_meeting(root: Path, outside: Path) -> None:
    (root / "applications/bergen-2021").symlink_to(outside)


def linked_call(root: Path, outside: Path) -> None:
    (root / "meetings/bergen-2021").mkdir()
    (root / "meetings/bergen-2021/call.md").symlink_to(outside / "call.md")


def linked_meeting_folder(root: Path, outside: Path) -> None:
    (root / "meetings/bergen-2021").symlink_to(outside)


def linked_reviews(root: Path, outside: Path) -> None:
    (root / "meetings/oslo-2022/reviews").symlink_to(outside)


def linked_review_folder(root: Path, outside: Path) -> None:
    (root / "meetings/oslo-2022/reviews").mkdir()
    (root / "meetings/oslo-2022/reviews/k7m2qx").symlink_to(outside)


def piped_call(root: Path, outside: Path) -> None:
    (root / "meetings/bergen-2021").mkdir()
    os.mkfifo(root / "meetings/bergen-2021/call.md")


def piped_review(root: Path, outside: Path) -> None:
    (root / "meetings/oslo-2022/reviews/k7m2qx").mkdir(parents=True)
    os.mkfifo(root / "meetings/oslo-2022/reviews/k7m2qx/hedda.md")


def misnamed_review(root: Path, outside: Path) -> None:
    (root / "meetings/oslo-2022/reviews/k7m2qx").mkdir(parents=True)
    (root / "meetings/oslo-2022/reviews/k7m2qx/Hedda\u202e.md").write_text("x")


def misnamed_review_folder(root: Path, outside: Path) -> None:
    (root / "meetings/oslo-2022/reviews/Ana").mkdir(parents=True)


def misnamed_meeting(root: Path, outside: Path) -> None:
    (root / "applications/Oslo \x1b[2J").mkdir()


BAD_PLACES: list[tuple[Callable[[Path, Path], None], str]] = [
    (linked_file, f"{BAD}: this is a symbolic link; put the real file there"),
    (linked_passwords, f"{BAD}: this is a symbolic link; put the real file there"),
    (dangling, f"{BAD}: this is a symbolic link; put the real file there"),
    (looping, f"{BAD}: this is a symbolic link; put the real file there"),
    (pipe, f"{BAD}: this is not a file; put the real file there"),
    (folder, f"{BAD}: this is not a file; put the real file there"),
    (misnamed, f"{FOLDER}/Ana ␛[2J.md: the file's name is not an application's id; rename it to its id"),
    (not_utf8_name, f"{FOLDER}/\ufffd.md: the file's name is not an application's id; rename it to its id"),
    (upper_case, f"{FOLDER}/K7M2QX.md: the file's name is not an application's id; rename it to its id"),
    (linked_meeting, "applications/bergen-2021: this is a symbolic link; put the real folder there"),
    (linked_call, "meetings/bergen-2021/call.md: this is a symbolic link; put the real file there"),
    (linked_meeting_folder, "meetings/bergen-2021: this is a symbolic link; put the real folder there"),
    (linked_reviews, "meetings/oslo-2022/reviews: this is a symbolic link; put the real folder there"),
    (linked_review_folder, "meetings/oslo-2022/reviews/k7m2qx: this is a symbolic link; put the real folder there"),
    (piped_call, "meetings/bergen-2021/call.md: this is not a file; put the real file there"),
    (piped_review, "meetings/oslo-2022/reviews/k7m2qx/hedda.md: this is not a file; put the real file there"),
    (
        misnamed_review,
        f"{REVIEWS}/k7m2qx/Hedda.md: the file's name is not a team member's; name it as in callforth.toml",
    ),
    (
        misnamed_review_folder,
        f"{REVIEWS}/Ana: the folder's name is not an application's id; rename it to the application's id",
    ),
    (
        misnamed_meeting,
        "applications/Oslo ␛[2J: the folder's name is not a meeting's; use lower case words and hyphens",
    ),
]


@pytest.mark.parametrize(("make", "sentence"), BAD_PLACES, ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_no_plain_file_in_its_place_is_listed_and_never_followed(
    root: Path,
    tmp_path: Path,
    good: str,
    call: str,
    problems: Problems,
    make: Callable[[Path, Path], None],
    sentence: str,
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "k7m2qx.md").write_text(good)
    (outside / "call.md").write_text(call)
    make(root, outside)
    assert problems(root) == [sentence]


@pytest.mark.parametrize("name", ["applications", "meetings"])
def test_a_workspace_whose_folders_lead_elsewhere_is_refused(root: Path, name: str) -> None:
    (root / name).rename(root.parent / name)
    (root / name).symlink_to(root.parent / name)
    with pytest.raises(WorkspaceError) as caught:
        Catalog(root).refresh()
    assert caught.value.says == f"{name}/ is a symbolic link; put the real folder there"


def test_a_workspace_whose_folder_is_a_file_is_refused(root: Path) -> None:
    (root / "applications").rename(root / "elsewhere")
    (root / "applications").write_text("x")
    with pytest.raises(WorkspaceError) as caught:
        Catalog(root).refresh()
    assert caught.value.says == "applications/ cannot be read (Not a directory)"


@pytest.fixture
def ordinary_user(make_workspace: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace of somebody whom permissions bind: where the tests run as root, they are nobody meanwhile."""
    for name, value in (
        ("GIT_CONFIG_GLOBAL", os.devnull),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "safe.directory"),
        ("GIT_CONFIG_VALUE_0", "*"),
    ):
        monkeypatch.setenv(name, value)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        root = make_workspace(Path(folder) / "workspace")
        before = os.geteuid()
        if before == 0:
            os.seteuid(65534)
        try:
            yield root
        finally:
            os.seteuid(before)
            for path in (root / BAD, root / "applications/bergen-2021"):
                if path.exists():
                    path.chmod(0o700)


def as_owner(path: Path, mode: int) -> None:
    """Change a mode, as root for a moment where that is who owns the workspace."""
    before = os.geteuid()
    os.seteuid(os.getuid())
    path.write_text("x") if path.suffix else path.mkdir()
    path.chmod(mode)
    os.seteuid(before)


def test_a_file_that_may_not_be_read_is_listed(ordinary_user: Path, problems: Problems) -> None:
    as_owner(ordinary_user / BAD, 0)
    assert problems(ordinary_user) == [f"{BAD}: it cannot be read (Permission denied); check the file"]


def test_a_folder_that_may_not_be_read_is_listed(ordinary_user: Path, problems: Problems) -> None:
    as_owner(ordinary_user / "applications/bergen-2021", 0)
    assert problems(ordinary_user) == [
        "applications/bergen-2021: it cannot be read (Permission denied); check its permissions"
    ]
