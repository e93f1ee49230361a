"""The report on explanations, over real turns with a scripted model."""

import json
from pathlib import Path

import pytest

from core.conversation import Message
from core.errors import InputError
from core.intent import Intent, TurnKind
from core.turn import TurnRequest
from encoders.text import TextEncoder
from evaluation.explanations.evaluate import evaluate_explanations
from evaluation.explanations.readability import flesch, syllables
from evaluation.explanations.requests import requests
from evaluation.understanding.report import Labelled
from tests.catalogue import parts
from tests.fakes import ScriptedGenerator


def drafted(*items: tuple[str, str]) -> str:
    drafts = [{"item": item, "evidence": ["a"], "reason": reason} for item, reason in items]
    return json.dumps({"reasoning": "They like crime.", "items": drafts})


async def test_claims_are_measured_before_and_after_the_checker(encoder: TextEncoder, tmp_path: Path) -> None:
    generator = ScriptedGenerator(
        drafted(("Casino (1995)", "It won eleven awards."), ("The Irishman (2019)", "A masterpiece."))
    )
    made = parts(generator, encoder=encoder, recommendations=2)
    asked = [
        TurnRequest(messages=(Message(role="user", content="I loved Heat and Fargo"),)),
        TurnRequest(messages=(Message(role="user", content="who directed Taxi Driver?"),)),
    ]
    report = await evaluate_explanations(made, asked, tmp_path, data_hash="x", model="scripted", seed=0)
    table = report.table("Before and after the checker")
    rows = {row[0]: tuple(getattr(cell, "value", cell) for cell in row[1:]) for row in table.rows}
    assert rows["answers with an unsupported claim"] == (1.0, 0.0)
    assert rows["items outside the candidates"] == (1, 0)
    assert rows["reasons"] == (1, 2)
    assert [row[0] for row in report.table("Examples").rows] == ["I loved Heat and Fargo"]
    # Kept answers are not asked for again: the script has no second answer.
    again = await evaluate_explanations(made, asked, tmp_path, data_hash="x", model="scripted", seed=0)
    assert again.tables == report.tables
    with pytest.raises(InputError, match="other settings"):
        await evaluate_explanations(made, asked, tmp_path, data_hash="x", model="scripted", seed=1)


def test_requests_are_the_same_for_a_seed() -> None:
    labelled = [
        Labelled(id="1", topic="", messages=(Message(role="user", content="a comedy"),), intent=Intent(kind=kind))
        for kind in (TurnKind.RECOMMEND, TurnKind.ASK)
    ]
    made = requests(labelled, {"ann": ["1", "2", "3"]}, count=10, seed=3, longest=2)
    assert made == requests(labelled, {"ann": ["1", "2", "3"]}, count=10, seed=3, longest=2)
    assert [bool(request.history) for request in made] == [False, True] * 5
    assert made[1].history == ("2", "3")


def test_readability() -> None:
    assert [syllables(word) for word in ("thriller", "made", "Tree", "table", "1995", "a")] == [2, 1, 1, 2, 4, 1]
    # Six words, one sentence, six syllables: 206.835 - 1.015 * 6 - 84.6.
    assert flesch("The cat sat on the mat.") == pytest.approx(116.145)
    assert flesch("") == 0.0
    assert flesch("It is good.") > flesch("Characteristically incomprehensible considerations.")
