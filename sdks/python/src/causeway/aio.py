"""The client for asynchronous code. Made from client.py by `npm run reference`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Any, cast

import httpx

from . import _requests as requests
from ._attachments import Attachment
from ._errors import CausewayError, PlatformUnreachableError
from ._requests import Request
from ._sse import SseReader
from .types import Agent, Approval, ReplayComparison, Run, Session, Usage


class AsyncClient:
    """Client of a Causeway platform.

    ``base_url``, ``api_key`` and ``environment`` are those of CAUSEWAY_URL, CAUSEWAY_API_KEY and CAUSEWAY_ENVIRONMENT
    where they are not given. Its methods raise CausewayError with the code that the platform has reported, and
    PlatformUnreachableError when it did not answer; what can be repeated is repeated before that.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        environment: str | None = None,
        timeout: float = 60,
    ) -> None:
        #: The connections, for what has no method here.
        self.http = httpx.AsyncClient(**requests.client_options(base_url, api_key, environment, timeout))
        self.agents = Agents(self)
        self.approvals = Approvals(self)
        self.runs = Runs(self)
        self.sessions = Sessions(self)

    async def send(self, request: Request) -> Any:
        """Sends a request of the API for which there is no method."""
        for attempt in range(1, requests.ATTEMPTS + 1):
            response = None
            try:
                response = await self.http.request(request.method, request.path, **request.options())
            except httpx.TransportError as error:
                if not requests.may_repeat(request, None, attempt):
                    raise PlatformUnreachableError(f"{self.http.base_url} does not answer: {error}") from error
            if response is not None and not requests.may_repeat(request, response, attempt):
                return requests.read(response)
            await asyncio.sleep(requests.pause(attempt, response))
        raise AssertionError("the last attempt ends the loop")

    async def events(self, first: Request, after: int = 0, resume: str | None = None) -> AsyncIterator[dict[str, Any]]:
        """Events of a stream until it ends; one that is cut is gone on with from the last event."""
        request, cuts = first, 0
        while True:
            reader = SseReader()
            headers = {**request.headers, "accept": "text/event-stream", "last-event-id": str(after)}
            options = {**request.options(), "headers": headers, "timeout": httpx.Timeout(60, connect=10)}
            try:
                async with self.http.stream(request.method, request.path, **options) as response:
                    if not response.is_success:
                        await response.aread()
                        requests.read(response)
                    async for line in response.aiter_lines():
                        event = reader.line(line)
                        if event is None:
                            continue
                        if event.id is not None:
                            after, cuts = int(event.id), 0
                            resume = resume or requests.path("runs", event.data["runId"], "events")
                        yield event.data
                        if event.event == "run-ended":
                            return
            except httpx.TransportError as error:
                if cuts >= requests.RESUMES:
                    raise PlatformUnreachableError(f"The stream was cut {cuts} times: {error}") from error
            cuts += 1
            if cuts > requests.RESUMES:
                raise PlatformUnreachableError(f"The stream was cut {cuts} times.")
            # Without an event the first request is sent again: its key makes it the same one.
            request = Request("GET", resume) if resume else first
            await asyncio.sleep(requests.pause(cuts, None))

    async def pages(self, *parts: str, **query: Any) -> AsyncIterator[dict[str, Any]]:
        """Everything in a list, page by page."""
        cursor: str | None = None
        while True:
            page = await self.send(requests.get(*parts, cursor=cursor, **query))
            for each in page["data"]:
                yield each
            cursor = page["nextCursor"]
            if cursor is None:
                return

    async def usage(self, **query: Any) -> Usage:
        """What the key has used, and what is left of its budgets."""
        return cast(Usage, await self.send(requests.get("usage", **query)))

    async def governed_tools(
        self, agent: str, input: str, session_id: str | None = None, traceparent: str | None = None
    ) -> GovernedTools:
        """The tools of an agent for a loop that is not Causeway's.

        Each call is decided on, approved, carried out, labelled and recorded as in a run of that agent, all in one session.
        ``input`` is what the user has said: values in it count as said by the user. ``session_id`` goes on with a session.
        ``traceparent`` is where in a trace the loop runs (W3C Trace Context); the calls have a new trace together without it.
        """
        manifest = await self.send(requests.get("manifests", "Agent", agent))
        names = manifest["spec"]["tools"]
        tools = [await self.send(requests.get("manifests", "Tool", name)) for name in names]
        said = "" if session_id else input
        session = session_id or (await self.send(requests.post("sessions", json={"agent": agent})))["id"]
        return GovernedTools(self, agent, session, said, tools, traceparent)

    async def close(self) -> None:
        await self.http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class Agents:
    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    def list(self) -> AsyncIterator[Agent]:
        return cast(AsyncIterator[Agent], self._client.pages("agents"))

    async def get(self, name: str) -> Agent:
        return cast(Agent, await self._client.send(requests.get("agents", name)))


