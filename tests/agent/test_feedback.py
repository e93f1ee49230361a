from agent.feedback import with_feedback
from core.conversation import Feedback, Verdict
from core.intent import Intent, TurnKind
from tests.catalogue import FILMS


def test_the_last_verdict_counts_and_words_win() -> None:
    intent = Intent(kind=TurnKind.REFINE, liked=("1",), rejected=("2", "3"))
    feedback = [
        Feedback(item_id="1", verdict=Verdict.DOWN),  # said in words that it is liked
        Feedback(item_id="2", verdict=Verdict.UP),
        Feedback(item_id="2", verdict=Verdict.DOWN),
        Feedback(item_id="4", verdict=Verdict.SEEN),
        Feedback(item_id="gone", verdict=Verdict.UP),  # no longer in the catalogue
    ]
    assert with_feedback(intent, feedback, FILMS) == Intent(
        kind=TurnKind.REFINE, liked=("1",), disliked=("2",), seen=("4",), rejected=("3",)
    )
