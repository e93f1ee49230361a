"""What conversations with simulated people come to: success by turn, what it took, places, examples."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.report import people
from evaluation.report.plot import Line, line_plot
from evaluation.report.provenance import Provenance
from evaluation.report.report import Report, Setting
from evaluation.report.table import Table
from evaluation.report.words import listed, number, percent, percents, shortened
from evaluation.simulation.conversation import Conversation
from evaluation.simulation.world import World
from evaluation.statistics import CorrectedTest, Interval, bootstrap, bootstrap_share, paired_tests

NOT_FOUND = 0
_MOST_TEXT = 300


@dataclass
class Outcomes:
    """What is kept of one recommender's conversations: numbers only, one of each a person or an answer."""

    user_ids: list[str] = field(default_factory=list)
    found: list[int] = field(default_factory=list)  # the turn, or NOT_FOUND
    questions: list[int] = field(default_factory=list)  # answers that show nothing and only ask
    repeats: list[float] = field(default_factory=list)  # share of shown items that were shown before
    ruled_out: list[bool] = field(default_factory=list)  # the target, in any answer with items
    crowd: list[int] = field(default_factory=list)  # that still fits all that was told, at the end
    held_back: list[bool] = field(default_factory=list)  # the target, in any answer
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    places: list[list[int]] = field(default_factory=list)  # by turn; of conversations that still went on

    def success(self, turn: int) -> npt.NDArray[np.float64]:
        """Whether each person [p] had found the target by a turn."""
        found = np.array(self.found)
        success: npt.NDArray[np.float64] = ((found != NOT_FOUND) & (found <= turn)).astype(np.float64)
        return success


def summarised(conversations: Iterable[Conversation], turns: int) -> dict[str, Outcomes]:
    """Outcomes by recommender, in the order of first appearance; the texts are not kept."""
    outcomes: dict[str, Outcomes] = {}
    for one in conversations:
        own = outcomes.setdefault(one.recommender, Outcomes(places=[[] for _ in range(turns)]))
        answered = [exchange for exchange in one.exchanges if exchange.item_ids]
        shown = sum(len(exchange.item_ids) for exchange in answered)
        own.user_ids.append(one.user_id)
        own.found.append(one.found or NOT_FOUND)
        own.questions.append(sum(not exchange.item_ids for exchange in one.exchanges))
        own.repeats.append(sum(exchange.repeats for exchange in answered) / shown if shown else 0.0)
        own.ruled_out.append(any(exchange.place is None for exchange in answered))
        own.crowd.append(one.exchanges[-1].crowd)
        own.held_back.append(any(exchange.held_back for exchange in answered))
        own.cpu_seconds.append(sum(exchange.cpu_seconds for exchange in one.exchanges))
        own.seconds.append(sum(exchange.seconds for exchange in one.exchanges))
        for turn, exchange in enumerate(one.exchanges):
            if exchange.place is not None:
                own.places[turn].append(exchange.place)
    return outcomes


def people_frame(outcomes: Mapping[str, Outcomes]) -> pl.DataFrame:
    """Whether each person found the target, for later comparisons."""
    return pl.concat(
        people.people_frame(own.user_ids, {(name, "success"): np.array(own.found) != NOT_FOUND})
        for name, own in outcomes.items()
    )


def report(
    outcomes: Mapping[str, Outcomes],
    world: World,
    turns: int,
    *,
    examples: Iterable[Conversation],
    settings: dict[str, Setting],
    provenance: Provenance,
) -> Report:
    """The report on conversations that were held."""
    seed, ours = provenance.seed, next(iter(outcomes))
    success = {
        name: [bootstrap_share(own.success(turn), seed) for turn in range(1, turns + 1)]
        for name, own in outcomes.items()
    }
    rest = [name for name in outcomes if name != ours]
    tests = paired_tests({name: (outcomes[ours].success(turns), outcomes[name].success(turns)) for name in rest}, seed)
    return Report(
        title=f"Simulated people on {world.artifacts.manifest.catalog}",
        question="How soon does a person who can't name it find what they look for, by being asked and turning down?",
        answer=_answer(success, outcomes, tests, turns),
        tables=(
            Table(
                "Targets found by turn",
                ("recommender", *(f"by turn {turn}" for turn in range(1, turns + 1))),
                [(name, *values) for name, values in success.items()],
                note="The share of people to whom the target was shown, with 95 % bootstrap intervals over people.",
            ),
            _effort(outcomes, seed),
            _left_out(outcomes, seed),
            _places(outcomes, turns),
            Table(
                f"{ours} against the others",
                ("against", f"difference in success by turn {turns}", "p, Holm"),
                [(name, test.interval, test.corrected) for name, test in tests.items()],
                note="Paired over people; Holm's correction for all rows.",
            ),
            *(_example(one, world) for one in _chosen(examples, ours)),
        ),
        plots=(
            line_plot(
                "Success by turn",
                [Line(name, range(1, turns + 1), values) for name, values in success.items()],
                x_label="turn",
                y_label="share of targets found",
                alt="; ".join(f"{name}: {values[-1].value:.3f} by turn {turns}" for name, values in success.items()),
            ),
        ),
        settings=settings,
        provenance=provenance,
    )


