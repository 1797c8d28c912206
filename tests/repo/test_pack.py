from __future__ import annotations

import random

import pytest

from callforth.repo import intent, pack
from callforth.repo.git import GitFailed
from callforth.repo.objects import Base, NewObject
from callforth.repo.pack import Pack


@pytest.mark.parametrize("size", [10, 5000, 70_000, 400_000])
def test_versions_of_one_thing_are_kept_as_differences_and_read_back_whole(place, opened, size):
    repository = opened(place)
    chance = random.Random(size)
    data = chance.randbytes(size)
    made, whole, base = [], Pack(20), None
    for _ in range(120):
        head = chance.randrange(len(data))
        tail = chance.randrange(len(data) - head)
        middle = chance.randbytes(chance.choice((0, 1, 20, 127, 128, 300)))
        data = data[:head] + middle + data[len(data) - tail :] if tail else data[:head] + middle + b"."
        made.append(NewObject.of(repository, "blob", data, base and Base(base.id, len(base.data), head, tail)))
        base = made[-1]
        if len(data) < size // 2:
            data = chance.randbytes(size)
            base = None
    for one in made:
        whole.add(one)
        whole.add(one)
    with intent.exclusive(repository):
        pack.admit(repository, whole.data())
    assert [repository.object(one.id) for one in made] == [(one.id, "blob", one.data) for one in made]
    assert place.sound()


def test_a_broken_object_is_refused_by_git_and_nothing_stays(place, opened):
    repository = opened(place)
    before = place.git("count-objects", "-v")
    whole = Pack(20)
    whole.add(NewObject.of(repository, "blob", b"good"))
    whole.add(NewObject.of(repository, "tree", b"100644 broken"))
    with intent.exclusive(repository), pytest.raises(GitFailed, match=r"^git could not store the changes: "):
        pack.admit(repository, whole.data())
    assert (place.git("count-objects", "-v"), place.sound()) == (before, True)
    assert not (place.root / ".git/objects/tmp_objdir-callforth").exists()
