"""Every page of the book is valid HTML, as two validators see it."""

import json
from pathlib import Path

import pytest
from checkers import BROWSER, book, need, need_node, need_package, run

BAD = (
    '<!DOCTYPE html><html lang="en"><head><title>Bad</title></head><body>'
    '<p id="x">one<p id="x">two <b>three</p><button>no type</button></body></html>'
)


def vnu(folder: Path) -> list[str]:
    """The Nu HTML Checker, which the W3C runs."""
    jar = need_package("vnu-jar") / "build/dist/vnu.jar"
    pages = sorted(folder.glob("*.html"))
    done = run(need("java"), "-jar", jar, "--errors-only", "--format", "json", *pages)
    messages = json.loads(done.stderr)["messages"]
    return [
        f"{Path(message.get('url', '')).name}:{message.get('lastLine', 0)}: {message['message']}"
        for message in messages
    ]


def html_validate(folder: Path) -> list[str]:
    script = need_package("html-validate") / "bin/html-validate.mjs"
    rules = BROWSER / "htmlvalidate.json"
    done = run(need_node(), script, "--config", rules, "--formatter", "json", *sorted(folder.glob("*.html")))
    assert done.stdout, done.stderr
    return [
        f"{Path(page['filePath']).name}:{message['line']}: {message['ruleId']}: {message['message']}"
        for page in json.loads(done.stdout)
        for message in page["messages"]
        if message["severity"] == 2
    ]


@pytest.mark.parametrize("validator", [vnu, html_validate])
def test_all_pages_are_valid_for(validator):
    wrong = validator(book())
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("validator", [vnu, html_validate])
def test_a_bad_page_is_seen_by(validator, tmp_path):
    (tmp_path / "bad.html").write_text(BAD)
    wrong = "\n".join(validator(tmp_path))
    assert "bad.html:1: " in wrong and '"x"' in wrong.replace("“", '"').replace("”", '"')
