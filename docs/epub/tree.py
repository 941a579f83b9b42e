"""The pages as trees: read from the book's HTML, written as XHTML.

The book closes what it opens, so there is nothing to guess; a page that does
not is refused. html.parser lowers all names, and SVG needs its capitals: they
come from the text of the tag.
"""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Reader(HTMLParser):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.builder = ElementTree.TreeBuilder()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        written = self.get_starttag_text() or ""
        capitals = {word.lower(): word for word in re.findall(r"[\w:-]*[A-Z][\w:-]*", written)}
        tag = capitals.get(tag, tag)
        self.builder.start(tag, {capitals.get(name, name): value or "" for name, value in attributes})
        if tag in VOID or written.endswith("/>"):
            self.builder.end(tag)
        else:
            self.open.append(tag)

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1].lower() != tag:
            line, _ = self.getpos()
            raise SystemExit(f"{self.name}:{line}: </{tag}> closes {self.open[-1:] or 'nothing'}")
        self.builder.end(self.open.pop())

    def handle_data(self, data: str) -> None:
        if self.open:
            self.builder.data(data)


def parse(html: str, name: str) -> Element:
    reader = Reader(name)
    reader.feed(html)
    reader.close()
    return reader.builder.close()


def xhtml(element: Element) -> str:
    return ElementTree.tostring(element, encoding="unicode")


def classes(element: Element) -> list[str]:
    return element.get("class", "").split()


def find(root: Element, name: str) -> Iterator[Element]:
    """All elements of a class, `.player`, or with a tag, `svg`."""
    for element in root.iter():
        if name == element.tag or (name[0] == "." and name[1:] in classes(element)):
            yield element


def text(element: Element) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def element(tag: str, *inside: Element | str, **attributes: str) -> Element:
    """element("p", "See ", link, class_="lede")"""
    made = Element(tag, {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()})
    for part in inside:
        if isinstance(part, Element):
            made.append(part)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + part
        else:
            made.text = (made.text or "") + part
    return made


def contents(box: Element) -> list[Element | str]:
    """What is inside of an element, to be put elsewhere."""
    parts: list[Element | str] = [box.text or ""]
    for child in box:
        tail, child.tail = child.tail or "", None
        parts += [child, tail]
    return parts


def replace(root: Element, wanted: Callable[[Element], bool], by: Callable[[Element], list[Element | str]]) -> None:
    """Puts other things in the place of every element that is wanted, inner ones first."""
    for child in root:
        replace(child, wanted, by)
    parts: list[Element | str] = []
    for part in contents(root):
        parts += by(part) if isinstance(part, Element) and wanted(part) else [part]
    refilled = element(root.tag, *parts)
    root[:] = list(refilled)
    root.text = refilled.text