def _effort(outcomes: Mapping[str, Outcomes], seed: int) -> Table:
    rows = []
    for name, own in outcomes.items():
        found = [turn for turn in own.found if turn != NOT_FOUND]
        rows.append(
            (
                name,
                float(np.mean(found)) if found else None,
                bootstrap(own.questions, seed),
                bootstrap(own.repeats, seed),
                float(np.median(own.seconds)),
                float(np.median(own.cpu_seconds)),
            )
        )
    return Table(
        "What it took",
        ("recommender", "turns where found", "questions asked", "shown again", "seconds", "CPU seconds"),
        rows,
        note="Questions: answers of a conversation that show nothing and only ask. Shown again: share of items that "
        "had been shown before. Seconds are the recommender's for all answers of a conversation, medians.",
    )


def _left_out(outcomes: Mapping[str, Outcomes], seed: int) -> Table:
    rows = [
        (
            name,
            bootstrap([float(one) for one in own.ruled_out], seed),
            bootstrap([float(one) for one in own.held_back], seed),
            float(np.median(own.crowd)),
            min(own.crowd),
        )
        for name, own in outcomes.items()
    ]
    return Table(
        "Targets left out",
        ("recommender", "ruled out", "held back", "crowd, median", "crowd, least"),
        rows,
        note="Ruled out: share of conversations in which the recommender at some point excluded what the person looked "
        "for, although everything that was said was true of it. Held back: in which it was not shown although its "
        "score would do, as another version of it or enough of its series were there. Crowd: how "
        "many items of the catalogue fit all that the person told.",
    )


def _places(outcomes: Mapping[str, Outcomes], turns: int) -> Table:
    rows = [
        (name, *(float(np.median(places)) if places else None for places in own.places))
        for name, own in outcomes.items()
    ]
    return Table(
        "Place of the target",
        ("recommender", *(f"turn {turn}" for turn in range(1, turns + 1))),
        rows,
        note="The median place among all that could have been shown, where it was not ruled out. Whoever found it "
        "early is no longer in later turns, so a column is over harder targets than the one before.",
    )


def _chosen(conversations: Iterable[Conversation], ours: str) -> list[Conversation]:
    """Every conversation of the first people with the first recommender: they were drawn before any was held."""
    return [one for one in conversations if one.recommender == ours]


def _example(one: Conversation, world: World) -> Table:
    rows: list[tuple[object, ...]] = []
    for exchange in one.exchanges:
        rows.append(("person", exchange.said, None))
        rows.append(
            (
                one.recommender,
                shortened(" ".join(exchange.answered.replace("**", "").split()), _MOST_TEXT),
                exchange.place,
            )
        )
    if one.last_words:
        rows.append(("person", one.last_words, None))
    target = world.items[one.target]
    end = f"Found in answer {one.found}" if one.found else "Not found"
    return Table(
        f"Example: person {one.user_id} looks for {target.label}",
        ("who", "said", "place"),
        rows,
        note=f"{target.label}: {', '.join(target.categories)}. {end}. Drawn before any conversation was held. Place: "
        "of the target among all that could have been shown.",
    )


def _answer(
    success: Mapping[str, Sequence[Interval]],
    outcomes: Mapping[str, Outcomes],
    tests: Mapping[str, CorrectedTest],
    turns: int,
) -> str:
    ours = next(iter(success))
    own = outcomes[ours]
    sure = {
        word: [f"{name} ({percent(success[name][-1].value)})" for name, test in tests.items()
               if test.holds and test.difference * sign > 0]
        for word, sign in (("more", -1), ("less", 1))
    }  # fmt: skip
    open_ = [f"{name} ({percent(success[name][-1].value)})" for name, test in tests.items() if not test.holds]
    said = [
        f"Of {len(own.found)} people who look for one item and never name it, {percents(success[ours][0])} are shown "
        f"it in the first answer of {ours} and {percents(success[ours][-1])} within {turns}.",
        f"Surely fewer with {listed(sure['less'])}." if sure["less"] else "",
        f"Surely more with {listed(sure['more'])}." if sure["more"] else "",
        f"No difference that can be told from {listed(open_)}." if open_ else "",
        f"{ours} asks {number(float(np.mean(own.questions)), 2)} questions a conversation, shows "
        f"{percent(float(np.mean(own.repeats)))} of its items again, and excludes the target at some point in "
        f"{percent(float(np.mean(own.ruled_out)))} of conversations.",
        "Simulated people tell the truth in a few dozen sentence patterns and want one item where real people would "
        "take many: this compares recommenders, and says nothing of how satisfied real people would be. No learned "
        "part knew anybody's target; other people's later choices were known.",
    ]
    return " ".join(filter(None, said))
