import pytest

from agent.claims import ends_a_sentence, supporting_evidence
from core.evidence import Evidence, EvidenceKind

EVIDENCE = (
    Evidence(id="100.m1", item_id="100", kind=EvidenceKind.METADATA, text="It is a crime, drama and thriller film."),
    Evidence(id="100.c1", item_id="100", kind=EvidenceKind.CROWD, text="508 people rated it 4.2 of 5 on average."),
    Evidence(
        id="100.c2", item_id="100", kind=EvidenceKind.CROWD, text="Of the 290 people who chose Heat, 120 chose it too."
    ),
    Evidence(id="100.m2", item_id="100", kind=EvidenceKind.METADATA, text="Joel Coen directed it."),
)


@pytest.mark.parametrize(
    ("reason", "ids"),
    [
        ("It is a crime and thriller film.", ("100.m1",)),
        ("Fargo is a thriller.", ("100.m1",)),
        ("A crime film that 508 people rated 4.2 of 5.", ("100.m1", "100.c1")),
        ("Joel Coen directed this thriller.", ("100.m1", "100.m2")),
    ],
)
def test_a_reason_rests_on_the_evidence_that_holds_its_words(reason: str, ids: tuple[str, ...]) -> None:
    assert supporting_evidence(reason, "Fargo (1996)", EVIDENCE) == ids


@pytest.mark.parametrize(
    "reason",
    [
        "It is a funny film.",  # a claim that nothing supports
        "It is not a crime film.",  # turned around
        "Ethan Coen directed it.",  # another person
        "Casino is a crime film.",  # another item
        "4.2 people rated it 508 of 5.",  # numbers in each other's place
        "It came out in 1997.",  # another year
        "It suits you.",  # claims nothing
        "",
    ],
)
def test_a_reason_that_adds_something_is_unsupported(reason: str) -> None:
    assert supporting_evidence(reason, "Fargo (1996)", EVIDENCE) is None


@pytest.mark.parametrize(("text", "whole"), [("It is a film.", True), ("It is a fil", False), ("", False)])
def test_a_cut_reason_is_noticed(text: str, whole: bool) -> None:
    assert ends_a_sentence(text) is whole
