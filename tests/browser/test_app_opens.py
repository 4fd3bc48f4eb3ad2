from urllib.parse import urlsplit

import pytest


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_first_page_opens_without_an_error_or_a_word_to_other_hosts(app, visit, scheme):
    with visit(app.url, scheme=scheme) as seen:
        assert seen.exceptions() == []
        assert seen.errors == []
        assert seen.hosts <= {urlsplit(app.url).hostname, ""}
    assert "Traceback" not in app.printed()
