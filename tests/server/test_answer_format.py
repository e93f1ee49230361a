"""Which schemas our answer satisfies, decided before anything is generated."""

from typing import Any

import pytest

from core.recommendation import AnswerKind
from server.answer_format import OUR_SCHEMA, AnswerFormat, JsonAnswer
from server.errors import ApiError

ANSWER = JsonAnswer(kind=AnswerKind.QUESTION, text="What do you like?", recommendations=[], notices=["n"])


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "content"),
    [
        (obj(text={"type": "string"}), '{"text":"What do you like?"}'),
        (obj(notices={"type": "array", "items": {"type": ["string", "null"]}}), '{"notices":["n"]}'),
        (obj(notices={"anyOf": [{"type": "null"}, {"type": "array", "items": {}}]}), '{"notices":["n"]}'),
        (obj(kind={"enum": ["recommendations", "question", "information", "small_talk", "x"]}), '{"kind":"question"}'),
        (obj(kind={"$ref": "#/$defs/K"}) | {"$defs": {"K": {"type": "string"}}}, '{"kind":"question"}'),
        ({"properties": {"text": {}, "optional": {"type": "integer"}}}, '{"text":"What do you like?"}'),
        ({}, ANSWER.model_dump_json()),
        (OUR_SCHEMA, ANSWER.model_dump_json()),
    ],
)
def test_a_schema_that_we_satisfy(schema: dict[str, Any], content: str) -> None:
    assert AnswerFormat(schema).content(ANSWER) == content


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        (obj(title={"type": "string"}), "$ has no field 'title'"),
        (obj(text={"type": "integer"}), "$.text is of type string"),
        (obj(text={"type": "string", "maxLength": 9}), "$.text uses 'maxLength'"),
        (obj(text={"const": "yes"}), "$.text can have other values"),
        (obj(kind={"enum": ["question"]}), "$.kind can have other values"),
        (obj(recommendations={"items": obj(year={"type": "integer"})}), "$.recommendations[].year is of type null"),
        ({"type": "array", "items": {}}, "$ is of type object"),
        ({"$ref": "#"}, "$ refers to itself"),
        ({"$ref": "#/nowhere"}, "$ is not a schema"),
        ({"anyOf": []}, "$ allows nothing"),
        ({"anyOf": [{}], "required": ["x"]}, "$ mixes 'anyOf'"),
        ({"anyOf": [{"$ref": "#"}] * 100}, "$ is too large or too deep"),
        ({"required": [["x"]]}, "$ has no field"),
        ({"properties": []}, "$ is not a schema"),
        ({"additionalProperties": {"type": "string"}}, "additional properties"),
        ({"allOf": [{}]}, "$ uses 'allOf'"),
    ],
)
def test_a_schema_that_we_do_not(schema: dict[str, Any], says: str) -> None:
    with pytest.raises(ApiError) as raised:
        AnswerFormat(schema)
    assert says in str(raised.value)
    assert raised.value.http_status == 400
