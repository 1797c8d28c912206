"""What a forger has: plain git, git's plumbing, and the keys of whoever they robbed. Nothing of callforth's."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

PEOPLE = {
    "sanna": ("Sanna Lind", "sanna.lind@example.org"),
    "dario": ("Dario Conti", "dario.conti@example.org"),
    "hedda": ("Hedda Nyström", "hedda.nystrom@example.org"),
    "form": ("The form", "form@example.org"),
    "stranger": ("Some Stranger", "stranger@example.org"),
}
# `dario-old` may sign until 10 September 2022, `dario-next` from October 2022 on.
KEYS = (*PEOPLE, "dario-old", "dario-next")
BEGINS = 1662019200  # 1 September 2022, 08:00 UTC
FORGED_FROM = 1663660800  # 20 September 2022, 08:00 UTC: all that is sound is older
MINUTE, HOUR, DAY = 60, 3600, 86400
MEETING = "oslo-2022"
CONFIG, CALL = "callforth.toml", f"meetings/{MEETING}/call.md"
GITLINK, SYMLINK, PROGRAM, PLAIN = "160000", "120000", "100755", "100644"

# A file's new text or bytes, None to remove it, or a mode with the text (for a submodule: the commit).
Content = str | bytes | None | tuple[str, str]


def make_keys(folder: Path) -> None:
    """Make everybody's keys, and for each person the configuration of git that acts and signs as them."""
    for key in KEYS:
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", key, "-f", str(folder / key)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    for slug, (name, email) in PEOPLE.items():
        (folder / f"{slug}.gitconfig").write_text(
            f'[user]\n\tname = "{name}"\n\temail = {email}\n\tsigningKey = {folder / slug}\n[gpg]\n\tformat = ssh\n'
            "[commit]\n\tgpgSign = true\n[tag]\n\tgpgSign = true\n[gc]\n\tauto = 0\n[init]\n\tdefaultBranch = main\n"
            "[advice]\n\tgraftFileDeprecated = false\n[core]\n\teditor = true\n"
        )


def path(application: str, meeting: str = MEETING) -> str:
    """Where an application is."""
    return f"applications/{meeting}/{application}.md"


def review(application: str, reviewer: str) -> str:
    """Where a review is."""
    return f"meetings/{MEETING}/reviews/{application}/{reviewer}.md"


def message(subject: str, reason: str = "", *trailers: str) -> str:
    """A commit message: subject, reason, and the trailers as lines."""
    return "\n\n".join(part for part in (subject, reason, "\n".join(trailers)) if part) + "\n"


def record(application: str, before: str, after: str, reason: str = "", *trailers: str, subject: str = "") -> str:
    """The message of an honest decision."""
    verbs = {"shortlisted": "Shortlist", "accepted": "Accept", "waitlisted": "Waitlist", "declined": "Decline"}
    subject = subject or f"{verbs.get(after, 'Move')} {application} for {MEETING}"
    said = (f"Application: {MEETING}/{application}", f"Decision: {before} -> {after}")
    return message(subject, reason, *said, *trailers)


@dataclass(frozen=True)
class Raw:
    """A commit as its object says it, but for its signature; people are `Name <address> seconds zone`."""

    tree: str
    parents: tuple[str, ...]
    author: str
    committer: str
    message: str

    @classmethod
    def read(cls, data: str) -> Raw:
        head, _, said = data.partition("\n\n")
        fields = [line.partition(" ")[::2] for line in head.split("\n") if not line.startswith(" ")]
        one = dict(fields)
        parents = tuple(value for name, value in fields if name == "parent")
        return cls(one["tree"], parents, one["author"], one["committer"], said)

    def by(self, who: str) -> Raw:
        """The same, as if another had made it."""
        name, email = PEOPLE[who]
        author, committer = (" ".join(one.rsplit(" ", 2)[1:]) for one in (self.author, self.committer))
        return replace(self, author=f"{name} <{email}> {author}", committer=f"{name} <{email}> {committer}")


@dataclass(frozen=True)
class Audit:
    """What `audit verify --json` said."""

    code: int
    findings: list[dict[str, Any]]

    @property
    def grave(self) -> list[dict[str, Any]]:
        return [one for one in self.findings if one.get("grave", True)]

    @property
    def rules(self) -> set[str]:
        return {one["rule"] for one in self.grave}

    @property
    def notes(self) -> set[str]:
        return {one["rule"] for one in self.findings} - self.rules


