"""Assignments: what holds of every one, and that none is more even."""

from __future__ import annotations

from itertools import combinations, product
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from callforth.model.assignment import Assignment, Need, assign

SLUGS = ("ane", "bo", "cai", "dot", "eli", "fen")


def _needs(slugs, most):
    ids = st.integers(0, 31**3).map(lambda number: f"k{number:05}")
    need = st.builds(Need, st.integers(0, 4), st.frozensets(st.sampled_from([*slugs, "stranger"])))
    return st.dictionaries(ids, need, max_size=most)


def _loads(slugs):
    return st.fixed_dictionaries({slug: st.integers(0, 6) for slug in slugs})


def _best(needs, loads):
    """The loads, sorted, of the most even of all assignments, by trying every one."""
    ways = [
        list(combinations(sorted(loads.keys() - need.barred), min(need.more, len(loads.keys() - need.barred))))
        for need in needs.values()
    ]
    found = []
    for way in product(*ways):
        total = dict(loads)
        for slug in (slug for chosen in way for slug in chosen):
            total[slug] += 1
        found.append(sorted(total.values(), reverse=True))
    return min(found, key=lambda loads: sum(load * load for load in loads)), min(found)


@given(_needs(SLUGS, 60), _loads(SLUGS), st.text(max_size=3))
@settings(max_examples=80, deadline=None)
def test_each_gets_as_many_as_may_review_it_and_nobody_who_must_not(needs, loads, seed):
    made = assign(needs, loads, seed)
    for id, need in needs.items():
        got, free = made.new.get(id, ()), loads.keys() - need.barred
        assert len(set(got)) == len(got) == min(need.more, len(free))
        assert free.issuperset(got)
        assert made.lacking.get(id, 0) == need.more - len(got)
    given_to = [slug for got in made.new.values() for slug in got]
    assert made.loads == {slug: load + given_to.count(slug) for slug, load in loads.items()}
    assert all(made.new.values())
    # Whatever order things come in, and a second time, it is the same; and then nothing is missing.
    again = assign(dict(reversed(needs.items())), dict(reversed(loads.items())), seed)
    assert (again.new, again.loads, again.lacking) == (made.new, made.loads, made.lacking)
    rest = {
        id: Need(need.more - len(made.new.get(id, ())), need.barred | set(made.new.get(id, ())))
        for id, need in needs.items()
    }
    assert assign(rest, made.loads, seed) == Assignment({}, made.loads, made.lacking)


@given(_needs(SLUGS[:4], 5), _loads(SLUGS[:4]), st.sampled_from(["1", "2"]))
@settings(max_examples=120, deadline=None)
def test_no_assignment_is_more_even(needs, loads, seed):
    made = sorted(assign(needs, loads, seed).loads.values(), reverse=True)
    assert (made, made) == _best(needs, loads)


def test_a_chain_is_found_where_choosing_in_turn_ends_uneven():
    # Two may review one and the same alone, and who is asked last finds nothing left but what others could do.
    needs = {f"a{n}": Need(1, frozenset(SLUGS[:4]) - {"ane", "bo"}) for n in range(6)}
    needs |= {f"b{n}": Need(1, frozenset(SLUGS[:4]) - {"bo", "cai"}) for n in range(6)}
    needs |= {f"c{n}": Need(1, frozenset(SLUGS[:4]) - {"cai", "dot"}) for n in range(6)}
    made = assign(needs, {"ane": 9, "bo": 0, "cai": 0, "dot": 0}, "1")
    assert made.loads == {"ane": 9, "bo": 6, "cai": 6, "dot": 6}
    made = assign(needs, {"ane": 0, "bo": 0, "cai": 0, "dot": 12}, "1")
    assert made.loads == {"ane": 6, "bo": 6, "cai": 6, "dot": 12}


def test_ten_thousand_applications_of_twenty_reviewers_come_out_even():
    chance = Random(7)
    slugs = [f"r{number:02}" for number in range(20)]
    barred = [frozenset(chance.sample(slugs, chance.choice((0, 0, 1, 2)))) for _ in range(10_000)]
    needs = {f"{number:06}": Need(3, some) for number, some in enumerate(barred)}
    made = assign(needs, dict.fromkeys(slugs, 0), "1")
    assert (set(made.loads.values()), made.lacking) == ({1500}, {})
    other = assign(needs, dict.fromkeys(slugs, 0), "2")
    assert sum(made.new[id] == other.new[id] for id in needs) < 100  # 1 in 1140 by chance
    # Everybody meets everybody, so that nobody's severity hides behind a partner's.
    assert {pair for got in made.new.values() for pair in combinations(got, 2)} == set(combinations(slugs, 2))


def test_the_same_seed_draws_the_same_on_any_machine():
    needs = {id: Need(2) for id in ("3fh9td", "3fk000", "k7m2qx")}
    assert assign(needs, {"hedda": 0, "maja": 0, "nils": 0}, "1").new == {
        "3fh9td": ("hedda", "nils"),
        "3fk000": ("hedda", "maja"),
        "k7m2qx": ("maja", "nils"),
    }
