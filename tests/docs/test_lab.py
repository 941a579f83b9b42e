"""The capacity lab's pages: plots, figures, tables and guesses."""

import json
import re
import subprocess
import sys

import pytest
from checkers import ROOT, book, in_browser, need_package
from site_checker import check
from small_book import Book

sys.path.insert(0, str(ROOT / "tools"))
from capacity import experiments, figures  # noqa: E402

PAGES = sorted((ROOT / "docs/pages").glob("lab*.adoc"))
CHAPTERS = sorted((ROOT / "chapters").glob("*/chapter.adoc"))
LAB = "docs/pages/lab.adoc"
TEXT = """\
= The lab

[.predict#guess,unit="µs"]
====
How _long_?
====

plot::knocks[title="Knocks"]

It takes measured:knocks[row="two, at once",server="05",field="cpu_us"] µs.

A multiple: measured:knocks[row="two, at once",server="05",field="cpu_us",of="floor"].

Less: measured:knocks[row="ten",server="05",field="rate",of-row="two, at once",as="percent"].

Many: measured:knocks[row="ten",server="05",field="rate"].

measurements::knocks[field="cpu_ratio"]

measurements::knocks[]

machine::[]
"""


def server(title: str, ours: bool, **values: float) -> dict:
    return {"title": title, "ours": ours, "marked": False, "runs": 3, "failed": "", "rate_ratio": 1.0, "cpu_ratio": 1.0,
            "spread": 0.04, "p50": 10.0, "p99": 1234.0, "load_share": 0.456, "calls": None, **values}  # fmt: skip


ROWS = [
    {"label": "two, at once", "servers": {
        "floor": server("a bare loop", False, cpu_us=2.0, rate=500000.0),
        "05": server("05 echo", True, cpu_us=2.468, rate=265432.1, cpu_ratio=1.234, calls=2.05, marked=True)}},
    {"label": "ten", "servers": {
        "floor": server("a bare loop", False, cpu_us=1.0, rate=500000.0),
        "05": server("05 echo", True, cpu_us=1.0, rate=33000.0),
        "select": server("select", False, runs=0, failed="not with more than <9>", cpu_us=0.0, rate=0.0)}}]
TABLE = {"columns": ["two, at once"], "rows": [["05 echo", ["2.47*", "2.40 to 2.50"]], ["select", ["not with <9>"]]]}
KNOCKS = {"letter": "k", "title": "Knocks", "rows": ROWS}
MEASURED = {
    "labs": {"reference": {"machine": ["A <fast> one", "measured on a Sunday"], "experiments": {"knocks": KNOCKS}},
             "own": {"machine": [], "experiments": {}}},
    "plots": {"knocks": {"experiment": "knocks", "title": "Knocks at the door", "unit": "µs", "calls": False,
                         "tables": {"reference": TABLE}},
              "rings": {"experiment": "rings", "title": "Rings", "unit": "µs", "calls": True, "tables": {}}},
}
PICTURE = ('<svg xmlns="http://www.w3.org/2000/svg" class="plot-{form}" viewBox="0 0 9 9" role="img"><title>x</title>'
           '<desc>y</desc><text>{whose}</text></svg>\n')  # fmt: skip


def with_lab(small: Book, text: str = TEXT, measured: dict = MEASURED, own: bool = False) -> Book:
    small.write(LAB, text)
    small.write("docs/lab/knocks.csv", "experiment,row\n")
    small.write("docs/lab/machine.txt", "A fast one\n")
    measured = json.loads(json.dumps(measured))
    if own:
        measured["labs"]["own"] = {"machine": ["Mine"], "experiments": {"knocks": KNOCKS}}
        measured["plots"]["knocks"]["tables"]["own"] = TABLE
    small.write("build/plots/measured.json", json.dumps(measured))
    for whose in ("", "own/") if own else ("",):
        small.write(f"build/plots/{whose}knocks.svg", PICTURE.format(form="wide", whose=whose or "ours"))
        small.write(f"build/plots/{whose}knocks-narrow.svg", PICTURE.format(form="narrow", whose=whose or "ours"))
    return small


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    made = with_lab(Book(tmp_path_factory.mktemp("book")))
    result = made.build()
    assert result.returncode == 0, result.stderr
    return made


@pytest.fixture(scope="module")
def page(small):
    return small.page("lab.html")


