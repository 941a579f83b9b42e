"""The lab's plots: what stands in them, and that it can be read."""

from __future__ import annotations

import math
import pathlib
import random
import subprocess
import sys
import xml.etree.ElementTree as xml

import pytest
from capacity import axes, bar_plot, experiments, figures, grid_plot, line_plot, selection, store, svg
from capacity.line_plot import Labels, Point, Series
from capacity.rounds import Record
from capacity.run import Sample
from capacity.svg import FORMS, NARROW, WIDE, Box
from kit.server import ROOT

SVG = "{http://www.w3.org/2000/svg}"
CPU = Labels("A plot", "clients", "µs")


def texts(picture: str) -> list[tuple[str, Box]]:
    """What is written in it, and where."""
    found = []
    for node in xml.fromstring(picture).iter(f"{SVG}text"):
        size, x, y = (float(node.get(name)) for name in ("font-size", "x", "y"))
        wide = svg.room(node.text, size) * 0.92  # the widest of faces is not the usual one
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[node.get("text-anchor")]
        found.append((node.text, Box(left, y - 0.75 * size, left + wide, y + 0.2 * size)))
    return found


def clashes(picture: str) -> list[tuple[str, str]]:
    """Pairs of texts that touch each other, and texts that leave the picture."""
    written = texts(picture)
    _, _, wide, high = map(float, xml.fromstring(picture).get("viewBox").split())
    pairs = [(a, b) for n, (a, here) in enumerate(written)
             for b, there in written[n + 1:] if here.touches(there)]
    return pairs + [(a, "the edge") for a, box in written
                    if box.left < -2 or box.right > wide + 2 or box.top < 0 or box.bottom > high]


def words(picture: str) -> list[str]:
    return [text for text, _ in texts(picture)]


def rising(title: str = "it", kind: int = 1, top: float = 50.0, marked: bool = False) -> Series:
    return Series(title, kind, tuple(Point(at, top * n * 0.9, top * n, top * n * 1.1, marked)
                                     for n, at in enumerate((1, 10, 100, 1000, 5000), 1)))


# ---- numbers ----------------------------------------------------------------
@pytest.mark.parametrize("value,told", [
    (0, "0"), (0.0004, "0"), (0.395, "0.395"), (0.5, "0.5"), (1, "1"), (3.854, "3.85"), (12.34, "12.3"),
    (99.97, "100"), (250, "250"), (9999.4, "9,999"), (9999.6, "10 k"), (12_345, "12.3 k"), (265_000, "265 k"),
    (999_950, "1 M"), (1_234_567, "1.23 M"), (2.5e9, "2.5 G")])
def test_a_number_is_told_in_three_figures(value: float, told: str) -> None:
    assert axes.short(value) == told


@pytest.mark.parametrize("seed", range(60))
def test_the_numbers_at_an_axis_are_round_and_hold_what_there_is(seed: int) -> None:
    most = 10 ** random.Random(seed).uniform(-3, 8)
    ticks = axes.steps(most)
    assert ticks[0] == 0 and ticks[-1] >= most * 0.999 and len(ticks) <= 8
    size = 10 ** math.floor(math.log10(ticks[1]) + 1e-9)
    assert any(ticks[1] / size == pytest.approx(n) for n in (1, 2, 2.5, 5)), ticks
    assert ticks == pytest.approx([n * ticks[1] for n in range(len(ticks))])


@pytest.mark.parametrize("seed", range(60))
def test_the_numbers_at_a_log_axis_are_round_and_hold_what_there_is(seed: int) -> None:
    chance = random.Random(seed)
    low = 10 ** chance.uniform(-2, 6)
    high = low * 10 ** chance.uniform(0, 6)
    ticks = axes.decades(low, high)
    assert ticks[0] <= low * 1.001 and ticks[-1] >= high * 0.999 and 2 <= len(ticks) <= 9
    for tick in ticks:
        first = tick / 10 ** math.floor(math.log10(tick) + 1e-9)
        assert any(first == pytest.approx(n) for n in (1, 2, 5)), ticks


@pytest.mark.parametrize("low,high,ticks", [
    (0.97, 1.1, [0.5, 1, 2]), (0.24, 1, [0.125, 0.25, 0.5, 1]), (1, 1, [1, 2]), (1, 6, [1, 2, 4, 8])])
