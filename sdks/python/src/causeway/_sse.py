"""Server-sent events (WHATWG HTML, "Server-sent events")."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ServerSentEvent:
    event: str
    data: Any
    id: str | None


class SseReader:
    """Reads events line by line."""

    def __init__(self) -> None:
        self._event = ""
        self._id: str | None = None
        self._data: list[str] = []

    def line(self, line: str) -> ServerSentEvent | None:
        """The event that the line ends, if it ends one."""
        if line == "":
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._event = value
        elif name == "id":
            self._id = value
        elif name == "data":
            self._data.append(value)
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        event, data, identity = self._event, self._data, self._id
        self._event, self._data, self._id = "", [], None
        return ServerSentEvent(event, json.loads("\n".join(data)), identity) if data else None
