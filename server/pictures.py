"""The picture of an item: its own file, or a drawn card."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from core.item import Item
from server.cards import draw_card

# By the first bytes of the file: a name may lie, and a browser is told not to guess.
_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
)
_CARD_TYPE = "image/svg+xml"


@dataclass(frozen=True)
class Picture:
    """Either a file or drawn `content`, with what a browser's cache needs."""

    media_type: str
    etag: str
    file: Path | None = None
    content: str = ""


def picture_of(item: Item) -> Picture:
    """An item's picture. Where the file is missing or no picture, it is a card. Reads the disk."""
    if item.image:
        try:
            with item.image.open("rb") as file:
                media_type = _media_type(file.read(16))
            if media_type:
                stat = item.image.stat()
                return Picture(media_type, _etag(f"{stat.st_mtime_ns}-{stat.st_size}-{item.id}"), file=item.image)
        except (OSError, ValueError):  # ValueError: a NUL in the name
            pass
    card = draw_card(item)
    return Picture(_CARD_TYPE, _etag(card), content=card)


def _media_type(start: bytes) -> str | None:
    for signature, media_type in _SIGNATURES:
        if start.startswith(signature) and (media_type != "image/webp" or start[8:12] == b"WEBP"):
            return media_type
    return None


def _etag(text: str) -> str:
    return f'"{hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'
