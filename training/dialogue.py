"""Learns the dialogue model from conversations.

Every time that the recommender names items that nobody named before is a case, and those items are its answers. A
case's features never see its own conversation: counts and neighbours leave it out, and the expectation that a case is
given was learned from other conversations. Otherwise the answer would stand in its own question, and counts
would weigh too much.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import logsumexp
from tqdm import tqdm

from core.dialogue import Dialogue, Utterance
from core.errors import InputError
from index.dialogue.content import ItemContent
from index.dialogue.context import Context, person_text
from index.dialogue.counts import MentionCounts, Mentions, indicator
from index.dialogue.expectation import Expectation, bag_of_words, context_inputs, fit_weights, vocabulary
from index.dialogue.features import FEATURES, Situation, features
from index.dialogue.interactions import Interactions
from index.dialogue.model import DialogueModel, DialogueParameters
from index.dialogue.neighbours import Neighbours, Said
from index.dialogue.weights import WEIGHTS
from training.interactions import fit_interactions

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]
Encode = Callable[[list[str]], FloatArray]  # texts to their embeddings [m, d]

FOLDS = 5
_WINDOW = 6  # choices that make a simulated conversation
# The softmax runs over the most likely items and a sample of the rest, which stands for all of them.
HARD, SAMPLED = 200, 60
PENALTY = 1e-3  # on squared weights of features of unit variance
# How far weights of conversations without an item may stray from those with one, as a multiple of the penalty.
APART = 3.0
_FAME_REGULARISATION = 30.0
# Fewer cases than this teach nothing of what features say together.
MIN_CASES = 500


@dataclass(frozen=True)
class Case:
    """A point of a conversation at which new items were recommended."""

    conversation: int
    before: Dialogue
    answers: tuple[int, ...]


def cases(dialogues: Sequence[Dialogue]) -> list[Case]:
    """Every point at which the recommender named items that were not named before."""
    found = []
    for number, dialogue in enumerate(dialogues):
        named: set[int] = set()
        for place, utterance in enumerate(dialogue):
            new = tuple(dict.fromkeys(row for row in utterance.rows if row not in named))
            if new and not utterance.by_person:
                found.append(Case(number, dialogue[:place], new))
            named.update(new)
    return found


def simulated(histories: Sequence[Sequence[int]], *, limit: int = 1000, seed: int = 0) -> list[Dialogue]:
    """Conversations without words, for a catalogue that has only histories of rows, oldest first.

    Of `_WINDOW` choices in a row the person names the first two, and the recommender names the others one by one. At
    most `limit` windows, drawn at random.
    """
    starts = [
        (person, start)
        for person, history in enumerate(histories)
        for start in range(0, len(history) - _WINDOW + 1, _WINDOW)
    ]
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(len(starts))[:limit]
    dialogues: list[Dialogue] = []
    for person, start in (starts[number] for number in np.sort(drawn)):
        window = [int(row) for row in histories[person][start : start + _WINDOW]]
        told = Utterance(by_person=True, words="", rows=tuple(window[:2]))
        dialogues.append((told, *(Utterance(by_person=False, words="", rows=(row,)) for row in window[2:])))
    return dialogues


def learn_dialogue(
    dialogues: Sequence[Dialogue],
    histories: Sequence[Sequence[int]],
    content: ItemContent,
    encode: Encode,
    *,
    progress: bool = False,
) -> DialogueModel:
    """The best model that a catalogue's data allow: from conversations, else from histories, else from neither."""
    if dialogues:
        return train_dialogue(dialogues, content, encode, prior=WEIGHTS, progress=progress)
    if talks := simulated(histories):
        return train_dialogue(talks, content, None, prior=WEIGHTS, wordless=True, progress=progress)
    return DialogueModel.untrained(content, WEIGHTS)


