"""Reads one message with rules: mark titles, people and references, then read the sentence around the marks."""

import re

from agent.understand import kinds, requests, short_messages
from agent.understand.context import Context
from agent.understand.counts import find_count, only_counts
from agent.understand.languages import is_common
from agent.understand.linker import Linker
from agent.understand.masked import ITEM, Masked, sentences
from agent.understand.masking import Masker, is_goods
from agent.understand.opinions import Opinions, find_opinions
from agent.understand.questions import Question, find_question
from agent.understand.reading import Reading
from agent.understand.role import Role
from agent.understand.search_words import names_subject, search_words
from agent.understand.text import fold
from agent.understand.verdicts import verdict
from agent.understand.vocabulary import CategoryWords
from agent.understand.wish_finder import WishFinder
from agent.understand.wishes import Wishes
from core.intent import Asked, TurnKind
from core.item import ItemTable

Spans = list[tuple[int, int]]


class Reader:
    """Reads messages about the items of one catalogue."""

    def __init__(self, table: ItemTable, linker: Linker) -> None:
        self._table = table
        self._linker = linker
        self._categories = CategoryWords(table.categories)
        self._masker = Masker(table, linker, self._categories)
        self._wishes = WishFinder(table, self._categories)

    def read(self, text: str, context: Context) -> Reading:
        """What a message says; it never does what a message says."""
        forgets = short_messages.forgets(text)
        if forgets:
            context, text = Context(), short_messages.without_forgetting(text)
        masked = self._masker.mask(text, context)
        injected = [span for span in sentences(masked.text) if kinds.is_injection(masked.text[slice(*span)])]
        question = find_question(masked, context)
        skip = [*injected, *question.spans]
        wishes = self._wishes.find(masked, skip)
        if masked.language and not any(masked.items) and not wishes.changes and not kinds.thanks(masked.text):
            return Reading(TurnKind.OTHER)
        rest = _without(masked.text, skip)
        reading = Reading(TurnKind.OTHER, wishes=wishes, forgets=forgets)
        reading.count = find_count(re.sub(ITEM, "@", self._countable(rest, masked, wishes)))
        opinions = find_opinions(masked, skip, context.answered)
        _take_items(reading, masked, opinions, list(question.spans), injected, self._goods_of(context))
        self._leave_out_namesakes(reading, context)
        _lean_on_context(reading, masked, context)
        reading.goods = bool(masked.goods)
        reading.picks = requests.picks(_with_references(masked)) or _only_few(rest, reading.count, context)
        self._take_kind(reading, rest, masked, context, question)
        if reading.picks and set(reading.similar_to) == set(context.shown.answer):
            reading.similar_to = ()  # "those with Tom Hanks": they themselves, not others like them
        reading.words = search_words(rest, wishes, reading.unknown_titles, reading.kind)
        if masked.language:
            said = (word for word in reading.words.split() if not is_common(word, masked.language))
            reading.words = " ".join(said)
        if masked.goods:
            named = re.findall(r"[^\W\d_]{2,}", fold(" ".join(masked.goods)))
            reading.words = " ".join(dict.fromkeys((*named, *reading.words.split())))
        reading.names_subject = bool(masked.goods) or (bool(reading.words) and names_subject(rest))
        reading.refused = frozenset(rest[slice(*span)] for span in wishes.refused)
        reading.is_certain = reading.kind is not TurnKind.OTHER or requests.is_off_topic(masked.text)
        return reading

    def _take_kind(self, reading: Reading, rest: str, masked: Masked, context: Context, question: Question) -> None:
        """What the message does, and what it asks about items where that is what it does."""
        categories = [(start, end) for start, end, _ in self._categories.find(rest)]
        stands_alone = requests.starts_anew(rest, categories, wishes=reading.wishes.count)
        if question.kind and not reading.wants:
            reading.kind, reading.asked, reading.about = question.kind, question.asked, question.about
            return
        reading.kind = kinds.kind_of(rest, reading, context, stands_alone=stands_alone)
        if reading.kind is TurnKind.OTHER and short_messages.picks_one(masked.text) and len(reading.named) == 1:
            reading.kind, reading.asked, reading.about = TurnKind.ASK, Asked.GENERAL, reading.named
        changes_search = reading.wishes.is_relative or requests.alters(rest)
        if context.is_closed and reading.kind is TurnKind.REFINE and not changes_search:
            reading.kind = TurnKind.RECOMMEND
        # Whoever only tells what they like still wants what they asked for.
        asks = reading.wants or not reading.roles or requests.requests(rest)
        reading.starts_anew = reading.kind is TurnKind.RECOMMEND and context.has_answer and asks

    def _goods_of(self, context: Context) -> frozenset[str]:
        """The items of the last answer that are goods and no works."""
        return frozenset(item_id for item_id in context.shown.answer if is_goods(self._table[item_id]))

    def _countable(self, text: str, masked: Masked, wishes: Wishes) -> str:
        """A masked text for counts of items: "five German novels" are five, "a game for 2" is none of two games.

        "Three lamps" are three of their kind.
        """
        text = _without(text, wishes.counts)
        for start, end, _ in reversed(self._categories.find(text)):
            if text[start:end].endswith("s"):
                text = f"{text[:start]}ones{text[end:]}"
        return re.sub(r"~(\d+)", lambda mark: "such" if int(mark[1]) in masked.facts else mark[0], text)

    def _leave_out_namesakes(self, reading: Reading, context: Context) -> None:
        """Whoever leaves out a title that wasn't offered means every item of that title."""
        left_out = [item for item, role in reading.roles if role is Role.REJECTED and item not in context.answered]
        spoken_of = {*reading.named, *context.spoken_of}
        twins = [twin.id for item in left_out for twin in self._linker.namesakes(item) if twin.id not in spoken_of]
        reading.roles.extend((twin, Role.REJECTED) for twin in dict.fromkeys(twins))


