"""Learns the dialogue model from conversations.

Every time that the recommender names items that nobody named before is a case (`training.dialogue_cases`), and those
items are its answers. A case's features never see its own conversation: counts and neighbours leave it out, and the
expectation that a case is given was learned from other conversations. Otherwise the answer would stand in its own
question, and counts would weigh too much.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from tqdm import tqdm

from core.dialogue import Dialogue
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
from training.dialogue_cases import Case, cases, simulated
from training.dialogue_choices import Examples, fit_choices
from training.interactions import fit_interactions

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]
Encode = Callable[[list[str]], FloatArray]  # texts to their embeddings [m, d]

FOLDS = 5
_FAME_REGULARISATION = 30.0
# Fewer cases than this teach nothing of what features say together.
MIN_CASES = 500


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
    examples = Examples()
    for place, case in enumerate(tqdm(known, desc="Reading conversations", unit="turn", disable=not progress)):
        now = Situation(contexts[place], texts[place], expectation.bag(contexts[place]), expected[place])
        others = counts.without(mentions[case.conversation]), neighbours.without(case.conversation)
        examples.add(features(now, *others, content, fame), case.answers, contexts[place], rng)
    choices = examples.choices()
    weights = fit_choices(choices, np.zeros((2, len(FEATURES)), dtype=np.float32) if prior is None else prior)
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
