"""The report on explanations, over real turns with a scripted model."""

import json
from pathlib import Path

import pytest

from core.conversation import Message
from core.errors import EngineError, InputError
from core.intent import Intent, TurnKind
from core.turn import TurnRequest
from encoders.text import TextEncoder
from evaluation.explanations.drafts import Agreement, Verdict, agreement, as_lines, drafts_sheet
from evaluation.explanations.generate import Generated, generate, kept_answers
from evaluation.explanations.judged import Judgement, read_judgements, sample, sheet
from evaluation.explanations.measure import explained
from evaluation.explanations.page import examples_page
from evaluation.explanations.readability import flesch, syllables
from evaluation.explanations.report import report, wilson
from evaluation.explanations.requests import requests
from evaluation.kept import Kept
from evaluation.report.provenance import Provenance
from evaluation.understanding.report import Labelled
from tests.catalogue import FILMS, parts
from tests.fakes import ScriptedGenerator

IDENTITY = {"seed": 0}
WISH = TurnRequest(messages=(Message(role="user", content="I loved Heat and Fargo"),))
QUESTION = TurnRequest(messages=(Message(role="user", content="who directed Taxi Driver?"),))


def drafted(*items: tuple[str, str]) -> str:
    drafts = [{"item": item, "evidence": ["a"], "reason": reason} for item, reason in items]
    return json.dumps({"reasoning": "They like crime.", "items": drafts})


async def answered(folder: Path, encoder: TextEncoder, *texts: str | EngineError) -> list[str]:
    made = parts(ScriptedGenerator(*texts), encoder=encoder, recommendations=2)
    return await generate(made, [WISH, QUESTION], Kept(folder, "answers", IDENTITY))


@pytest.fixture
async def kept(encoder: TextEncoder, tmp_path: Path) -> dict[str, Generated | None]:
    bad = drafted(("Casino (1995)", "A <b>masterpiece</b>, and a drama."), ("The Irishman (2019)", "It is a drama."))
    assert await answered(tmp_path, encoder, bad) == []
    return kept_answers(tmp_path / "answers.jsonl", IDENTITY)


async def test_claims_are_measured_before_and_after_the_checker(kept: dict[str, Generated | None]) -> None:
    assert list(kept) == ["0", "1"]
    assert kept["1"] is None  # no wish for items
    assert kept["0"]
    answer = explained(kept["0"], FILMS)
    made = report([answer], [], asked=2, sample=0, model="scripted", provenance=_provenance())
    rows = {row[0]: [getattr(cell, "value", cell) for cell in row[1:]] for row in made.tables[0].rows}
    assert rows["answers with an unsupported claim"] == [1.0, 0.0]
    assert rows["items outside the candidates"] == [1, 0]
    assert rows["reasons"] == [1, 2]
    assert "masterpiece" in [answer.drafted[0].text[start:end] for start, end in answer.drafted[0].spans]
    # What is shown is what the turn showed: the same verifier over the same text.
    assert tuple(one.item_id for one in answer.shown) == kept["0"].shown


async def test_what_was_answered_is_not_asked_again(encoder: TextEncoder, tmp_path: Path) -> None:
    assert await answered(tmp_path, encoder, EngineError("The language model died.")) == ["0"]
    text = drafted(("Casino (1995)", "It is a drama."))
    assert await answered(tmp_path, encoder, text) == []  # the one that broke off is asked again
    assert await answered(tmp_path, encoder) == []  # the script has no third answer
    with (tmp_path / "answers.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"key": "2", "resu')  # another process is writing
    assert list(kept_answers(tmp_path / "answers.jsonl", IDENTITY)) == ["0", "1"]
    with pytest.raises(InputError, match="no answers of these settings"):
        kept_answers(tmp_path / "answers.jsonl", {"seed": 1})
    with pytest.raises(InputError, match="There is no"):
        kept_answers(tmp_path / "nothing.jsonl", IDENTITY)


async def test_a_reader_judges_a_sample_that_stays(kept: dict[str, Generated | None], tmp_path: Path) -> None:
    assert kept["0"]
    answer = explained(kept["0"], FILMS)
    numbers = sample({"0": answer}, 0, tmp_path / "sample.txt")
    assert numbers == sample({"0": answer, "1": answer}, 0, tmp_path / "sample.txt") == ["0"]
    read = sheet(numbers, {"0": answer}, {"0": kept["0"]}, FILMS)
    assert all(
        one.text in read and set(one.evidence) <= set(read.replace("- ", "").split("\n")) for one in answer.shown
    )
    shown = tuple(one.text for one in answer.shown)
    verdicts = [Judgement(answer="0", shown=shown, unsupported="A claim."), Judgement(answer="0", shown=("Other.",))]
    path = tmp_path / "judged.jsonl"
    path.write_text("\n".join(each.model_dump_json() for each in verdicts), encoding="utf-8")
    judgements = read_judgements(path, {"0": answer})
    assert judgements == verdicts[:1]  # the other one was given on another text
    made = report([answer], judgements, asked=1, sample=1, model="scripted", provenance=_provenance())
    assert "an unsupported claim in 1 of 1 shown answers" in made.answer
    path.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="Line 1"):
        read_judgements(path, {"0": answer})


