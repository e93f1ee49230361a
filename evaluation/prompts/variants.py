"""What a prompt is run with: a model or an adapter, and settings. The grammar of `--variants`:

    VARIANTS = VARIANT, VARIANT, …        VARIANT = PART + PART + …
    PART     = base | model:NAME | adapter:NAME | soft:NAME | SETTING=VALUE

`base` is the engine's own model with the settings of the command, so `base,correction=0` are two variants and
`adapter:films+temperature=0.7` is one.
"""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from core.errors import InputError
from core.values import Value
from evaluation.validation import options_as

BASE = "base"
_MODELS = ("model", "adapter", "soft")
_FORM = "Write them like base,temperature=0.7,adapter:NAME+correction=0."


class PromptSettings(Value):
    """Settings that a variant may change."""

    temperature: float = Field(0.0, ge=0, le=2)
    candidates: int = Field(20, ge=2, le=100)  # how many are shown
    rank: int = Field(10, ge=1, le=100)  # how many of them the model is to rank; at most as many as there are
    correction: float = Field(0.4, ge=0, le=1)  # strength of the correction for popularity among the candidates
    history: int = Field(10, ge=0, le=200)  # how many of the latest choices are shown
    order: Literal["ranker", "shuffled"] = "ranker"  # in which candidates are shown
    examples: int = Field(2, ge=0, le=8)  # shown to a few-shot prompt
    constrained: bool = True  # whether the answer is held to the schema

    @model_validator(mode="before")
    @classmethod
    def _rank_no_more_than_there_are(cls, given: dict[str, Any]) -> dict[str, Any]:
        try:
            shown, ranked = int(given.get("candidates", 20)), int(given.get("rank", 10))
        except (TypeError, ValueError):
            return given  # the field itself says what is wrong
        return {**given, "rank": min(shown, ranked)} if ranked >= 1 else given


class Variant(Value):
    """One column of the comparison. `kind` and `model` say who answers: empty is the engine's own model."""

    name: str
    kind: Literal["", "model", "adapter", "soft"] = ""
    model: str = ""
    settings: PromptSettings = PromptSettings()

    @classmethod
    def parse(cls, text: str, base: PromptSettings) -> Self:
        """Raises InputError that names the part which can't be understood."""
        kind, model, changed = "", "", {}
        parts = [part.strip() for part in text.split("+")]
        for part in parts:
            key, equals, value = part.partition("=")
            prefix, colon, name = part.partition(":")
            if equals:
                changed[key.strip().replace("-", "_")] = value.strip()
            elif colon and prefix in _MODELS and name and not kind:
                kind, model = prefix, name
            elif part != BASE:
                raise InputError(f"The variant {text!r} has a part {part!r} that means nothing.", mend=_FORM)
        settings = options_as(PromptSettings, {**base.model_dump(), **changed}, of=f"The variant {text!r}")
        return cls.model_validate({"name": "+".join(parts), "kind": kind, "model": model, "settings": settings})


def parse_variants(text: str, base: PromptSettings) -> tuple[Variant, ...]:
    """Every variant of a list. Raises InputError for an empty list and for a name that comes twice."""
    variants = [Variant.parse(one, base) for part in text.split(",") if (one := part.strip())]
    if not variants:
        raise InputError("No variant is named.", mend=_FORM)
    names = [variant.name for variant in variants]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"The variant {name} is named twice.", mend="Name each once.")
    return tuple(variants)
