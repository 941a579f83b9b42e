"""The book in a browser, from file://: tests/docs/browser/behaviour.mjs."""

import re

import pytest
from checkers import BROWSER, book, in_browser

SCRIPT = (BROWSER / "behaviour.mjs").read_text()
NAMES = re.findall(r"^claim\('([^']+)'", SCRIPT, re.M)
NAMES += [f"no page is wider than a window of {width}" for width in (1440, 820, 390)]


@pytest.mark.parametrize("name", NAMES)
def test_in_a_browser(name):
    in_browser("behaviour.mjs", book(), name)
