"""A picture in the chat: what is said of it, what it is compared with, and how long it counts."""

from dataclasses import replace

import numpy as np
import pytest

from agent.no_generator import NoGenerator
from agent.pictures import Looker, Remembering, Seen, shown, with_picture, without_pictures
from agent.turn import ChatTurn
from core.conversation import Message
from core.intent import Intent, TurnKind
from core.recommendation import AnswerKind
from core.turn import TurnRequest
from encoders.text import TextEncoder
from index.query import NO_PICTURES, Pictures
from tests.agent.test_turn import run
from tests.catalogue import parts

PICTURE = b"a file"


def user(text: str, picture: bytes | None = PICTURE) -> Message:
    return Message(role="user", content=text, picture=picture)


class Looks:
    """Says that the films in these rows look like any picture."""

    def __init__(self, *rows: int, words: tuple[str, ...] = ()) -> None:
        similarities = np.linspace(0.9, 0.1, len(rows))
        self._seen = Seen(Pictures(np.array(rows, dtype=np.int64), similarities, of=12), words)
        self.asked: list[bytes] = []

    def look(self, picture: bytes) -> Seen:
        self.asked.append(picture)
        return self._seen


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Something that looks like this", "Something"),
        ("like this picture", "something"),
        ("A comedy like this poster", "A comedy"),
        ("films similar to the image, but from the 90s", "films , but from the 90s"),
        ("I liked this one by my sister", "I liked this one by my sister"),
        ("", "something"),
        ("?!", "something"),
    ],
)
def test_words_that_point_at_a_picture_say_nothing_themselves(text: str, own: str) -> None:
    assert without_pictures([user(text)])[0].content == own


def test_words_without_a_picture_stay_as_they_are() -> None:
    message = user("Something that looks like this", picture=None)
    assert without_pictures([message]) == (message,)


def test_the_last_picture_counts() -> None:
    assert shown([user("a", b"1"), user("b", b"2"), user("c", None)]) == b"2"
    assert shown([user("c", None)]) is None


def test_a_picture_whose_message_is_no_wish_is_one() -> None:
    other = Intent(kind=TurnKind.OTHER)
    assert with_picture(other, Seen(words=("a dog",)), [user("this")]).kind is TurnKind.RECOMMEND
    assert with_picture(other, Seen(), [user("a"), user("thanks", None)]).kind is TurnKind.OTHER
    assert with_picture(other, None, [user("a")]) == other


async def test_what_looks_like_the_picture_is_recommended(encoder: TextEncoder) -> None:
    looks = Looks(3, 9, 8)
    turn = ChatTurn(replace(parts(NoGenerator(), encoder=encoder, recommendations=2), pictures=looks))
    answer, _ = await run(turn, TurnRequest(messages=(user("Something that looks like this"),)))
    assert answer.kind is AnswerKind.RECOMMENDATIONS
    assert looks.asked == [PICTURE]
    assert [one.item_id for one in answer.recommendations] == ["4", "10"]
    assert "like your picture" in answer.text
    told = {piece.text for piece in answer.evidence if piece.item_id == "4"}
    assert "Its picture is the one most like yours, of 12." in told


async def test_a_picture_goes_on_counting_and_wishes_narrow_it(encoder: TextEncoder) -> None:
    turn = ChatTurn(replace(parts(NoGenerator(), encoder=encoder, recommendations=1), pictures=Looks(3, 7, 8)))
    messages = (user("like this"), Message(role="assistant", content="Alien.", item_ids=("4",)), user("a comedy", None))
    answer, _ = await run(turn, TurnRequest(messages=messages))
    assert [one.item_id for one in answer.recommendations] == ["8"]


async def test_where_no_picture_can_be_compared_its_words_are_searched_for(encoder: TextEncoder) -> None:
    looks = Looks(words=("taxi cab", "night"))
    turn = ChatTurn(replace(parts(NoGenerator(), encoder=encoder, recommendations=1), pictures=looks))
    answer, _ = await run(turn, TurnRequest(messages=(user("like this"),)))
    assert [one.item_id for one in answer.recommendations] == ["12"]


class Looking:
    """A picture encoder and a vision model that count how often they are asked; the model's first answer fails."""

    def __init__(self, *, fails: int = 0) -> None:
        self.encoded, self.described, self._fails = 0, 0, fails

    def reader(self, most: int = 10) -> Remembering:
        return Remembering(Looker(self._encode, lambda _: NO_PICTURES, self._describe), most)

    def _encode(self, picture: bytes) -> np.ndarray:
        self.encoded += 1
        return np.frombuffer(picture, dtype=np.uint8).astype(np.float32)

    def _describe(self, picture: bytes, _: np.ndarray) -> tuple[str, ...] | None:
        self.described += 1
        return None if self.described <= self._fails else (picture.decode(),)


def test_a_picture_is_looked_at_once_as_long_as_it_is_remembered() -> None:
    looking = Looking()
    reader = looking.reader(most=2)
    assert [reader.look(one).words for one in (b"a", b"b", b"a", b"b", b"a")] == [
        ("a",),
        ("b",),
        ("a",),
        ("b",),
        ("a",),
    ]
    assert (looking.encoded, looking.described) == (2, 2)
    reader.look(b"c")  # puts out the one that was not seen for longest
    reader.look(b"a")
    assert looking.encoded == 3
    reader.look(b"b")
    assert looking.encoded == 4


def test_a_picture_that_could_not_be_put_into_words_is_looked_at_again() -> None:
    looking = Looking(fails=1)
    reader = looking.reader()
    assert [reader.look(b"a").words for _ in range(3)] == [(), ("a",), ("a",)]
    assert looking.described == 2
