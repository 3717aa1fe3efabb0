"""What both clients send, and how they read the answers."""

from __future__ import annotations

import os
import random
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from ._attachments import Attachment
from ._errors import CausewayError

#: Attempts of a request that can be repeated.
ATTEMPTS = 4
#: Attempts to go on with a stream that was cut, without a new event between them.
RESUMES = 10
ENDED = frozenset({"succeeded", "failed", "cancelled", "limited"})


@dataclass(frozen=True)
class Request:
    """One request of the API. ``repeatable``: sending it twice has one effect."""

    method: str
    path: str
    json: Any = None
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    repeatable: bool = False

    def options(self) -> dict[str, Any]:
        query = {name: value for name, value in self.query.items() if value is not None}
        return {"json": self.json, "params": query, "headers": self.headers}


def get(*parts: str, **query: Any) -> Request:
    return Request("GET", path(*parts), query=query, repeatable=True)


def post(*parts: str, json: Any = None, repeatable: bool = False, **headers: str) -> Request:
    return Request("POST", path(*parts), json=json, headers=headers, repeatable=repeatable)


def path(*parts: str) -> str:
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


def new_traceparent() -> str:
    """A trace of its own. Source: https://www.w3.org/TR/trace-context/#traceparent-header"""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def new_run(
    agent: str,
    text: str,
    *,
    attachments: Sequence[Attachment] | None,
    session_id: str | None,
    limits: dict[str, Any] | None,
    scope: dict[str, Any] | None,
    idempotency_key: str | None,
    calls: Sequence[dict[str, Any]] | None = None,
    traceparent: str | None = None,
    stream: bool = False,
) -> Request:
    body: dict[str, Any] = {"agent": agent, "input": text}
    if attachments:
        body["attachments"] = [each.to_json() for each in attachments]
    if session_id is not None:
        body["sessionId"] = session_id
    if limits is not None:
        body["limits"] = limits
    if scope is not None:
        body["scope"] = scope
    if calls is not None:
        body["calls"] = list(calls)
    if stream:
        body["stream"] = True
    headers = {"idempotency-key": idempotency_key or str(uuid.uuid4())}
    if traceparent is not None:
        headers["traceparent"] = traceparent
    # The platform answers a repetition with the first run.
    return Request(
        "POST",
        path("runs"),
        json=body,
        headers=headers,
        repeatable=True,
    )


def client_options(
    base_url: str | None, api_key: str | None, environment: str | None, timeout: float
) -> dict[str, Any]:
    key = api_key or os.environ.get("CAUSEWAY_API_KEY")
    named = environment or os.environ.get("CAUSEWAY_ENVIRONMENT")
    headers = {"user-agent": "causeway-python/0.1.0"}
    if key:
        headers["authorization"] = f"Bearer {key}"
    if named:
        headers["causeway-environment"] = named
    return {
        "base_url": (base_url or os.environ.get("CAUSEWAY_URL") or "http://127.0.0.1:4100").rstrip("/"),
        "headers": headers,
        "timeout": httpx.Timeout(timeout, connect=10),
    }


def read(response: httpx.Response) -> Any:
    """The body of an answer. Raises CausewayError for an error."""
    if response.is_success:
        return response.json() if response.content else None
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    raise CausewayError(problem if isinstance(problem, dict) else {}, response.status_code)


def may_repeat(request: Request, response: httpx.Response | None, attempt: int) -> bool:
    if attempt >= ATTEMPTS or not request.repeatable:
        return False
    return response is None or response.status_code in (429, 502, 503, 504)


def pause(attempt: int, response: httpx.Response | None) -> float:
    """Seconds to wait: what the platform says, else doubling from a quarter with full jitter; 20 at most."""
    said = response.headers.get("retry-after", "") if response is not None else ""
    return min(20.0, float(said)) if said.isdigit() else random.uniform(0, min(20.0, 0.25 * 2**attempt))


def is_settled(event: dict[str, Any]) -> bool:
    """Whether a run has ended with this event, or waits for a person after it."""
    return event["type"] in ("run-ended", "approval-requested", "question-asked")
