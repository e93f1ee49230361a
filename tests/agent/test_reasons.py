"""Reasons without a model: true, varied, and the same for the same person."""

import pytest

from agent.alike import gives_ground, says_again, sounds_like, turned_round
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


def test_a_wish_that_a_mood_tells_too_is_told_once() -> None:
    evidence = [
        piece(1, EvidenceKind.REQUEST, "As you asked, it is a thriller."),
        piece(2, EvidenceKind.REQUEST, "It suits your wish for something dark: it is a crime thriller."),
        piece(3, EvidenceKind.CROWD, "It is rated 4.0 of 5 by 12 people."),
    ]
    reason, ids = ReasonWriter().write(evidence)
    assert reason.count("thriller") == 1
    assert "4.0 of 5" in reason
    assert ids == ("1.1", "1.2", "1.3")


def test_a_closer_word_for_what_was_said_is_no_news() -> None:
    asked = piece(1, EvidenceKind.REQUEST, "As you asked, it is a drama.")
    kind = piece(2, EvidenceKind.METADATA, "It is a war drama.")
    rated = piece(3, EvidenceKind.CROWD, "It is rated 4.0 of 5 by 12 people.")
    assert ReasonWriter().write([asked, kind, rated])[1] == ("1.1", "1.3")
    assert ReasonWriter().write([asked, kind])[1] == ("1.1",)
    assert says_again("As you asked, it is a drama. This is a war drama.")
    assert says_again("It is a dramatic thriller, and as you asked, it is a drama.")
    assert not says_again("It is a drama. You chose Heat (1995), and this is a crime film too.")


def test_another_item_is_named_once() -> None:
    crowd = piece(1, EvidenceKind.CROWD, "People who chose Ghost (1990) often chose it too: 5 of 9.")
    alike = piece(2, EvidenceKind.GRAPH, "Like Ghost (1990), it is a romance.")
    for evidence in ([crowd, alike], [alike, piece(3, EvidenceKind.CROWD, crowd.text)]):
        reason, ids = ReasonWriter("ann", {"Ghost (1990)": Relation.LIKED}).write(evidence)
        assert reason.count("Ghost") == 1
        assert reason.endswith(" a romance as well.")
        assert len(ids) == 2


def test_evidence_is_recognised_in_the_words_of_reasons() -> None:
    asked = piece(1, EvidenceKind.REQUEST, "As you asked, it is a drama.")
    dated = piece(2, EvidenceKind.REQUEST, "As you asked, it is from 1979.")
    chosen = piece(3, EvidenceKind.CROWD, "People who chose Ghost (1990) often chose it too: 5 of 9.")
    evidence = [asked, dated, chosen]
    writer = ReasonWriter("ann", {"Ghost (1990)": Relation.CHOSEN})
    apart = "It is a drama, just as you asked. 5 of the 9 people who chose Ghost (1990) chose it too."
    assert writer.told(apart, evidence) == [asked, chosen]
    joined = "You chose Ghost (1990), and 5 of the 9 people who did also chose this; it is a drama, as you asked."
    assert writer.told(joined, evidence) == [chosen, asked]
    assert writer.told("It is a drama from 1979, as you asked.", evidence) == [asked, dated]
    assert writer.told("It is a drama of the finest kind.", evidence) == []


def test_what_sounds_alike() -> None:
    assert sounds_like("It is a drama. People rated it.", "It is a comedy, as you asked.")
    assert sounds_like("You chose Heat (1995), and 5 did.", "You chose Babe (1995), and 12 did.")
    assert not sounds_like("It is from 1979, as you asked.", "It is a comedy, as you asked.")
    assert turned_round("It is a drama. People who chose Heat often chose it too.").startswith("People who chose Heat")
    assert turned_round("It is a drama. You liked Heat, and this is a drama too.") == ""
    assert turned_round("It is a drama.") == ""


def test_a_mood_rests_on_its_own_ground() -> None:
    text = "It suits your wish for something romantic: it is a romantic sci-fi film."
    mood = piece(1, EvidenceKind.REQUEST, text)
    assert gives_ground("You wanted something romantic, and it is a romantic sci-fi film.", [mood])
    assert gives_ground("It fits your wish for something romantic.", [mood])
    assert not gives_ground("It is a sci-fi film, so it suits your wish for something romantic.", [mood])


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
