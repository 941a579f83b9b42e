"""The files around the chapters, and the archive. The same pages give the same
bytes: no clock is read, and the order is the book's."""

import uuid
import zipfile
from html import escape
from pathlib import Path

CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
PAGE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head><title>{title}</title><link rel="stylesheet" href="book.css"/></head>
<body{kind}>
{body}
</body>
</html>
"""
COVER = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 900" font-family="sans-serif">
<rect width="600" height="900" fill="#ffffff"/>
<g transform="translate(150 170) scale(9.4)" fill="none" stroke-linecap="round" stroke-linejoin="round">
<path d="M26.3 13A11 11 0 1 1 18.8 5.3" stroke="#1553c7" stroke-width="2.6"/>
<path d="m10.5 15.5 5 5.2L27 6.500" stroke="#c2410c" stroke-width="2.8"/></g>
<text x="300" y="600" text-anchor="middle" font-size="72" font-weight="bold" fill="#0b1420">{title}</text>
<text x="300" y="660" text-anchor="middle" font-size="27" fill="#566577">{subtitle}</text>
</svg>
"""
TYPES = {".xhtml": "application/xhtml+xml", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2",
         ".txt": "text/plain"}  # fmt: skip


class Package:
    def __init__(self, title: str, subtitle: str, modified: str) -> None:
        self.title, self.subtitle, self.modified = title, subtitle, modified
        self.files: dict[str, bytes] = {}
        self.pages: list[tuple[str, str, list[tuple[str, str]]]] = []  # name, title, sections

    def add(self, name: str, data: bytes) -> None:
        self.files[name] = data

    def add_page(self, name: str, title: str, body: str, sections: list[tuple[str, str]]) -> None:
        self.add(f"{name}.xhtml", PAGE.format(title=escape(title), kind="", body=body).encode())
        self.pages.append((name, title, sections))

    def add_cover(self) -> None:
        texts = {"title": escape(self.title), "subtitle": escape(self.subtitle)}
        self.add("cover.svg", COVER.format(**texts).encode())
        picture = f'<div><img src="cover.svg" alt="{texts["title"]}: {texts["subtitle"]}" style="max-width: 100%"/></div>'
        page = PAGE.format(title=texts["title"], kind=' epub:type="cover"', body=picture)
        self.add("cover.xhtml", page.encode())

    def contents(self) -> str:
        def entry(href: str, title: str, inner: str = "") -> str:
            return f'<li><a href="{href}">{escape(title)}</a>{inner}</li>\n'

        chapters = ""
        for name, title, sections in self.pages:
            inner = "".join(entry(f"{name}.xhtml#{id}", heading) for id, heading in sections)
            chapters += entry(f"{name}.xhtml", title, f"<ol>\n{inner}</ol>" if inner else "")
        marks = (
            '<li><a epub:type="cover" href="cover.xhtml">Cover</a></li>\n'
            '<li><a epub:type="toc" href="contents.xhtml">Contents</a></li>\n'
            f'<li><a epub:type="bodymatter" href="{self.pages[0][0]}.xhtml">{escape(self.pages[0][1])}</a></li>\n'
        )
        return (
            f'<nav epub:type="toc" id="toc"><h1>Contents</h1><ol>\n{chapters}</ol></nav>\n'
            f'<nav epub:type="landmarks" hidden="hidden"><h2>Landmarks</h2><ol>\n{marks}</ol></nav>'
        )

    def properties(self, name: str) -> str:
        words = {"contents.xhtml": ["nav"], "cover.svg": ["cover-image"]}.get(name, [])
        if name.endswith(".xhtml") and b"<svg" in self.files[name]:
            words = [*words, "svg"]
        return f' properties="{" ".join(words)}"' if words else ""

    def opf(self) -> str:
        identity = uuid.uuid5(uuid.NAMESPACE_URL, self.title)
        items = "".join(
            f'<item id="i{number}" href="{name}" media-type="{TYPES[Path(name).suffix]}"{self.properties(name)}/>\n'
            for number, name in enumerate(self.files)
        )
        numbers = {name: number for number, name in enumerate(self.files)}
        order = ["cover.xhtml", "contents.xhtml", *(f"{name}.xhtml" for name, *_ in self.pages)]
        spine = "".join(f'<itemref idref="i{numbers[name]}"/>\n' for name in order)
        return f"""<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="identity" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="identity">urn:uuid:{identity}</dc:identifier>
<dc:title>{escape(self.title)}</dc:title>
<dc:description>{escape(self.subtitle)}</dc:description>
<dc:language>en</dc:language>
<dc:creator>The Tick by Tick authors</dc:creator>
<dc:rights>Code under the MIT licence, prose under CC BY 4.0</dc:rights>
<meta property="dcterms:modified">{self.modified}</meta>
<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessMode">visual</meta>
<meta property="schema:accessModeSufficient">textual</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">structuralNavigation</meta>
<meta property="schema:accessibilityHazard">none</meta>
</metadata>
<manifest>
{items}</manifest>
<spine>
{spine}</spine>
</package>
"""

    def write(self, path: Path) -> None:
        self.add_cover()
        self.add("contents.xhtml", PAGE.format(title="Contents", kind="", body=self.contents()).encode())
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            # A ZipInfo without a date is of 1980; the type stands first, and bare.
            archive.writestr(zipfile.ZipInfo("mimetype"), "application/epub+zip", zipfile.ZIP_STORED)
            for name, data in [
                ("META-INF/container.xml", CONTAINER.encode()),
                ("book/package.opf", self.opf().encode()),
                *((f"book/{name}", data) for name, data in self.files.items()),
            ]:
                archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED, 9)
