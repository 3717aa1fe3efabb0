"""Client and worker of Causeway, a self-hosted platform for AI agents."""

from ._attachments import Attachment
from ._errors import CausewayError, PlatformUnreachableError
from ._worker import Worker
from .aio import AsyncClient
from .client import Client

__all__ = ["AsyncClient", "Attachment", "CausewayError", "Client", "PlatformUnreachableError", "Worker"]
