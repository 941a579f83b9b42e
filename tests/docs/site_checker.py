"""Reads every page of a built book: links, anchors, ids, and what is loaded.

    tests/docs/site_checker.py build/book
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

REFERS = ("aria-labelledby", "aria-describedby", "aria-controls", "for", "aria-owns")
LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src"}


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[tuple[str, int]] = []
        self.refers: list[tuple[str, int]] = []
        self.wrong: list[tuple[int, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        given = {name: value or "" for name, value in attributes}
        if "id" in given:
            if given["id"] in self.ids:
                self.wrong.append((line, f"the id {given['id']} comes twice"))
            self.ids.add(given["id"])
        if "href" in given:
            self.links.append((given["href"], line))
        for name in REFERS:
            self.refers += [(target, line) for target in given.get(name, "").split()]
        loaded = given.get(LOADS.get(tag, ""), "") or (given.get("href", "") if tag == "link" else "")
        if tag in LOADS and loaded:
            self.links.append((loaded, line))
        if urlsplit(loaded).scheme or loaded.startswith("//"):
            self.wrong.append((line, f"loads {loaded}"))


def check(folder: Path) -> tuple[list[str], int]:
    pages = {path: Page(path.read_text()) for path in sorted(folder.rglob("*.html"))}
    wrong, count = [], 0
    for path, page in pages.items():
        wrong += [f"{path.name}:{line}: {what}" for line, what in page.wrong]
        wrong += [f"{path.name}:{line}: no id {id}" for id, line in page.refers if id not in page.ids]
        for href, line in page.links:
            parts = urlsplit(href)
            if parts.scheme:
                continue
            count += 1
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
            anchors = next((other.ids for name, other in pages.items() if name.resolve() == target), None) \
                if parts.fragment else None  # fmt: skip
            if not target.exists():
                wrong.append(f"{path.name}:{line}: no file for {href}")
            elif anchors is not None and unquote(parts.fragment) not in anchors:
                wrong.append(f"{path.name}:{line}: no anchor for {href}")
    for path in sorted(folder.rglob("*.css")):
        for url in re.findall(r"url\(['\"]?([^)'\"]+)", path.read_text()):
            if urlsplit(url).scheme not in ("", "data"):
                wrong.append(f"{path.name}: loads {url}")
            elif not urlsplit(url).scheme and not (path.parent / url).exists():
                wrong.append(f"{path.name}: no file for {url}")
    return wrong, count


if __name__ == "__main__":
    found, links = check(Path(sys.argv[1]))
    print(*found, f"{links} links, {len(found)} wrong", sep="\n")
    sys.exit(bool(found))
