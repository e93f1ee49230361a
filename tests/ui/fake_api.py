"""The chat API with scripted answers, for building and testing the page without a catalogue or a model.

It keeps conversations and feedback, streams slowly, and does what a message asks of it: "ten films" gives ten cards,
"slow" takes its time, "fail" is refused at the first try, "break" breaks off, "hello" is small talk, "compare" gives a
table.
Run it with `python -m tests.ui.fake_api PORT`.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from core.artifacts import Wording
from ui.page import create_page, mount_page

EVIL = "<img src=x onerror=alert(1)>"
FILMS = [
    ("heat", "Heat", 1995, ["Action", "Crime", "Thriller"]),
    ("fargo", "Fargo", 1996, ["Crime", "Drama", "Thriller"]),
    ("love", "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb", 1963, ["Sci-Fi", "War"]),
    ("evil", EVIL, None, []),
    ("alien", "Alien", 1979, ["Action", "Horror", "Sci-Fi", "Thriller"]),
    ("vertigo", "Vertigo", 1958, ["Mystery", "Thriller"]),
    ("brazil", "Brazil", 1985, ["Sci-Fi"]),
    ("amadeus", "Amadeus", 1984, ["Drama", "Mystery"]),
    ("casablanca", "Casablanca", 1942, ["Drama", "Romance", "War"]),
    ("duck", "Duck Soup", 1933, ["Comedy", "War"]),
]
LOST = ["L.A. Confidential", "The Usual Suspects", "Donnie Brasco", "Face/Off", "Seven", "The Rock", "Jackie Brown"]
MOVED = "The correction for popularity moved it up from place 5 to place 1: films that more people chose lost places."
TABLE = "\n".join(
    (
        "| | Heat (1995) | Fargo (1996) |",
        "| --- | --- | --- |",
        "| Genre | action, crime, thriller | crime, drama, thriller |",
        f"| Plot | {EVIL} | A car salesman hires two men. |",
    )
)
OPENERS = [
    "A tense thriller from the 90s, but nothing gory",
    "Something like Fargo, only funnier",
    "A feel-good film for the whole family",
    "I loved Heat and Casino. What next?",
]


@dataclass
class World:
    """What the fake knows, and what a test may look at or change."""

    conversations: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    feedback: dict[str, dict[str, str]] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    cancelled: int = 0
    loading: str | None = None  # what keeps the language model from answering, as /readyz has it
    word_seconds: float = 0.03


def recommendation(number: int) -> dict[str, Any]:
    """The wire form of a film."""
    item_id, title, year, categories = FILMS[number]
    if title == EVIL:
        reason = f"Nothing here may run: {EVIL} <script>alert(2)</script>"
    else:
        reason = "You asked for something tense with a slow burn, and people who liked Casino chose it next."
    return {
        "item_id": item_id,
        "title": title,
        "year": year,
        "categories": categories,
        "image": f"/v1/items/{item_id}/image",
        "reason": reason,
        "evidence_ids": [f"{item_id}-1", f"{item_id}-2"],
        "score": 1 - number / 10,
        "repaired": number == 1,
    }


def details(cards: list[dict[str, Any]], kind: str, source: str) -> dict[str, Any]:
    """How a scripted answer came about."""
    evidence = []
    for card in cards:
        texts = [
            ("request", "It is a thriller, as you asked."),
            ("crowd", "41 of the 60 people who liked Casino liked it too."),
            ("graph", f"{card['title']} and Casino both have Robert De Niro."),
            ("metadata", "It runs for 170 minutes."),
        ]
        evidence += [
            {
                "id": f"{card['item_id']}-{n}",
                "item_id": card["item_id"],
                "kind": text[0],
                "text": text[1],
                "score": 1 / n,
            }
            for n, text in enumerate(texts, 1)
        ]
    return {
        "kind": kind,
        "source": source,
        "notices": [],
        "evidence": evidence,
        "moves": [
            {
                "item_id": card["item_id"],
                "before": place + 4,
                "after": place + 1,
                "shifts": {"popularity": 0.2},
                "text": text,
            }
            for place, card in enumerate(cards)
            if (text := MOVED if place < 2 else "")
        ],
        "modalities": [
            {"item_id": card["item_id"], "shares": {"text": 0.5, "image": 0.3, "time": 0.2}} for card in cards[:1]
        ],
        "not_chosen": [{"item_id": title, "title": title, "score": 0.1} for title in LOST] if cards else [],
        "reasoning": "",
        "counts": {"items_dropped": 0, "reasons_repaired": 0, "reasons_kept": len(cards)},
        "seconds": {"understand": 0.02, "generate": 2.31},
        "intent": {"kind": "recommend"},
    }


def script(text: str, disliked: set[str]) -> tuple[list[str], list[dict[str, Any]], str]:
    """The answer to a message: its paragraphs, cards and kind."""
    if "hello" in text.lower():
        return ["Hello! Tell me a film that you loved, or **how it should feel**."], [], "small_talk"
    if "compare" in text.lower():
        return [TABLE, "They share the genres crime and thriller."], [], "information"
    wanted = 10 if "ten films" in text else 4 if "four films" in text else 3
    cards = [recommendation(number) for number, film in enumerate(FILMS) if film[0] not in disliked][:wanted]
    return ["Here is what I found: a slow burn with people who know what they do."], cards, "recommendations"


def words_of(message: dict[str, Any]) -> str:
    """The words of a message that may have a picture."""
    content = message["content"]
    return content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)


def listed(verdicts: dict[str, str]) -> list[dict[str, str]]:
    """Verdicts as the API lists them."""
    return [{"item_id": item_id, "verdict": verdict} for item_id, verdict in verdicts.items()]


def frame(delta: dict[str, Any], finish: str | None = None) -> str:
    """A server-sent event of a stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "fake", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n"


