"""What is learned from people: what goes with what, what comes next, and what to recommend in a conversation."""

import json
import shutil
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import numpy as np

from server.making.fusion import space
from server.making.learned import FOLDER, LearnedFrom, earlier_rows
from server.making.work import Work
from server.representation import CONTENT

VERSION = 1  # raised when something else is made of the same choices: nothing that was learned earlier is kept then
_HISTORY_OF = "from.json"


def make_history_model(work: Work, path: Path) -> None:
    """EASE over nearby choices. Where the choices are the same and only items came or went, it gets other rows."""
    from index.history import HistoryModel

    learned = _history_of_the_same(work)
    if learned:
        rows = earlier_rows(learned["ids"], work.items)
        HistoryModel.load(work.layout.history_model).renumbered(rows).save(path)
    else:
        HistoryModel.fit(work.sequences, len(work.items)).save(path)
    ids = [item.id for item in work.items]
    with ZipFile(path, "a") as archive:  # beside numpy's arrays
        archive.writestr(_HISTORY_OF, json.dumps({"choices": _choices(work), "ids": ids}))


def make_ranker(work: Work, path: Path) -> None:
    """The sequence model with what counts beside it; counts are always of all choices."""
    from index.history import HistoryModel
    from training.ranking import LearnedRanking, learn_ranking
    from training.sequence import SequenceTraining

    before, training = work.layout.ranker, work.layout.ranker_training
    settings = SequenceTraining.suited_to(len(work.interactions), **json.loads(work.state("ranker settings")))
    content = np.load(work.layout.fusion / CONTENT)
    now = LearnedFrom.now(work, str(VERSION), settings.model_dump_json(), space(work.layout.fusion))
    earlier, learned = LearnedFrom.load(before / FOLDER), LearnedRanking.load(before / FOLDER)
    if earlier and learned and earlier.suits(now):
        kept = learned.renumbered(earlier.rows(work.items))
        kept.ranker(work.sequences, content, HistoryModel.load(work.layout.history_model)).save(path)
        shutil.copytree(before / FOLDER, path / FOLDER)
        work.say(f"{work.source.name}: the sequence model was learned from nearly the same, and is kept")
        return
    ranker, learned = learn_ranking(work.sequences, len(work.items), content, settings, training)
    ranker.save(path)
    if learned:
        learned.save(path / FOLDER)
        now.save(path / FOLDER)


def make_dialogue_model(work: Work, path: Path) -> None:
    """What conversations of the catalogue's folder say of what to recommend."""
    from catalog.conversations import read_conversations
    from index.dialogue.content import ItemContent
    from training.dialogue import learn_dialogue

    read = read_conversations(work.conversations, work.items)
    for notice in read.notices:
        work.say(notice)
    content = ItemContent(work.items, np.load(work.layout.text_embeddings))
    learn_dialogue(read.dialogues, [], content, work.text_encoder().encode, progress=True).save(path)


def _history_of_the_same(work: Work) -> dict[str, Any] | None:
    """What the history model that is there was learned from, if those are the choices of today."""
    try:
        with ZipFile(work.layout.history_model) as archive:
            learned = json.loads(archive.read(_HISTORY_OF))
        return learned if learned["choices"] == _choices(work) else None
    except (OSError, ValueError, KeyError, TypeError, BadZipFile):
        return None


def _choices(work: Work) -> str:
    return f"{VERSION} {work.state('choices')}"
