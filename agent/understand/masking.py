"""Finds all that a message names, items, facts, people and references, and replaces each by a mark, in this order."""

import re
from collections.abc import Sequence

from agent.understand.context import Context
from agent.understand.cues import is_credit
from agent.understand.facts import FactFinder
from agent.understand.languages import foreign_language
from agent.understand.linker import Linker, Mention
from agent.understand.masked import ITEM, Masked
from agent.understand.people import SAME_PEOPLE, PeopleFinder, people_in_role
from agent.understand.references import ReferenceFinder
from agent.understand.scales import COMPARATIVE
from agent.understand.text import RARE, fold, phrases, rank, tokenize
from agent.understand.unknown import UnknownTitles
from agent.understand.vocabulary import CategoryWords
from core.item import Item, ItemTable
from index.facts import PRICES

_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,80}>|\{[^{}]*\}|\[[^\[\]]*\]")
_PERSON_BEFORE = re.compile(
    r"\b(?:directed by|starring|movies by|films by|anything by|something by)\s+$", re.IGNORECASE
)
# "With Van Damme", "by van Sant": a surname, whatever titles look like its words.
_PARTICLES = "van|von|de|di|del|della|le|la|du|der|den|ter"
_PARTICLE_BEFORE = re.compile(
    rf"\b(?:directed by|by|starring|with|from|featuring) (?:(?:{_PARTICLES}) )+$", re.IGNORECASE
)
# "With Humphrey Bogart": whatever title a surname looks like.
_FIRST_NAME_BEFORE = re.compile(r"\b(?:directed by|by|starring|with|featuring) (?:[A-Z][\w.-]* )+$")
_IS_PARTICLE = re.compile(rf"(?<=\bby )(?i:{_PARTICLES}) [^\W\d_a-z]|(?<=\bwith )(?i:{_PARTICLES}) [^\W\d_a-z]")
# "A rain jacket" is any of its kind, whatever item has those words in its title.
_ASKED_FOR = re.compile(
    r"(?:^|\b(?:want|need|for|get|buy|find|me|after|recommend|suggest)\s+)(?:an?|some|any)\s+$", re.IGNORECASE
)
_ARTICLE = re.compile(r"(?:an?|some|any)\s", re.IGNORECASE)
# So is "rain jacket" where a shop calls an item that, unless it is judged or compared ("but cheaper", "vs").
_ASKED_FOR_BARE = re.compile(rf"^(?:(?:{phrases('asks_for')}|an?|some|any|new|and|or|also|plus|\W+)(?!\w)\W*)*$")
_THE = re.compile(r"the\s", re.IGNORECASE)
_JUDGED = re.compile(
    rf"(?<!\w)(?:{phrases('liked')}|{phrases('disliked')}|{phrases('seen')}|is|are|was|were|yes|no|nope|already|vs|versus|"
    rf"(?<!, )but (?:an? )?(?:bit |little |much )?(?:{COMPARATIVE}))(?!\w)|\?"
)
# "Tarantino's Pulp Fiction": the name belongs to the title, and is no wish.
_CREDIT = re.compile(r"(?<!\w)(?:[A-Z][\w.-]* ){0,2}(\w+['’]s) (?:[Tt]he )?$")


