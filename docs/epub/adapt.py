"""From a page of the book to a chapter of the e-book: what no e-reader has is
taken away (scripts, themes, forms), and what it stood for is put as text."""

import re
from xml.etree.ElementTree import Element

from tree import classes, contents, element, find, replace, text

SVG = "http://www.w3.org/2000/svg"
# Tools, things only a pointer can open, marks that the theme would draw.
GONE = {"anchor", "copy", "difftools", "done", "tip", "progress", "unsure", "verdict", "number", "player-legend",
        "plot-narrow"}
KEPT = {"id", "class", "href", "lang", "role", "aria-label", "aria-hidden", "alt", "src", "colspan", "rowspan",
        "scope", "start"}  # fmt: skip
DROPPED_FROM_SVG = {"tabindex", "focusable", "aria-labelledby", "aria-describedby", "class", "role"}


def adapt(page: Element) -> Element:
    """Changes the page's article in place, and gives it back."""
    replace(page, lambda each: bool(GONE & set(classes(each))) or each.tag in ("script", "style"), lambda _: [])
    replace(page, lambda each: "toy" in classes(each), toy)
    replace(page, lambda each: "player" in classes(each), player)
    replace(page, lambda each: "quiz" in classes(each), quiz)
    replace(page, lambda each: each.tag == "details", details)
    replace(page, lambda each: each.tag in ("input", "button", "label"), lambda _: [])
    replace(page, lambda each: each.tag == "svg" and each.get("viewBox") == "0 0 24 24", lambda _: [])  # icons
    replace(page, lambda each: each.get("class") == "term-first", contents)
    for mark in find(page, ".co"):
        mark.text = mark.get("data-n")
    for notes in find(page, ".callouts"):
        notes.tag = "div"
    for note in find(page, ".callouts"):
        for item in note:
            item.tag = "div"
    for figure in page.iter("svg"):
        picture(figure)
    attributes(page)
    return page


def toy(figure: Element) -> list[Element | str]:
    """What one reads without JavaScript, in the place of what one plays with."""
    title = [element("p", element("strong", text(each)), class_="head") for each in figure.iter("figcaption")]
    words = [element("p", *contents(each)) for each in find(figure, ".noscript")]
    return [element("div", *title, *words, class_="box", id=figure.get("id", ""))]


def player(figure: Element) -> list[Element | str]:
    """The timeline in rows, as on paper, and the run in words."""
    head = next(find(figure, ".player-head"))
    line = next(find(figure, ".player-line"))
    title = text(next(head.iter("strong")))
    drawing = element("defs", *(part for part in line if part.tag in ("defs", "g")))
    pairs = list(next(find(figure, ".player-rows")))
    width = max(sum(size(svg, "width") for svg in pair) for pair in pairs)  # one scale for all
    rows = [row(pair, drawing if i == 0 else None, width, f"{title}, part {i + 1}")
            for i, pair in enumerate(pairs)]  # fmt: skip
    words = details(next(find(figure, ".player-words")))
    return [element("div", element("p", *contents(head), class_="head"), *rows, *words,
                    class_="player", id=figure.get("id", ""))]  # fmt: skip


def size(svg: Element, name: str) -> int:
    return int(float(svg.get(name, "0")))


def row(pair: Element, drawing: Element | None, width: int, label: str) -> Element:
    """One picture of two: the names of the lanes, and the lanes beside them."""
    names, lanes = pair
    names.set("viewBox", f"0 0 {size(names, 'width')} {size(names, 'height')}")
    names.set("x", "0")
    lanes.set("x", names.get("width", ""))
    for child in list(names):
        if child.get("display") == "none":
            names.remove(child)
    parts = [drawing] if drawing is not None else []
    svg = element("svg", *parts, names, lanes, xmlns=SVG, viewBox=f"0 0 {width} {size(names, 'height')}")
    svg.set("font-family", "sans-serif")
    return element("div", svg, class_="picture", role="img", aria_label=label)


def quiz(form: Element) -> list[Element | str]:
    """The question with its answers, and what is to be said of each below."""
    legend = next(form.iter("legend"))
    replace(legend, lambda each: "kicker" in classes(each), lambda each: [element("strong", text(each) + ". ")])
    lead = [part for part in next(form.iter("fieldset")) if part.tag != "legend" and "answer" not in classes(part)]
    answers, reasons = [], []
    for answer in find(form, ".answer"):
        answers.append(element("li", *contents(next(next(answer.iter("label")).iter("span")))))
        reasons.append(element("li", *contents(next(find(answer, ".why")))))
    return [element("div", element("p", *contents(legend), class_="head"), *lead,
                    element("ol", *answers, class_="letters"),
                    element("p", element("strong", "Is it?")),
                    element("ol", *reasons, class_="letters reasons"),
                    class_="box", id=form.get("id", ""))]  # fmt: skip


def details(box: Element) -> list[Element | str]:
    title = next(box.iter("summary"))
    box.remove(title)
    return [element("div", element("p", element("strong", *contents(title))), *contents(box), class_="unfolded")]


def picture(svg: Element) -> None:
    """Presentation attributes carry the light palette: the theme's classes go."""
    svg.set("xmlns", SVG)
    for part in svg.iter():
        for name in DROPPED_FROM_SVG & set(part.attrib):
            del part.attrib[name]
    for name in ("width", "height"):  # as wide as the page; what is inside of a picture keeps its own
        if "x" not in svg.attrib and name in svg.attrib:
            del svg.attrib[name]


def attributes(page: Element) -> None:
    inside = {part for svg in page.iter("svg") for part in svg.iter()}
    for part in page.iter():
        if part not in inside:
            for name in set(part.attrib) - KEPT:
                del part.attrib[name]
        for name in ("id", "class"):
            if part.get(name) == "":
                del part.attrib[name]


def title_of(page: Element) -> str:
    """3. Asleep in poll"""
    heading = next(page.iter("h1"))
    number = "".join(text(each) for each in find(heading, ".num"))
    return f"{number}. {text(heading)[len(number):].strip()}" if number else text(heading)


def link(pages: dict[str, Element]) -> None:
    """Links between pages; what leads to a page that is not in the e-book (whole
    files, differences) is plain text."""
    ids = {name: {part.get("id") for part in page.iter()} for name, page in pages.items()}

    def target(name: str, href: str) -> str | None:
        if re.match(r"[a-z]+:", href):
            return href
        page, _, id = href.partition("#")
        page = page.removesuffix(".html") or name
        if page not in pages:
            return None
        if id and id not in ids[page]:
            raise SystemExit(f"{name}: nothing in {page} is called {id}")
        return (f"{page}.xhtml" if page != name or not id else "") + (f"#{id}" if id else "")

    for name, page in pages.items():
        replace(page, lambda each: each.tag == "a" and "href" in each.attrib and target(name, each.get("href", "")) is None,
                lambda each: [element("span", *contents(each), class_=each.get("class", "plain"))])  # fmt: skip
        for each in page.iter("a"):
            if "href" in each.attrib:
                each.set("href", target(name, each.get("href", "")) or "")
