"""What a forge asks of a pull request: of its commits, of who opened it, of its review files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from callforth.workflow.audit.verify import verify
from callforth.workflow.checking import NoBase, Shallow, check

APPLICATION = "applications/oslo-2022/{}.md"
REVIEW = "meetings/oslo-2022/reviews/{}/{}.md"
SANNA = "Sanna Lind <sanna.lind@example.org>"
HEDDA = "Hedda Nyström <hedda.nystrom@example.org>"
GITHUB = ("-c", "user.name=GitHub", "-c", "user.email=noreply@github.com")


def review(id, reviewer="hedda", recommend="accept", score="4", remarks="Knows how to listen."):
    return (
        f"---\napplication: {id}\nreviewer: {reviewer}\nrecommend: {recommend}\nscores:\n  fit: {score}\n"
        f"conflict: false\n---\n\n{remarks}\n"
    )


@pytest.fixture
def found(opened):
    """Check a sandbox's branch against `main`; return rules and paths of what is grave, and of notes."""

    def run(sandbox, base="main", who=""):
        every = check(opened(sandbox), base, who)
        pairs = [
            [(one.rule, one.path or one.application) for one in every if one.grave is grave] for grave in (True, False)
        ]
        return tuple(pairs)

    return run


@pytest.fixture
def branch(workspace):
    """The workspace, on a branch beside `main`."""
    workspace.git("switch", "--quiet", "--create", "branch")
    return workspace


def by_browser(sandbox, files, author=HEDDA, message="Update files"):
    """Commit as GitHub's editor does: the author is who typed, the committer GitHub itself."""
    for path, text in files.items():
        sandbox.write(path, text)
    sandbox.git("add", "--all")
    sandbox.git(*GITHUB, "commit", "--quiet", f"--author={author}", "--message", message)
    return sandbox.head()


def test_a_review_written_in_the_browser_is_in_order(branch, found, opened):
    by_browser(branch, {REVIEW.format("k7m2qx", "hedda"): review("k7m2qx")})
    assert found(branch, who="Hedda.Nystrom@example.org") == ([], [])
    assert verify(opened(branch)).sound


def test_an_organiser_edits_the_call_in_the_browser_and_a_reviewer_does_not(branch, found, opened):
    call = "meetings/oslo-2022/call.md"
    by_browser(branch, {call: branch.read(call).replace("seats: 3", "seats: 4")}, author=SANNA)
    assert found(branch, who="sanna.lind@example.org") == ([], [("call-changed", call)])
    assert verify(opened(branch)).sound
    by_browser(branch, {call: branch.read(call).replace("seats: 4", "seats: 9")})
    assert found(branch)[0] == [("role", call)]


@pytest.mark.parametrize(
    ("policy", "author", "committer", "rules"),
    [
        ("", HEDDA, "stranger@example.org", ["review"]),
        ("", SANNA, "noreply@github.com", ["review"]),
        ('signatures = "required"\n', HEDDA, "noreply@github.com", ["review", "unsigned"]),
        ('signatures = "required"\n', HEDDA, "sanna.lind@example.org", ["review", "unsigned"]),
    ],
)
def test_nobody_else_hands_in_a_review_and_no_forge_signs_for_a_reviewer(
    branch, found, policy, author, committer, rules
):
    branch.write("callforth.toml", branch.read("callforth.toml").replace("format = 1\n", f"format = 1\n{policy}"))
    branch.git("commit", "--quiet", "--allow-empty", "--all", "--message", "Policy")
    branch.git("branch", "--force", "main")
    path = REVIEW.format("k7m2qx", "hedda")
    branch.write(path, review("k7m2qx"))
    branch.git("add", "--all")
    branch.git("-c", f"user.email={committer}", "commit", "--quiet", f"--author={author}", "--message", "Update")
    assert found(branch)[0] == [(rule, path if rule == "review" else "") for rule in rules]


def test_an_account_is_a_member_as_the_address_that_the_forge_writes_for_it(branch, found, opened):
    team = branch.read("callforth.toml")
    branch.write("callforth.toml", team + 'account = "hedda-n"\n')
    branch.commit("Note an account")
    branch.git("branch", "--force", "main")
    kept_back = "Hedda <583231+Hedda-N@users.noreply.github.com>"
    by_browser(branch, {REVIEW.format("k7m2qx", "hedda"): review("k7m2qx")}, author=kept_back)
    assert [found(branch, who=who)[0] for who in ("hedda-n", "@hedda-n", "hedda-n@users.noreply.github.com")] == [
        []
    ] * 3
    assert verify(opened(branch)).sound
    path = REVIEW.format("k7m2qx", "hedda")
    assert found(branch, who="@somebody") == ([("opened-by", path)], [])


