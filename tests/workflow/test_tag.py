"""Tagging: adding and taking away together, one commit for each application that changes."""

import pytest

from callforth.index.catalog import UnknownId
from callforth.workflow.tag import BadTag, NothingToTag, novelty, parse_changes, starts_like, tag


def test_words_add_take_away_or_add_by_default():
    assert parse_changes(["+a", "-b", "c"]) == ({"a", "c"}, {"b"})


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["+two words"], "'+two words' is no tag; use letters, digits and hyphens, like +youth-work"),
        (["+"], "'+' is no tag; use letters, digits and hyphens, like +youth-work"),
        ([""], "'' is no tag; use letters, digits and hyphens, like +youth-work"),
        (["+\x1b[31m"], "'+␛[31m' is no tag; use letters, digits and hyphens, like +youth-work"),
        (["+" + "x" * 41], f"'{'x' * 20}…' has 41 characters; a tag has at most 40"),
        (["+a", "-a"], "'a' cannot be both added and taken away"),
    ],
)
def test_what_is_no_tag_is_refused(words, says):
    with pytest.raises(BadTag) as refusal:
        parse_changes(words)
    assert str(refusal.value) == says


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["Youth", "Work"], "new: Youth Work; there is youth-work"),
        (["+Youth"], "new; there is youth-work"),
        (["+LATE"], "new; there is late"),
        (["+ete"], "new; there is Été"),
        (["+late-comer"], "new; there is late"),
        (["+music"], "a new tag"),
        (["+music", "+dance"], "new tags"),
        (["+late", "-music"], ""),
        (["+"], ""),
    ],
)
def test_what_is_said_of_new_tags_names_a_near_one(words, says):
    assert novelty(words, ["youth-work", "late", "Été"]) == says


def test_tags_are_proposed_without_case_and_accents():
    assert [tag for tag in ("Youth-Work", "été", "late") if starts_like(tag, "YOU") or starts_like(tag, "Et")] == [
        "Youth-Work",
        "été",
    ]


def test_a_tagging_is_one_commit_of_one_file_with_its_trailer(workspace, opened):
    [entry] = tag(opened(workspace), ["k7m2qx"], ["+youth-work", "+faith"])
    assert entry.tags == ("+faith", "+youth-work")
    assert workspace.git("diff", "--name-only", "HEAD^", "HEAD") == "applications/oslo-2022/k7m2qx.md"
    assert workspace.git("log", "-1", "--format=%B") == (
        "Tag k7m2qx for oslo-2022\n\nApplication: oslo-2022/k7m2qx\nTags: +faith +youth-work\n"
    )
    [entry] = tag(opened(workspace), ["k7m2qx"], ["-youth-work", "+late", "+faith"])
    assert entry.tags == ("+late", "-youth-work")
    assert "tags:\n- faith\n- late\nsource:" in workspace.read("applications/oslo-2022/k7m2qx.md")


def test_tags_of_any_script_are_tags(workspace, opened):
    tag(opened(workspace), ["k7m2qx"], ["+νέοι", "+общество", "+2nd.round_b"])
    assert opened(workspace).catalog.application("k7m2qx").tags == ("2nd.round_b", "νέοι", "общество")


def test_applications_that_would_not_change_are_left_out(workspace, opened):
    tag(opened(workspace), ["k7m2qx"], ["+late"])
    entries = tag(opened(workspace), ["k7m2qx", "3fh9td"], ["+late"])
    assert [entry.application for entry in entries] == ["3fh9td"]


def test_tagging_that_changes_nothing_is_refused(workspace, opened):
    head = workspace.head()
    with pytest.raises(NothingToTag) as refusal:
        tag(opened(workspace), ["k7m2qx", "3fh9td"], ["-late", "-early"])
    assert str(refusal.value) == "nothing to do: -early -late changes none of them"
    assert workspace.head() == head
    tag(opened(workspace), ["k7m2qx"], ["+late"])
    with pytest.raises(NothingToTag, match=r"^nothing to do: -Late changes none of them; there is late$"):
        tag(opened(workspace), ["k7m2qx"], ["-Late"])


def test_several_are_tagged_all_or_none(workspace, opened):
    head = workspace.head()
    with pytest.raises(UnknownId):
        tag(opened(workspace), ["k7m2qx", "zzzzzz"], ["+late"])
    assert workspace.head() == head
    first, second = tag(opened(workspace), ["k7m2qx", "3fh9td"], ["+late"])
    assert first.batch == second.batch != ""


def test_tag_and_untag_brings_back_every_byte(workspace, opened):
    path = "applications/oslo-2022/k7m2qx.md"
    was = workspace.read(path)
    tag(opened(workspace), ["k7m2qx"], ["+late"])
    tag(opened(workspace), ["k7m2qx"], ["-late"])
    assert workspace.read(path) == was
