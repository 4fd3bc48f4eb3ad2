from urllib.parse import urlsplit

import pytest

from testing.browser.nightly import by_day
from testing.browser.visit import visiting


@pytest.mark.parametrize("scheme", by_day(["light", "dark"], ["light"]))
def test_the_first_page_opens_without_an_error_or_a_word_to_other_hosts(app, browser, scheme):
    with visiting(browser, app.url, scheme=scheme) as seen:
        assert seen.exceptions() == []
        assert seen.errors == []
        assert seen.hosts <= {urlsplit(app.url).hostname, ""}
    assert "Traceback" not in app.printed()