def test_without_any_account_a_name_on_the_forge_is_not_checked_and_that_is_noted(branch, found):
    by_browser(branch, {REVIEW.format("k7m2qx", "hedda"): review("k7m2qx")})
    assert found(branch, who="hedda-n") == ([], [("account", "callforth.toml")])


EDIT = "Edit k7m2qx for oslo-2022\n\nA slip.\n\nApplication: oslo-2022/k7m2qx\n"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (APPLICATION.format("k7m2qx"), EDIT),
        ("callforth.toml", "Tidy up"),
        (".github/workflows/callforth.yml", "Let it pass"),
    ],
)
def test_a_reviewer_brings_nothing_but_reviews_whoever_the_commits_say_they_are_by(branch, found, path, message):
    by_browser(branch, {REVIEW.format("k7m2qx", "hedda"): review("k7m2qx")})
    branch.write(path, (branch.read(path) if (branch.root / path).exists() else "") + "\n")
    branch.commit(message)  # by an organiser, as anyone can write
    assert found(branch, who="sanna.lind@example.org")[0] == []
    assert found(branch, who="hedda.nystrom@example.org")[0] == [("opened-by", path)]


def test_a_review_as_somebody_else_is_found_and_so_is_whatever_a_stranger_brings(branch, found):
    path = REVIEW.format("k7m2qx", "dario")
    by_browser(branch, {path: review("k7m2qx", "dario")})
    assert found(branch, who="hedda.nystrom@example.org") == ([("review", path), ("opened-by", path)], [])
    branch.git("switch", "--quiet", "--force-create", "other", "main")
    by_browser(branch, {"README.md": "Hello\n"}, author="Some Stranger <stranger@example.org>")
    assert found(branch, who="stranger@example.org") == ([("opened-by", "README.md")], [])
    assert found(branch, who="dario.conti@example.org") == ([], [])


def test_what_is_wrong_with_a_status_is_found_on_its_line(branch, opened):
    path = APPLICATION.format("k7m2qx")
    branch.write(path, branch.read(path).replace("status: received", "status: accepted"))
    branch.commit("By hand")
    [one] = check(opened(branch), "main")
    assert (one.rule, one.path, one.line) == ("unrecorded", path, 3)


def test_answers_stay_before_a_decision_too_unless_an_edit_or_an_import_says_so(branch, found, opened):
    path = APPLICATION.format("k7m2qx")
    branch.write(path, branch.read(path).replace("bridge", "tunnel"))
    branch.commit("Polish")
    assert found(branch) == ([("answers", path)], [])
    assert verify(opened(branch)).sound  # history may: nothing was decided on it
    for message, expected in (
        (EDIT, ([], [("edited", path)])),
        ("Import\n\nImported: 1 from eusurvey\n", ([], [])),
    ):
        branch.git("commit", "--quiet", "--amend", "--message", message)
        assert found(branch) == expected


def test_a_merge_does_not_change_answers_by_itself(branch, found):
    branch.done("tag", "k7m2qx", "+a")
    branch.git("switch", "--quiet", "main")
    branch.done("tag", "3fh9td", "+a")
    branch.git("switch", "--quiet", "branch")
    branch.git("merge", "--quiet", "--no-commit", "main")
    path = APPLICATION.format("1e3456")
    branch.write(path, branch.read(path).replace("bridge", "tunnel"))
    branch.commit("Merge branch 'main'")
    assert found(branch) == ([("answers", path)], [])


def test_the_team_of_the_base_counts_for_all_commits(branch, found, opened):
    branch.done("accept", "k7m2qx")
    assert found(branch) == ([], [])
    branch.git("switch", "--quiet", "main")
    team = branch.read("callforth.toml")
    branch.be("dario")
    branch.write(
        "callforth.toml",
        team.replace('lind@example.org"\nroles = ["organiser"]', 'lind@example.org"\nroles = ["auditor"]'),
    )
    branch.commit("Sanna left")
    branch.git("switch", "--quiet", "branch")
    assert found(branch) == ([("role", APPLICATION.format("k7m2qx"))], [])
    [says] = [one.says for one in check(opened(branch), "main")]
    assert says == "by the team of the base, the author, Sanna Lind <sanna.lind@example.org>, was no organiser"


def test_a_branch_lets_nobody_in_by_itself(branch, found, opened):
    branch.write("callforth.toml", branch.read("callforth.toml").replace('"reviewer"', '"organiser"'))
    branch.commit("Hedda decides from now on")
    branch.be("hedda")
    branch.done("accept", "k7m2qx")
    assert verify(opened(branch)).sound
    assert found(branch) == ([("role", APPLICATION.format("k7m2qx"))], [("team-changed", "callforth.toml")])


