"""Reasons without a model: true, varied, and the same for the same person."""

import pytest

from agent.claims.checker import ClaimChecker
from agent.reasons import ReasonWriter
from agent.ways import Relation
from core.evidence import Evidence, EvidenceKind
from core.intent import Intent, Mood, Preferences, Range, TurnKind
from tests.index.films import ITEMS, evidence_writer

WISHES = Preferences(categories=("Crime",), years=(Range(first=1990, last=1999),), moods=(Mood.FUNNY,))
INTENT = Intent(kind=TurnKind.RECOMMEND, liked=("thief",), wishes=WISHES)
SIMILAR = Intent(kind=TurnKind.RECOMMEND, similar_to=("thief",), wishes=WISHES)
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
    assert ReasonWriter().write(evidence)[1] == ("1.1", "1.3")
    assert ReasonWriter().write([evidence[0], evidence[3]])[1] == ("1.1",)  # a poor rating persuades nobody
    few = piece(3, EvidenceKind.CROWD, "Of 315 people who chose Ghost (1990), 11 also chose it.")
    assert ReasonWriter().write([evidence[0], few])[1] == ("1.1",)  # nor do eleven of 315
    assert ReasonWriter().write([]) == ("", ())


def test_two_wishes_are_one_sentence() -> None:
    kind = piece(1, EvidenceKind.REQUEST, "As you asked, it is a comedy.")
    year = piece(2, EvidenceKind.REQUEST, "As you asked, it is from 1979.")
    rated = piece(3, EvidenceKind.CROWD, "It is rated 4.0 of 5 by 12 people.")
    reason, ids = ReasonWriter().write([kind, year, rated])
    assert "a comedy from 1979" in reason
    assert "4.0 of 5" in reason
    assert ids == ("1.1", "1.2", "1.3")


def test_reasons_of_one_answer_are_said_in_different_ways() -> None:
    writer = ReasonWriter("ann", {"Ghost (1990)": Relation.LIKED})
    text = "People who chose Ghost (1990) often chose it too: 5 of 9."
    said = [
        writer.write([Evidence(id=f"{n}.c1", item_id=str(n), kind=EvidenceKind.CROWD, text=text, score=1)])[0]
        for n in range(5)
    ]
    assert len(set(said)) == 5
    assert any(reason.startswith("You liked Ghost (1990)") for reason in said)


@pytest.mark.parametrize(("intent", "relation"), [(INTENT, Relation.LIKED), (SIMILAR, Relation.SIMILAR)])
def test_every_way_to_say_it_is_true(intent: Intent, relation: Relation) -> None:
    checker, said = ClaimChecker.of(ITEMS), set()
    known = {"Thief (1981)": relation, "Fargo (1996)": Relation.CHOSEN}
    for item in ITEMS:
        evidence = evidence_writer().write(item.id, intent, history=("fargo",))
        for person in PEOPLE:
            for start in range(len(evidence)):
                reason, ids = ReasonWriter(person, known).write(evidence[start:])
                claims = checker.check(reason, item.id, evidence, intent, ("fargo",))
                assert claims, reason
                assert all(claim.holds for claim in claims), (item.id, reason, claims)
                assert ids
                said.add(reason)
    assert len(said) > 100
    openings = {Relation.LIKED: "You liked Thief", Relation.SIMILAR: "You asked for something like Thief"}
    assert any(openings[relation] in reason for reason in said)
    assert any("You chose Fargo" in reason for reason in said)


def test_reasons_vary_between_people_and_stay_for_one() -> None:
    evidence = evidence_writer().write("heat", INTENT)
    said = [ReasonWriter(person).write(evidence)[0] for person in PEOPLE]
    assert len(set(said)) >= 5
    assert said == [ReasonWriter(person).write(evidence)[0] for person in PEOPLE]


def test_a_ground_that_was_told_is_not_told_again() -> None:
    wish = Evidence(
        id="1.r1",
        item_id="1",
        kind=EvidenceKind.REQUEST,
        text="It suits your wish for something dark: it is a crime thriller.",
        score=0.8,
    )
    told = "As you asked, it is a crime thriller."
    assert "crime" not in ReasonWriter().say(wish, known=told)
    assert "dark" in ReasonWriter().say(wish, known=told)
    assert "crime" in ReasonWriter().say(wish, known="It is rated 4.0 of 5 by 148 people.")
