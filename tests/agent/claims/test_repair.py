"""What is left of a reason is true and reads well, or nothing is left of it."""

import pytest

from agent.claims.repair import reads_well, shortened
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


@pytest.mark.parametrize(
    ("text", "well"),
    [
        ("It is a crime film.", True),
        ("It is a film with.", False),
        ("it is a crime film.", False),
        ("It is a cri", False),
        ("People who chose Heat (1995).", False),
        ("People who chose Heat (1995) often chose it too.", True),
        ("As you asked and thriller film.", False),
        ("As you asked, it is a thriller.", True),
        ("Like Heat (1995), it is a thriller, and it is from 1995.", True),
        ("Since you liked Heat (1995), it is worth a look.", True),
        ("People who chose Heat (1995) often chose it too, it is a thriller.", False),
        ("As you asked, it is a thriller, as you asked, it is from 1995.", False),
        ("This film is an action, adventure.", False),
        ("This film is an action, adventure and war film.", True),
        ("This one is a dark, brooding thriller.", True),
        ("This one is a crime.", False),
        ("This one is an adventure.", True),
        ("People who chose Heat often also chose it too.", False),
        ("It is rated 4.0 of 5.'}]}}. It is an action film.", False),
        ("People gave it 4.3 of the average. It is a drama.", False),
        ("You asked for something tense: it is a dramatic thriller. People.", False),
        ("It is a drama. and people gave it 4.3 of 5 on average.", False),
        ("It is a drama, like Mary Reilly who chose Mary Reilly.", False),
        ("It suits your wish for something dark: it is a crime thriller. It is a crime thriller.", False),
        ("It is a drama, just as you asked. People gave it 4.3 of 5 on average.", True),
        ("You chose Heat (1995), and people who did often chose this too. It is a crime thriller.", True),
    ],
)
def test_reading_well(text: str, well: bool) -> None:
    assert reads_well(text) is well