class Approvals:
    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    def list(self, status: str | None = None, run_id: str | None = None) -> AsyncIterator[Approval]:
        return cast(AsyncIterator[Approval], self._client.pages("approvals", status=status, runId=run_id))

    async def get(self, id: str) -> Approval:
        return cast(Approval, await self._client.send(requests.get("approvals", id)))

    async def approve(self, id: str, comment: str | None = None) -> Approval:
        return await self._decide(id, "approve", comment)

    async def deny(self, id: str, comment: str | None = None) -> Approval:
        return await self._decide(id, "deny", comment)

    async def _decide(self, id: str, outcome: str, comment: str | None) -> Approval:
        body = {"outcome": outcome, **({} if comment is None else {"comment": comment})}
        return cast(Approval, await self._client.send(requests.post("approvals", id, "decision", json=body)))


class Sessions:
    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def create(self, agent: str) -> Session:
        return cast(Session, await self._client.send(requests.post("sessions", json={"agent": agent})))

    async def get(self, id: str) -> Session:
        return cast(Session, await self._client.send(requests.get("sessions", id)))

    def list(self) -> AsyncIterator[Session]:
        return cast(AsyncIterator[Session], self._client.pages("sessions"))

    async def fork(self, id: str, after: int) -> Session:
        """Goes on from an event of the session, in a session of its own."""
        return cast(Session, await self._client.send(requests.post("sessions", id, "fork", json={"after": after})))


class Runs:
    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def create(
        self,
        agent: str,
        input: str,
        *,
        attachments: Sequence[Attachment] | None = None,
        session_id: str | None = None,
        limits: dict[str, Any] | None = None,
        scope: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
        calls: Sequence[dict[str, Any]] | None = None,
        traceparent: str | None = None,
    ) -> Run:
        """Starts a run and returns at once."""
        request = requests.new_run(
            agent,
            input,
            attachments=attachments,
            session_id=session_id,
            limits=limits,
            scope=scope,
            idempotency_key=idempotency_key,
            calls=calls,
            traceparent=traceparent,
        )
        return cast(Run, await self._client.send(request))

    def stream(
        self,
        agent: str,
        input: str,
        *,
        attachments: Sequence[Attachment] | None = None,
        session_id: str | None = None,
        limits: dict[str, Any] | None = None,
        scope: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
        calls: Sequence[dict[str, Any]] | None = None,
        traceparent: str | None = None,
    ) -> AsyncIterator[dict[str, Any]]:
        """Starts a run and gives its events as they come, and pieces of text between them (``text-delta``)."""
        request = requests.new_run(
            agent,
            input,
            attachments=attachments,
            session_id=session_id,
            limits=limits,
            scope=scope,
            idempotency_key=idempotency_key,
            calls=calls,
            traceparent=traceparent,
            stream=True,
        )
        return self._client.events(request)

    async def create_and_wait(self, agent: str, input: str, **options: Any) -> Run:
        """Starts a run and waits until it has ended or waits for a person."""
        return await self._settled(self.stream(agent, input, **options))

    async def wait(self, id: str) -> Run:
        """Waits until a run has ended or waits for a person."""
        return await self._settled(self.follow(id))

    def follow(self, id: str, after: int = 0) -> AsyncIterator[dict[str, Any]]:
        """The events of a run after a sequence number, until it ends."""
        path = requests.path("runs", id, "events")
        return self._client.events(Request("GET", path), after, path)

    async def events(self, id: str) -> list[dict[str, Any]]:
        """The events of a run so far."""
        events: list[dict[str, Any]] = []
        after: int | None = 0
        while after is not None:
            page = await self._client.send(requests.get("runs", id, "events", after=after))
            events += page["data"]
            after = page["nextAfter"]
        return events

    async def get(self, id: str) -> Run:
        return cast(Run, await self._client.send(requests.get("runs", id)))

    def list(self, **filters: Any) -> AsyncIterator[Run]:
        """Runs, newest first. Filters: agent, status, sessionId, parentRunId, createdAfter, createdBefore."""
        return cast(AsyncIterator[Run], self._client.pages("runs", **filters))

    async def cancel(self, id: str) -> Run:
        return cast(Run, await self._client.send(requests.post("runs", id, "cancel", repeatable=True)))

    async def answer(self, id: str, answer: str, call_id: str | None = None) -> Run:
        """Answers what a run asks its user; it goes on with that."""
        body = {"answer": answer, **({} if call_id is None else {"callId": call_id})}
        return cast(Run, await self._client.send(requests.post("runs", id, "answers", json=body)))

    async def replay(
        self, id: str, *, agent_version: str | None = None, model: str | None = None, instructions: str | None = None
    ) -> Run:
        """Repeats a run that has ended, against something else; no tool is called."""
        given = {"agentVersion": agent_version, "model": model, "instructions": instructions}
        body = {name: value for name, value in given.items() if value is not None}
        return cast(Run, await self._client.send(requests.post("runs", id, "replay", json=body)))

    async def divergence(self, id: str) -> ReplayComparison:
        """The first place in which a replay does something else."""
        return cast(ReplayComparison, await self._client.send(requests.get("runs", id, "divergence")))

    async def _settled(self, events: AsyncIterator[dict[str, Any]]) -> Run:
        async for event in events:
            if requests.is_settled(event):
                run = await self.get(event["runId"])
                if run["status"] in requests.ENDED or run["status"] == "waiting":
                    return run
        raise PlatformUnreachableError("The stream of a run ended before the run did.")


