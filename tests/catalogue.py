"""A catalogue of a dozen films that a reader can check by hand, and the real parts over it."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from agent.parts import Parts
from agent.understand.rules import RulesUnderstanding
from core.artifacts import Wording
from core.generator import Generator
from core.item import Credit, Item, ItemTable
from core.settings import Settings
from debias.corrections import Corrections
from debias.interventional import popularity_correction
from encoders.item_text import item_text, item_words
from encoders.text import TextEncoder
from index.dense import DenseIndex
from index.evidence import EvidenceWriter
from index.graph import ItemGraph
from index.history import HistoryModel
from index.lexical import LexicalIndex
from index.retriever import Retriever
from index.shortlist import Shortlister
from index.statistics import RatingStatistics
from training.ranking import train_ranking
from training.sequence import SequenceTraining

FILMS = ItemTable(
    [
        Item(id="1", title="Heat", year=1995, categories=("Action", "Crime", "Thriller")),
        Item(id="2", title="Fargo", year=1996, categories=("Crime", "Drama", "Thriller")),
        Item(id="3", title="Casino", year=1995, categories=("Crime", "Drama")),
        Item(id="4", title="Alien", year=1979, categories=("Horror", "Sci-Fi")),
        Item(id="5", title="Psycho", year=1960, categories=("Horror", "Thriller")),
        Item(id="6", title="Toy Story", year=1995, categories=("Animation", "Children's", "Comedy")),
        Item(id="7", title="Babe", year=1995, categories=("Children's", "Comedy")),
        Item(id="8", title="Annie Hall", year=1977, categories=("Comedy", "Romance")),
        Item(id="9", title="Chinatown", year=1974, categories=("Film-Noir", "Mystery", "Thriller")),
        Item(id="10", title="Star Wars", year=1977, categories=("Action", "Adventure", "Sci-Fi")),
        Item(id="11", title="Ghost", year=1990, categories=("Comedy", "Romance")),
        Item(
            id="12",
            title="Taxi Driver",
            year=1976,
            categories=("Drama", "Thriller"),
            people=(Credit(name="Martin Scorsese", role="director"),),
            description="A veteran drives a cab through New York at night.",
            numbers={"minutes": 114},
        ),
    ]
)
WORDING = Wording(item="film", items="films", category="genre")
# Rows in the order of choosing: crime, comedy and science fiction, ten people each.
_CROWDS = ([0, 1, 2, 8, 11], [5, 6, 7, 10], [3, 9, 4, 0])


def parts(generator: Generator, *, encoder: TextEncoder, **settings: object) -> Parts:
    """A turn's real parts over FILMS."""
    sequences = [np.array(rows) for rows in _CROWDS for _ in range(10)]
    chosen = np.concatenate(sequences)
    embeddings: npt.NDArray[np.float32] = encoder.encode([item_text(item) for item in FILMS])
    history = HistoryModel.fit(sequences, len(FILMS))
    # Too few people for a sequence model: nothing is written.
    ranker = train_ranking(sequences, len(FILMS), embeddings, SequenceTraining(), Path("unused"))
    statistics = RatingStatistics.build(chosen, np.full(len(chosen), 4.0), len(FILMS))
    graph = ItemGraph.build(FILMS, ())
    evidence = EvidenceWriter(FILMS, statistics, history, graph, WORDING)
    correction = Corrections(popularity_correction("backdoor", statistics.chosen))
    return Parts(
        items=FILMS,
        wording=WORDING,
        item_embeddings=embeddings,
        understanding=RulesUnderstanding(FILMS),
        encoder=encoder,
        retriever=Retriever(
            DenseIndex.build(embeddings, FILMS), LexicalIndex.build([item_words(item) for item in FILMS])
        ),
        shortlister=Shortlister(FILMS, embeddings, history, ranker, statistics, graph, evidence, correction),
        evidence=evidence,
        generator=generator,
        settings=Settings(**settings),
    )