# ---- a plot -----------------------------------------------------------------
def test_a_plot_comes_in_two_forms_with_its_machine_and_without_the_reader(page):
    figure = re.search(r'<figure class="plot" id="plot-knocks">.*?</figure>', page, re.S).group()
    assert '<figcaption>Knocks</figcaption>' in figure
    assert figure.count('class="plot-wide"') == 1 and figure.count('class="plot-narrow"') == 1
    assert figure.count('aria-hidden="true"') == 2 and "<title>" not in figure
    assert 'role="img" aria-label="Knocks: µs. The figures are below."' in figure
    assert '<p class="machine"><code>A &lt;fast&gt; one; measured on a Sunday</code></p>' in figure
    assert "Yours" not in page and "Yours" not in figure


def test_a_plot_is_also_a_table_and_leads_to_each_run(small, page):
    table = re.search(r'<details class="figures">.*?</details>', page, re.S).group()
    assert '<th scope="row">05 echo</th><td>2.47* <small>2.40 to 2.50</small></td>' in table
    assert '<td class="failed">not with &lt;9&gt;</td>' in table
    assert "An asterisk: others used the machine" in table
    assert 'href="assets/lab/knocks.csv"' in table
    wrong, _ = check(small.root / "build/book")
    assert not wrong


def test_the_readers_run_stands_beside_the_books(tmp_path):
    small = with_lab(Book(tmp_path), own=True)
    assert small.build().returncode == 0
    page = small.page("lab.html")
    assert '<figure class="plot two" id="plot-knocks">' in page and '<div class="runs two">' in page
    assert page.index('<p class="whose">The book’s machine</p>') < page.index('<p class="whose">Yours</p>')
    assert "<text>ours</text>" in page and "<text>own/</text>" in page and "<code>Mine</code>" in page
    assert page.count('<details class="own">') == 2, "a table each, beside the book's two"
    wrong, _ = check(small.root / "build/book")
    assert not wrong


# ---- figures and tables -----------------------------------------------------
def test_figures_in_the_text_are_those_that_were_measured(page):
    assert "It takes 2.47 µs." in page
    assert "A multiple: 1.2." in page
    assert "Less: 12 %." in page
    assert "Many: 33,000." in page


def test_the_matrix_has_servers_and_loads_and_says_what_is_missing(page):
    table = re.findall(r'<table class="measured">.*?</table>', page, re.S)[1]
    assert '<th scope="col">two, at once</th><th scope="col">ten</th>' in table
    assert '<tr class="ours"><th scope="row">05 echo*</th><td>1.23</td><td>1.00</td></tr>' in table
    assert '<tr><th scope="row">select</th><td></td><td>–</td></tr>' in table


def test_the_long_table_has_ratios_and_the_loads_share(page):
    table = re.findall(r'<table class="measured">.*?</table>', page, re.S)[2]
    head = re.findall(r'<th scope="col">(.*?)</th>', table)
    row = re.findall(r"<td>(.*?)</td>", re.search(r'05 echo\*</th>(.*?)</tr>', table).group(1))
    assert dict(zip(head, row)) == {
        "A second": "265,000", "× rate": "1.00", "CPU, µs": "2.47", "× CPU": "1.23", "±": "0.02", "p50, µs": "10",
        "p99, µs": "1,230", "Calls": "2.05", "Load’s core": "46 %"}  # fmt: skip
    assert 'colspan="9">not with more than &lt;9&gt;</td>' in table


def test_the_machine_is_described_in_full(page):
    assert '<ul class="machine"><li><code>A &lt;fast&gt; one</code></li>' in page


def test_a_guess_has_a_label_a_unit_and_a_name_under_which_it_is_kept(page):
    box = re.search(r'<div class="predict" id="guess".*?</p></div>', page, re.S).group()
    assert '<label for="guess-guess">Your guess</label>' in box and 'data-note="guess"' in box
    assert '<span class="unit">µs</span>' in box and "<em>long</em>" in box