class GovernedTool:
    """A tool for a loop that a team has written itself. ``input_schema`` is the JSON Schema of its arguments."""

    def __init__(self, tools: GovernedTools, name: str, description: str, input_schema: dict[str, Any]) -> None:
        self._tools = tools
        self.name = name
        self.description = description
        self.input_schema = input_schema

    async def call(self, values: dict[str, Any]) -> Any:
        """Has Causeway decide on a call, make it and record it; waits where a person must decide, however long.

        Raises CausewayError with why it was denied or failed, which is what to tell the model.
        """
        return await self._tools.carry_out(self.name, values)


class GovernedTools:
    """The tools of an agent, all calls of which stand in one session.

    ``model_headers`` are to be sent with each call of a model: it then counts as one of the agent, and stands in the session and in
    the trace too.
    """

    def __init__(
        self,
        client: AsyncClient,
        agent: str,
        session_id: str,
        said: str,
        manifests: Sequence[dict[str, Any]],
        traceparent: str | None,
    ) -> None:
        self._client = client
        self._agent = agent
        self._said = said
        # Calls of a session are made one after the other.
        self._lock = asyncio.Lock()
        self.session_id = session_id
        self._traceparent = traceparent or requests.new_traceparent()
        self.model_headers = {"causeway-session": session_id, "traceparent": self._traceparent}
        self.tools = [
            GovernedTool(self, each["name"], each["spec"]["description"], each["spec"]["input"]) for each in manifests
        ]

    async def carry_out(self, tool: str, values: dict[str, Any]) -> Any:
        """Makes one call. Raises CausewayError with why it was denied or failed."""
        async with self._lock:
            run = await self._client.runs.create_and_wait(
                self._agent,
                self._said,
                session_id=self.session_id,
                calls=[{"tool": tool, "arguments": values}],
                traceparent=self._traceparent,
            )
            # What was said in a session stays said.
            self._said = ""
            while run["status"] not in requests.ENDED:
                async for _ in self._client.runs.follow(run["id"]):
                    pass
                run = await self._client.runs.get(run["id"])
        for event in await self._client.runs.events(run["id"]):
            if event["type"] == "tool-responded" and event["data"]["outcome"] == "completed":
                return event["data"]["output"]
            if event["type"] in ("tool-denied", "tool-responded"):
                error = event["data"]["error"]
                raise CausewayError({"code": error["code"], "detail": error["message"]}, 0)
        raise CausewayError({"code": "tool-failed", "detail": run["message"] or f"The run {run['id']} ended."}, 0)
