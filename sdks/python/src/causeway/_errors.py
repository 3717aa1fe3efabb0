"""What goes wrong, as exceptions."""

from __future__ import annotations

from typing import Any


class CausewayError(Exception):
    """An error that the platform has reported (RFC 9457)."""

    def __init__(self, problem: dict[str, Any], status: int) -> None:
        super().__init__(problem.get("detail") or problem.get("title") or f"The answer has status {status}.")
        self.status = status
        #: Stable code of the error; see docs/reference/errors.md.
        self.code: str = problem.get("code", "internal")
        #: What can be done about it.
        self.remedy: str | None = problem.get("remedy")
        #: Wrong places of the request, each with a JSON pointer.
        self.problems: list[dict[str, str]] = problem.get("problems", [])


class PlatformUnreachableError(Exception):
    """The platform did not answer, also when it was asked again."""
