"""A picture that a person shows: what of the catalogue looks like it, and what is seen on it in words.

The picture is data: it is compared and put into words, and nothing that is written on it is followed.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.conversation import Message
from core.intent import Intent, TurnKind
from index.query import NO_PICTURES, Pictures

FloatArray = npt.NDArray[np.float32]

MAX_WORDS = 5
MOST_REMEMBERED = 1_000  # a few kilobytes each
# "like this poster", "that looks like the picture": said of the picture, not of what it shows.
_REFERENCE = re.compile(
    r"(?:(?:that|which)\s+)?(?:(?:looks?|is|are|be|feels?)\s+)?(?:just\s+|exactly\s+|more\s+)?(?:like|as|similar\s+to)\s+"
    r"(?:(?:in|on)\s+)?(?:this|that|the|these|my)(?:\s+(?:one|picture|image|photo(?:graph)?|poster|cover|screenshot))?\b"
    r"|\b(?:this|that|the|my)\s+(?:picture|image|photo(?:graph)?|poster|cover|screenshot)\b",
    re.IGNORECASE,
)
_NOTHING_SAID = "something"


@dataclass(frozen=True, repr=False)
class Seen:
    """What was made of a picture. `vector` [d] is its place in the space of fused embeddings, where there is one."""

    near: Pictures = NO_PICTURES
    words: tuple[str, ...] = ()
    vector: FloatArray | None = None
    is_whole: bool = True  # False: the words could not be had now


class PictureReader(Protocol):
    """Reads one picture."""

    def look(self, picture: bytes) -> Seen:
        """What a picture (a file's bytes) says. Blocks; raises InputError for bytes that are no picture."""
        ...


class Blind:
    """Where no encoder of pictures is: a picture says nothing."""

    def look(self, picture: bytes) -> Seen:  # noqa: ARG002
        """Nothing."""
        return Seen()


@dataclass(frozen=True)
class Looker:
    """Compares a picture with the catalogue's by an image encoder, and puts it into words."""

    encode: Callable[[bytes], FloatArray]  # features [d] of a file
    search: Callable[[FloatArray], Pictures]
    describe: Callable[[bytes, FloatArray], Sequence[str] | None]  # of the file, and its features; None: not now
    project: Callable[[FloatArray], FloatArray] | None = None  # into the space of fused embeddings

    def look(self, picture: bytes) -> Seen:
        """What a picture says; see `PictureReader`."""
        features = self.encode(picture)
        words = self.describe(picture, features)
        return Seen(
            near=self.search(features),
            words=tuple(words or ())[:MAX_WORDS],
            vector=self.project(features) if self.project else None,
            is_whole=words is not None,
        )


class Remembering:
    """Looks at a picture once, and not again in every later turn of its conversation.

    A client sends the picture with each of them. What was seen is kept under the picture's hash, in memory only; the
    picture is not. Safe to call from several threads.
    """

    def __init__(self, reader: PictureReader, most: int = MOST_REMEMBERED) -> None:
        self._reader = reader
        self._most = most
        self._seen: OrderedDict[bytes, Seen] = OrderedDict()  # the latest last
        self._lock = Lock()

    def look(self, picture: bytes) -> Seen:
        """What a picture says; see `PictureReader`."""
        name = sha256(picture).digest()
        with self._lock:
            if name in self._seen:
                self._seen.move_to_end(name)
                return self._seen[name]
        seen = self._reader.look(picture)
        if seen.is_whole:
            with self._lock:
                self._seen[name] = seen
                if len(self._seen) > self._most:
                    self._seen.popitem(last=False)
        return seen


def shown(messages: Sequence[Message]) -> bytes | None:
    """The last picture of a conversation: it counts until another one is shown."""
    return next((message.picture for message in reversed(messages) if message.picture), None)


def without_pictures(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The messages as words alone; words that only point at a picture are taken out."""
    return tuple(
        message.model_copy(update={"picture": None, "content": _own_words(message.content)})
        if message.picture
        else message
        for message in messages
    )


def with_picture(intent: Intent, seen: Seen | None, messages: Sequence[Message]) -> Intent:
    """The intent with what was seen. A picture whose message says nothing else is a wish for what looks like it."""
    if seen is None or not (len(seen.near.rows) or seen.words or seen.vector is not None):
        return intent
    asks = messages[-1].picture and intent.kind is TurnKind.OTHER
    kind = TurnKind.RECOMMEND if asks else intent.kind
    return intent.model_copy(update={"kind": kind, "pictured": True, "picture_words": seen.words})


def _own_words(text: str) -> str:
    words = " ".join(_REFERENCE.sub(" ", text).split())
    return words if re.search(r"\w", words) else _NOTHING_SAID
