"""Files that a user hands to an agent."""

from __future__ import annotations

import base64
import mimetypes
from dataclasses import dataclass
from os import PathLike
from pathlib import Path


@dataclass(frozen=True)
class Attachment:
    """A file, at most 5 MiB of it: an image, PDF, audio or text."""

    name: str
    media_type: str
    data: bytes

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> Attachment:
        """Reads a file; what it is stands in its name. Raises ValueError where it does not."""
        file = Path(path)
        media_type = {".md": "text/markdown", ".webp": "image/webp", ".wav": "audio/wav"}.get(file.suffix.lower())
        media_type = media_type or mimetypes.guess_type(file.name)[0]
        if media_type is None:
            raise ValueError(f"{file.name} does not say what it is")
        return cls(file.name, media_type, file.read_bytes())

    def to_json(self) -> dict[str, str]:
        return {
            "name": self.name,
            "mediaType": self.media_type,
            "data": base64.b64encode(self.data).decode("ascii"),
        }