# ---- what is refused --------------------------------------------------------
ROW = 'measured:knocks[row="two, at once",server="05",field="cpu_us"]'
REFUSED = {
    "a plot that there is not": ("plot::knocks[", "plot::knacks[", "no such plot: knacks; there are knocks, rings"),
    "a plot that was not measured": (
        "plot::knocks[", "plot::rings[", "plot rings: nothing has been measured: no docs/lab/rings.csv"),
    "an experiment that was not measured": (ROW, ROW.replace("knocks", "rings"), "no docs/lab/rings.csv"),
    "a row that there is not": (ROW, ROW.replace("two, at once", "three"), "no such row: three; there are two, at once; ten"),
    "no row among several": (ROW, ROW.replace('row="two, at once",', ""), "no such row"),
    "a server that there is not": (ROW, ROW.replace('"05"', '"06"'), "no such server: 06; there are floor, 05"),
    "a field that there is not": (ROW, ROW.replace("cpu_us", "speed"), "no such field: speed; there are rate, "),
    "a server that failed": (
        ROW, 'measured:knocks[row="ten",server="select",field="rate"]', "select could not be measured: not with"),
    "what was not counted": (
        ROW, 'measured:knocks[row="ten",server="05",field="calls"]', "calls of 05 was not measured"),
    "a table that was not measured": ("measurements::knocks[]", "measurements::rings[]", "no docs/lab/rings.csv"),
    "a table of a field that there is not": ('[field="cpu_ratio"]', '[field="speed"]', "no such field: speed"),
    "a guess without a name": ("[.predict#guess,", "[.predict,", "a prediction without an id"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_the_book_refuses(case, tmp_path):
    old, new, says = case
    assert TEXT.count(old) == 1
    small = with_lab(Book(tmp_path), TEXT.replace(old, new))
    result = small.build()
    line = small.line_of(LAB, new.split(",")[0])
    about = [text for text in result.stderr.splitlines() if says in text.replace("&lt;", "<")]
    assert result.returncode == 1 and about, result.stderr
    assert any(text.startswith(tuple(f"{LAB}:{line + n}: " for n in range(3))) for text in about), about


def test_a_book_without_plots_says_how_they_are_made(tmp_path):
    small = with_lab(Book(tmp_path))
    (small.root / "build/plots/measured.json").unlink()
    told = small.build().stderr
    assert told.count("`tools/bench/plots` draws them") >= 3, told
    assert "docs/lab/machine.txt: nothing has been measured" in told


# ---- the pages of the book --------------------------------------------------
def test_every_plot_stands_on_a_page_of_the_lab():
    shown = set(re.findall(r"^plot::([\w-]+)\[", "\n".join(page.read_text() for page in PAGES), re.M))
    assert shown == {plot.name for plot in figures.PLOTS}


def test_every_experiment_has_its_question_guess_command_plot_and_counter_cases():
    text = "\n".join(page.read_text() for page in PAGES)
    for one in experiments.EXPERIMENTS:
        head = re.search(rf"^== {one.letter}\. .*$", text, re.M)
        assert head, f"no section is about experiment {one.letter}"
        rest = text[head.end():]
        section = rest[: re.search(r"^(== |\Z)", rest, re.M).start()]
        assert section.count("[.predict#") == 1 and "?\n====" in section, one.name
        assert f"$ make bench ARGS={one.letter}\n" in section, one.name
        assert re.search(r"^plot::", section, re.M), one.name
        assert "=== When it would come out differently" in section, one.name
        assert section.index("[.predict#") < section.index("make bench") < section.index("plot::"), one.name


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.parent.name)
def test_what_a_chapter_tells_to_measure_is_measured(chapter):
    text = chapter.read_text()
    for number in re.findall(r"make bench CH=(\d\d)", text):
        assert number == chapter.parent.name[:2]
        measured = {one.name for one in experiments.chosen([], number)}
        plots = {plot.name: plot.experiment for plot in figures.PLOTS}
        shown = {plots[name] for name in re.findall(r"^plot::([\w-]+)\[", text, re.M)}
        assert shown <= measured, f"make bench CH={number} does not draw {shown - measured}"
    for letter in re.findall(r"make bench ARGS=(\w)", text):
        assert list(experiments.chosen([letter], ""))


def test_the_readme_and_the_help_tell_of_make_bench():
    assert "make bench" in (ROOT / "README.md").read_text()
    told = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "make bench" in told


# ---- in a browser -----------------------------------------------------------
LOOKED_AT = ["lab-clients.html", "lab-loop.html", "lab-rooms.html", "lab-table.html"]


@pytest.mark.parametrize("width", ["1440", "820", "390"])
def test_plots_can_be_read_in_a_window_of(width):
    told = in_browser("plots.mjs", book(), width, *LOOKED_AT)
    assert int(told.split()[-2]) >= len(figures.PLOTS)


@pytest.mark.parametrize("name", ["lab-clients.html", "lab-table.html"])
def test_axe_finds_nothing_on(name):
    need_package("axe-core")
    in_browser("axe.mjs", book(), name)