async def test_the_checker_is_compared_with_a_reader_of_drafts(encoder: TextEncoder, tmp_path: Path) -> None:
    text = drafted(("Casino (1995)", "A masterpiece."), ("Chinatown (1974)", "It is a thriller."))
    assert await answered(tmp_path, encoder, text) == []
    kept = {number: each for number, each in kept_answers(tmp_path / "answers.jsonl", IDENTITY).items() if each}
    answers = {number: explained(each, FILMS) for number, each in kept.items()}
    lines = drafts_sheet(answers, kept, FILMS, seed=0)
    assert {line["text"] for line in lines} == {"A masterpiece.", "It is a thriller."}
    assert "unsupported" not in as_lines(lines)  # the reader doesn't see what the checker says
    path = tmp_path / "drafts_judged.jsonl"
    assert agreement(path, answers) is None
    verdicts = [Verdict(item_id=line["item_id"], text=line["text"], supported=False) for line in lines]
    unknown = Verdict(item_id=lines[0]["item_id"], text="It was never drafted.", supported=True)
    path.write_text("\n".join(each.model_dump_json() for each in [*verdicts, unknown]), encoding="utf-8")
    found = agreement(path, answers)
    assert found == Agreement(found=1, missed=1, wrongly_flagged=0, passed=0)
    made = report(list(answers.values()), [], found, asked=1, sample=0, model="scripted", provenance=_provenance())
    rows = {row[0]: getattr(row[1], "value", row[1]) for row in made.tables[-1].rows}
    assert rows == {"precision": 1.0, "recall": 0.5, "reasons read": 2}
    assert "Of 2 drafted reasons" in made.answer
    path.write_text('{"supported": 1', encoding="utf-8")
    with pytest.raises(InputError, match="Line 1"):
        agreement(path, answers)


async def test_examples_stand_side_by_side(kept: dict[str, Generated | None]) -> None:
    assert kept["0"]
    page = examples_page({"0": explained(kept["0"], FILMS)}, seed=0)
    assert "<mark>masterpiece</mark>" in page
    assert "&lt;<mark>b</mark>&gt;" in page
    assert "<b>" not in page


def test_an_interval_of_none_of_many_is_not_empty() -> None:
    none = wilson(0, 1000)
    assert none
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(0.00383, abs=1e-5)  # z² / (n + z²)
    assert wilson(0, 0) is None


def test_requests_are_the_same_for_a_seed() -> None:
    labelled = [
        Labelled(id="1", topic="", messages=(Message(role="user", content="a comedy"),), intent=Intent(kind=kind))
        for kind in (TurnKind.RECOMMEND, TurnKind.ASK)
    ]
    made = requests(labelled, {"ann": ["1", "2", "3"]}, count=10, seed=3, longest=2)
    assert made == requests(labelled, {"ann": ["1", "2", "3"]}, count=10, seed=3, longest=2)
    assert made == requests(labelled, {"ann": ["1", "2", "3"]}, count=20, seed=3, longest=2)[:10]
    assert [bool(request.history) for request in made] == [False, True] * 5
    assert made[1].history == ("2", "3")


def test_readability() -> None:
    assert [syllables(word) for word in ("thriller", "made", "Tree", "table", "1995", "a")] == [2, 1, 1, 2, 4, 1]
    # Six words, one sentence, six syllables: 206.835 - 1.015 * 6 - 84.6.
    assert flesch("The cat sat on the mat.") == pytest.approx(116.145)
    assert flesch("") == 0.0
    assert flesch("It is good.") > flesch("Characteristically incomprehensible considerations.")


def _provenance() -> Provenance:
    from datetime import UTC, datetime

    return Provenance.collect(started=datetime.now(UTC), data_hash="x", seed=0)