def train_dialogue(
    dialogues: Sequence[Dialogue],
    content: ItemContent,
    encode: Encode | None,
    *,
    prior: FloatArray | None = None,
    wordless: bool = False,
    seed: int = 0,
    progress: bool = False,
) -> DialogueModel:
    """Learn from whole conversations. `encode` embeds what people said as the items' texts are; None goes without.

    Weights are drawn to `prior` [2, F], such as `index.dialogue.weights.WEIGHTS`, or to zero: where conversations are
    few or have no words, the prior speaks. From `wordless` conversations only these weights are learned: what features
    say together must hold in conversations with words. Raises InputError where no conversation recommends anything.
    """
    known = cases(dialogues)
    if not known:
        cause = "No conversation recommends an item of this catalogue."
        raise InputError(cause, mend="Give conversations in which the assistant names items by their ids.")
    rng = np.random.default_rng(seed)
    contexts = [Context.of(case.before) for case in known]
    texts = _texts(known, content, encode)
    mentions = [Mentions.of(dialogue) for dialogue in dialogues]
    counts = MentionCounts.count(mentions, len(content))
    fame = _expected_fame(counts, content, rng)
    whole = [Context.of(dialogue) for dialogue in dialogues]
    words = vocabulary([[*context.words, *context.others_words] for context in whole])
    neighbours = _neighbours(known, texts, mentions, whole, words, content)
    expectation, expected = _expectations(known, contexts, texts, content, words, rng)
    examples = _Examples()
    for place, case in enumerate(tqdm(known, desc="Reading conversations", unit="turn", disable=not progress)):
        now = Situation(contexts[place], texts[place], expectation.bag(contexts[place]), expected[place])
        others = counts.without(mentions[case.conversation]), neighbours.without(case.conversation)
        examples.add(features(now, *others, content, fame), case.answers, contexts[place], rng)
    choices = examples.choices()
    weights = _fit_choices(choices, np.zeros((2, len(FEATURES)), dtype=np.float32) if prior is None else prior)
    interactions = Interactions.none(len(FEATURES))
    if len(known) >= MIN_CASES and not wordless:
        base = choices.logits(weights)
        interactions = fit_interactions(choices.tables, base, choices.answers, seed=seed, progress=progress)
    parameters = DialogueParameters(counts, neighbours, fame, expectation, weights, interactions)
    return DialogueModel(content, parameters)


def _texts(known: Sequence[Case], content: ItemContent, encode: Encode | None) -> FloatArray:
    if encode is None:
        return np.zeros((len(known), content.texts.shape[1]), dtype=np.float32)
    return encode([person_text(case.before) for case in known])


def _neighbours(
    known: Sequence[Case],
    texts: FloatArray,
    mentions: Sequence[Mentions],
    whole: Sequence[Context],
    words: tuple[str, ...],
    content: ItemContent,
) -> Neighbours:
    """All conversations; the text of each is what the person had said at its last case [m, d]."""
    said = np.zeros((len(whole), texts.shape[1]), dtype=np.float32)
    for place, case in enumerate(known):
        said[case.conversation] = texts[place]
    places = {word: place for place, word in enumerate(words)}
    bags = csr_matrix(np.stack([bag_of_words(context, places) for context in whole]))
    return Neighbours.of(indicator([one.named for one in mentions], len(content)), Said(said, bags), content)


def _expected_fame(counts: MentionCounts, content: ItemContent, rng: np.random.Generator) -> FloatArray:
    """How often each item [n] should be named by what it is, told from other items: its own count is a feature too."""
    constant = np.ones((len(content), 1), dtype=np.float32)
    inputs = np.concatenate([constant, content.description, content.fame[:, None]], axis=1)
    targets = counts.log_named[:, None]
    fame = np.zeros(len(content), dtype=np.float32)
    for held_out in _folds(np.arange(len(content)), rng):
        weights = fit_weights(inputs[~held_out], targets[~held_out], _FAME_REGULARISATION)
        fame[held_out] = (inputs[held_out] @ weights).ravel()
    return fame


def _expectations(
    known: Sequence[Case],
    contexts: Sequence[Context],
    texts: FloatArray,
    content: ItemContent,
    words: tuple[str, ...],
    rng: np.random.Generator,
) -> tuple[Expectation, FloatArray]:
    """The expectation of all cases, and what others' cases let one expect at each case [m, k]."""
    places = {word: place for place, word in enumerate(words)}
    inputs = np.stack(
        [context_inputs(context, text, content, places) for context, text in zip(contexts, texts, strict=True)]
    )
    targets = np.stack([content.description[list(case.answers)].mean(axis=0) for case in known])
    expected = np.zeros_like(targets)
    for held_out in _folds(np.array([case.conversation for case in known]), rng):
        if not held_out.all():
            expected[held_out] = inputs[held_out] @ fit_weights(inputs[~held_out], targets[~held_out])
    return Expectation(words, fit_weights(inputs, targets)), expected


def _folds(groups: IntArray, rng: np.random.Generator) -> Iterator[npt.NDArray[np.bool_]]:
    """Masks of what is held out in each fold; what shares a group stays together."""
    names = np.unique(groups)
    fold = rng.permutation(len(names)) % FOLDS
    for number in range(min(FOLDS, len(names))):
        yield np.isin(groups, names[fold == number])