@dataclass
class History:
    """A clone, and what is done to it by plain git. Each command comes a minute after the one before."""

    root: Path
    keys: Path
    at: int = FORGED_FROM

    # Commands

    def environment(self, who: str, at: int | None = None) -> dict[str, str]:
        self.at += MINUTE
        date = f"@{at if at is not None else self.at} +0200"
        return {
            "GIT_CONFIG_GLOBAL": str(self.keys / f"{who}.gitconfig"),
            "GIT_CONFIG_SYSTEM": os.devnull,
            "HOME": str(self.keys),
            "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_DATE": date,
        }

    def git(
        self,
        *arguments: str,
        by: str = "sanna",
        at: int | None = None,
        stdin: str | bytes | None = None,
        env: Mapping[str, str] | None = None,
    ) -> str:
        """Run git as somebody and return what it printed, without the last newline."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env={**os.environ, **self.environment(by, at), **(env or {})},
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (arguments, done.stderr.decode())
        return done.stdout.decode().removesuffix("\n")

    def callforth(self, *arguments: str, by: str = "sanna") -> str:
        """Run callforth as somebody, insist that it ends well, and return what it printed."""
        code, out, err = self.run(*arguments, by=by)
        assert code == 0, (arguments, err)
        return out

    def run(self, *arguments: str, by: str = "sanna") -> tuple[int, str, str]:
        """Run callforth as somebody; its exit code and what it printed."""
        from callforth.cli.main import main

        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True) for _ in "oe")
        acting, code = patch.dict(os.environ, self.environment(by)), 0
        with contextlib.chdir(self.root), acting, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main(list(arguments))
            except SystemExit as end:
                code = int(end.code or 0)
        return code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode()

    def verify(self, *options: str) -> Audit:
        """Run the audit as an auditor would, who has no part in it."""
        code, out, err = self.run("audit", "verify", "--json", *options, by="stranger")
        assert code in (0, 1), (out, err)
        data = json.loads(out)
        notes = [{**note, "grave": False} for note in data.get("notes", [])]
        audit = Audit(code, [*data["findings"], *notes])
        assert data["sound"] == (code == 0) == (not audit.grave), data
        return audit

    # What is there

    def id(self, revision: str = "HEAD") -> str:
        return self.git("rev-parse", revision)

    def text(self, where: str, revision: str = "HEAD") -> str:
        """A committed file; an application's where it is the id of one."""
        where = where if "/" in where or "." in where else path(where)
        return self.git("cat-file", "blob", f"{revision}:{where}") + "\n"

    def status(self, application: str, revision: str = "HEAD") -> str:
        lines = self.text(application, revision).split("\n")
        return next(line.removeprefix("status: ") for line in lines if line.startswith("status: "))

    def with_status(self, application: str, after: str, revision: str = "HEAD") -> str:
        """An application's file with another status."""
        said = self.text(application, revision)
        return said.replace(f"\nstatus: {self.status(application, revision)}\n", f"\nstatus: {after}\n", 1)

    def raw(self, revision: str = "HEAD") -> Raw:
        return Raw.read(self.git("cat-file", "commit", revision) + "\n")

    def digest(self, seal: str) -> str:
        """The digest that a seal's message gives."""
        return next(
            line.removeprefix("Ledger: sha256:")
            for line in self.git("cat-file", "tag", seal).split("\n")
            if line.startswith("Ledger: ")
        )

    # Forging

    def blob(self, content: str | bytes) -> str:
        return self.git("hash-object", "-w", "--stdin", stdin=content)

    def tree(self, changes: Mapping[str, Content], base: str = "HEAD") -> str:
        """The tree of `base` with these files changed, made beside the clone's own index."""
        lines = []
        for where, content in changes.items():
            mode, said = content if isinstance(content, tuple) else (PLAIN, content)
            if said is None:
                lines.append(f"0 {'0' * len(self.id(base))}\t{where}\n")
            else:
                lines.append(f"{mode} {said if mode == GITLINK else self.blob(said)}\t{where}\n")
        with tempfile.TemporaryDirectory() as folder:
            env = {"GIT_INDEX_FILE": f"{folder}/index"}
            self.git("read-tree", base, env=env)
            self.git("update-index", "--index-info", stdin="".join(lines), env=env)
            return self.git("write-tree", env=env)

    def store(self, raw: Raw, key: str = "") -> str:
        """Make the commit object, signed with this key ('' for none), without a branch moving."""
        env = {}
        for role, person in (("AUTHOR", raw.author), ("COMMITTER", raw.committer)):
            who, seconds, zone = person.rsplit(" ", 2)
            name, email = who[:-1].split(" <")
            env |= {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": email, f"GIT_{role}_DATE": f"@{seconds} {zone}"}
        signed = [f"-S{self.keys / key}"] if key else []
        parents = [word for parent in raw.parents for word in ("-p", parent)]
        return self.git("commit-tree", *signed, *parents, raw.tree, stdin=raw.message, env=env)

    def move(self, commit: str) -> str:
        """Put the branch, the index and the files there."""
        self.git("update-ref", "refs/heads/main", commit)
        self.git("reset", "--quiet", "--hard")
        return commit

    def put(self, data: str) -> str:
        """Make a commit object of these bytes, whatever they are, and put the branch there."""
        return self.move(self.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=data))

    def commit(
        self,
        said: str,
        changes: Mapping[str, Content],
        *,
        by: str = "sanna",
        author: str = "",
        key: str | None = None,
        onto: str | Sequence[str] = "HEAD",
        at: int | None = None,
    ) -> str:
        """Make a commit by plumbing; the branch moves to it where it builds on HEAD.

        `by` is the committer, and the author where no other is given; `key` is what signs it (theirs; '' for none).
        """
        onto = [onto] if isinstance(onto, str) else list(onto)
        self.at += MINUTE
        date = f"{at if at is not None else self.at} +0200"
        author, committer = (f"{PEOPLE[who][0]} <{PEOPLE[who][1]}> {date}" for who in (author or by, by))
        tree = self.tree(changes, onto[0])
        made = self.store(Raw(tree, tuple(self.id(one) for one in onto), author, committer, said), key_of(by, key))
        return self.move(made) if "HEAD" in onto else made

    def decide(
        self,
        application: str,
        after: str,
        reason: str = "",
        *,
        said: str | None = None,
        also: Mapping[str, Content] | None = None,
        onto: str = "HEAD",
        **how: Any,
    ) -> str:
        """Decide by plain git; all is as callforth would have it but for what is said otherwise."""
        before = self.status(application, onto)
        changes = {path(application): self.with_status(application, after, onto), **(also or {})}
        return self.commit(said or record(application, before, after, reason), changes, onto=onto, **how)

    def edit(self, where: str, old: str, new: str, said: str, **how: Any) -> str:
        """Replace one text by another in a file and commit that."""
        before = self.text(where)
        assert before.count(old) >= 1, (old, before)
        where = where if "/" in where or "." in where else path(where)
        return self.commit(said, {where: before.replace(old, new, 1)}, **how)

    def rewrite(self, since: str, change: Callable[[str, Raw], Raw], robbed: bool = True) -> str:
        """Make anew every commit after `since`, each as `change` would have it.

        Who `robbed` everybody signs each with its committer's own key; else they are not signed.
        """
        new: dict[str, str] = {}
        for old in self.git("rev-list", "--reverse", "--topo-order", f"{since}..HEAD").split("\n"):
            was = self.raw(old)
            becomes = change(old, replace(was, parents=tuple(new.get(parent, parent) for parent in was.parents)))
            same = becomes == was
            new[old] = old if same else self.store(becomes, _signer(becomes.committer) if robbed else "")
        return self.move(new[self.id()])

    def tag(self, name: str, target: str, said: str, by: str = "sanna", key: str | None = None) -> None:
        """Put a signed, annotated tag in place of whatever has this name."""
        signs = ("-c", f"user.signingKey={self.keys / key_of(by, key)}")
        self.git(*signs, "tag", "--sign", "--force", "--cleanup=verbatim", "--message", said, name, target, by=by)

    def clone(self, name: str, *options: str) -> History:
        """Clone by plain git to a place beside this one."""
        target = self.root.parent / name
        self.git("clone", "--quiet", *options, str(self.root), str(target))
        return History(target, self.keys, self.at)


def key_of(who: str, key: str | None) -> str:
    return who if key is None else key


def _signer(person: str) -> str:
    return next(slug for slug, (_, email) in PEOPLE.items() if f"<{email}>" in person)
