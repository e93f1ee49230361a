"""Grammar for sentences about items: articles, lists, and categories as a phrase. Knows no catalogue."""

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
_MOST_IN_A_PHRASE = 3
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


def kind_of(categories: Sequence[str], wording: Wording) -> str:
    """What an item of these categories is: "a crime drama", "an action film", "a film of the genres a, b, c and d"."""
    known = {category.casefold() for category in categories}
    if wording.item == "film" and len(known) <= _MOST_IN_A_PHRASE and known <= _NOUNS.keys() | _ADJECTIVES.keys():
        return with_article(_phrase(known, wording))
    names = join([category if category.isupper() else category.lower() for category in categories])
    noun = wording.category if len(categories) == 1 else plural(wording.category)
    return f"{with_article(wording.item)} of the {noun} {names}"


def _phrase(known: set[str], wording: Wording) -> str:
    noun = next((name for name in _NOUNS if name in known and (name != "romance" or len(known) == 1)), None)
    adjectives = [word for name, word in _ADJECTIVES.items() if name in known and name != noun]
    return " ".join([*adjectives, _NOUNS[noun] if noun else wording.item])
