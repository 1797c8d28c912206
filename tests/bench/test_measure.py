"""Times, ratios, aims, and the table."""

from __future__ import annotations

import time

import pytest

from bench.measure import Figure, Times, by_turns, summary, table


def test_median_and_p95_are_of_what_was_timed() -> None:
    times = Times(tuple(float(number) for number in range(1, 22)))
    assert (times.median, times.p95) == (11.0, 20.0)
    assert (times * 2).median == 22.0
    assert (Times((1.0, 2.0)) + Times((10.0, 20.0))).seconds == (11.0, 22.0)


def test_ways_are_timed_by_turns_to_and_fro_without_those_that_warm_up() -> None:
    called: list[tuple[str, int]] = []

    def way(name: str, takes: float | None):
        def prepare(number: int):
            called.append((name, number))
            return lambda: takes

        return prepare

    found = by_turns({"a": way("a", 0.25), "b": way("b", None)}, 2, warm_up=1)
    assert called == [("a", 0), ("b", 0), ("b", 1), ("a", 1), ("a", 2), ("b", 2)]
    assert found["a"].seconds == (0.25, 0.25)
    assert len(found["b"].seconds) == 2


def test_what_sets_up_is_not_timed() -> None:
    def slow_to_begin(number: int):
        time.sleep(0.05)
        return lambda: None

    assert max(by_turns({"a": slow_to_begin}, 1, warm_up=0)["a"].seconds) < 0.05


@pytest.mark.parametrize(("aim", "met"), [(None, None), (0.5, True), (0.49, False)])
def test_an_aim_is_met_up_to_its_ratio(aim, met) -> None:
    figure = Figure("it", Times((1.0, 1.0, 4.0)), Times((2.0, 2.0, 2.0)), "that", aim)
    assert (figure.ratio, figure.met) == (0.5, met)


def test_a_figure_at_p95_compares_the_slowest() -> None:
    figure = Figure("it", Times((1.0, 1.0, 4.0)), Times((2.0, 2.0, 2.0)), "that", 1.2, at_p95=True)
    assert (figure.ratio, figure.met) == (2.0, False)


def test_the_table_says_which_aims_are_missed_and_by_how_much() -> None:
    figures = [
        Figure("a decision", Times((0.01, 0.01)), Times((0.02, 0.04)), "git", 0.6),
        Figure("memory", Times((6e7,)), Times((2e7,)), "an empty app", 2.5, unit="MB"),
        Figure("help", Times((2.0,)), Times((40.0,)), "a start"),
    ]
    assert table(figures).split("\n") == [
        "ratio     aim            median       p95     anchor        p95  each  what / anchor",
        " 0.33  <= 0.6     met   10.0 ms   10.0 ms    30.0 ms    40.0 ms     2  a decision / git",
        " 3.00  <= 2.5  MISSED   60.0 MB   60.0 MB    20.0 MB    20.0 MB     1  memory / an empty app",
        " 0.05                  2,000 ms  2,000 ms  40,000 ms  40,000 ms     1  help / a start",
    ]
    assert summary(figures) == "1 of 2 aims met\nmissed: memory: 3.00 where <= 2.5 is aimed at"
