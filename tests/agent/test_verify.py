"""Drafts of a model as the verifier lets them out: true, whole, and not all alike."""

from agent.draft import Draft
from agent.phrases import item_line
from agent.verify import Verifier
from core.candidate import Candidate
from core.intent import Intent, Preferences, Range, TurnKind
from tests.index.films import ITEMS, evidence_writer

INTENT = Intent(kind=TurnKind.RECOMMEND, wishes=Preferences(categories=("Crime",)))
CANDIDATES = tuple(
    Candidate(item_id=item_id, score=1, evidence=evidence_writer().write(item_id, INTENT))
    for item_id in ("heat", "thief", "fargo")
)
LABELS = {ITEMS[candidate.item_id].label: candidate.item_id for candidate in CANDIDATES}


def verifier() -> Verifier:
    return Verifier(INTENT, CANDIDATES, LABELS, ITEMS, len(CANDIDATES))


def shown(checked: Verifier, *reasons: str) -> list[str]:
    """What becomes of reasons for the candidates, in their order."""
    drafts = [Draft(label=label, reason=reason) for label, reason in zip(LABELS, reasons, strict=False)]
    return [one.reason for draft in drafts if (one := checked.check(draft))]


def test_reasons_that_only_copy_their_evidence_do_not_begin_alike() -> None:
    checked, copies = verifier(), [candidate.evidence[0].text for candidate in CANDIDATES]
    assert all(copy.startswith("As you asked, it is") for copy in copies)
    reasons = shown(checked, *copies)
    assert len({" ".join(reason.split()[:2]) for reason in reasons}) > 1
    assert checked.counts.reasons_kept == len(reasons) == 3
    assert reasons == shown(verifier(), *copies)


def test_reasons_in_our_own_ways_are_said_in_others_where_they_sound_alike() -> None:
    checked = verifier()
    reasons = shown(checked, *["It is a crime film, just as you asked."] * 3)
    assert len({" ".join(reason.split()[:3]) for reason in reasons}) == 3
    assert checked.counts.reasons_kept == 3
    own = shown(verifier(), *[f"This crime film is {words}." for words in ("one of crime", "about crime")])
    assert all(reason.startswith("This crime film is ") for reason in own)  # words of its own stay


def test_a_reason_names_another_item_once() -> None:
    intent = Intent(kind=TurnKind.RECOMMEND, liked=("thief",))
    heat = Candidate(item_id="heat", score=1, evidence=evidence_writer().write("heat", intent))
    checked = Verifier(intent, (heat,), LABELS, ITEMS, 1)
    (reason,) = shown(checked, "Like Thief (1981), it is a crime film. It is a crime film, like Thief (1981).")
    assert reason.count("Thief") == 1


def test_what_is_added_to_a_thin_reason_is_news() -> None:
    intent = Intent(kind=TurnKind.RECOMMEND, wishes=Preferences(years=(Range(first=1990, last=1999),)))
    heat = Candidate(item_id="heat", score=1, evidence=evidence_writer().write("heat", intent))
    checked = Verifier(intent, (heat,), LABELS, ITEMS, 1)
    (reason,) = shown(checked, "It is from 1995, within the years that you asked for.")
    assert reason.count("1995") == 1
    assert len(reason.split()) > 12


def test_a_sentence_that_claims_nothing_is_left_out() -> None:
    (reason,) = shown(verifier(), "You might just find something. It stars Al Pacino and Robert De Niro.")
    assert reason.startswith("It stars Al Pacino and Robert De Niro")


def test_no_two_items_of_an_answer_have_one_reason() -> None:
    reasons = shown(verifier(), *["It is about crime, you see."] * 3)
    assert len(set(reasons)) == 3


def test_what_nothing_supports_does_not_leave_half_a_sentence() -> None:
    checked = verifier()
    (reason,) = shown(checked, "As you asked, it is a western, musical and crime film.")
    assert "western" not in reason
    assert "As you asked and" not in reason
    assert checked.counts.reasons_repaired == 1


def test_a_thin_reason_says_what_others_think() -> None:
    (reason,) = shown(verifier(), "The subject is crime.")
    assert reason.startswith("The subject is crime. ")
    assert any(word in reason for word in ("people", "rated", "rating"))


def test_a_reason_is_one_line() -> None:
    (reason,) = shown(verifier(), "It is a crime film.\n\n**Fargo** — It is by\tMichael Mann.")
    assert reason == " ".join(reason.split())


def test_an_item_of_which_nothing_is_known_has_only_its_title() -> None:
    bare = Verifier(INTENT, (Candidate(item_id="heat", score=1),), {}, ITEMS, 1)
    (recommendation,) = bare.fill()
    assert item_line(recommendation) == "**Heat (1995)**"
