"""Grammar for sentences about items: articles, lists, numbers, and categories as a phrase. Knows no catalogue."""

from collections.abc import Sequence

from core.artifacts import Wording

# Categories that have a noun of their own, in the order in which they are preferred as the noun of a longer phrase:
# "crime thriller", "romantic comedy", "comedy drama".
_NOUNS = {
    "documentary": "documentary",
    "thriller": "thriller",
    "drama": "drama",
    "comedy": "comedy",
    "mystery": "mystery",
    "musical": "musical",
    "western": "western",
    "film-noir": "film noir",
    "romance": "romance",
}
# Categories as an adjective, in the order in which English puts them. Words that are missing here make no phrase.
_ADJECTIVES = {
    "drama": "dramatic",
    "animation": "animated",
    "children's": "children's",
    "romance": "romantic",
    "action": "action",
    "adventure": "adventure",
    "comedy": "comedy",
    "crime": "crime",
    "fantasy": "fantasy",
    "film-noir": "noir",
    "horror": "horror",
    "mystery": "mystery",
    "musical": "musical",
    "sci-fi": "sci-fi",
    "war": "war",
    "western": "western",
}
_IN_A_LIST = {"animation": "animated", "romance": "romantic", "children": "children's", "film-noir": "noir"}
_MOST_IN_A_PHRASE = 3
# What an item is called where nobody said what it is. "A shirts item" is no English, so it is "listed under shirts".
_GENERIC = frozenset({"item", "product"})
_FULL_WORDS = {"min": "minimum", "max": "maximum", "avg": "average", "num": "number of"}
# Written with a vowel, spoken with a consonant.
_SPOKEN_WITH_CONSONANT = ("eu", "one", "uni", "use", "usu")
_SPOKEN_WITH_VOWEL = ("heir", "honest", "hono", "hour")


def join(words: Sequence[str], conjunction: str = "and") -> str:
    """Words as a list: "a", "a and b", "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


def with_article(phrase: str) -> str:
    """The phrase behind "a" or "an"."""
    word = phrase.lower()
    starts_with_vowel = word.startswith(("a", "e", "i", "o", "u", *_SPOKEN_WITH_VOWEL))
    if word.startswith(_SPOKEN_WITH_CONSONANT):
        starts_with_vowel = False
    return f"{'an' if starts_with_vowel else 'a'} {phrase}"


def plural(noun: str) -> str:
    """The plural of a regular noun: genres, categories, witnesses."""
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"


def counted(number: int, noun: str) -> str:
    """Such as "1 actor" or "2 actors"; people are irregular."""
    if noun == "person":
        return "1 person" if number == 1 else f"{number:,} people"
    return f"1 {noun}" if number == 1 else f"{number:,} {plural(noun)}"


def in_prose(category: str) -> str:
    """A category inside a sentence: small letters, except in "BBC" and the like."""
    return category if category.isupper() else category.lower()


def number(value: float) -> str:
    """A number as people write it: 39.9, 1138, 1200000."""
    return f"{value:.15g}"


def money(value: float) -> str:
    """An amount as price tags have it: 39.90, 12."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"


def quantity(name: str, value: float) -> str:
    """A sentence about a number of an item: "It has 432 pages.", "Its price is 39.9."."""
    words = [_FULL_WORDS.get(word, word) for word in name.split()]
    if not _is_plural(words[-1]):
        return f"Its {' '.join(words)} is {number(value)}."
    if words[0] in ("minimum", "maximum", "average"):
        return f"Its {words[0]} number of {' '.join(words[1:])} is {number(value)}."
    return f"It has {number(value)} {' '.join(words)}."


def attribute(name: str, value: str) -> str:
    """A sentence about a fact of an item: "Its colour is red.", "Its mechanics are trading and dice."."""
    return f"Its {name.replace('_', ' ')} {'are' if _is_plural(name) else 'is'} {value}."


def _is_plural(noun: str) -> bool:
    return len(noun) > 3 and noun.endswith("s") and not noun.endswith(("ss", "us", "is", "series"))


def kind_of(categories: Sequence[str], wording: Wording) -> str:
    """What an item of these categories is, such that "it is" can stand before it.

    "a crime drama", "an action film", "a fantasy and humour book"; in a shop of anything "listed under knitwear".
    """
    known = {category.casefold() for category in categories}
    if wording.item == "film" and len(known) <= _MOST_IN_A_PHRASE and known <= _NOUNS.keys() | _ADJECTIVES.keys():
        return with_article(_phrase(known, wording))
    names = [in_prose(category) for category in categories]
    if wording.item in _GENERIC:
        return f"listed under {join(names)}"
    if any(_is_plural(name.split()[-1]) and not name.endswith("'s") for name in names):
        return f"{with_article(wording.item)} listed under {join(names)}"
    adjectives = [_IN_A_LIST.get(name, name) for name in names]
    return with_article(f"{join(adjectives)} {wording.item}")


def _phrase(known: set[str], wording: Wording) -> str:
    noun = next((name for name in _NOUNS if name in known and (name != "romance" or len(known) == 1)), None)
    adjectives = [word for name, word in _ADJECTIVES.items() if name in known and name != noun]
    return " ".join([*adjectives, _NOUNS[noun] if noun else wording.item])
