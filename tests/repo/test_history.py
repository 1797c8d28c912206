from __future__ import annotations

from datetime import UTC, datetime

from callforth.model.decision import Actor
from callforth.repo import history
from callforth.repo.history import Change


def _walk(opened, place, revision="HEAD", paths=()):
    return list(history.walk(opened(place), revision, paths))


def _blob(place, name):
    return place.git("rev-parse", name)


def test_a_commit_comes_with_all_it_says_and_changes(place, opened, monkeypatch):
    monkeypatch.setenv("GIT_AUTHOR_DATE", "1660990320 +0200")
    place.write("a/one.md", b"1\n")
    place.git("rm", "--quiet", "a/two.md")
    place.write("ä\nö.md", b"new\n")
    place.git("add", "--all")
    place.git("commit", "--quiet", "--cleanup=verbatim", "-F", "-", stdin="Grüße\n\n\nBody: x\n".encode())
    newest, first = _walk(opened, place)
    assert (newest.id, newest.parents, first.parents) == (place.head(), (first.id,), ())
    assert (newest.author, newest.committer) == (Actor("Sanna Lind", "sanna.lind@example.org"),) * 2
    assert newest.at == datetime.fromtimestamp(1660990320, UTC)
    assert newest.at.strftime("%z") == "+0200"
    assert newest.message == "Grüße\n\n\nBody: x\n"
    assert newest.changes == (
        Change("a/one.md", (_blob(place, "HEAD~:a/one.md"),), _blob(place, "HEAD:a/one.md")),
        Change("a/two.md", (_blob(place, "HEAD~:a/two.md"),), ""),
        Change("ä\nö.md", ("",), _blob(place, "HEAD:ä\nö.md")),
    )
    assert [change.path for change in first.changes] == sorted(place.files)


def test_a_move_is_a_file_that_went_and_one_that_came(place, opened):
    place.git("mv", "a/one.md", "b/one.md")
    place.git("commit", "--quiet", "--message=Move")
    blob = _blob(place, "HEAD:b/one.md")
    assert _walk(opened, place)[0].changes == (Change("a/one.md", (blob,), ""), Change("b/one.md", ("",), blob))


def test_a_clean_merge_changes_nothing_and_one_that_decides_lists_what(place, opened):
    place.git("switch", "--quiet", "--create", "side")
    place.write("a/one.md", b"side\n")
    place.write("a/two.md", b"side\n")
    place.git("commit", "--quiet", "--all", "--message=Side")
    place.git("switch", "--quiet", "main")
    place.write("a/one.md", b"main\n")
    place.git("commit", "--quiet", "--all", "--message=Main")
    place.git("merge", "--quiet", "side", code=1)
    place.write("a/one.md", b"both\n")
    place.git("commit", "--quiet", "--all", "--message=Merge")
    merge = _walk(opened, place)[0]
    assert merge.parents == (_blob(place, "HEAD^1"), _blob(place, "HEAD^2"))
    assert merge.changes == (
        Change(
            "a/one.md",
            (_blob(place, "HEAD^1:a/one.md"), _blob(place, "HEAD^2:a/one.md")),
            _blob(place, "HEAD:a/one.md"),
        ),
    )


def test_an_empty_commit_and_an_empty_message_do_not_upset_the_walk(place, opened):
    place.git("commit", "--quiet", "--allow-empty", "--message=Empty")
    place.git("commit", "--quiet", "--allow-empty", "--allow-empty-message", "--message=")
    found = _walk(opened, place)
    assert [(one.message, one.changes) for one in found[:2]] == [("", ()), ("Empty\n", ())]
    assert len(found) == 3


def test_nothing_in_a_message_can_pass_for_a_field_or_a_change(place, opened):
    evil = f":100644 100644 {'a' * 40} {'b' * 40} M\n\n:x\n\na/two.md\n"
    place.write("a/one.md", b"1\n")
    place.git("commit", "--quiet", "--all", "--cleanup=verbatim", "-F", "-", stdin=evil.encode())
    newest = _walk(opened, place)[0]
    assert (newest.message, [change.path for change in newest.changes]) == (evil, ["a/one.md"])


def test_paths_narrow_the_walk_and_see_both_sides_of_a_merge(place, opened):
    place.git("switch", "--quiet", "--create", "side")
    place.write("a/one.md", b"1\n")
    place.git("commit", "--quiet", "--all", "--message=Side")
    place.git("switch", "--quiet", "main")
    place.write("a/two.md", b"1\n")
    place.git("commit", "--quiet", "--all", "--message=Main")
    place.git("merge", "--quiet", "--message=Merge", "side")
    said = [one.message.strip() for one in _walk(opened, place, "HEAD", ["a/one.md"])]
    assert said == ["Merge", "Side", "Begin"]


def test_a_range_is_walked_newest_first(place, opened):
    for number in range(3):
        place.git("commit", "--quiet", "--allow-empty", f"--message={number}")
    assert [one.message for one in _walk(opened, place, "HEAD~2..HEAD")] == ["2\n", "1\n"]


def test_sha256_and_text_that_is_not_utf8_are_read(new_place, opened):
    place = new_place("long", "--object-format=sha256")
    place.git(
        "-c", "i18n.commitEncoding=latin1", "commit", "--quiet", "--allow-empty", "-F", "-", stdin=b"Gr\xfc\xdfe\n"
    )
    newest, first = _walk(opened, place)
    assert (newest.message, len(newest.id)) == ("Grüße\n", 64)
    assert {len(change.after) for change in first.changes} == {64}
