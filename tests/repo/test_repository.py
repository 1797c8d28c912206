from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, timezone

import pytest

from callforth.model.decision import Actor
from callforth.repo.git import NotARepository
from callforth.repo.repository import NoIdentity, NotWritable, Repository, Signature, moment

DETACHED = "HEAD is on no branch (detached); switch to one with 'git switch BRANCH' before deciding"


def test_a_folder_outside_any_repository_is_refused(tmp_path):
    with pytest.raises(NotARepository) as raised:
        Repository(tmp_path)
    assert raised.value.says == f"{tmp_path} is not a git repository; make one there with 'callforth init'"
    assert raised.value.exit_code == 4


def test_a_bare_repository_is_refused(place, tmp_path):
    bare = tmp_path / "bare.git"
    place.git("clone", "--quiet", "--bare", ".", str(bare))
    with pytest.raises(NotARepository) as raised:
        Repository(bare)
    assert raised.value.says == f"{bare} is a bare repository; clone it and work in the clone"


def test_a_folder_below_the_top_is_refused_with_the_top(place):
    with pytest.raises(NotARepository) as raised:
        Repository(place.root / "a")
    assert raised.value.says == (
        f"callforth.toml is not at the top of its repository; move the workspace to {place.root}"
    )


def test_a_repository_of_another_user_is_refused_with_the_way_out(place, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(NotARepository) as raised:
        Repository(place.root)
    assert raised.value.says == (
        f"{place.root} belongs to another user; if you trust it, say "
        f"'git config --global --add safe.directory {place.root}'"
    )


@pytest.mark.parametrize("branch", ["main", "feature/deep/er", "größe", "100%"])
def test_the_tip_is_the_branch_and_its_commit(place, opened, branch):
    place.git("switch", "--quiet", "--create", branch) if branch != "main" else None
    assert opened(place).tip() == (f"refs/heads/{branch}", place.head())


def test_a_tip_in_packed_refs_is_found_and_a_new_commit_is_seen_at_once(place, opened):
    repository = opened(place)
    place.git("pack-refs", "--all", "--prune")
    assert not (place.root / ".git/refs/heads/main").exists()
    assert repository.tip() == ("refs/heads/main", place.head())
    place.git("commit", "--quiet", "--allow-empty", "--message=Next")
    assert repository.head() == place.head()
    place.git("pack-refs", "--all", "--prune")
    place.git("gc", "--quiet")
    assert repository.head() == place.head()


def test_a_branch_switched_underneath_is_seen_at_once(place, opened):
    repository = opened(place)
    assert repository.branch() == "refs/heads/main"
    place.git("switch", "--quiet", "--create", "other")
    assert repository.branch() == "refs/heads/other"


def test_head_as_a_symbolic_link_is_followed(place, opened):
    (place.root / ".git/HEAD").unlink()
    (place.root / ".git/HEAD").symlink_to("refs/heads/main")
    assert opened(place).tip() == ("refs/heads/main", place.head())


def test_a_detached_head_is_not_writable(place, opened):
    place.git("checkout", "--quiet", "--detach")
    repository = opened(place)
    assert repository.head() == place.head()
    with pytest.raises(NotWritable) as raised:
        repository.tip()
    assert raised.value.says == DETACHED


def test_an_unborn_branch_has_no_head_and_is_not_writable(place, opened):
    place.git("checkout", "--quiet", "--orphan", "empty")
    repository = opened(place)
    assert repository.head() is None
    with pytest.raises(NotWritable) as raised:
        repository.tip()
    assert raised.value.says == "nothing is committed yet on this branch; commit the workspace's files first"


def _half_done(place, how):
    place.git("switch", "--quiet", "--create", "side")
    place.write("a/one.md", b"side\n")
    place.git("commit", "--quiet", "--all", "--message=Side")
    place.git("switch", "--quiet", "main")
    place.write("a/one.md", b"main\n")
    place.git("commit", "--quiet", "--all", "--message=Main")
    place.git(*how, code=1)


@pytest.mark.parametrize(
    ("how", "name", "remedy"),
    [
        (("merge", "side"), "merge", "finish it with 'git merge --continue' or drop it with 'git merge --abort'"),
        (
            ("rebase", "side"),
            "rebase",
            "finish it with 'git rebase --continue' or drop it with 'git rebase --abort'",
        ),
        (
            ("rebase", "--apply", "side"),
            "rebase",
            "finish it with 'git rebase --continue' or drop it with 'git rebase --abort'",
        ),
        (
            ("cherry-pick", "side"),
            "cherry-pick",
            "finish it with 'git cherry-pick --continue' or drop it with '--abort'",
        ),
        (("revert", "side"), "revert", "finish it with 'git revert --continue' or drop it with '--abort'"),
    ],
    ids=["merge", "rebase", "rebase-apply", "cherry-pick", "revert"],
)
def test_what_is_half_done_is_named_with_the_way_out(place, opened, how, name, remedy):
    _half_done(place, how)
    repository = opened(place)
    assert repository.in_progress() == (name, remedy)
    with pytest.raises(NotWritable) as raised:
        repository.tip()
    assert raised.value.says == f"this repository is in the middle of a {name}; {remedy}"


def test_nothing_is_in_progress_in_a_quiet_repository(place, opened):
    assert opened(place).in_progress() is None


def test_who_acts_comes_from_the_configuration_and_the_environment_goes_first(place, opened, monkeypatch):
    assert opened(place).me() == Actor("Sanna Lind", "sanna.lind@example.org")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Dario Conti")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "dario.conti@example.org")
    author, committer = opened(place).signatures_now()
    assert (author.actor, committer.actor) == (
        Actor("Dario Conti", "dario.conti@example.org"),
        Actor("Sanna Lind", "sanna.lind@example.org"),
    )


@pytest.mark.parametrize("config", ["", "[user]\n\tname = Sanna\n", "[user]\n\tname = Sanna\n\temail =\n"])
def test_a_guess_of_gits_is_no_identity(place, opened, monkeypatch, tmp_path, config):
    (tmp_path / "config").write_text(config)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    monkeypatch.setenv("EMAIL", "guess@example.org") if "email" in config else None
    with pytest.raises(NoIdentity) as raised:
        opened(place).me()
    assert raised.value.says == (
        "git does not know who you are; set it with 'git config --global user.name \"Your Name\"' and "
        "'git config --global user.email you@your.org'"
    )


def test_a_changed_configuration_is_noticed_by_a_long_running_process(place, opened):
    repository = opened(place)
    assert (repository.me().name, repository.signs(), repository.hooks()) == (
        "Sanna Lind",
        False,
        place.root / ".git/hooks",
    )
    place.git("config", "user.name", "Sanna Lund")
    place.git("config", "commit.gpgSign", "yes")
    place.git("config", "core.hooksPath", "my-hooks")
    assert (repository.me().name, repository.signs(), repository.hooks()) == (
        "Sanna Lund",
        True,
        place.root / "my-hooks",
    )


def test_configuration_included_for_a_branch_counts_while_it_is_checked_out(place, opened, tmp_path):
    (tmp_path / "there").write_text("[user]\n\tname = There\n")
    place.git("config", "includeIf.onbranch:there.path", str(tmp_path / "there"))
    repository = opened(place)
    assert repository.me().name == "Sanna Lind"
    place.git("switch", "--quiet", "--create", "there")
    assert repository.me().name == "There"
    (tmp_path / "there").write_text("[user]\n\tname = Elsewhere\n")
    assert repository.me().name == "Elsewhere"


def test_a_configuration_file_that_appears_later_counts(place, opened, monkeypatch, isolated):
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    place.git("config", "user.email", "here@example.org")
    place.git("config", "user.name", "Here")
    repository = opened(place)
    assert repository.signs() is False
    (isolated / ".gitconfig").write_text("[commit]\n\tgpgSign\n")
    assert repository.signs() is True


def test_a_date_in_the_environment_is_the_commits_date(place, opened, monkeypatch):
    monkeypatch.setenv("GIT_AUTHOR_DATE", "@1660990320 +0300")
    author, committer = opened(place).signatures_now()
    assert (author.at, author.zone) == (1660990320, "+0300")
    assert abs(committer.when - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("zone", ["+0000", "+0530", "-0330", "-1100"])
def test_a_moment_keeps_its_zone(zone):
    said = moment(1660990320, zone)
    assert (int(said.timestamp()), said.strftime("%z")) == (1660990320, zone)


def test_a_signature_is_written_as_git_does(place):
    when = datetime(2022, 8, 20, 10, 12, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))
    text = str(Signature.of(Actor("Sanna Lind", "sanna.lind@example.org"), when))
    assert text == "Sanna Lind <sanna.lind@example.org> 1661003 -0330".replace("1661003", str(int(when.timestamp())))


def test_objects_are_read_by_any_name_and_what_is_not_there_is_none(place, opened):
    repository = opened(place)
    assert repository.blob("HEAD", "a/one.md") == b"one\n"
    assert repository.blob("HEAD", "a") is None
    assert repository.blob("HEAD", "no such.md") is None
    assert repository.blob("HEAD", "line\nbreak") is None
    assert repository.object("HEAD:a/two.md") == (place.git("rev-parse", "HEAD:a/two.md"), "blob", b"two\n")
    assert [repository.commit(f"refs/heads/{name}") for name in ("main", "nowhere")] == [place.head(), None]


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_an_objects_id_is_gits(new_place, opened, kind):
    place = new_place("of-kind", f"--object-format={kind}")
    assert opened(place).object_id("blob", b"one\n") == place.git("rev-parse", "HEAD:a/one.md")


def test_the_signs_of_change_differ_after_a_commit_a_switch_and_a_stage(place, opened):
    repository = opened(place)
    seen = [repository.signs_of_change()]
    assert repository.signs_of_change() == seen[0]
    for command in (
        ("commit", "--quiet", "--allow-empty", "--message=Next"),
        ("switch", "--quiet", "--create", "other"),
        ("rm", "--quiet", "--cached", "top.txt"),
    ):
        place.git(*command)
        seen.append(repository.signs_of_change())
    assert len(set(seen)) == 4


def test_a_value_of_the_configuration_that_is_not_there_is_empty(place, opened):
    assert opened(place).config("callforth.nothing") == ""


def test_git_is_asked_with_no_terminal_where_the_interface_has_it(place, opened):
    repository = opened(place, interactive=False)
    place.git("config", "alias.who", "!ps -o sid= -p $$")
    said = repository.git.text("who", doing="ask").strip()
    assert said != str(os.getsid(0))
