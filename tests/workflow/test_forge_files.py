"""The files by which a forge checks pull requests: valid, harmless, working, and never in another one's place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import yaml

from callforth import __version__
from callforth.cli import start
from callforth.model.team import Member, Team
from callforth.repo.git import GitFailed
from callforth.workflow.forge_files import FORGES, add, files

WORKFLOWS = {
    "github": ".github/workflows/callforth.yml",
    "gitlab": ".gitlab/callforth.yml",
    "forgejo": ".forgejo/workflows/callforth.yml",
    "gitea": ".gitea/workflows/callforth.yml",
}
SCHEMAS = {"gitlab": "gitlab-ci.json"}
TEAM = Team(
    "T",
    (
        Member("sanna", "Sanna Lind", "sanna.lind@example.org", ("organiser",)),
        Member("dario", "Dario Conti", "dario.conti@example.org", ("organiser",), account="dario-c"),
        Member("hedda", "Hedda Nyström", "hedda.nystrom@example.org", ("reviewer",), account="hedda-n"),
    ),
)


def workflow(forge):
    # YAML 1.1 takes the key 'on' for true, which no forge does.
    text = files(forge, TEAM)[WORKFLOWS[forge]].replace("\non:\n", '\n"on":\n')
    return yaml.safe_load(text), text


def steps(forge):
    """The shell commands of a workflow, by the step's name."""
    data, _ = workflow(forge)
    if forge == "gitlab":
        return {name: "\n".join(data["callforth"][name]) for name in ("before_script", "script")}
    return {step["name"]: step["run"] for step in data["jobs"]["check"]["steps"] if "run" in step}


def test_the_command_line_names_the_same_forges():
    assert start._FORGES == FORGES == tuple(WORKFLOWS)


