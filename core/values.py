"""The base of every value that travels between steps: immutable, and strict about unknown fields."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable value; an unknown field is an error, so that a misspelt one is noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid")
