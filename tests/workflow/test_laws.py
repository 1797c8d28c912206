"""What holds whatever people do: any sequence of decisions, tags and undos, by two people, allowed or refused."""

import itertools

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from callforth.errors import RefusedError, UsageError
from callforth.model.decision import Actor
from callforth.model.status import VERB_TO, VERBS, Status
from callforth.repo.repository import Signature
from callforth.workflow import undo as undoing
from callforth.workflow.decide import decide
from callforth.workflow.ledger import ledger
from callforth.workflow.tag import tag
from callforth.workflow.workspace import Workspace

IDS = ("k7m2qx", "3fh9td", "1e3456", "zfajtz")
SEATS = 2
PEOPLE = (Actor("Sanna Lind", "sanna.lind@example.org"), Actor("Dario Conti", "dario.conti@example.org"))
some_ids = st.lists(st.sampled_from(IDS), min_size=1, max_size=3, unique=True)
who = st.sampled_from((PEOPLE[0], *PEOPLE))  # one of them is the busier


def test_any_sequence_keeps_ledger_and_files_in_agreement(new_workspace):
    runs = itertools.count()

    class Team(RuleBasedStateMachine):
        @initialize()
        def begin(self):
            self.sandbox = new_workspace(*IDS, seats=SEATS, folder=f"run-{next(runs)}")
            self.workspace = Workspace.find(self.sandbox.root)
            self.workspace.catalog.refresh()
            self.clock = 1_660_000_000
            self.start = self.sandbox.head()
            self.files = dict.fromkeys(IDS, ("received", ()))
            self.standing = []

        def signed(self, person):
            self.clock += 60
            return Signature(person, self.clock, "+0200")

        def attempt(self, action):
            """Do it; where it is refused, nothing at all may have changed."""
            head = self.sandbox.head()
            try:
                entries = action()
            except (RefusedError, UsageError):
                assert self.sandbox.head() == head
                return []
            commits = self.sandbox.git("rev-list", "--reverse", f"{head}..HEAD").split("\n")
            assert [entry.commit for entry in entries] == commits
            for entry in entries:
                path = f"applications/oslo-2022/{entry.application}.md"
                assert self.sandbox.git("diff", "--name-only", f"{entry.commit}^", entry.commit) == path
                before, tags = self.files[entry.application]
                assert str(entry.before) == before
                after = {*tags, *(t[1:] for t in entry.tags if t[0] == "+")}
                after -= {t[1:] for t in entry.tags if t[0] == "-"}
                self.files[entry.application] = (str(entry.after), tuple(sorted(after)))
            return entries

        def do(self, person, action):
            entries = self.attempt(action)
            if entries:
                self.standing.append((person, entries))

        @rule(person=who, ids=some_ids, over=st.booleans(), data=st.data())
        def decide_what_the_table_allows(self, person, ids, over, data):
            status = Status(self.files[ids[0]][0])
            same = [id for id in ids if self.files[id][0] == status]
            verb = VERB_TO[data.draw(st.sampled_from(status.may_become))]
            self.do(person, lambda: decide(self.workspace, verb.name, same, "Why not.", over, self.signed(person)))

        @rule(person=who, verb=st.sampled_from(sorted(VERBS)), ids=some_ids, reason=st.sampled_from(["", "Why not."]))
        def decide_anything(self, person, verb, ids, reason):
            self.do(person, lambda: decide(self.workspace, verb, ids, reason, signed_by=self.signed(person)))

        @rule(person=who, ids=some_ids, names=st.sets(st.sampled_from("ab"), min_size=1))
        def turn_tags_round(self, person, ids, names):
            words = [("-" if name in self.files[ids[0]][1] else "+") + name for name in sorted(names)]
            self.do(person, lambda: tag(self.workspace, ids, words, self.signed(person)))

        @precondition(lambda self: len(self.standing) > 1)
        @rule(person=who, over=st.sampled_from([True, True, False]), times=st.integers(1, 3))
        def undo(self, person, over, times):
            for _ in range(times):
                self.workspace.catalog.refresh()
                mine = [group for by, group in self.standing if by == person]
                undone = self.attempt(lambda: undoing.undo(self.workspace, over, signed_by=self.signed(person)))
                if over and mine and self.standing[-1] == (person, mine[-1]):
                    assert undone, "nothing stands on it, so it can be taken back"
                if undone:
                    assert {entry.reverts for entry in undone} == {entry.commit for entry in mine[-1]}
                    self.standing.remove((person, mine[-1]))

        @rule()
        def restart(self):
            self.workspace.close()
            self.workspace = Workspace.find(self.sandbox.root)
            self.workspace.catalog.refresh()

        @precondition(lambda self: hasattr(self, "files"))
        @invariant()
        def files_are_what_was_done(self):
            self.workspace.catalog.refresh()
            catalog = self.workspace.catalog
            now = {row.id: (str(row.status), row.tags) for one in catalog.meetings for row in catalog.rows(one.id)}
            assert now == self.files
            assert self.sandbox.git("status", "--porcelain") == ""

        def teardown(self):
            if not hasattr(self, "files"):
                return
            entries = list(ledger(self.workspace))
            assert all(entry.recorded for entry in entries)
            replayed = {}
            for entry in reversed(entries):
                before, tags = replayed.get(entry.application, (None, ()))
                assert entry.before == before
                after = {*tags, *(t[1:] for t in entry.tags if t[0] == "+")}
                after -= {t[1:] for t in entry.tags if t[0] == "-"}
                replayed[entry.application] = (entry.after, tuple(sorted(after)))
            assert replayed == self.files
            assert len(entries) == len(IDS) + int(self.sandbox.git("rev-list", "--count", f"{self.start}..HEAD"))
            for entry in entries:
                if entry.reverts:
                    undone = next(other for other in entries if other.commit == entry.reverts)
                    assert undone.by == entry.by
                    assert {{"+": "-", "-": "+"}[tag[0]] + tag[1:] for tag in undone.tags} == set(entry.tags)
                    if undone.is_decision:
                        assert (undone.before, undone.after) == (entry.after, entry.before)
                    else:  # a tagging leaves the status to whoever decided since
                        assert entry.before is entry.after
            assert self.sandbox.git("fsck", "--full", "--strict") == ""
            self.workspace.close()

    run_state_machine_as_test(
        Team,
        settings=settings(
            max_examples=40,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