@dataclass(frozen=True)
class Choices:
    """m cases, each with at most w items: its answers, and items that they are told apart from."""

    tables: FloatArray  # [m, F, w]
    offsets: FloatArray  # [m, w] added to the log odds: a sampled item stands for several; -inf for padding
    answers: FloatArray  # [m, w] the share of each item in the case's answers
    group: IntArray  # [m] 0 before any item was named, 1 after

    def logits(self, weights: FloatArray) -> FloatArray:
        """Log odds [m, w] under weights [2, F]."""
        odds: FloatArray = np.matmul(weights[self.group][:, None, :], self.tables)[:, 0] + self.offsets
        return odds


class _Examples:
    """Collects the features of each case's answers and of the items that they are told apart from."""

    def __init__(self) -> None:
        self._tables: list[FloatArray] = []
        self._offsets: list[FloatArray] = []
        self._answers: list[int] = []
        self._group: list[int] = []

    def add(self, table: FloatArray, answers: Sequence[int], context: Context, rng: np.random.Generator) -> None:
        """Take in one case's features [F, n]. What was named before is no choice."""
        likely = _rough(table)
        likely[list(context.named)] = -np.inf
        likely[list(answers)] = -np.inf
        order = np.argsort(-likely, kind="stable")[: int(np.isfinite(likely).sum())]
        hard, rest = order[:HARD], order[HARD:]
        sampled = rng.choice(rest, size=min(SAMPLED, len(rest)), replace=False)
        chosen = np.concatenate([list(answers), hard, sampled]).astype(np.int64)
        offsets = np.zeros(len(chosen), dtype=np.float32)
        if len(sampled):
            offsets[-len(sampled) :] = np.log(len(rest) / len(sampled))
        self._tables.append(table[:, chosen])
        self._offsets.append(offsets)
        self._answers.append(len(answers))
        self._group.append(int(len(context.rows) > 0))

    def choices(self) -> Choices:
        """Everything that was taken in, padded to one width."""
        width = max(table.shape[1] for table in self._tables)
        tables = np.stack([np.pad(table, ((0, 0), (0, width - table.shape[1]))) for table in self._tables])
        offsets = np.stack([np.pad(one, (0, width - len(one)), constant_values=-np.inf) for one in self._offsets])
        answers = np.zeros((len(tables), width), dtype=np.float32)
        for place, count in enumerate(self._answers):
            answers[place, :count] = 1 / count
        return Choices(tables, offsets, answers, np.array(self._group, dtype=np.int64))


def _fit_choices(choices: Choices, prior: FloatArray) -> FloatArray:
    """Weights [2, F] of the most likely answers, by L-BFGS on the penalised log loss."""
    scale = choices.tables.std(axis=(0, 2)) + 1e-3
    scaled = replace(choices, tables=choices.tables / scale[:, None])
    start, group, size = prior * scale, choices.group, len(choices.tables)
    penalties = PENALTY * np.array([1.0, APART, APART])[:, None]

    def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        parts = flat.reshape(3, -1)  # what both groups of cases add to the prior, and what each does
        logits = scaled.logits((start + parts[0] + parts[1:]).astype(np.float32))
        log_chances = logits - logsumexp(logits, axis=1, keepdims=True)
        missed = np.exp(log_chances) - scaled.answers
        each = np.matmul(scaled.tables, missed[:, :, None])[:, :, 0] / size
        gradient = 2 * penalties * parts
        gradient[0] += each.sum(axis=0)
        for number in (0, 1):
            gradient[1 + number] += each[group == number].sum(axis=0)
        likelihood = np.where(scaled.answers > 0, log_chances, 0.0)
        value = -(likelihood * scaled.answers).sum() / size + (penalties * parts**2).sum()
        return float(value), gradient.ravel()

    found = minimize(loss, np.zeros(3 * len(FEATURES)), jac=True, method="L-BFGS-B", options={"maxiter": 100})
    parts = found.x.reshape(3, -1)
    weights: FloatArray = (prior + (parts[0] + parts[1:]) / scale).astype(np.float32)
    return weights


# A first guess of what matters, to find the items that are hard to tell from the answers.
_ROUGH = {
    "named": 0.8,
    "expected_fame": 0.3,
    "lift": 1.0,
    "text": 6.0,
    "franchise": 2.0,
    "words": 3.0,
    "categories_said": 1.5,
    "people_said": 2.0,
}


def _rough(table: FloatArray) -> FloatArray:
    weights = np.array([_ROUGH.get(name, 0.0) for name in FEATURES], dtype=np.float32)
    scores: FloatArray = weights @ table
    return scores
