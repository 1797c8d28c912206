"""Redacting: nobody of the team is named, wherever their name stands; everything else stays."""

from __future__ import annotations

import pytest

from callforth.model.decision import Actor
from callforth.model.team import Member
from callforth.workflow.audit.explain import explain
from callforth.workflow.audit.redact import MEMBER, Names, redact


def member(slug, name, email):
    return Member(slug, name, email, ("organiser",))


NAMES = Names(
    [
        member("sanna", "Sanna Lind", "sanna.lind@example.org"),
        member("hedda", "Hedda Nyström", "hedda@example.org"),
        member("dlc", "Dario de la Conti", "dario@example.org"),
        member("bo", "Bo Li", "bo@example.org"),
        member("xm", "王小明", "xm@example.org"),
    ],
    [Actor("An-Marie O’Brien", "am@example.org"), Actor("", "")],
)


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Sanna Lind agrees.", f"{MEMBER} agrees."),
        ("Sanna's idea, and LIND’s", f"{MEMBER}'s idea, and {MEMBER}’s"),
        ("sanna says so", f"{MEMBER} says so"),
        ("Nystrom and Nyström", f"{MEMBER} and {MEMBER}"),
        ("Dario de la Conti, de la Concha", f"{MEMBER}, de la Concha"),
        ("dlc read it", f"{MEMBER} read it"),
        ("Bo Li knows Boston and linden; Bo does not", f"{MEMBER} knows Boston and linden; Bo does not"),
        ("王小明说", f"{MEMBER}说"),
        ("Sanna Lind, Dario Conti agree", f"{MEMBER}, {MEMBER} agree"),
        ("Ask sanna.lind@example.org (Sanna Lind) today", f"Ask {MEMBER} today"),
        ("Ask Sanna Lind <SANNA.LIND@example.org>", f"Ask {MEMBER}"),
        ("Ask Sanna Lind, sanna.lind@example.org", f"Ask {MEMBER}"),
        ("not-hedda@example.org", f"not-{MEMBER}@example.org"),
        ("O'Brien, An-Marie; Marie Obrien", f"{MEMBER}, {MEMBER}; {MEMBER} Obrien"),
        ("Sanna\nLind", f"{MEMBER}\n{MEMBER}"),
        ("Nobody of them.", "Nobody of them."),
        ("", ""),
    ],
)
def test_names_in_texts(text, redacted):
    assert NAMES.without(text) == redacted


def test_nobody_is_named_and_the_rest_stays(workspace, opened):
    workspace.write(
        "meetings/oslo-2022/reviews/k7m2qx/hedda.md",
        "---\napplication: k7m2qx\nreviewer: hedda\nrecommend: accept\nscores:\n  fit: 4\n---\n\nSecret remark.\n",
    )
    workspace.commit("Review")
    workspace.done("accept", "k7m2qx", "-m", "Hedda and Olga Formerly agree: the bridge counts.")
    workspace.be("dario")
    workspace.done("tag", "k7m2qx", "+ask-sanna")
    # Somebody who was in the team at a step, and is not any more.
    text = workspace.read("callforth.toml")
    workspace.write(
        "callforth.toml", text + '\n[team.olga]\nname = "Olga Formerly"\nemail = "o@example.org"\nroles = ["auditor"]\n'
    )
    workspace.commit("Olga comes")
    workspace.done("waitlist", "k7m2qx", "-m", "Sanna Lind was wrong.")
    workspace.write("callforth.toml", text)
    workspace.commit("Olga goes")
    found, team = explain(opened(workspace), "k7m2qx")
    hidden = redact(found, team)
    assert [step.entry.reason for step in hidden.steps] == [
        "",
        f"{MEMBER} and {MEMBER} agree: the bridge counts.",
        "",
        f"{MEMBER} was wrong.",
    ]
    assert {step.entry.by for step in hidden.steps} == {Actor(MEMBER, "")}
    assert hidden.steps[2].entry.tags == (f"+ask-{MEMBER}",)
    assert [o.reviewer for o in hidden.steps[1].opinions] == ["a reviewer"]
    assert hidden.steps[1].opinions[0].review.scores == {"fit": 4.0}
    for name in ("Sanna", "Lind", "Dario", "Conti", "Hedda", "Nystr", "Olga", "Formerly"):
        assert name not in repr([(s.entry, s.undone, [o.reviewer for o in s.opinions or ()]) for s in hidden.steps])
    assert [s.entry.commit for s in hidden.steps] == [s.entry.commit for s in found.steps]