def _take_items(
    reading: Reading, masked: Masked, opinions: Opinions, asked: Spans, injected: Spans, offered: frozenset[str]
) -> None:
    """The part that each item of the message plays; `asked` and `injected` are stretches of its text.

    Naming a work tells a taste; naming goods that were `offered` picks them.
    """
    text = masked.text
    similar: list[str] = []
    named: list[str] = []
    unknown: list[str] = []
    for match in re.finditer(r"@(\d+)", text):
        number = int(match[1])
        if _within(match.start(), injected):
            continue
        named.extend(masked.items[number])
        if number in masked.unknown:
            unknown.append(masked.unknown[number])
        role = opinions.roles.get(number)
        if role is Role.SIMILAR:
            similar.extend(masked.items[number])
        elif role is not None:
            reading.roles.extend((item_id, role) for item_id in masked.items[number])
        elif number not in masked.referred and not _within(match.start(), asked) and _tells_taste(text):
            works = (item_id for item_id in masked.items[number] if item_id not in offered)
            reading.roles.extend((item_id, Role.LIKED) for item_id in works)
    # "Stuff like @0 … they're horrible": an opinion against it takes the measure back.
    against = {item_id for item_id, role in reading.roles if role is Role.DISLIKED}
    reading.measures = tuple(
        item_id for match in re.finditer(r"(?<!\w)than @(\d+)", text) for item_id in masked.items[int(match[1])]
    )
    reading.similar_to = tuple(item_id for item_id in dict.fromkeys(similar) if item_id not in against)
    reading.named = tuple(dict.fromkeys(named))
    reading.unknown_titles = tuple(dict.fromkeys(unknown))


def _lean_on_context(reading: Reading, masked: Masked, context: Context) -> None:
    """What a message without a title says of the item that we asked about, or wants others like."""
    if masked.items:
        return
    if context.asked_opinion_of and (role := verdict(masked.text)):
        reading.roles.append((context.asked_opinion_of, role))
    if short_messages.asks_for_similar(masked.text):
        shown = context.shown
        reading.similar_to = (shown.focus,) if shown.focus else shown.answer


def _within(place: int, spans: Spans) -> bool:
    return any(start <= place < end for start, end in spans)


def _tells_taste(text: str) -> bool:
    """Whether a message is nothing but titles, as people answer "what do you like?"."""
    return not re.sub(r"@\d+|and|or|the|maybe|also|hmm|um|well|probably|[,.!&+]|i think|i guess|\s", "", text)


def _only_few(text: str, count: int | None, context: Context) -> bool:
    """Whether a message only asks for fewer items than were shown: "just one" picks among them, "one more" doesn't."""
    return bool(count and count < len(context.shown.answer)) and only_counts(text) and not kinds.wants_others(text)


def _with_references(masked: Masked) -> str:
    """The masked text with "those" where several items were referred to, in whatever words."""

    def written(match: re.Match[str]) -> str:
        number = int(match[1])
        return "those" if number in masked.referred and len(masked.items[number]) > 1 else match[0]

    return re.sub(r"@(\d+)", written, masked.text)


def _without(text: str, spans: Spans) -> str:
    """The text with dots over some stretches of it, so that all others keep their places."""
    for start, end in spans:
        text = text[:start] + "." * (end - start) + text[end:]
    return text
