"""Reasons without a model: true, varied, and the same for the same person."""

from agent.claims.checker import ClaimChecker
from agent.reasons import reason_from_evidence, say
from core.evidence import Evidence, EvidenceKind
from core.intent import Intent, Mood, Preferences, Range, TurnKind
from tests.index.films import ITEMS, evidence_writer

INTENT = Intent(
    kind=TurnKind.RECOMMEND,
    liked=("thief",),
    wishes=Preferences(categories=("Crime",), years=(Range(first=1990, last=1999),), moods=(Mood.FUNNY,)),
)
PEOPLE = [f"person {number}" for number in range(40)]


def piece(number: float, kind: EvidenceKind, text: str) -> Evidence:
    return Evidence(id=f"1.{number}", item_id="1", kind=kind, text=text, score=1 - number / 10)


def test_a_reason_does_not_say_the_same_thing_twice() -> None:
    evidence = [
        piece(1, EvidenceKind.REQUEST, "As you asked, it is a comedy."),
        piece(2, EvidenceKind.METADATA, "It is a comedy."),
        piece(3, EvidenceKind.METADATA, "A pig learns to herd sheep."),
        piece(9.5, EvidenceKind.CROWD, "It is rated 2.0 of 5 by 4 people."),
    ]
    assert reason_from_evidence(evidence)[1] == ("1.1", "1.3")
    assert reason_from_evidence([evidence[0], evidence[3]])[1] == ("1.1",)  # a poor rating persuades nobody
    assert reason_from_evidence([]) == ("", ())


def test_every_way_to_say_it_is_true() -> None:
    checker, said = ClaimChecker.of(ITEMS), 0
    for item in ITEMS:
        evidence = evidence_writer().write(item.id, INTENT, history=("fargo",))
        for person in PEOPLE:
            for start in range(len(evidence)):
                reason, ids = reason_from_evidence(evidence[start:], person)
                claims = checker.check(reason, item.id, evidence, INTENT, ("fargo",))
                assert claims, reason
                assert all(claim.holds for claim in claims), (item.id, reason, claims)
                assert ids
                said += 1
    assert said > 500


def test_reasons_vary_between_people_and_stay_for_one() -> None:
    evidence = evidence_writer().write("heat", INTENT)
    said = [reason_from_evidence(evidence, person)[0] for person in PEOPLE]
    assert len(set(said)) >= 5
    assert said == [reason_from_evidence(evidence, person)[0] for person in PEOPLE]


def test_a_ground_that_was_told_is_not_told_again() -> None:
    wish = Evidence(
        id="1.r1",
        item_id="1",
        kind=EvidenceKind.REQUEST,
        text="It suits your wish for something dark: it is a crime thriller.",
        score=0.8,
    )
    told = "As you asked, it is a crime thriller."
    assert "crime" not in say(wish, known=told)
    assert "dark" in say(wish, known=told)
    assert "crime" in say(wish, known="It is rated 4.0 of 5 by 148 people.")
