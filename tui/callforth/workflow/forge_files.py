"""Files by which a forge checks pull requests: its workflow, a text to begin a request with, and who is asked.

The workflow installs a release, fetches all of history, needs to read only, and never runs what a branch brings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from callforth import __version__
from callforth.errors import CallforthError, WorkspaceError
from callforth.model.team import Member, Team
from callforth.plaintext import config, layout
from callforth.repo import create as creating
from callforth.repo.repository import NoIdentity, Repository

_MAIN = "main"
_INCLUDE = "- local: .gitlab/callforth.yml"


@dataclass(frozen=True, slots=True)
class _Forge:
    """A forge: which template is written where, and where else such a file may lie that it would be beside.

    `runs_on` is on which machines its workflows run, `owners` the pattern by which it knows all files; `owners_by_mail`
    whether it knows owners by e-mail address too, `by_mail` whether it tells a workflow that of who opens a request.
    """

    files: Mapping[str, str]
    owners_at: str
    owners: str
    owners_by_mail: bool = False
    by_mail: bool = False
    runs_on: str = ""


_TEMPLATES = ("pull_request_template.md", "PULL_REQUEST_TEMPLATE.md", "docs/pull_request_template.md")
_ANY = {  # where forges look for the same, beside where it is written here
    "CODEOWNERS": ("CODEOWNERS", "docs/CODEOWNERS"),
    "pull_request_template.md": (*_TEMPLATES, ".github/PULL_REQUEST_TEMPLATE.md"),
}
_FORGES = {
    "github": _Forge(
        {".github/workflows/callforth.yml": "github.yml", ".github/pull_request_template.md": "request.md"},
        owners_at=".github/CODEOWNERS",
        owners="*",
        owners_by_mail=True,
    ),
    "gitlab": _Forge(
        {
            ".gitlab/callforth.yml": "gitlab.yml",
            ".gitlab-ci.yml": "gitlab-include.yml",
            ".gitlab/merge_request_templates/Default.md": "request.md",
        },
        owners_at=".gitlab/CODEOWNERS",
        owners="*",
        owners_by_mail=True,
        by_mail=True,
    ),
    "forgejo": _Forge(
        {".forgejo/workflows/callforth.yml": "actions.yml", ".forgejo/pull_request_template.md": "request.md"},
        owners_at=".forgejo/CODEOWNERS",
        owners=".*",
        runs_on="docker",
    ),
    "gitea": _Forge(
        {".gitea/workflows/callforth.yml": "actions.yml", ".gitea/pull_request_template.md": "request.md"},
        owners_at=".gitea/CODEOWNERS",
        owners=".*",
        runs_on="ubuntu-latest",
    ),
}
_NAMES = {"github": "GitHub", "gitlab": "GitLab", "forgejo": "Forgejo", "gitea": "Gitea"}
FORGES = tuple(_FORGES)


@dataclass(frozen=True, slots=True)
class Added:
    """What was added to a workspace: the paths of the files made, and a sentence for each thing that is left to do."""

    made: tuple[str, ...]
    left: tuple[str, ...]


def files(forge: str, team: Team, branch: str = _MAIN) -> dict[str, str]:
    """Return the texts of a forge's files by path; `branch` is the one that pull requests are merged into."""
    about = _FORGES[forge]
    folder = Path(__file__).with_name("forges")
    texts = {path: (folder / name).read_text("utf-8") for path, name in about.files.items()}
    values = {"@VERSION@": __version__, "@BRANCH@": branch, "@FORGE@": forge, "@RUNS_ON@": about.runs_on}
    for name, value in values.items():
        texts = {path: text.replace(name, value) for path, text in texts.items()}
    return {**texts, about.owners_at: _owners(about, team)}


def _owners(about: _Forge, team: Team) -> str:
    known = [name for member in team.organisers if (name := _owner(about, member))]
    line = f"{about.owners} {' '.join(known)}" if known else f"# {about.owners} @an-organisers-account"
    return (
        "# Whom the forge asks before a pull request is merged: the organisers, for all files. Only a courtesy: what\n"
        f"# counts is the team in {layout.CONFIG}, and that the check has found nothing.\n{line}\n"
    )


def _owner(about: _Forge, member: Member) -> str:
    if member.account:
        return f"@{member.account}"
    return member.email if about.owners_by_mail else ""


def add(folder: Path, forge: str) -> Added:
    """Add a forge's files to the workspace in `folder`, those that are not there, in one commit.

    Nothing that is there is changed; where it fails, nothing new stays behind. Raises `NoIdentity`, `GitFailed`,
    `FileUnusable`, `WorkspaceError`.
    """
    repository = Repository(folder)
    try:
        if creating.configured(repository) is None:
            raise NoIdentity
        team = config.parse((folder / layout.CONFIG).read_bytes())
        branch = repository.git.text("symbolic-ref", "--quiet", "--short", "HEAD", doing="read HEAD", fails=(1,))
        wanted = files(forge, team, branch or _MAIN)
        missing = {path: text for path, text in wanted.items() if not _is_there(folder, path)}
        if missing:
            _commit(repository, folder, missing, forge)
        return Added(tuple(missing), tuple(left_to_do(folder, forge, team)))
    except OSError as error:
        raise WorkspaceError(f"{folder} cannot be written ({error.strerror})") from None
    finally:
        repository.close()


def left_to_do(folder: Path, forge: str, team: Team) -> list[str]:
    """Return what a person has to do on the forge, or in the workspace's files, a sentence each."""
    found = []
    # GitLab tells a workflow the address of who has pushed; the others only a name.
    without = [member.slug for member in team.members if not (member.account or member.is_form)]
    if without and not _FORGES[forge].by_mail:
        who = ", ".join(without)
        found.append(f'write account = "…", the name on the forge, for {who} in {layout.CONFIG}')
    if forge == "gitlab" and _INCLUDE not in _text(folder / ".gitlab-ci.yml"):
        found.append(f"add to .gitlab-ci.yml, below 'include:', the line '{_INCLUDE}'")
    found.append("protect the main branch on the forge, and let it require the check 'callforth check'")
    return found


def _text(path: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return path.read_text("utf-8")
    return ""


def _is_there(folder: Path, path: str) -> bool:
    places = (path, *_ANY.get(path.rsplit("/", 1)[-1], ()))
    return any((folder / place).exists() or (folder / place).is_symlink() for place in places)


def _commit(repository: Repository, folder: Path, texts: Mapping[str, str], forge: str) -> None:
    written: list[Path] = []
    try:
        for path, text in texts.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("x", encoding="utf-8", newline="\n") as stream:
                written.append(target)
                stream.write(text)
        creating.commit_new(repository, list(texts), f"Check pull requests on {_NAMES[forge]}\n")
    except (CallforthError, OSError):
        with suppress(CallforthError):
            repository.git.run("reset", "--quiet", "--", *texts, doing="take the files back")
        _remove(folder, written)
        raise


def _remove(folder: Path, written: Iterable[Path]) -> None:
    for path in written:
        with suppress(OSError):
            path.unlink()
            for parent in path.relative_to(folder).parents[:-1]:
                (folder / parent).rmdir()  # which leaves alone what is not empty
