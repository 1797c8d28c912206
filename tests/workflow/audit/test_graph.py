"""Where lines of commits come from, and what they bring: as git says it, also where only a part was read."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callforth.repo import history
from callforth.repo.repository import Repository
from callforth.workflow.audit.graph import Graph

# Each commit: how far back its parents are (none: it begins anew), and its time, against which clocks are wrong.
commits = st.lists(
    st.tuples(st.lists(st.integers(1, 6), max_size=3, unique=True), st.integers(0, 5000)), min_size=2, max_size=14
)


class Made:
    """A repository in which histories are made."""

    def __init__(self, root: Path) -> None:
        root.mkdir()
        self.root = root
        self.git("init", "--quiet", "--bare")

    def git(self, *arguments: str, stdin: str = "", code: int = 0) -> list[str]:
        done = subprocess.run(["git", *arguments], cwd=self.root, input=stdin.encode(), capture_output=True)
        assert done.returncode == code or code < 0, done.stderr.decode()
        return done.stdout.decode().split()

    def history(self, shape: list[tuple[list[int], int]]) -> list[str]:
        """Make commits of this shape, and return them, each after those it builds on."""
        said = ""
        for number, (backs, seconds) in enumerate(shape):
            parents = [number - back for back in backs if back <= number]
            who = f"committer Sanna <sanna.lind@example.org> {1_660_000_000 + seconds} +0000\n"
            said += f"reset refs/heads/b{number}\n\ncommit refs/heads/b{number}\nmark :{number + 1}\n{who}data 0\n"
            for place, parent in enumerate(parents):
                said += f"{'merge' if place else 'from'} :{parent + 1}\n"
            said += f"M 100644 inline a\ndata {len(str(number))}\n{number}\n"
        (self.root / "marks").unlink(missing_ok=True)
        self.git("fast-import", "--quiet", "--force", "--export-marks=marks", stdin=said)
        marks = dict(line.split() for line in (self.root / "marks").read_text().splitlines())
        return [marks[f":{number + 1}"] for number in range(len(shape))]

    def bases(self, tips: list[str], other: str) -> list[str]:
        return sorted(self.git("merge-base", "--all", other, *tips, code=-1))

    def brought(self, tips: list[str], onto: str) -> list[str]:
        return sorted(self.git("rev-list", *tips, f"^{onto}"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("graphs") / "made")


@pytest.fixture
def repository(made: Made, tmp_path: Path) -> Iterator[Repository]:
    subprocess.run(["git", "init", "--quiet", tmp_path / "work"], check=True)
    (tmp_path / "work/.git/objects/info/alternates").write_text(f"{made.root}/objects\n")
    with contextlib.closing(Repository(tmp_path / "work")) as opened:
        yield opened


def _read(repository: Repository, tip: str, known: str = "") -> Graph:
    """A graph of what leads to a commit, or of that part of it that does not lead to a known one."""
    graph = Graph(repository)
    stream = history.Stream(repository, tip, [known] if known else [], trusting=False)
    while not stream.ended:
        for commit in stream.take(float("inf"), 100):
            graph.add(commit)
    return graph


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shape=commits, data=st.data())
def test_bases_and_what_is_brought_are_those_of_git(made, repository, shape, data):
    ids = made.history(shape)
    # A merge of all that nothing builds on, so that one walk reads everything.
    tip = made.git("commit-tree", *(word for one in dict.fromkeys(ids) for word in ("-p", one)), _tree(made, ids[0]))[0]
    graph = _read(repository, tip)
    assert all(one in graph for one in [*ids, tip])
    one = st.sampled_from(ids)
    for _ in range(3):
        tips = data.draw(st.lists(one, min_size=1, max_size=3))
        other = data.draw(one)
        assert sorted(graph.bases(tips, other)) == made.bases(tips, other)
        assert sorted(graph.brought(tips, other)) == made.brought(tips, other)
        leading = set(made.git("rev-list", other))
        assert graph.leading_to(other) == leading
        assert {one for one in ids if graph.builds_on(other, one)} == leading


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shape=commits, data=st.data())
def test_bases_are_those_of_git_where_only_what_is_new_was_read(made, repository, shape, data):
    ids = made.history(shape)
    tree = _tree(made, ids[0])
    known = data.draw(st.sampled_from(ids))
    tip = made.git("commit-tree", *(word for one in dict.fromkeys(ids) for word in ("-p", one)), tree)[0]
    graph = _read(repository, tip, known)
    assert {one for one in [*ids, tip] if one in graph} == set(made.git("rev-list", tip, f"^{known}"))
    for _ in range(3):
        tips = data.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=2))
        other = data.draw(st.sampled_from(ids))
        assert sorted(graph.bases(tips, other)) == made.bases(tips, other)


def _tree(made: Made, commit: str) -> str:
    return made.git("rev-parse", f"{commit}^{{tree}}")[0]


def test_a_commit_that_was_not_read_is_asked_of_git(made, repository):
    ids = made.history([([], 10), ([1], 5), ([1], 20)])
    graph = _read(repository, ids[2], ids[1])
    assert [one in graph for one in ids] == [False, False, True]
    node = graph.node(ids[1])
    assert (node.committed, node.parents, node.tree) == (1_660_000_005, None, _tree(made, ids[1]))


def test_a_date_is_later_than_those_of_what_it_builds_on(made, repository):
    ids = made.history([([], 50), ([1], 10), ([1], 0), ([], 3000), ([1, 2], 0)])
    graph = _read(repository, ids[4])
    begins = 1_660_000_000
    assert [graph.node(one).date - begins for one in ids] == [50, 51, 52, 3000, 3001]
    assert [graph.node(one).committed - begins for one in ids] == [50, 10, 0, 3000, 0]