@pytest.mark.parametrize("forge", FORGES)
def test_workflows_fit_the_schemas_that_are_published(forge):
    folder = resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
    schema = json.loads((folder / SCHEMAS.get(forge, "github-workflows.json")).read_text("utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(workflow(forge)[0])] == []
    if forge == "gitlab":
        assert list(validator.iter_errors(yaml.safe_load(files(forge, TEAM)[".gitlab-ci.yml"]))) == []


@pytest.mark.parametrize("forge", FORGES)
def test_workflows_pin_a_release_read_only_and_have_all_of_history(forge):
    data, text = workflow(forge)
    run = "\n".join(steps(forge).values())
    assert f'"callforth=={__version__}"' in run
    assert "@" not in text.replace("actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5", "").replace(
        '"$@"', ""
    )
    assert "${{" not in run  # what a branch or a person is called never becomes a part of a command
    if forge == "gitlab":
        assert data["callforth"]["variables"]["GIT_DEPTH"] == "0"
        return
    assert data["permissions"] == {"contents": "read"}
    assert sorted(data["on"]) == ["pull_request", "push"]
    assert "pull_request_target" not in text
    [checkout] = [step["with"] for step in data["jobs"]["check"]["steps"] if "with" in step] or [None]
    if forge == "github":
        assert (checkout["fetch-depth"], checkout["persist-credentials"]) == (0, False)
    else:
        assert (checkout, "--depth" in run) == (None, False)


@pytest.fixture
def forged(workspace, tmp_path, monkeypatch):
    """Run a workflow's step as its runner would: callforth is in the place where the workflow has installed it."""
    for place in ("callforth/bin", "opt/callforth/bin"):
        (tmp_path / place).mkdir(parents=True)
        program = tmp_path / place / "callforth"
        installed = Path(sys.executable).with_name("callforth")
        program.write_text(f"#!/bin/sh\nexec '{installed}' \"$@\"\n")
        program.chmod(0o755)
    workspace.git("switch", "--quiet", "--create", "branch")

    def run(forge, step, cwd, **environment):
        script = steps(forge)[step].replace("/opt/", f"{tmp_path}/opt/")
        environment = {**os.environ, "RUNNER_TEMP": str(tmp_path), **environment}
        return subprocess.run(
            ["sh", "-e", "-c", script], cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )

    return run


def _bring(workspace, path):
    workspace.write(path, "Whatever\n")
    workspace.commit("Bring something")


@pytest.mark.parametrize(("path", "code"), [("", 0), ("callforth/__init__.py", 1)])
def test_githubs_check_says_what_is_wrong_and_runs_nothing_of_the_branch(workspace, forged, tmp_path, path, code):
    if path:
        _bring(workspace, path)
    workspace.git("clone", "--quiet", "--branch=branch", ".", str(tmp_path / "clone"))
    done = forged("github", "Check", tmp_path / "clone", BASE="origin/main", WHO="somebody")
    assert (done.returncode, done.stderr.split("\n")[0]) == (0, "nothing found, 1 note")  # no accounts are known yet
    team = workspace.read("callforth.toml")
    workspace.git("switch", "--quiet", "main")
    workspace.write("callforth.toml", team + 'account = "hedda-n"\n')
    workspace.commit("Note an account")
    subprocess.run(["git", "fetch", "--quiet"], cwd=tmp_path / "clone", check=True)
    done = forged("github", "Check", tmp_path / "clone", BASE="origin/main", WHO="somebody")
    assert (done.returncode, done.stdout.count("::error file=callforth/__init__.py,title=opened-by::")) == (code, code)


@pytest.mark.parametrize("forge", ["forgejo", "gitea"])
def test_forgejos_and_giteas_steps_fetch_and_check(workspace, forged, tmp_path, forge):
    workspace.git(
        "update-ref", "refs/pull/7/head", workspace.git("commit-tree", "-p", "main", "-m", "B", "main^{tree}")
    )
    bare = tmp_path / "server.git"
    workspace.git("clone", "--quiet", "--bare", "--mirror", ".", str(bare))
    done = forged(forge, "Get all of history", tmp_path, URL=f"file://{bare}", REF="refs/pull/7/head", TOKEN="secret")
    assert (done.returncode, done.stderr) == (0, "")
    clone = type(workspace)(tmp_path / "opt/workspace")
    assert clone.head() == workspace.git("rev-parse", "refs/pull/7/head")
    assert "secret" not in clone.read(".git/config")
    done = forged(forge, "Check", tmp_path, BASE="origin/main", WHO="somebody")
    assert (done.returncode, done.stderr) == (0, "nothing found, 1 note\n")


def test_gitlabs_script_writes_its_report_wherever_the_branch_would_lead_it(workspace, forged, tmp_path):
    program = tmp_path / "opt/callforth/bin/callforth"
    report = workspace.root / "gl-code-quality-report.json"
    report.symlink_to(program)  # emptied, it would be a program that finds nothing
    workspace.commit("Bring a link")
    clone = tmp_path / "clone"
    workspace.git("clone", "--quiet", "--branch=branch", ".", str(clone))
    about = {
        "CI_PROJECT_DIR": str(clone),
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "GITLAB_USER_EMAIL": "hedda.nystrom@example.org",
    }
    done = forged("gitlab", "script", tmp_path, **about)
    assert (done.returncode, done.stderr.split("\n")[-2]) == (1, "1 finding")
    written = json.loads((clone / report.name).read_text())
    assert [(one["check_name"], one["location"]["path"]) for one in written] == [("opened-by", report.name)]
    assert program.read_text().startswith("#!")
    about |= {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "", "CI_COMMIT_BEFORE_SHA": "0" * 40}
    assert forged("gitlab", "script", tmp_path, **about).returncode == 0


def test_owners_are_the_organisers_as_each_forge_knows_them():
    last = {forge: files(forge, TEAM)[f".{forge}/CODEOWNERS"].splitlines()[-1] for forge in FORGES}
    both = "* sanna.lind@example.org @dario-c"
    assert last == {"github": both, "gitlab": both, "forgejo": ".* @dario-c", "gitea": ".* @dario-c"}
    assert files("gitea", Team("", ()))[".gitea/CODEOWNERS"].splitlines()[-1] == "# .* @an-organisers-account"


def test_only_what_is_missing_is_added_in_one_commit_and_nothing_else_is_swept_in(workspace):
    workspace.write("docs/CODEOWNERS", "* @me\n")
    workspace.write(".gitlab-ci.yml", "test: {script: [true]}\n")
    workspace.commit("Have files of one's own")
    workspace.write("notes.txt", "staged\n")
    workspace.git("add", "notes.txt")
    added = add(workspace.root, "gitlab")
    made = [".gitlab/callforth.yml", ".gitlab/merge_request_templates/Default.md"]
    assert (list(added.made), workspace.git("log", "-1", "--format=%s")) == (made, "Check pull requests on GitLab")
    assert workspace.git("show", "--format=", "--name-only").split("\n") == made
    assert workspace.git("status", "--porcelain") == "A  notes.txt"
    assert added.left == (
        "add to .gitlab-ci.yml, below 'include:', the line '- local: .gitlab/callforth.yml'",
        "protect the main branch on the forge, and let it require the check 'callforth check'",
    )
    assert add(workspace.root, "gitlab").made == ()


def test_where_a_hook_refuses_nothing_stays_behind(workspace):
    hook = workspace.root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(GitFailed):
        add(workspace.root, "forgejo")
    assert (workspace.git("status", "--porcelain"), (workspace.root / ".forgejo").exists()) == ("", False)
