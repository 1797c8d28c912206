"""The sound history, a clone of it for each test, what must be found there, and the table of what was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from . import table
from .building import build
from .forging import Audit, History, make_keys


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everybody's keys."""
    folder = tmp_path_factory.mktemp("keys")
    make_keys(folder)
    return folder


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Path:
    """The sound history, made once; never work in it, copy it."""
    root = tmp_path_factory.mktemp("sound") / "workspace"
    with pytest.MonkeyPatch.context() as patched:
        for name in [name for name in os.environ if name.startswith(("GIT_", "XDG_", "CALLFORTH", "SSH_"))]:
            patched.delenv(name)
        assert build(root, keys).verify().code == 0
    # What was looked at is known from here on, as it is to whoever audits again; but nothing is remembered of where
    # branches and seals were.
    (root / ".git/callforth/audit.json").unlink()
    return root


@pytest.fixture
def history(base: Path, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    """The sound history, to be tampered with."""
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    shutil.copytree(base, tmp_path / "workspace", symlinks=True)
    return History(tmp_path / "workspace", keys)


@pytest.fixture
def found(request: pytest.FixtureRequest, history: History) -> Callable[..., Audit]:
    """Audit and insist on what must be found: `found("unrecorded 73b9mt", commit, allows="answers")`.

    Each wanted one is a rule, or several with `|` between them of which one is enough, and after it the application it
    must be about; `commit` is the one that each must name, where given. No other rules may be found but those that
    `allows` names. Audited anew from the beginning the same must be found.
    """

    def check(*wanted: str, commit: str = "", allows: str = "", options: tuple[str, ...] = ()) -> Audit:
        audit = history.verify(*options)
        row = (_title(request), wanted, tuple(sorted(audit.rules)))
        request.node.user_properties.append((table.NAME, row))
        missing = [one for one in wanted if not any(_fits(finding, one, commit) for finding in audit.grave)]
        named = {rule for one in wanted for rule in one.split(" ")[0].split("|")} | set(allows.split())
        beyond = [finding for finding in audit.grave if finding["rule"] not in named]
        assert (missing, beyond) == ([], []), "\n".join(map(_shown, audit.grave))
        assert audit.code == (1 if wanted else 0)
        again = history.verify("--fresh", *options)
        assert sorted(map(_shown, again.findings)) == sorted(map(_shown, audit.findings))
        return audit

    return check


def _fits(finding: dict[str, Any], wanted: str, commit: str) -> bool:
    rules, _, application = wanted.partition(" ")
    about = not application or finding.get("application") == application
    return finding["rule"] in rules.split("|") and about and commit in ("", finding.get("commit"))


def _shown(finding: dict[str, Any]) -> str:
    return f"{finding['rule']}: {finding['says']} ({finding.get('commit', '')[:7]} {finding.get('path', '')})"


def _title(request: pytest.FixtureRequest) -> str:
    said = (request.function.__doc__ or request.node.originalname.removeprefix("test_").replace("_", " ")).strip(" .\n")
    case = getattr(request.node, "callspec", None)
    return f"{said}: {case.id}" if case else said
