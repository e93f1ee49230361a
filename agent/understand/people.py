"""People that a message names: as the catalogue writes them, or in title case when it doesn't have them."""

import re
from collections import Counter, defaultdict

from agent.understand.masked import Masked
from agent.understand.nearest import NearestTexts
from agent.understand.text import RARE, fold, rank, tokenize, word_list
from agent.understand.vocabulary import MOOD_PATTERNS, CategoryWords
from core.item import Item, ItemTable

_FIRST_NAMES = word_list("first_names")
_PARTICLES = word_list("name_particles")
# Words that end a name even though they are rare, and words after "with" or "by" that name no person.
_NO_NAME = word_list("no_names")
_NAME = r"((?:[^\W\d_]+(?: - )?(?: [.])? ?){1,4})"
_CUE = re.compile(
    r"(?:directed by|director|directors|starring|stars|stared by|with|without|by|from|from director|"
    r"films? of|movies? of|featuring|feat|"
    r"actor|actress|except|not|no|any|some|like|likes|love|loves|loved|or|and|of|more|hate|hates|fan|want) (?=[^\W\d_])"
)
_STRONG_CUE = re.compile(
    r"(?:directed by|director|directors|starring|featuring|actor|actress|by|with|"
    r"without) (?:the )?(?:great )?$"
)
# As in "by the same author": group 1 is the role.
SAME_PEOPLE = re.compile(
    r"(?<![\w@~])(?:the same|that same|this|that|its) (author|writer|director|designer|artist|composer|creator|maker|"
    r"narrator|performer|actor|actress|people)s?(?!\w)"
)
# What other roles a role's word may mean, where no credit has the role itself.
_ROLES = {"writer": ("author",), "author": ("writer",), "actress": ("actor", "performer"), "actor": ("performer",)}
_MAKES = ("author", "director", "designer", "artist", "composer", "creator", "writer")
# What stands behind "goes well with" is served with an item; nobody is in it.
_GOES_WITH = re.compile(
    r"(?<!\w)(?:go|goes|going|pairs?|paired|match|matches|fits?|suits?|serve|served|works?|eat|eaten|drink|drunk|enjoyed)"
    r"(?: (?:well|nicely|best|great|good|perfectly|fine|together))? with $"
)
_WORK_AFTER = re.compile(
    r"^(?: s)? (?:movies?|films?|flicks?|pictures?|stuff|classics?|comed(?:y|ies)|thrillers?|"
    r"westerns?|dramas?|musicals?)(?!\w)"
)