def test_ratios_double_and_one_is_always_there(low: float, high: float, ticks: list[float]) -> None:
    assert axes.doublings(low, high) == ticks


def test_zero_has_a_place_of_its_own_on_a_log_axis() -> None:
    axis = axes.axis([0.0, 10.0, 1000.0], 300, 30, log=True)
    places = [at for _, at in axis.marks()]
    assert [tick for tick, _ in axis.marks()][:2] == [0.0, 10.0]
    assert axis.at(0) == 300 > axis.at(10) > axis.at(1000) == 30 and places == sorted(places, reverse=True)
    assert axes.axis([0.0, 0.0], 300, 30, log=True).at(0.0) == 300, "nothing but zero"


# ---- lines ------------------------------------------------------------------
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("log", [False, True])
def test_names_at_the_ends_of_lines_do_not_touch_even_where_lines_end_together(form, log: bool) -> None:
    series = [rising(f"server number {n}", n, 50 + n / 10) for n in range(1, 9)]
    picture = line_plot.lines(form, Labels("A plot", "clients", "messages a second", log), series)
    assert not clashes(picture)
    assert all(one.title in words(picture) for one in series)


@pytest.mark.parametrize("seed", range(20))
def test_labels_that_were_moved_keep_their_order_and_their_room(seed: int) -> None:
    wanted = [random.Random(seed + n).uniform(30, 310) for n in range(8)]
    moved = line_plot.apart(wanted, 312.0)
    order = sorted(range(8), key=lambda n: wanted[n])
    assert [moved[n] for n in order] == sorted(moved)
    assert all(b - a >= svg.LINE - 1e-6 for a, b in zip(sorted(moved), sorted(moved)[1:]))
    assert max(moved) <= 312


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_one_point_makes_a_plot(form) -> None:
    picture = line_plot.lines(form, CPU, [Series("it", 1, (Point(64, 3, 4, 5),))])
    assert not clashes(picture) and "64" in words(picture) and "NaN" not in picture


def test_zero_among_the_values_is_drawn_at_the_foot_of_a_log_axis() -> None:
    series = Series("it", 1, (Point(0, 0, 0, 0), Point(100, 5, 10, 12), Point(1000, 900, 1000, 1100)))
    picture = line_plot.lines(WIDE, Labels("A plot", "silent", "bytes", log=True), [series])
    assert words(picture).count("0") == 2, "one at each axis"
    first, *_, last = xml.fromstring(picture).iter(f"{SVG}circle")
    assert float(first.get("cy")) > float(last.get("cy")) and float(first.get("cx")) < float(last.get("cx"))


def test_what_the_other_lab_measured_widens_the_axes_and_is_not_drawn() -> None:
    alone = line_plot.lines(WIDE, CPU, [rising(top=10)])
    beside = line_plot.lines(WIDE, CPU, [rising(top=10)], [rising("other", 2, 1000)])
    assert "6,000" not in words(alone) and "6,000" in words(beside) and "other" not in words(beside)
    mine = line_plot.lines(WIDE, CPU, [rising(top=1000)], [rising("other", 2, 10)])
    ticks = [{word for word in words(picture) if word[0].isdigit()} for picture in (beside, mine)]
    assert ticks[0] == ticks[1], "the two are on one scale"


def test_a_disturbed_point_is_hollow() -> None:
    assert line_plot.lines(WIDE, CPU, [rising(marked=True)]).count(" hollow") == 5
    assert " hollow" not in line_plot.lines(WIDE, CPU, [rising()])


# ---- bars and grids ---------------------------------------------------------
def bars_of(count: int, seed: int = 1) -> list[bar_plot.Bar]:
    chance = random.Random(seed)
    middles = [10 ** chance.uniform(0, 4) for _ in range(count)]
    return [bar_plot.Bar(f"server number {n}", n % 3 == 0, m * 0.8, m, m * 1.3, m / middles[0],
                         marked=n % 4 == 0, floor=n == 0) for n, m in enumerate(middles)]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("seed", range(10))
def test_nothing_in_a_plot_of_bars_touches(form, seed: int) -> None:
    groups = [("64 clients, 64 B", bars_of(12, seed)), ("64 clients, 16 KiB", bars_of(3, seed + 50))]
    unit = "µs of the server’s CPU time for a message: less is better"
    picture = bar_plot.bars(form, "Bars", unit, groups)
    assert not clashes(picture)
    assert picture.count('class="plot-bar ours"') == 5 and picture.count('class="plot-floor"') == 2
    assert sum(word.endswith("*") for word in words(picture)) == 4


