"""The official OpenAI client, unmodified, against the whole product."""

from typing import Any

import openai
from pydantic import BaseModel

from core.item import ItemTable
from server.answer_format import JsonAnswer
from tests.end_to_end.honesty import faults
from tests.end_to_end.product import Server


def said(*texts: str) -> Any:
    return [{"role": "user", "content": text} for text in texts]


def complete(client: openai.OpenAI, messages: Any, **options: Any) -> Any:
    return client.chat.completions.create(model="tastemaker", messages=messages, **options)


def test_a_conversation_of_several_turns(client: openai.OpenAI, server: Server, items: ItemTable) -> None:
    messages = said("I loved Alien and Blade Runner. What next? No horror.")
    first = complete(client, messages)
    answer = first.choices[0].message
    assert first.usage.prompt_tokens > 100
    assert first.usage.completion_tokens > 20
    assert first.usage.total_tokens == first.usage.prompt_tokens + first.usage.completion_tokens
    assert answer.details["source"] == "model"
    assert answer.details["intent"]["liked"] == ["183", "89"]
    assert answer.details["intent"]["vetoes"]["categories"] == ["Horror"]
    assert len(answer.recommendations) == 3
    shown = set()
    for text in ("something older", "not those. four funny ones please", "thank you"):
        assert faults(answer.to_dict(), items) == []
        for one in answer.recommendations:
            known = server.get(f"/v1/items/{one['item_id']}").json()
            assert (known["title"], "Horror" in known["categories"]) == (one["title"], False)
            assert one["title"] in answer.content
            assert server.get(one["image"]).headers["content-type"].startswith("image/")
        shown |= {one["item_id"] for one in answer.recommendations}
        messages += [answer.to_dict(), *said(text)]
        answer = complete(client, messages).choices[0].message
        if text.startswith("not those"):
            assert len(answer.recommendations) == 4
            assert answer.details["intent"]["vetoes"]["categories"] == ["Horror"]
    assert (answer.details["kind"], answer.recommendations) == ("small_talk", [])
    assert len(shown) >= 8


def test_a_stream_says_the_same_as_the_whole_answer(client: openai.OpenAI, items: ItemTable) -> None:
    messages = said("a dark thriller from the 90s")
    text = ""
    recommendations: list[Any] = []
    finish: list[str] = []
    details: Any = None
    usage: Any = None
    # A prompt whose beginning is cached is rounded otherwise, so it is cached for both.
    complete(client, messages)
    for chunk in complete(client, messages, stream=True, stream_options={"include_usage": True}):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            delta = choice.delta.to_dict()
            recommendations += delta.get("recommendations") or []
            if content := delta.get("content"):
                text += content
                assert text.count("**") <= 2 * len(recommendations)  # an item comes before the words about it
            details = delta.get("details") or details
            finish += [choice.finish_reason] if choice.finish_reason else []
    assert finish == ["stop"]
    assert usage.completion_tokens > 20
    assert faults({"recommendations": recommendations, "details": details}, items) == []
    assert all(1990 <= one["year"] <= 1999 for one in recommendations)
    whole = complete(client, messages).choices[0].message
    assert whole.content == text
    assert whole.recommendations == recommendations


def test_the_answer_as_data(client: openai.OpenAI, items: ItemTable) -> None:
    messages = said("two comedies, nothing romantic")
    parsed = client.chat.completions.parse(model="tastemaker", messages=messages, response_format=JsonAnswer)
    answer = parsed.choices[0].message.parsed
    assert answer is not None
    assert len(answer.recommendations) == 2
    for one in answer.recommendations:
        assert "Comedy" in items[one.item_id].categories
        assert "Romance" not in items[one.item_id].categories

    class Film(BaseModel):
        title: str
        year: int | None

    class Films(BaseModel):
        recommendations: list[Film]

    films = client.chat.completions.parse(model="tastemaker", messages=messages, response_format=Films)
    assert films.choices[0].message.parsed == Films(
        recommendations=[Film(title=one.title, year=one.year) for one in answer.recommendations]
    )
    plain = complete(client, messages, response_format={"type": "json_object"})
    assert JsonAnswer.model_validate_json(plain.choices[0].message.content) == answer


def test_the_model_is_listed(client: openai.OpenAI) -> None:
    assert "tastemaker" in [model.id for model in client.models.list()]
