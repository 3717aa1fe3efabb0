"""Against a platform that the test of the repository starts: see test/python-sdk.test.ts."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from causeway import AsyncClient, Attachment, CausewayError, Client, PlatformUnreachableError, Worker

pytestmark = pytest.mark.skipif("CAUSEWAY_URL" not in os.environ, reason="no platform: run npm test")


def test_runs_an_agent_and_follows_it() -> None:
    with Client() as client:
        assert [agent["name"] for agent in client.agents.list()] == ["clerk", "weigher"]
        events = list(client.runs.stream("clerk", "Where is 1042?"))
        assert "".join(each["text"] for each in events if each["type"] == "text-delta") == "It is packing."
        assert events[-1]["type"] == "run-ended"
        run = client.runs.create_and_wait("clerk", "Where is 1043?", session_id=events[0]["sessionId"])
        assert (run["status"], run["output"]) == ("succeeded", "It is packing.")
        assert [event["type"] for event in client.runs.events(run["id"])][-1] == "run-ended"
        assert {each["id"] for each in client.runs.list(agent="clerk")} >= {run["id"]}
        assert client.sessions.get(run["sessionId"])["agent"] == "clerk"


def test_hands_over_files(tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text("The rope is 40 m.")
    with Client() as client:
        run = client.runs.create_and_wait("clerk", "Where is 1042?", attachments=[Attachment.from_file(file)])
        created = next(event for event in client.runs.events(run["id"]) if event["type"] == "run-created")
        assert [(each["name"], each["mediaType"], each["bytes"]) for each in created["data"]["attachments"]] == [
            ("notes.md", "text/markdown", 17)
        ]


def test_the_same_key_starts_the_same_run() -> None:
    with Client() as client:
        first, second = (client.runs.create("clerk", "once", idempotency_key="python-once") for _ in range(2))
        assert first["id"] == second["id"]


def test_replays_and_forks() -> None:
    with Client() as client:
        run = client.runs.create_and_wait("clerk", "Where is 1042?")
        replay = client.runs.wait(client.runs.replay(run["id"])["id"])
        assert client.runs.divergence(replay["id"])["divergence"] is None
        assert client.sessions.fork(run["sessionId"], after=1)["lastSequence"] == 1


def test_errors_have_their_code_and_remedy() -> None:
    with Client() as client:
        with pytest.raises(CausewayError) as caught:
            client.runs.get("run_x")
        assert (caught.value.code, caught.value.status) == ("not-found", 404)
        assert caught.value.remedy
    with Client(base_url="http://127.0.0.1:9") as client, pytest.raises(PlatformUnreachableError):
        client.runs.cancel("run_x")


def test_serves_tools_that_a_person_approves() -> None:
    async def main() -> None:
        calls: list[str] = []

        def weigh(order: str) -> dict[str, object]:
            calls.append(order)
            return {"order": order, "grams": 120}

        async def fail(order: str) -> None:
            raise RuntimeError(f"{order} is lost")

        async with AsyncClient() as client:
            worker = asyncio.create_task(Worker(client, {"weigh": weigh, "fail": fail}).run())
            try:
                run = await client.runs.create_and_wait("weigher", "weigh 1042")
                assert run["status"] == "waiting"
                approvals = [each async for each in client.approvals.list(status="pending", run_id=run["id"])]
                await client.approvals.approve(approvals[0]["id"], comment="fine")
                run = await client.runs.wait(run["id"])
                assert (run["status"], calls) == ("succeeded", ["1042"])
                told = [event for event in await client.runs.events(run["id"]) if event["type"] == "tool-responded"]
                assert [event["data"]["outcome"] for event in told] == ["completed", "failed"]
                assert "1042 is lost" in told[1]["data"]["error"]["message"]
            finally:
                worker.cancel()

    asyncio.run(main())


def test_governs_a_loop_of_its_own() -> None:
    async def main() -> None:
        async def fail(order: str) -> None:
            raise RuntimeError(f"{order} is lost")

        async with AsyncClient() as client:
            tools = {"weigh": lambda order: {"order": order, "grams": 120}, "fail": fail}
            worker = asyncio.create_task(Worker(client, tools).run())
            try:
                governed = await client.governed_tools("weigher", "weigh 1042")
                weigh, lose = governed.tools
                assert (weigh.name, weigh.input_schema["type"]) == ("weigh", "object")
                weighing = asyncio.create_task(weigh.call({"order": "1042"}))
                while not (pending := [each async for each in client.approvals.list(status="pending")]):
                    await asyncio.sleep(0.1)
                await client.approvals.approve(pending[0]["id"])
                assert await weighing == {"order": "1042", "grams": 120}
                with pytest.raises(CausewayError, match="1042 is lost"):
                    await lose.call({"order": "1042"})
                body = {"model": "any", "messages": [{"role": "user", "content": "Where is 1042?"}]}
                response = await client.http.post("/v1/chat/completions", json=body, headers=governed.model_headers)
                assert response.json()["choices"][0]["message"]["content"] == "It is packing."
                spent = 0
                for _ in range(50):
                    runs = [each async for each in client.runs.list(sessionId=governed.session_id)]
                    spent = sum(each["spent"]["steps"] for each in runs)
                    if spent == 1:
                        break
                    await asyncio.sleep(0.1)
                assert (spent, {each["status"] for each in runs}) == (1, {"succeeded"})
            finally:
                worker.cancel()

    asyncio.run(main())
