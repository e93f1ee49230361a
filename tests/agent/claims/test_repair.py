"""What is left of a reason is true and reads well, or nothing is left of it."""

import pytest

from agent.claims.english import reads_well
from agent.claims.repair import shortened
from tests.agent.claims.labelled import check, labelled


def repaired(text: str, item: str) -> str | None:
    """The first rest without an unsupported claim, as the verifier takes it."""
    for rest in shortened(text, check(text, item)):
        claims = check(rest, item)
        if claims and all(claim.holds for claim in claims):
            return rest
    return None


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("It is a crime thriller. It won eleven awards.", "It is a crime thriller."),
        ("It won eleven awards. It is a crime thriller.", "It is a crime thriller."),
        ("It stars Al Pacino, and it is the best film ever.", "It stars Al Pacino."),
        ("A brilliant action thriller with Al Pacino.", "An action thriller with Al Pacino."),
        ("It is a crime thriller with a legendary score.", "It is a crime thriller."),
        ("It stars Al Pacino, who won an Oscar for it, and Robert De Niro.", "It stars Al Pacino."),
        ("It won eleven awards.", None),
        ("A masterpiece.", None),
        ("As you asked, it is a crime, noir, mystery and thriller film.", None),
        ("People who chose Thief (1981), and Daffodils, often chose it.", None),
    ],
)
def test_the_unsupported_part_goes(text: str, left: str | None) -> None:
    assert repaired(text, "heat") == left


def test_no_unsupported_claim_is_left_of_any_labelled_sentence() -> None:
    for each in labelled():
        for rest in shortened(each.text, check(each.text, each.item, each.context)):
            assert reads_well(rest)
            assert len(rest) <= len(each.text) + 1