def test_a_server_without_a_figure_says_why_and_has_no_bar() -> None:
    failed = bar_plot.Bar("libfoo", False, remark="x" * 99)
    told = bar_plot.bars(NARROW, "Bars", "µs", [("", [*bars_of(1), failed])])
    assert told.count("plot-bar") == 1 and not clashes(told)
    assert any(word.startswith("xxx") and word.endswith("x…") for word in words(told))


def test_bars_of_nothing_but_zero_are_drawn() -> None:
    assert not clashes(bar_plot.bars(WIDE, "Bars", "bytes", [("", [bar_plot.Bar("it", True)])]))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_the_pieces_of_a_bar_have_their_kinds_and_their_sum(form) -> None:
    kinds = [(1, "read"), (2, "write"), (4, "epoll_ctl")]
    stacks = [("64 clients", [bar_plot.Stack("05", ((1, 1.0), (2, 1.0), (4, 0.0))),
                              bar_plot.Stack("06", ((1, 1.25), (2, 1.0), (4, 1.0)))])]
    picture = bar_plot.stacks(form, "Calls", "system calls for a message", kinds, stacks)
    assert not clashes(picture) and "3.25" in words(picture) and "2.00" in words(picture)
    assert picture.count("plot-piece s4") == 2, "in the key, and where there is one"


def rows_of(columns: int, count: int, seed: int) -> list[grid_plot.Row]:
    chance = random.Random(seed)
    middles = [[2 ** chance.uniform(-2, 3) for _ in range(columns)] for _ in range(count)]
    return [grid_plot.Row(f"server number {n}", n % 3 == 0, tuple(
        None if chance.random() < 0.1 else grid_plot.Cell(m * 0.9, m, m * 1.1) for m in row))
        for n, row in enumerate(middles)]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("seed", range(10))
def test_nothing_in_a_grid_of_ratios_touches(form, seed: int) -> None:
    columns = ["1 client, 64 B", "64 clients, 16 deep", "1,000 clients, 1 write, 4 KiB", "d", "e", "f"]
    unit = "as a multiple of the bare loop’s"
    picture = grid_plot.grid(form, "Ratios", unit, columns, rows_of(6, 14, seed))
    assert not clashes(picture)
    assert "4\xa0KiB" in " ".join(words(picture)), "a unit stays with its number"


# ---- pictures ---------------------------------------------------------------
def invented(folder: pathlib.Path, seed: int) -> pathlib.Path:
    """A lab in which everything has been measured, with figures that nobody measured."""
    chance = random.Random(seed)
    kept = store.Store(folder)
    for one in experiments.EXPERIMENTS:
        for row in one.rows:
            for name in row.servers:
                for number in (1, 2, 3):
                    us = 10 ** chance.uniform(0, 2)
                    kept.add(Record(one.name, row.label, row.at, name, number, Sample(
                        us, 1e6 / us, 0.9, us, 9 * us, 10 * us, 5_000_000 + int(us * row.at), 5_000_000,
                        threads=1, switches=1 / us)))
        if one.calls:
            kept.add_calls(one.name, {(row.label, name): {"read": 1.0, "write": 1.0, "brk": 0.01}
                                      for row in one.rows for name in row.servers})
    return folder


@pytest.fixture
def measured(tmp_path: pathlib.Path) -> pathlib.Path:
    return invented(tmp_path / "measured", 7)


def test_every_plot_is_valid_and_readable_in_both_forms(measured) -> None:
    drawn = [(plot.name, form.name, picture) for plot, form, picture in figures.draw(measured)]
    assert len(drawn) == len(figures.PLOTS) * len(FORMS)
    for name, form, picture in drawn:
        root = xml.fromstring(picture)
        assert root.get("class") == f"plot-{form}" and root.find(f"{SVG}title").text, name
        assert len(root.find(f"{SVG}desc").text) > 40, name
        assert not clashes(picture), (name, form, clashes(picture))
        assert not {word for word in ("nan", "inf") if f'="{word}' in picture.lower()}, name


