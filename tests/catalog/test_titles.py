import pytest

from catalog.titles import ParsedTitle, parse_title


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Toy Story", ParsedTitle("Toy Story")),
        ("Godfather, The", ParsedTitle("The Godfather")),
        ("Godfather: Part II, The", ParsedTitle("The Godfather: Part II")),
        ("American Werewolf in London, An", ParsedTitle("An American Werewolf in London")),
        ("Postino, Il", ParsedTitle("Il Postino")),
        ("Enfer, L'", ParsedTitle("L'Enfer")),
        ("Boot, Das", ParsedTitle("Das Boot")),
        ("Beans of Egypt, Maine, The", ParsedTitle("The Beans of Egypt, Maine")),
        ("Seventh Seal, The (Sjunde inseglet, Det)", ParsedTitle("The Seventh Seal", ("Det Sjunde inseglet",))),
        ("Convent, The (Convento, O)", ParsedTitle("The Convent", ("O Convento",))),
        ("Star Maker, The (Uomo delle stelle, L')", ParsedTitle("The Star Maker", ("L'Uomo delle stelle",))),
        ("Mrs. Brown (Her Majesty, Mrs. Brown)", ParsedTitle("Mrs. Brown", ("Her Majesty, Mrs. Brown",))),
        ("Nikita (La Femme Nikita) (1990)", ParsedTitle("Nikita", ("La Femme Nikita",), 1990)),
        ("Postino, Il (The Postman) (1994)", ParsedTitle("Il Postino", ("The Postman",), 1994)),
        ("Associate, The (L'Associe)(1982)", ParsedTitle("The Associate", ("L'Associe",), 1982)),
        ("Sunset Blvd. (a.k.a. Sunset Boulevard) (1950)", ParsedTitle("Sunset Blvd.", ("Sunset Boulevard",), 1950)),
        ("White Balloon, The (Badkonake Sefid ) (1995)", ParsedTitle("The White Balloon", ("Badkonake Sefid",), 1995)),
        # Not articles, not years.
        ("Maybe, Maybe Not", ParsedTitle("Maybe, Maybe Not")),
        ("Paris, France", ParsedTitle("Paris, France")),
        ("2001: A Space Odyssey", ParsedTitle("2001: A Space Odyssey")),
        # Cut off in the middle of a bracket, as in tables with narrow columns.
        (
            "Umbrellas of Cherbourg, The (Parapluies de Cherb",
            ParsedTitle("The Umbrellas of Cherbourg", ("Parapluies de Cherb",)),
        ),
        ("(500)", ParsedTitle("(500)")),
        ("", ParsedTitle("")),
    ],
)
def test_titles_as_people_say_them(text: str, expected: ParsedTitle) -> None:
    assert parse_title(text) == expected
