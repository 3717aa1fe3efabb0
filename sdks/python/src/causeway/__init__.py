"""Client and worker of Causeway, a self-hosted platform for AI agents."""

from ._errors import CausewayError, PlatformUnreachableError
from ._worker import Worker
from .aio import AsyncClient
from .client import Client

__all__ = ["AsyncClient", "CausewayError", "Client", "PlatformUnreachableError", "Worker"]