def test_seats_are_counted_together_with_what_the_base_took_meanwhile(branch, found):
    branch.done("accept", "k7m2qx", "3fh9td", "--yes")
    branch.git("switch", "--quiet", "main")
    branch.done("accept", "k7m2qx")
    branch.done("accept", "3fk000")
    branch.git("switch", "--quiet", "branch")
    assert found(branch) == ([], [])  # three of three: one is the same
    branch.git("switch", "--quiet", "main")
    branch.done("accept", "1e3456")
    branch.git("switch", "--quiet", "branch")
    assert found(branch) == ([("seats", "meetings/oslo-2022/call.md")], [])


def test_what_was_found_on_the_base_is_not_the_branchs(branch, found):
    branch.application("2hhn2b")
    branch.commit("Import one\n\nImported: 1 from eusurvey\n")
    branch.git("switch", "--quiet", "main")
    path = APPLICATION.format("k7m2qx")
    branch.write(path, branch.read(path).replace("status: received", "status: accepted"))
    bad = branch.commit("By hand")
    branch.git("switch", "--quiet", "branch")
    assert found(branch) == ([], [])
    branch.git("merge", "--quiet", "--no-edit", "main")
    assert found(branch) == ([], [])
    assert found(branch, base=f"{bad}~") == ([("unrecorded", path)], [])


@pytest.mark.parametrize(
    ("way", "committed_by_another"),
    [
        (lambda it: it.git(*GITHUB, "merge", "--quiet", "--no-ff", "--no-edit", "branch"), False),
        (lambda it: it.git("cherry-pick", "main..branch"), True),  # what a rebase is
        (lambda it: (it.git("merge", "--quiet", "--squash", "branch"), by_browser(it, {}, message=SQUASHED)), False),
    ],
    ids=["merge", "rebase", "squash"],
)
def test_what_forges_make_of_a_branch_of_reviews_is_in_order(branch, found, opened, way, committed_by_another):
    branch.be("hedda")
    paths = [REVIEW.format(id, "hedda") for id in ("k7m2qx", "3fh9td")]
    for path, id in zip(paths, ("k7m2qx", "3fh9td"), strict=True):
        branch.write(path, review(id))
        branch.commit(f"Review {id} for oslo-2022\n\nApplication: oslo-2022/{id}\nReview: hedda\n")
    branch.be("sanna")
    branch.git("switch", "--quiet", "--create", "merged", "main")
    way(branch)
    assert found(branch) == ([], [("author", path) for path in paths] if committed_by_another else [])
    assert verify(opened(branch)).sound


SQUASHED = """Reviews by Hedda (#12)

* Review k7m2qx for oslo-2022

Application: oslo-2022/k7m2qx
Review: hedda

* Review 3fh9td for oslo-2022

Application: oslo-2022/3fh9td
Review: hedda
"""


@pytest.mark.parametrize(
    ("text", "rule", "line", "says"),
    [
        (review("k7m2qx", score="6"), "review-file", 6, "the score 6 for 'fit' is off the scale 1-5"),
        (review("k7m2qx").replace("fit:", "fits:"), "review-file", 6, "'fits' is no criterion of the call"),
        (review("k7m2qx").replace("  fit:", "fit:"), "review-file", 6, "'fit' is no field of a review"),
        (review("k7m2qx").replace("recommend:", "Recommend:"), "unreadable", 4, "'Recommend' is no field of a review"),
        (review("k7m2qx", score="good"), "unreadable", 6, "the score is not a number"),
        (review("k7m2qx", recommend="yes"), "unreadable", 4, "the recommendation is unknown"),
        (review("3fh9td"), "unreadable", 2, "'application' does not fit the file's place"),
    ],
)
def test_a_review_file_fits_the_call(branch, opened, text, rule, line, says):
    path = REVIEW.format("k7m2qx", "hedda")
    by_browser(branch, {path: text})
    [one] = check(opened(branch), "main")
    assert (one.rule, one.path, one.line, one.grave) == (rule, path, line, True)
    assert one.says.startswith(says)


def test_a_review_of_nothing_or_by_nobody_is_found_where_it_comes_in_and_noted_later(branch, found):
    nothing, nobody = REVIEW.format("2hhn2b", "hedda"), REVIEW.format("k7m2qx", "olga")
    by_browser(branch, {nothing: review("2hhn2b"), nobody: review("k7m2qx", "olga")})
    files = [("review-file", nothing), ("review-file", nobody)]
    assert found(branch) == ([*files, ("review", nobody)], [])
    assert found(branch, base="") == ([], files)


def test_a_link_in_place_of_a_folder_is_found_and_not_followed(branch, found, tmp_path):
    (tmp_path / "hedda.md").write_text(review("k7m2qx", score="9"))
    link = branch.root / "meetings/oslo-2022/reviews/k7m2qx"
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path)
    by_browser(branch, {}, author=SANNA)
    assert found(branch)[0] == [("unreadable", "meetings/oslo-2022/reviews/k7m2qx")]