class FakeApi:
    """The routes that the page uses, over a `World`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.app = FastAPI()
        self.app.post("/v1/chat/completions", response_model=None)(self.chat)
        self.app.post("/v1/feedback")(self.feedback)
        self.app.get("/v1/conversations/{conversation_id}")(self.conversation)
        self.app.get("/v1/items/{item_id}/image")(self.image)
        self.app.get("/readyz")(self.readyz)

    async def chat(self, request: Request) -> Response:
        body = await request.json()
        self.world.requests.append(body)
        if "fail" in words_of(body["messages"][-1]) and len(self.world.requests) == 1:
            error = {"message": "Too many turns are running; try again shortly.", "type": "rate_limit_error"}
            return JSONResponse({"error": error}, 429)
        return StreamingResponse(self._chunks(body), media_type="text/event-stream")

    async def _chunks(self, body: dict[str, Any]) -> AsyncIterator[str]:
        question, user = words_of(body["messages"][-1]), body["user"]
        kept = self.world.conversations.setdefault((user, body["metadata"]["conversation_id"]), [])
        kept.append({"role": "user", "content": question})
        disliked = {item for item, verdict in self.world.feedback.get(user, {}).items() if verdict != "up"}
        paragraphs, cards, kind = script(question, disliked)
        try:
            yield frame({"role": "assistant", "content": ""})
            for place, paragraph in enumerate(paragraphs):
                async for event in self._words("\n\n" * (place > 0) + paragraph, question):
                    yield event
            first = "ranked" in question  # the order is there before a word is written
            for card in cards if first else []:
                yield frame({"recommendations": [{**card, "reason": "", "evidence_ids": []}]})
            for card in cards:
                yield frame({"reasons": [card]} if first else {"recommendations": [card]})
                paragraphs.append(f"**{card['title']}** — {card['reason']}")
                async for event in self._words(f"\n\n{paragraphs[-1]}", question):
                    yield event
            if "break" in question:
                yield 'data: {"error": {"message": "The answer broke off."}}\n\n'
                return
            told = details(cards, kind, "model" if self.world.loading is None and cards else "retrieval")
            text = "\n\n".join(paragraphs)
            kept.append({"role": "assistant", "content": text, "recommendations": cards, "details": told})
            yield frame({"details": told})
            yield frame({}, "stop")
            yield "data: [DONE]\n\n"
        except asyncio.CancelledError:
            self.world.cancelled += 1
            raise

    async def _words(self, text: str, question: str) -> AsyncIterator[str]:
        for word in text.split(" "):
            await asyncio.sleep(self.world.word_seconds * (8 if "slow" in question else 1))
            yield frame({"content": f"{word} "})

    async def feedback(self, request: Request) -> dict[str, Any]:
        body = await request.json()
        mine = self.world.feedback.setdefault(body["user"], {})
        mine.pop(body["item_id"], None)
        if body["verdict"]:
            mine[body["item_id"]] = body["verdict"]
        return {"user": body["user"], "feedback": listed(mine)}

    async def conversation(self, conversation_id: str, user: str) -> JSONResponse:
        messages = self.world.conversations.get((user, conversation_id))
        if messages is None:
            return JSONResponse({"error": {"message": "There is no such conversation."}}, 404)
        mine = listed(self.world.feedback.get(user, {}))
        return JSONResponse({"id": conversation_id, "messages": messages, "feedback": mine})

    async def image(self, item_id: str) -> Response:
        hue = sum(map(ord, item_id)) * 37 % 360
        drawn = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 300">'
            f'<rect width="200" height="300" fill="hsl({hue} 35% 38%)"/>'
            f'<circle cx="150" cy="70" r="90" fill="hsl({hue + 40} 55% 60% / .5)"/></svg>'
        )
        return Response(drawn, media_type="image/svg+xml")

    async def readyz(self) -> JSONResponse:
        if self.world.loading is None:
            return JSONResponse({"status": "ready"})
        status = 200 if self.world.loading == "off" else 503
        return JSONResponse({"status": self.world.loading, "detail": "For those who run it."}, status)


def create_app(world: World, port: int) -> FastAPI:
    """The fake API with the real page on it."""
    app = FakeApi(world).app
    words = Wording(item="film", items="films", category="genre")
    page = create_page(
        f"http://127.0.0.1:{port}", None, "Tastemaker", words, OPENERS, max_message_chars=500, popularity_correction=0.2
    )
    mount_page(app, page)
    return app


if __name__ == "__main__":
    port = int(sys.argv[1])
    loading = "loading" if "loading" in sys.argv else None
    uvicorn.run(create_app(World(loading=loading), port), port=port)
