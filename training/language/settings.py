"""How a language model is tuned, and in which order its parts are."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

# The projections of llama-like models; of others all linear layers are taken.
TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


class Order(StrEnum):
    """What is trained when. The survey (arXiv 2505.09777) leaves open how soft prompts and LoRA interact."""

    SOFT_ONLY = "soft-only"  # the projector; the model stays as it is
    LORA_ONLY = "lora-only"  # the model's weights; the prompt has no soft tokens
    SOFT_FIRST = "soft-first"
    LORA_FIRST = "lora-first"
    ALTERNATING = "alternating"
    JOINT = "joint"

    @property
    def has_soft_prompt(self) -> bool:
        """Whether the prompt has soft tokens."""
        return self is not Order.LORA_ONLY

    @property
    def titles(self) -> int:
        """How many titles of the history the prompt should have: none where soft tokens say who the person is."""
        return 0 if self.has_soft_prompt else 8

    @property
    def has_weights(self) -> bool:
        """Whether the model itself is tuned."""
        return self is not Order.SOFT_ONLY


class LanguageTraining(BaseModel):
    """Settings of one training. The defaults suit a model of 135 million parameters on one core of a CPU."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Literal["lora", "bottleneck", "full"] = "lora"
    order: Order = Order.JOINT
    # How many of the last layers are tuned; None: all. The survey starts with the last four.
    layers: int | None = Field(4, ge=1)
    targets: tuple[str, ...] = TARGETS
    rank: int = Field(8, ge=1, le=256, description="of LoRA; the width of a bottleneck")
    alpha: float = Field(16.0, gt=0)
    dropout: float = Field(0.05, ge=0, lt=1)
    quantised: bool = False  # QLoRA: the model's own weights in four bits, on a GPU

    tokens: int = Field(4, ge=1, le=64, description="soft tokens of a person")
    width: int = Field(128, ge=8, description="hidden layer of the projector")

    candidates: int = Field(20, ge=2, le=52)
    late: int = Field(8, ge=1, description="how many of each person's latest choices are learned to foretell")
    latest: int = Field(0, ge=0, description="titles of the history in the prompt")
    # Of the steps, the share whose prompts hold letters and soft tokens alone. They cost a third, make the model read
    # the tokens, and what it learns there it can do among titles (docs/decisions/007).
    bare: float = Field(0.9, ge=0, le=1)
    # Shuffled letters keep it from learning the shortlist's order.
    shuffled: float = Field(1.0, ge=0, le=1)
    # Of what a choice teaches, the share that comes from a readout of the item tokens (`training.language.matching`).
    distilled: float = Field(0.8, ge=0, le=1)
    explanations: float = Field(0.5, ge=0, le=0.9, description="share of the steps that learn to explain")

    examples: int | None = Field(None, ge=1, description="choices of one epoch; None: all")
    epochs: int = Field(1, ge=1)
    batch: int = Field(8, ge=1)
    learning_rate: float = Field(2e-3, gt=0, description="of the model's weights")
    soft_learning_rate: float = Field(4e-3, gt=0, description="of the projector")
    weight_decay: float = Field(0.01, ge=0)
    validation_people: int = Field(400, ge=1, description="who have what they chose next in their list")
    seed: int = Field(0, ge=0)

    @field_validator("learning_rate", "soft_learning_rate")
    @classmethod
    def _is_finite(cls, rate: float) -> float:
        if rate == float("inf"):
            raise ValueError("must be finite")
        return rate