def test_what_was_begun_and_does_not_count_yet_is_noted(branch, found):
    path = REVIEW.format("k7m2qx", "hedda")
    by_browser(branch, {path: review("k7m2qx", recommend="")})
    assert found(branch) == ([], [("template", path)])
    blank = review("k7m2qx", recommend="", score="", remarks="")
    by_browser(branch, {path: blank})
    assert found(branch) == ([], [])


def test_what_was_committed_is_checked_whatever_the_work_tree_says(branch, found, opened):
    path = REVIEW.format("k7m2qx", "hedda")
    by_browser(branch, {path: review("k7m2qx", score="6")})
    branch.write(path, review("k7m2qx"))
    assert found(branch) == ([("review-file", path)], [("uncommitted", path)])
    branch.commit("Mend")
    branch.write(path, review("k7m2qx", score="6"))
    new = REVIEW.format("3fh9td", "hedda")
    branch.write(new, "not a review")
    branch.git("add", path)
    [note] = [one for one in check(opened(branch), "main") if one.rule == "uncommitted"]
    assert note.says == f"2 files with edits that are not committed, and were not checked: {new} and 1 more"
    assert found(branch)[1] == [("uncommitted", new)]
    assert found(branch, base="") == ([("unreadable", new), ("review-file", path)], [])


def test_an_unusable_team_is_found_too(branch, found):
    branch.write("callforth.toml", branch.read("callforth.toml").replace('"reviewer"', '"reader"'))
    assert found(branch, base="") == ([("unreadable", "callforth.toml")], [])


def test_a_row_that_two_people_imported_is_found_before_and_after_it_is_merged(branch, found, opened):
    def imported(id, source):
        path = branch.application(id)
        branch.write(path, branch.read(path).replace(f"test/{id}", source))
        branch.commit("Import one\n\nImported: 1 from eusurvey\n")
        return path

    here = imported("2hhn2b", "eusurvey/1 eusurvey/2")
    imported("4mmm4m", "by hand")
    branch.git("switch", "--quiet", "main")
    there = imported("5nnn5n", "eusurvey/2")
    imported("6ppp6p", "by hand")
    assert found(branch, base="branch") == ([("source-again", there)], [])
    branch.git("switch", "--quiet", "branch")
    [one] = check(opened(branch), "main")
    assert (one.path, one.line, one.grave) == (here, 10, True)
    assert f"{one.says}; {one.remedy}" == (
        "2hhn2b and 5nnn5n came from the same row of a form ('source'), which no import takes; keep one, and remove "
        "the rest, like this one: git rm applications/oslo-2022/2hhn2b.md && git commit -m 'Remove 2hhn2b' "
        "-m 'It came in twice.' -m 'Application: oslo-2022/2hhn2b'"
    )
    branch.git("merge", "--quiet", "--no-edit", "main")
    assert found(branch) == ([("source-again", here)], [])
    assert found(branch, base="") == ([("source-again", there)], [])
    branch.git("branch", "--force", "main")
    assert found(branch) == ([], [("source-again", there)])
    branch.git("rm", "--quiet", there)
    branch.commit("Erase 5nnn5n\n\nIt came in twice.\n\nApplication: oslo-2022/5nnn5n\n")
    assert (found(branch), found(branch, base="")) == (([], []), ([], []))


def test_a_detached_head_is_checked_and_a_shallow_clone_is_not(branch, found, opened, tmp_path):
    branch.done("accept", "k7m2qx")
    branch.git("switch", "--quiet", "--detach")
    assert found(branch, who="sanna.lind@example.org") == ([], [])
    assert found(branch, base="0" * 40) == ([], [])
    branch.git("clone", "--quiet", "--depth=1", "--branch=branch", f"file://{branch.root}", str(tmp_path / "shallow"))
    with pytest.raises(Shallow) as refusal:
        check(opened(type(branch)(tmp_path / "shallow")), "HEAD")
    assert str(refusal.value) == (
        "this clone is shallow: a part of the history to check is not here; get all of it with "
        "'git fetch --unshallow' (in a workflow: 'fetch-depth: 0', in GitLab 'GIT_DEPTH: 0')"
    )
    with pytest.raises(NoBase):
        check(opened(branch), "", "sanna.lind@example.org")


def test_every_rule_of_this_check_is_in_its_document():
    root = Path(__file__).resolve().parents[2]
    files = ("checking.py", "checking_sources.py", "opening.py")
    source = "".join((root / "tui/callforth/workflow" / name).read_text("utf-8") for name in files)
    told = re.findall(r"^- \*\*`([a-z-]+)`\*\* \((?:grave|note)\): ", (root / "docs/ci.md").read_text("utf-8"), re.M)
    assert sorted(told) == sorted(set(re.findall(r'Finding\("([a-z-]+)"', source)) - {"unreadable"})
