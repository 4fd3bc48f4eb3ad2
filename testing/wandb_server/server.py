"""The stand-in over HTTP: basic auth, keep-alive, a log of requests, faults on demand."""

from __future__ import annotations

import base64
import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from testing.wandb_server.faults import SAME_PAGE, Fault, FaultPlan, altered
from testing.wandb_server.graphql import GraphQL, Refused, operation_of
from testing.wandb_server.store import Store

CONTROL = "/stand-in/"


@dataclass(frozen=True)
class Request:
    """One line of the log. `key` is the key's position among the server's, never the key."""

    operation: str
    variables: dict[str, Any]
    status: int
    bytes_sent: int
    key: int | None
    user_agent: str


class StandIn:
    """The server: `with StandIn(store) as server: ... server.url`.

    delay : seconds before every answer. port 0 = any free one. remember : make each page once only, so that what a
    benchmark measures is not this server. before_answer : called before each answer is made, to change the data then.
    unwanted : mutations, and whatever else than GraphQL was asked for (telemetry): leaving the block fails over any.
    Over HTTP, `GET /stand-in/log`, `DELETE /stand-in/log`, `POST /stand-in/faults` (a Fault as JSON),
    `DELETE /stand-in/faults` and `POST /stand-in/touch` ({"project": path, "runs": count}: this many runs log again)
    control one that runs in another process.
    """

    def __init__(
        self, store: Store, *, delay: float = 0.0, port: int = 0, page_cap: int | None = None, remember: bool = False
    ) -> None:
        self.store = store
        self.delay = delay
        self.graphql = GraphQL(store, page_cap, remember=remember)
        self.faults = FaultPlan()
        self.log: list[Request] = []
        self.unwanted: list[str] = []
        self.before_answer: Callable[[str, dict[str, Any]], None] = lambda operation, variables: None
        self._http = _Server(("127.0.0.1", port), _Handler)
        self._http.stand_in = self
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> StandIn:
        """Serve in a thread."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and free the port: further connections are refused."""
        self._http.shutdown()
        self._http.server_close()

    def __enter__(self) -> StandIn:
        return self.start()

    def __exit__(self, kind: object, *_: object) -> None:
        self.stop()
        assert kind is not None or not self.unwanted, f"more than reading was asked for: {self.unwanted}"

    def fail(self, kind: Any, operation: str = "*", **options: Any) -> None:
        """Plan a fault: `server.fail("status", "Runs", status=502, times=1)`."""
        self.faults.add(Fault(kind=kind, operation=operation, **options))

    def touch(self, project: str, runs: int) -> None:
        """Let some runs of a project, spread over it, log another value now."""
        held = self.store.projects[project].runs
        newest = max(run.heartbeat_at or "" for run in held)
        moment = datetime.fromisoformat(newest) + timedelta(hours=1)
        for run in held[:: max(len(held) // runs, 1)][:runs]:
            run.heartbeat_at = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
            run.summary = {**(run.summary or {}), "touched": 1.0}
        self.graphql.forget()

    def operations(self) -> list[str]:
        """The operations that were asked for, in order."""
        return [request.operation for request in self.log]

    def data_operations(self) -> list[str]:
        """The same without the SDK's own log-in request."""
        return [name for name in self.operations() if name != "Viewer"]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    stand_in: StandIn

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that give up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body are two writes, and the second would wait for the client's acknowledgement of the first.
    disable_nagle_algorithm = True
    # As servers do, close connections that are idle; the SDK's helper process never does.
    timeout = 60
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        stand_in = self.server.stand_in
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith(CONTROL):
            if self.path == f"{CONTROL}touch":
                stand_in.touch(**json.loads(body))
            else:
                stand_in.faults.add(Fault(**json.loads(body)))
            self._send(200, b"{}")
            return
        if self.path != "/graphql":
            stand_in.unwanted.append(f"POST {self.path}")
            self._send(404, b"{}")
            return
        request = json.loads(body)
        query, variables = request["query"], request.get("variables") or {}
        kind, operation = operation_of(query)
        if kind != "query":
            stand_in.unwanted.append(f"{kind} {operation}")
        if stand_in.delay:
            time.sleep(stand_in.delay)
        key = self._key()
        fault = stand_in.faults.next_for(operation)
        if fault is not None and fault.kind == "slow":
            time.sleep(fault.seconds)
            fault = None
        if fault is not None and fault.kind == "same_page":
            variables = {**variables, "cursor": None}
        stand_in.before_answer(operation, variables)
        status, answer = self._answer(stand_in, key, query, variables)
        if fault is not None and fault.kind in ("same_page", "altered"):
            answer = altered(answer, SAME_PAGE if fault.kind == "same_page" else fault.alter)
            fault = None
        if fault is None:
            self._record(operation, variables, status, len(answer), key)
            self._send(status, answer)
            return
        self._record(operation, variables, fault.status if fault.kind == "status" else 200, 0, key)
        self._fail(fault, answer)

    def do_GET(self) -> None:
        if self.path == f"{CONTROL}log":
            self._send(200, json.dumps([asdict(request) for request in self.server.stand_in.log]).encode())
        else:
            self.server.stand_in.unwanted.append(f"GET {self.path}")
            self._send(404, b"{}")

    def do_DELETE(self) -> None:
        if self.path == f"{CONTROL}log":
            self.server.stand_in.log.clear()
        elif self.path == f"{CONTROL}faults":
            self.server.stand_in.faults.clear()
        self._send(200, b"{}")

    def _key(self) -> str | None:
        scheme, _, credentials = (self.headers.get("Authorization") or "").partition(" ")
        if scheme != "Basic":
            return None
        return base64.b64decode(credentials).decode().partition(":")[2]

    def _answer(self, stand_in: StandIn, key: str | None, query: str, variables: dict[str, Any]) -> tuple[int, bytes]:
        if key not in stand_in.store.keys:
            return 401, json.dumps({"errors": [{"message": "user is not logged in"}]}).encode()
        try:
            return 200, stand_in.graphql.answer(key, query, variables)[1]
        except Refused as refused:
            return refused.status, json.dumps({"errors": [{"message": str(refused)}]}).encode()

    def _record(self, operation: str, variables: dict[str, Any], status: int, size: int, key: str | None) -> None:
        stand_in = self.server.stand_in
        keys = list(stand_in.store.keys)
        place = keys.index(key) if key in keys else None
        agent = self.headers.get("User-Agent") or ""
        stand_in.log.append(Request(operation, variables, status, size, place, agent))

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", (headers or {}).pop("Content-Type", "application/json"))
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _fail(self, fault: Fault, answer: bytes) -> None:
        if fault.kind == "status":
            headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            self._send(fault.status, json.dumps({"errors": [{"message": fault.message}]}).encode(), headers)
        elif fault.kind == "graphql":
            self._send(200, json.dumps({"data": None, "errors": [{"message": fault.message}]}).encode())
        elif fault.kind == "html":
            self._send(200, b"<html><body>Please log in to the proxy</body></html>", {"Content-Type": "text/html"})
        elif fault.kind == "truncated":
            self._send(200, answer[: len(answer) // 2])
        elif fault.kind == "empty":
            self._send(200, b"")
        elif fault.kind == "stall":
            time.sleep(fault.seconds)
            self.close_connection = True
        else:
            self._send(200, answer[: len(answer) // 2], length=len(answer))
            self.wfile.flush()
            if fault.kind == "reset":
                # Linger of zero: the close sends RST instead of FIN.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.shutdown(socket.SHUT_RD if fault.kind == "reset" else socket.SHUT_RDWR)
            self.connection.close()
            self.close_connection = True
