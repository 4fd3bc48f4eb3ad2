"""The app's style in the page that a browser gets first, so that nothing moves when the app's own messages bring it.

Streamlit begins with a narrow column and wide margins, and hears of ours with the first messages of a run.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_STYLE = Path(__file__).with_name("style.css")
_HEAD = b"</head>"


@cache
def style() -> str:
    """Return the rules that Streamlit's theme has no setting for."""
    return _STYLE.read_text(encoding="utf-8")


class FirstPaint:
    """An ASGI application that puts the style into the head of every HTML page of another one."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request as the other application does; a page with the style in its head."""
        if scope["type"] != "http" or not _asks_for_page(scope):
            await self._app(scope, receive, send)
            return
        # What is compressed would have to be unpacked first; the page is a few kB.
        headers = [one for one in scope["headers"] if one[0] != b"accept-encoding"]
        start: list[Message] = []
        body = bytearray()

        async def styled(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                start.append(message)
            elif message["type"] == "http.response.body" and start:
                body.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    whole = with_style(bytes(body))
                    start[0]["headers"] = [
                        (name, str(len(whole)).encode() if name.lower() == b"content-length" else value)
                        for name, value in start[0]["headers"]
                    ]
                    await send(start[0])
                    await send({"type": "http.response.body", "body": whole})
            else:
                await send(message)

        await self._app({**scope, "headers": headers}, receive, styled)


def with_style(page: bytes) -> bytes:
    """Return an HTML page with the style at the end of its head; as it is where it has none.

    Streamlit's own rules come later: nested in its root, ours are the more specific ones.
    """
    return page.replace(_HEAD, f"<style>#root {{\n{style()}\n}}</style>".encode() + _HEAD, 1)


def _asks_for_page(scope: Scope) -> bool:
    accepted = b",".join(value for name, value in scope["headers"] if name == b"accept")
    return scope["method"] == "GET" and b"text/html" in accepted


def _is_page(start: Message) -> bool:
    kind = next((value for name, value in start["headers"] if name.lower() == b"content-type"), b"")
    return start["status"] == 200 and kind.startswith(b"text/html")