def test_two_labs_are_drawn_on_one_scale(measured, tmp_path) -> None:
    other = invented(tmp_path / "other", 8)
    for (plot, form, a), (_, _, b) in zip(figures.draw(measured, other), figures.draw(other, measured)):
        scale = [[node.text for node in xml.fromstring(picture).iter(f"{SVG}text")
                  if node.get("class") == "plot-tick"] for picture in (a, b)]
        assert scale[0] == scale[1], (plot.name, form.name)


def test_every_experiment_has_a_plot_and_every_plot_an_experiment() -> None:
    assert {plot.experiment for plot in figures.PLOTS} == {one.name for one in experiments.EXPERIMENTS}
    assert len({plot.name for plot in figures.PLOTS}) == len(figures.PLOTS)


def test_a_plot_of_what_was_not_measured_is_not_drawn_and_says_so_when_asked(tmp_path) -> None:
    assert list(figures.draw(tmp_path)) == []
    for plot in figures.PLOTS:
        assert "nothing has been measured" in plot.draw(WIDE, [], [])


def test_a_plot_of_failures_alone_is_not_drawn(tmp_path) -> None:
    store.Store(tmp_path).add(Record("churn", "16 at a time", 16, "libuv", 1, Sample(failed="gone")))
    assert list(figures.draw(tmp_path)) == []


def test_names_with_signs_of_markup_are_written_as_they_are() -> None:
    picture = line_plot.lines(WIDE, Labels('A <"&', "x", "y"), [rising("a < b & c")])
    assert "a < b & c" in words(picture) and xml.fromstring(picture).find(f"{SVG}title").text == 'A <"&'


def test_the_tool_draws_both_labs_and_collects_what_the_pages_print(measured, tmp_path) -> None:
    out = tmp_path / "plots"
    subprocess.run([sys.executable, ROOT / "tools/bench/plots", "--reference", measured, "--own", measured,
                    "--out", out], check=True, env={"TICK_PYTHON": "this", "PATH": "/usr/bin:/bin"})
    names = {path.name for path in out.glob("*.svg")}
    assert names == {path.name for path in (out / "own").glob("*.svg")}
    assert {"triggers.svg", "triggers-narrow.svg"} < names and (out / "measured.json").exists()


# ---- what is drawn ----------------------------------------------------------
def records(*samples: tuple[str, int, float]) -> list[Record]:
    return [Record("x", "row", 1, name, number, Sample(cpu_us=cpu, rate=1 / cpu))
            for name, number, cpu in samples]


def test_the_best_comes_first_whether_that_is_more_or_less() -> None:
    some = records(("05-level", 1, 2.0), ("libuv", 1, 3.0), ("mio", 1, 1.0))
    (_, less), = selection.bars_of(some, selection.cpu)
    (_, more), = selection.bars_of(some, selection.rate, most_first=True)
    assert [bar.title for bar in less] == [bar.title for bar in more] == ["mio", "05 echo, level", "libuv"]
    assert [(bar.ours, bar.floor, bar.ratio) for bar in less] == [
        (False, False, 0.5), (True, True, 1.0), (False, False, 1.5)]


def test_ratios_are_paired_within_a_round() -> None:
    some = records(("libuv", 1, 1.0), ("mio", 1, 2.0), ("libuv", 2, 10.0), ("mio", 2, 20.0), ("mio", 3, 99.0))
    assert selection.ratios(some, "mio", "row", selection.cpu) == [2.0, 2.0]
    row = next(one for one in selection.cells_of(some, selection.cpu) if one.title == "mio")
    assert row.cells == (grid_plot.Cell(2.0, 2.0, 2.0),)


def test_what_half_of_the_runs_were_disturbed_in_is_marked() -> None:
    def of(*others: float) -> bool:
        return selection.marked([Record("x", "r", 1, "a", 1, Sample(others=share)) for share in others])
    assert [of(0.0), of(0.5), of(0.5, 0.0), of(0.5, 0.0, 0.0)] == [False, True, True, False]


def test_calls_are_sorted_by_kind_and_none_is_lost() -> None:
    counted = {"readv": 1.0, "sendmsg": 0.5, "epoll_pwait": 0.25, "brk": 0.125}
    groups = selection.stacks_of({("row", "05-level"): counted})
    (_, (stack,)), = groups
    assert dict(stack.pieces) == {1: 1.0, 2: 0.5, 3: 0.25, 4: 0.0, 7: 0.125} and stack.sum == 1.875
