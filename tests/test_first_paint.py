"""The page that a browser gets first has the app's style, whatever the server makes of it on its way."""

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from lib.ui.first_paint import FirstPaint, style

PAGE = f"<html><head><title>x</title></head><body>{'y' * 2000}</body></html>"


def in_pieces(_):
    return StreamingResponse(iter([PAGE[:25], PAGE[25:]]), media_type="text/html")


APP = Starlette(
    routes=[
        Route("/", lambda _: HTMLResponse(PAGE)),
        Route("/pieces", in_pieces),
        Route("/text", lambda _: PlainTextResponse(PAGE)),
        Route("/missing", lambda _: HTMLResponse(PAGE, status_code=404)),
    ],
    middleware=[Middleware(FirstPaint), Middleware(GZipMiddleware, minimum_size=100)],
)


def got(path: str, accept: str = "text/html", method: str = "GET") -> Response:
    """Ask the application as a server does, and return what it sent."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        # Nobody hangs up.
        await asyncio.Event().wait()

    headers = [(b"accept", accept.encode()), (b"accept-encoding", b"gzip")]
    scope = {"type": "http", "method": method, "path": path, "headers": headers, "query_string": b"", "root_path": ""}
    # In a thread: in this one a browser of other tests may be open, and Playwright's loop runs as long as it is.
    with ThreadPoolExecutor(1) as other:
        other.submit(asyncio.run, APP(scope, receive, send)).result()
    body = b"".join(message.get("body", b"") for message in sent[1:])
    answer = Response(body, sent[0]["status"])
    answer.raw_headers = sent[0]["headers"]
    return answer


@pytest.mark.parametrize("path", ["/", "/pieces"])
def test_a_page_has_the_style_in_its_head(path):
    answer = got(path)
    text = answer.body.decode()
    assert text.index("<title>") < text.index("<style>") < text.index(".st-key-view-line") < text.index("</head>")
    assert text.endswith(PAGE[PAGE.index("</head>") :])
    assert answer.headers.get("content-length", str(len(answer.body))) == str(len(answer.body))


@pytest.mark.parametrize(("path", "accept"), [("/text", "text/html"), ("/", "*/*"), ("/missing", "text/html")])
def test_everything_else_is_sent_as_it_is(path, accept):
    body = got(path, accept).body
    assert (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode() == PAGE


def test_the_style_can_not_end_the_element_that_holds_it():
    assert "</" not in style()