class Masker:
    """Masks messages about the items of one catalogue."""

    def __init__(self, table: ItemTable, linker: Linker, categories: CategoryWords) -> None:
        self._table = table
        self._linker = linker
        self._categories = categories
        self._people = PeopleFinder(table, categories)
        self._facts = FactFinder(table)
        self._unknown = UnknownTitles(categories)
        self._references = ReferenceFinder(linker.sequel)

    def mask(self, text: str, context: Context) -> Masked:
        """The message with a mark for everything that it names."""
        # Mark-up is nothing that a person says of items; it ends a sentence.
        text = _MARKUP.sub(lambda match: "." * len(match.group()), text)
        masked = Masked.of(text)
        for mention in self._linker.link(text, (*context.shown.answer, *context.spoken_of)):
            if _PARTICLE_BEFORE.search(text[: mention.start]) or _IS_PARTICLE.match(text, mention.start):
                continue
            if self._is_any_of_a_kind(text, mention) or _is_surname(text, mention):
                continue
            if mention.item_id not in context.shown.answer and self._asks_for_goods(text, mention, masked.goods):
                masked.goods.append(text[mention.start : mention.end])
                continue
            if not _PERSON_BEFORE.search(text[: mention.start]) or " " in mention.text.strip():
                credit = _CREDIT.search(text[: mention.start])
                start = credit.start() if credit and is_credit(credit[1]) else mention.start
                masked.mask_span(start, mention.end, mention.item_id)
        masked.language = foreign_language(" ".join(re.sub(ITEM, "", masked.text).split()))
        if masked.language:
            masked.translate(masked.language, lambda word: bool(self._categories.find(word)))
        _mask_remakes(masked, self._linker)
        self._facts.mask(masked)
        self._people.mask(masked)
        self._mask_same_people(masked, context)
        self._references.mask(masked, context.shown)
        if not masked.language:
            self._unknown.mask(masked)
        return masked

    def _is_any_of_a_kind(self, text: str, mention: Mention) -> bool:
        """Whether small letters behind "a" only share their words with a title; "a bug's life" has the article."""
        own = mention.item_id is not None and _ARTICLE.match(self._table[mention.item_id].title)
        before = text[: mention.start] + (_ARTICLE.match(mention.text) or [""])[0]
        return bool(_ASKED_FOR.search(before)) and not own and mention.text == mention.text.lower()

    def _asks_for_goods(self, text: str, mention: Mention, others: Sequence[str]) -> bool:
        """Whether a message asks for a kind of goods by the name under which a shop has it, such as "hiking boots".

        `others` are goods that the message asks for before it.
        """
        if mention.item_id is None or not is_goods(self._table[mention.item_id]) or _THE.match(mention.text):
            return False
        before = text[: mention.start]
        for other in others:
            before = before.replace(other, "")
        return bool(_ASKED_FOR_BARE.match(fold(before).strip())) and not _JUDGED.search(fold(text[mention.end :]))

    def _mask_same_people(self, masked: Masked, context: Context) -> None:
        """The people of the item in question, where a message says "the same author" or "this director"."""
        for match in reversed(list(SAME_PEOPLE.finditer(masked.text))):
            marks = re.findall(r"@(\d+)", masked.text[: match.start()])
            before = [item for mark in marks for item in masked.items[int(mark)]]
            meant = before[-1] if before else context.shown.focus or context.basis or context.shown.single
            names = people_in_role(self._table[meant], match[1]) if meant else ()
            if names:
                masked.mask_people(masked.place(match.start()), masked.place(match.end() - 1), names)


def _is_surname(text: str, mention: Mention) -> bool:
    is_likeness = mention.confidence < 1 and " " not in mention.text and mention.text[:1].isupper()
    return is_likeness and bool(_FIRST_NAME_BEFORE.search(text[: mention.start]))


def is_goods(item: Item) -> bool:
    """Whether an item is goods and no work: it has a price or a common noun for a title, and no author.

    Works are named by those who know them, goods by those who want them.
    """
    is_work = item.year or item.people
    return not is_work and (any(name in item.numbers for name in PRICES) or _is_common(item.title))


def _is_common(title: str) -> bool:
    """Whether a title is a common noun: everyday words, or written with small letters behind the first one."""
    words = [token for token in tokenize(title) if token.is_word and token.word.isalpha()]
    small = len(words) > 1 and all(token.text.islower() for token in words[1:])
    return small or all(rank(token.word) < RARE for token in words)


_REMAKE = re.compile(
    r"(?<![\w@~])(?:the (?:[a-z]+ )?((?:19|20)\d\d) (?:one|version|remake|film|movie)|"
    r"(?:the )?(?:one|version|remake|film|movie) (?:from |of |in )((?:19|20)\d\d)|the (original|remake))(?! @)(?!\w)"
)


def _mask_remakes(masked: Masked, linker: Linker) -> None:
    """As in "The 1926 one" or "the original" behind a title that has a remake."""
    for match in reversed(list(_REMAKE.finditer(masked.text))):
        marks = re.findall(r"@(\d+)", masked.text[: match.start()])
        before = [item for mark in marks for item in masked.items[int(mark)]]
        same_title = linker.namesakes(before[-1]) if before else []
        if len(same_title) < 2:
            continue
        year = match[1] or match[2]
        ends = {"original": same_title[:1], "remake": same_title[-1:]}
        meant = [item for item in same_title if item.year == int(year)] if year else ends[match[3]]
        if meant:
            masked.mask_item(masked.place(match.start()), masked.place(match.end() - 1), (meant[0].id,))
