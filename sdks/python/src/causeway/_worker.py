"""Workers: functions of a team that agents call as tools."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import httpx

from . import _requests as requests
from ._errors import CausewayError
from ._sse import SseReader
from .aio import AsyncClient
from .types import WorkerCall

#: Longest message that the platform takes.
MESSAGE_AT_MOST = 10_000


@dataclass(frozen=True)
class Context:
    """What a function may want to know of its call."""

    #: The same for every attempt at one effect.
    idempotency_key: str
    run_id: str | None


class Worker:
    """Serves tools whose manifest has the implementation ``worker``.

    A function gets the arguments as keywords, and a ``context`` if it has a parameter of that name; it may be a
    coroutine. What it raises is told to the model as the failure of the tool.
    """

    def __init__(
        self, client: AsyncClient, tools: Mapping[str, Callable[..., Any]], *, concurrency: int = 10
    ) -> None:
        if not tools:
            raise ValueError("expected at least one tool")
        self._client = client
        self._tools = dict(tools)
        self._slots = asyncio.Semaphore(concurrency)
        self._calls: set[asyncio.Task[None]] = set()
        #: Set while the platform can send calls.
        self.connected = asyncio.Event()

    async def run(self) -> None:
        """Serves until it is cancelled; a connection that is lost is made again. Raises CausewayError where it is refused."""
        failures = 0
        try:
            while True:
                try:
                    await self._serve()
                    failures = 0
                except httpx.TransportError:
                    failures += 1
                self.connected.clear()
                await asyncio.sleep(requests.pause(min(failures, 6), None))
        finally:
            for call in self._calls:
                call.cancel()

    async def _serve(self) -> None:
        reader, worker_id = SseReader(), ""
        options: dict[str, Any] = {
            "params": {"tools": ",".join(self._tools)},
            "headers": {"accept": "text/event-stream"},
            "timeout": httpx.Timeout(60, connect=10),
        }
        async with self._client.http.stream("GET", requests.path("workers", "connect"), **options) as response:
            if not response.is_success:
                await response.aread()
                requests.read(response)
            async for line in response.aiter_lines():
                event = reader.line(line)
                if event is None:
                    continue
                if event.event == "ready":
                    worker_id = event.data["workerId"]
                    self.connected.set()
                elif event.event == "call":
                    call = asyncio.create_task(self._answer(worker_id, event.data))
                    self._calls.add(call)
                    call.add_done_callback(self._calls.discard)

    async def _answer(self, worker_id: str, call: WorkerCall) -> None:
        async with self._slots:
            result = await self._result_of(call)
            if result is None:
                return
            try:
                await self._client.send(requests.post("workers", worker_id, "results", json=result))
            except CausewayError as error:
                # The platform has given the call up, or knows this connection no more.
                if error.code not in ("not-found", "conflict"):
                    raise

    async def _result_of(self, call: WorkerCall) -> dict[str, Any] | None:
        remaining = (datetime.fromisoformat(call["deadline"].replace("Z", "+00:00")) - datetime.now(timezone.utc)).total_seconds()
        function = self._tools.get(call["tool"])
        if function is None:
            return _failed(call, f"This worker does not serve {call['tool']}.")
        try:
            output = await asyncio.wait_for(_apply(function, call), max(0.0, remaining))
            # What cannot be sent is found here, where it can still be said.
            json.dumps(output)
            return {"callId": call["callId"], "outcome": "completed", "output": output}
        except asyncio.TimeoutError:
            # Whether the call took effect is not known, and nobody waits for it.
            return None
        except Exception as error:  # noqa: BLE001 - whatever a tool raises is its failure
            return _failed(call, str(error) or type(error).__name__)


async def _apply(function: Callable[..., Any], call: WorkerCall) -> Any:
    values = dict(call["arguments"])
    if "context" in inspect.signature(function).parameters:
        values["context"] = Context(call["idempotencyKey"], call["runId"])
    if inspect.iscoroutinefunction(function):
        return await function(**values)
    return await asyncio.to_thread(function, **values)


def _failed(call: WorkerCall, message: str) -> dict[str, Any]:
    return {"callId": call["callId"], "outcome": "failed", "message": message[:MESSAGE_AT_MOST]}
