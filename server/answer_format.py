"""The answer as JSON, for clients that ask for it by `response_format`, and which schemas it satisfies.

A schema may ask for any part of `JsonAnswer`: whether our answer always satisfies it is decided before anything is
generated, and what it leaves out is left out. The keywords are understood that pydantic and OpenAI's clients write.
"""

from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from core.recommendation import AnswerKind
from server.errors import bad_request
from server.openai_requests import ResponseFormat

_PARAM = "response_format.json_schema.schema"
_ANNOTATIONS = {"title", "description", "default", "examples", "$schema", "$defs", "definitions", "$id", "$comment"}
_CONSTRAINTS = {"type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref"}
_MAX_DEPTH = 16
_MAX_STEPS = 1_000

# What pydantic's `include` takes: all of a value, or the named parts of it.
Included: TypeAlias = "dict[str, Included] | Literal[True]"


class JsonRecommendation(BaseModel):
    """A recommended item."""

    model_config = ConfigDict(extra="forbid")

    item_id: str
    title: str
    year: int | None
    categories: list[str]
    price: float | None
    currency: str | None
    image: str
    reason: str
    evidence_ids: list[str]
    score: float
    repaired: bool


class JsonAnswer(BaseModel):
    """The whole answer. Pass it, or a model with some of its fields, to `client.chat.completions.parse`."""

    model_config = ConfigDict(extra="forbid")

    kind: AnswerKind
    text: str
    recommendations: list[JsonRecommendation]
    notices: list[str]


OUR_SCHEMA: dict[str, Any] = JsonAnswer.model_json_schema()


class AnswerFormat:
    """The JSON that a client asked for."""

    def __init__(self, schema: dict[str, Any] | None) -> None:
        """`schema` is None for all fields. Raises a 400 where our answer can't satisfy it."""
        self._include: Included = True
        if schema is None:
            return
        try:
            self._include = _Fitter(schema).fit(schema, OUR_SCHEMA, "$", 0)
        except _MisfitError as misfit:
            raise bad_request(
                f"Answers can't follow this schema: {misfit}. Ask for fields of this API's own answer: "
                "kind, text, notices, and recommendations with item_id, title, year, categories, price, currency, "
                "image, reason, evidence_ids, score and repaired.",
                _PARAM,
                "unsupported_schema",
            ) from None

    def content(self, answer: JsonAnswer) -> str:
        """The answer as JSON text, with the fields that the schema names."""
        return answer.model_dump_json(include=None if self._include is True else self._include)


def read_format(asked: ResponseFormat | None) -> AnswerFormat | None:
    """What a request's `response_format` asks for; None for prose."""
    if asked is None or asked.type == "text":
        return None
    if asked.type == "json_object":
        return AnswerFormat(None)
    if asked.json_schema is None:
        raise bad_request("'json_schema' needs a name and a schema.", _PARAM, "missing_required_parameter")
    return AnswerFormat(asked.json_schema.schema_)


class _MisfitError(Exception):
    """Where and why a schema is not satisfied."""


class _Fitter:
    """Compares the schemas of one document with ours, in a bounded number of steps: references can grow a small one."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._steps = 0

    def resolve(self, schema: Any, path: str) -> dict[str, Any]:
        """Follow references inside the document."""
        for _ in range(_MAX_DEPTH):
            if not isinstance(schema, dict):
                raise _MisfitError(f"{path} is not a schema")
            if "$ref" not in schema:
                return schema
            _require_alone(schema, "$ref", path)
            target: Any = self._root
            for part in str(schema["$ref"]).removeprefix("#").split("/"):
                if part:
                    target = target.get(part) if isinstance(target, dict) else None
            schema = target
        raise _MisfitError(f"{path} refers to itself")

    def fit(self, theirs: Any, ours: dict[str, Any], path: str, depth: int) -> Included:
        """What to include of `ours` so that every value satisfies `theirs`, or a _MisfitError."""
        self._steps += 1
        if depth > _MAX_DEPTH or self._steps > _MAX_STEPS:
            raise _MisfitError(f"{path} is too large or too deep")
        theirs, ours = self.resolve(theirs, path), _OURS.resolve(ours, path)
        if unknown := sorted(set(theirs) - _ANNOTATIONS - _CONSTRAINTS):
            raise _MisfitError(f"{path} uses '{unknown[0][:40]}'")
        if "anyOf" in ours:  # a number or null: each of them must do
            for branch in ours["anyOf"]:
                self.fit(theirs, branch, path, depth + 1)
            return True
        _require_type(theirs, ours, path)
        if "anyOf" in theirs:
            _require_alone(theirs, "anyOf", path)
            return self.fit_one(theirs["anyOf"], ours, path, depth)
        if ours["type"] == "object":
            return self.fit_fields(theirs, ours, path, depth)
        if ours["type"] == "array" and "items" in theirs:
            entries = self.fit(theirs["items"], ours["items"], f"{path}[]", depth + 1)
            return True if entries is True else {"__all__": entries}
        return True

    def fit_one(self, branches: Any, ours: dict[str, Any], path: str, depth: int) -> Included:
        misfits = []
        for branch in branches if isinstance(branches, list) else ():
            try:
                return self.fit(branch, ours, path, depth + 1)
            except _MisfitError as misfit:
                misfits.append(misfit)
        raise misfits[0] if misfits else _MisfitError(f"{path} allows nothing")

    def fit_fields(self, theirs: dict[str, Any], ours: dict[str, Any], path: str, depth: int) -> Included:
        fields: dict[str, Any] = ours["properties"]
        asked, required = theirs.get("properties", {}), theirs.get("required", [])
        if not isinstance(asked, dict) or not isinstance(required, list):
            raise _MisfitError(f"{path} is not a schema")
        if theirs.get("additionalProperties", True) not in (True, False):
            raise _MisfitError(f"{path} has a schema for additional properties")
        for name in required:
            if not isinstance(name, str) or name not in fields or name not in asked:
                raise _MisfitError(f"{path} has no field '{str(name)[:64]}'")
        include: dict[str, Included] = {
            name: self.fit(schema, fields[name], f"{path}.{name}", depth + 1)
            for name, schema in asked.items()
            if name in fields
        }
        return include or True


def _require_alone(schema: dict[str, Any], keyword: str, path: str) -> None:
    """A keyword that leads elsewhere would hide the others beside it; nobody's clients write that."""
    if set(schema) - _ANNOTATIONS - {keyword, "type"}:
        raise _MisfitError(f"{path} mixes '{keyword}' with others")


def _require_type(theirs: dict[str, Any], ours: dict[str, Any], path: str) -> None:
    kind, asked = ours["type"], theirs.get("type", ours["type"])
    allowed = asked if isinstance(asked, list) else [asked]
    if kind not in allowed and not (kind == "integer" and "number" in allowed):
        raise _MisfitError(f"{path} is of type {kind}")
    values = theirs.get("enum", [theirs["const"]] if "const" in theirs else None)
    if values is None:
        return
    if "enum" not in ours or not isinstance(values, list) or any(value not in values for value in ours["enum"]):
        raise _MisfitError(f"{path} can have other values")


_OURS = _Fitter(OUR_SCHEMA)
