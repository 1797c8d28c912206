from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callforth.model.decision import Actor
from callforth.repo import create
from callforth.repo.repository import NoIdentity, Signature


@pytest.fixture
def fresh(tmp_path, place):
    (tmp_path / "fresh").mkdir()
    repository = create.create(tmp_path / "fresh")
    yield repository, type(place)(tmp_path / "fresh")
    repository.close()


def test_inside_a_repository_is_told_from_outside(place, tmp_path):
    assert create.is_inside(place.root / "a") is True
    assert create.is_inside(tmp_path) is False


def test_a_new_repository_is_empty_on_main(fresh):
    repository, place = fresh
    assert (place.git("symbolic-ref", "HEAD"), repository.head(), place.status()) == ("refs/heads/main", None, "")


def test_the_first_commit_holds_the_named_files_only(fresh):
    repository, place = fresh
    for name in ("one", "two", "three"):
        place.write(name, name.encode())
    place.git("add", "three")
    made = create.commit_new(repository, ["one", "two"], "Begin\n\n# kept\n")
    assert (made, place.message()) == (place.head(), "Begin\n\n# kept\n")
    assert place.git("ls-tree", "--name-only", "HEAD") == "one\ntwo"
    assert place.status() == "A  three"


def test_a_first_commit_may_be_somebody_elses(fresh):
    repository, place = fresh
    place.write("one", b"1")
    who = Signature.of(Actor("Dario Conti", "dario.conti@example.org"), datetime(2022, 8, 20, tzinfo=UTC))
    create.commit_new(repository, ["one"], "Begin\n", who)
    assert place.git("log", "--format=%an %cn %aI") == "Dario Conti Dario Conti 2022-08-20T00:00:00+00:00"


def test_without_an_identity_nothing_is_staged(fresh, isolated):
    repository, place = fresh
    (isolated / "gitconfig").write_text("")
    place.write("one", b"1")
    assert create.configured(repository) is None
    with pytest.raises(NoIdentity):
        create.commit_new(repository, ["one"], "Begin\n")
    assert place.status() == "?? one"


def test_the_configured_identity_and_a_value_set_here_are_found(fresh):
    repository, place = fresh
    assert create.configured(repository) == Actor("Sanna Lind", "sanna.lind@example.org")
    create.set_config(repository, "callforth.practice", "true")
    assert repository.config("callforth.practice", "bool") == "true"
    assert place.git("config", "--local", "callforth.practice") == "true"