class PeopleFinder:
    """Finds names of people. Names of the catalogue are found anywhere; others only where a person is expected."""

    def __init__(self, table: ItemTable, categories: CategoryWords) -> None:
        self._categories = categories
        credited = Counter(credit.name for item in table for credit in item.people)
        self._names: dict[str, str] = {}
        by_surname: dict[str, list[str]] = defaultdict(list)
        for name, _ in credited.most_common():
            words = self._key(name).split()
            self._names.setdefault(" ".join(words), name)
            # A surname may be of several words: "Le Guin", "de Beauvoir", "García Márquez".
            for first in range(1 if len(words) > 1 else 0, len(words)):
                by_surname[" ".join(words[first:])].append(name)
        # A surname alone means whoever has by far the most credits under it.
        self._surnames = {
            surname: names[0]
            for surname, names in by_surname.items()
            if len(surname) > 3 and (len(names) == 1 or credited[names[0]] >= 2 * credited[names[1]])
        }
        self._near = NearestTexts(self._names)

    @staticmethod
    def _key(name: str) -> str:
        return " ".join(token.word for token in tokenize(name) if token.is_word) or fold(name)

    def mask(self, masked: Masked) -> None:
        """Replace every name in the message by a mark."""
        place = 0
        while place < len(masked.pieces):
            size, name = self._at(masked, place)
            if size:
                masked.mask_person(place, place + size - 1, name)
            place += 1

    def _at(self, masked: Masked, place: int) -> tuple[int, str]:
        """How many pieces from `place` on are a name, and the name; 0 where none begins."""
        words = [piece.word for piece in masked.pieces]
        if not words[place].isalpha() or words[place] in _NO_NAME or self._categories.find(words[place]):
            return 0, ""
        before = " ".join(words[max(0, place - 3) : place]) + " "
        after = " " + " ".join(words[place + 1 : place + 3])
        expected = bool(_STRONG_CUE.search(before) or _WORK_AFTER.match(after)) and not _GOES_WITH.search(before)
        for size in (4, 3, 2):
            chunk = [word for word in words[place : place + size] if word.isalnum()]
            if (known := self._known(" ".join(chunk), expected=expected)) and len(words[place : place + size]) == size:
                return size, known
        for size in (3, 2, 1):
            chunk = words[place : place + size]
            surname = self._surnames.get(" ".join(chunk)) if len(chunk) == size else None
            if surname and (expected or any(rank(word) == RARE for word in chunk)):
                return size, surname
        return self._unlisted(masked, place, expected=expected, before=before)

    def _known(self, key: str, *, expected: bool) -> str | None:
        if key in self._names:
            return self._names[key]
        if (
            len(key) < 8
            or key.split()[0] in _NO_NAME
            or not self._names
            or not (expected or rank(key.split()[-1]) >= 3000)
        ):
            return None
        found = self._near.find(key, least=90)
        return self._names[found[0]] if found else None

    def _unlisted(self, masked: Masked, place: int, *, expected: bool, before: str) -> tuple[int, str]:
        """A name that the catalogue doesn't have: a first name and a surname, or a rare word where a person belongs."""
        words = [piece.word for piece in masked.pieces]
        end = place
        while end < len(words) and end - place < 6 and self._may_be_name(words, end):
            end += 1
        chunk = words[place:end]
        names = [word for word in chunk if word.isalpha()]
        if not names or names[-1] in _PARTICLES or self._names_wish(" ".join(chunk)):
            return 0, ""
        raw = masked.original_of(place, end - 1)
        capital = all(part[:1].isupper() or fold(part) in _PARTICLES for part in raw.split()) and raw != raw.lower()
        work_after = _WORK_AFTER.match(" " + " ".join(words[end : end + 2]))
        if names[0] in _FIRST_NAMES and len(names) >= 2:
            named = capital or rank(names[1]) > 400 or names[1] in _FIRST_NAMES or names[1] in _PARTICLES
            cued = capital or expected or work_after or self._cued(before)
            return (len(chunk), _title_case(raw)) if named and cued else (0, "")
        if masked.language:
            return 0, ""  # a rare word tells nothing there
        rare = any(rank(name) == RARE for name in names) or (capital and masked.original != masked.original.title())
        if rare and (
            (expected and _STRONG_CUE.search(before)) or (work_after and (len(names) > 1 or rank(names[0]) == RARE))
        ):
            return len(chunk), _title_case(raw)
        return 0, ""

    def _names_wish(self, text: str) -> bool:
        """Whether a category or a mood is among some words."""
        return bool(self._categories.find(text)) or any(pattern.search(text) for pattern in MOOD_PATTERNS.values())

    @staticmethod
    def _cued(before: str) -> bool:
        return bool(_CUE.search(before + "x"))

    @staticmethod
    def _may_be_name(words: list[str], place: int) -> bool:
        word = words[place]
        if word == "-":
            return place + 1 < len(words) and words[place + 1].isalpha()
        if not word.isalpha() or word in _NO_NAME:
            return False
        return rank(word) > 300 or word in _FIRST_NAMES or word in _PARTICLES


def people_in_role(item: Item, role: str) -> tuple[str, ...]:
    """The names of an item's people in a role; "people" are all of them, and a "maker" has any role that makes."""
    if role == "people":
        return tuple(dict.fromkeys(credit.name for credit in item.people))
    others = _MAKES if role in ("maker", "creator") else _ROLES.get(role, ())
    for roles in ((role,), others):
        if names := tuple(dict.fromkeys(credit.name for credit in item.people if credit.role in roles)):
            return names
    return ()


def _title_case(name: str) -> str:
    """Each part with a capital; "McQueen" keeps its own capitals."""
    return re.sub(r"[^\W\d_]+(?:['’][^\W\d_]+)?", lambda match: _capital(match.group()), name.strip())


def _capital(word: str) -> str:
    return word if word[:1].isupper() and not word.isupper() else word[:1].upper() + word[1:].lower()
