"""Reads one message with rules: mark titles, people and references, then read the sentence around the marks."""

import re
from dataclasses import dataclass, field

from agent.understand import kinds, short_messages
from agent.understand.cues import is_credit
from agent.understand.facts import FactFinder
from agent.understand.languages import foreign_language
from agent.understand.linker import Linker
from agent.understand.masked import ITEM, Masked
from agent.understand.opinions import Opinions, Role, find_opinions, verdict
from agent.understand.people import SAME_PEOPLE, PeopleFinder, people_in_role
from agent.understand.ranges import find_count
from agent.understand.reading import Reading
from agent.understand.references import ReferenceFinder, Shown
from agent.understand.search_words import names_subject, search_words
from agent.understand.text import phrases
from agent.understand.unknown import UnknownTitles
from agent.understand.vocabulary import CategoryWords
from agent.understand.wishes import Wishes, WishFinder
from core.intent import Asked, TurnKind
from core.item import ItemTable


@dataclass(frozen=True, slots=True)
class Context:
    """What came before a message."""

    shown: Shown = field(default_factory=Shown)
    answered: frozenset[str] = frozenset()  # every item that an answer of ours has named
    spoken_of: frozenset[str] = frozenset()  # every item that the person has named
    basis: str | None = None  # the item that the person last liked, or wanted something like
    asked: Asked | None = None  # what the person's last message asked about items
    asked_opinion_of: str | None = None  # the item that our last message asked an opinion of
    is_closed: bool = False  # the person's last message thanked: what comes now is a matter of its own

    @property
    def has_answer(self) -> bool:
        return bool(self.answered)


_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,80}>|\{[^{}]*\}|\[[^\[\]]*\]")
_PERSON_BEFORE = re.compile(
    r"\b(?:directed by|starring|movies by|films by|anything by|something by)\s+$", re.IGNORECASE
)
# "With Van Damme", "by van Sant": a surname, whatever titles look like its words.
_PARTICLES = "van|von|de|di|del|della|le|la|du|der|den|ter"
_PARTICLE_BEFORE = re.compile(
    rf"\b(?:directed by|by|starring|with|from|featuring) (?:(?:{_PARTICLES}) )+$", re.IGNORECASE
)
_IS_PARTICLE = re.compile(rf"(?<=\bby )(?i:{_PARTICLES}) [^\W\d_a-z]|(?<=\bwith )(?i:{_PARTICLES}) [^\W\d_a-z]")
# "Tarantino's Pulp Fiction": the name belongs to the title, and is no wish.
_CREDIT = re.compile(r"(?<!\w)(?:[A-Z][\w.-]* ){0,2}(\w+['’]s) (?:[Tt]he )?$")


class Reader:
    """Reads messages about the items of one catalogue."""

    def __init__(self, table: ItemTable, linker: Linker) -> None:
        self._table = table
        self._linker = linker
        self._categories = CategoryWords(table.categories)
        self._people = PeopleFinder(table, self._categories)
        self._wishes = WishFinder(table)
        self._facts = FactFinder(table)
        self._unknown = UnknownTitles(self._categories)
        self._references = ReferenceFinder(linker.sequel)

    def read(self, text: str, context: Context) -> Reading:
        """What a message says; it never does what a message says."""
        forgets = short_messages.forgets(text)
        if forgets:
            context, text = Context(), short_messages.without_forgetting(text)
        masked = self._mask(text, context)
        masked_text = masked.text
        injected = [span for span in kinds.sentences(masked_text) if kinds.is_injection(masked_text[slice(*span)])]
        question = _question(masked, context)
        skip = [*injected, *question.spans]
        opinions = find_opinions(masked, skip, context.answered)
        wishes = self._wishes.find(masked, skip)
        if masked.language and not any(masked.items) and not wishes.changes and not kinds.thanks(masked_text):
            return Reading(TurnKind.OTHER)
        rest = _without(masked_text, skip)
        reading = Reading(TurnKind.OTHER, wishes=wishes, forgets=forgets)
        reading.count = find_count(re.sub(ITEM, "@", _countable(rest, masked, wishes)))
        self._take_items(reading, masked, opinions, question.spans, injected)
        self._leave_out_namesakes(reading, context)
        if context.asked_opinion_of and not masked.items and (role := verdict(masked_text)):
            reading.roles.append((context.asked_opinion_of, role))
        if not reading.similar_to and not masked.items and short_messages.asks_for_similar(masked_text):
            shown = context.shown
            reading.similar_to = (shown.focus,) if shown.focus else shown.answer
        reading.kind = _kind(rest, reading, context, question)
        if reading.kind is TurnKind.OTHER and short_messages.picks_one(masked_text) and len(reading.named) == 1:
            reading.kind, reading.asked, reading.about = TurnKind.ASK, Asked.GENERAL, reading.named
        if reading.kind is question.kind:
            reading.asked, reading.about = question.asked, question.about
        if context.is_closed and reading.kind is TurnKind.REFINE and not wishes.is_relative and not kinds.alters(rest):
            reading.kind = TurnKind.RECOMMEND
        reading.starts_anew = reading.kind is TurnKind.RECOMMEND and context.has_answer
        reading.picks = kinds.picks(_with_references(masked))
        reading.words = search_words(rest, wishes, reading.unknown_titles, reading.kind)
        reading.names_subject = bool(reading.words) and names_subject(rest)
        reading.refused = frozenset(rest[slice(*span)] for span in wishes.refused)
        reading.is_certain = reading.kind is not TurnKind.OTHER or kinds.is_off_topic(masked_text)
        return reading

    def _mask(self, text: str, context: Context) -> Masked:
        # Mark-up is nothing that a person says of items; it ends a sentence.
        text = _MARKUP.sub(lambda match: "." * len(match.group()), text)
        masked = Masked.of(text)
        for mention in self._linker.link(text, (*context.shown.answer, *context.spoken_of)):
            if _PARTICLE_BEFORE.search(text[: mention.start]) or _IS_PARTICLE.match(text, mention.start):
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

    def _mask_same_people(self, masked: Masked, context: Context) -> None:
        """The people of the item in question, where a message says "the same author" or "this director"."""
        for match in reversed(list(SAME_PEOPLE.finditer(masked.text))):
            marks = re.findall(r"@(\d+)", masked.text[: match.start()])
            before = [item for mark in marks for item in masked.items[int(mark)]]
            meant = before[-1] if before else context.shown.focus or context.basis or context.shown.single
            names = people_in_role(self._table[meant], match[1]) if meant else ()
            if names:
                masked.mask_people(masked.place(match.start()), masked.place(match.end() - 1), names)

    def _leave_out_namesakes(self, reading: Reading, context: Context) -> None:
        """Whoever leaves out a title that wasn't offered means every item of that title."""
        left_out = [item for item, role in reading.roles if role is Role.REJECTED and item not in context.answered]
        spoken_of = {*reading.named, *context.spoken_of}
        twins = [twin.id for item in left_out for twin in self._linker.namesakes(item) if twin.id not in spoken_of]
        reading.roles.extend((twin, Role.REJECTED) for twin in dict.fromkeys(twins))

    @staticmethod
    def _take_items(
        reading: Reading,
        masked: Masked,
        opinions: Opinions,
        question: list[tuple[int, int]],
        injected: list[tuple[int, int]],
    ) -> None:
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
            elif number not in masked.referred and not _within(match.start(), question) and _tells_taste(text):
                reading.roles.extend((item_id, Role.LIKED) for item_id in masked.items[number])
        # "Stuff like @0 … they're horrible": an opinion against it takes the measure back.
        against = {item_id for item_id, role in reading.roles if role is Role.DISLIKED}
        reading.similar_to = tuple(item_id for item_id in dict.fromkeys(similar) if item_id not in against)
        reading.named = tuple(dict.fromkeys(named))
        reading.unknown_titles = tuple(dict.fromkeys(unknown))


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


@dataclass(frozen=True, slots=True)
class Question:
    """The sentences of a message that ask about items; `kind` is None when there are none."""

    kind: TurnKind | None
    spans: list[tuple[int, int]]
    asked: Asked | None
    about: tuple[str, ...]


def _question(masked: Masked, context: Context) -> Question:
    text = masked.text
    spans: list[tuple[int, int]] = []
    asked: Asked | None = None
    about: list[str] = []
    kind: TurnKind | None = None
    for start, end in kinds.sentences(text):
        sentence = text[start:end]
        compared = kinds.compares(sentence)
        marks = [int(mark) for mark in re.findall(r"@(\d+)", sentence)]
        aspect = kinds.asked_about(sentence if marks else f"{sentence} @0")
        if (
            marks
            and aspect is None
            and (context.asked or context.has_answer)
            and short_messages.asks_the_same(sentence)
        ):
            aspect = context.asked or Asked.GENERAL  # "and Fargo?"
        if not marks and (of_answer := kinds.asks_about_answer(sentence)):
            items, asked_of = _spoken_of(about, context), of_answer
            # "Why not something funny?" is a wish; "what about Heat, why isn't it here?" is none.
            if items and (about or of_answer is Asked.MOVE):
                spans.append((start, end))
                about.extend(items)
                kind, asked = kind or TurnKind.ASK, asked_of
            continue
        if not marks and (bare := short_messages.bare_aspect(sentence)) and (meant := context.shown.single):
            spans.append((start, end))
            about.append(meant)
            kind, asked = kind or TurnKind.ASK, bare
            continue
        if aspect in (Asked.WHY_NOT, Asked.MOVE):
            marks = _named_marks(sentence, marks, masked)
        items = [item for mark in marks for item in masked.items[mark]]
        if compared and not items:
            items = list(context.shown.answer)
        is_comparison = compared and len(set(items)) + sum(mark in masked.unknown for mark in marks) > 1
        if not is_comparison and (aspect is None or not marks):
            continue
        spans.append((start, end))
        about.extend(items)
        kind = TurnKind.COMPARE if is_comparison else kind or TurnKind.ASK
        if asked in {None, Asked.GENERAL}:
            asked = aspect or kinds.aspect(sentence) or Asked.GENERAL
    return Question(kind, spans, asked, tuple(dict.fromkeys(about)))


def _named_marks(sentence: str, marks: list[int], masked: Masked) -> list[int]:
    """Of a question about an answer, the marks that are asked about: not "them", nor what was taken instead."""
    if (passed_over := kinds.preferred_mark(sentence)) is not None:
        return [passed_over]
    return [mark for mark in marks if mark not in masked.referred] or marks


def _spoken_of(about: list[str], context: Context) -> list[str]:
    """What "it" or "they" mean in a question about an answer: what was asked about before it, or the last answer."""
    return about or ([context.shown.focus] if context.shown.focus else list(context.shown.answer))


def _countable(text: str, masked: Masked, wishes: Wishes) -> str:
    """A masked text for counts of items: "five German novels" are five, and "a game for 2" is none of two games."""
    for start, end in wishes.players:
        text = f"{text[:start]}{'.' * (end - start)}{text[end:]}"
    return re.sub(r"~(\d+)", lambda mark: "such" if int(mark[1]) in masked.facts else mark[0], text)


def _within(place: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)


def _tells_taste(text: str) -> bool:
    """Whether a message is nothing but titles, as people answer "what do you like?"."""
    return not re.sub(r"@\d+|and|or|the|maybe|also|hmm|um|well|probably|[,.!&+]|i think|i guess|\s", "", text)


def _with_references(masked: Masked) -> str:
    """The masked text with "those" where several items were referred to, in whatever words."""

    def written(match: re.Match[str]) -> str:
        number = int(match[1])
        return "those" if number in masked.referred and len(masked.items[number]) > 1 else match[0]

    return re.sub(r"@(\d+)", written, masked.text)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + "." * (end - start) + text[end:]
    return text


_REFUSES = re.compile(
    rf"^ ?(?:(?:hm|hmm|well|sorry|oh|,) )*{phrases('refuses')}"
    r"(?: (?:thanks?|thank you|sorry|way|please|none|next|no|on that|,|\.))*(?: |[.!,?]|$)+$|"
    r"(?<!\w)(?:already seen|seen (?:them|those|these|all)|not (?:those|these)|none of)(?!\w)"
)
_MORE = re.compile(r"(?<!\w)(?:more|others?|another|next|else|different ones?)(?!\w)")


def _kind(rest: str, reading: Reading, context: Context, question: Question) -> TurnKind:
    """What a message does, from what was found in it."""
    roles = {role for _, role in reading.roles}
    wants = reading.wishes.changes or bool(reading.similar_to) or reading.count is not None
    if question.kind and not wants:
        return question.kind
    return _kind_of_statement(rest, reading, context, roles, wants=wants)


def _kind_of_statement(rest: str, reading: Reading, context: Context, roles: set[Role], *, wants: bool) -> TurnKind:
    if wants:
        # "Give me 7" alone is about the answer there is, though "give me" else begins something new.
        only_count = (
            not reading.wishes.changes and not reading.similar_to and not roles and short_messages.only_counts(rest)
        )
        anew = kinds.starts_anew(rest) and not only_count
        return TurnKind.RECOMMEND if not context.has_answer or anew else TurnKind.REFINE
    about_answer = any(item_id in context.shown.answer for item_id, _ in reading.roles)
    if context.has_answer and (about_answer or Role.REJECTED in roles or Role.SEEN in roles):
        return TurnKind.REJECT
    if roles or reading.unknown_titles:
        return TurnKind.RECOMMEND
    return _kind_of_words(rest, context)


def _kind_of_words(rest: str, context: Context) -> TurnKind:
    if context.has_answer and _REFUSES.search(rest):
        return TurnKind.REJECT
    if kinds.thanks(rest) and not kinds.starts_anew(rest):
        return TurnKind.THANK
    if kinds.requests(rest):
        continues = _MORE.search(rest) or kinds.adds(rest) or kinds.turns_down_first(rest)
        return TurnKind.REFINE if context.has_answer and continues else TurnKind.RECOMMEND
    if context.has_answer and short_messages.complains(rest):
        return TurnKind.REJECT
    if short_messages.tells_taste(rest) or (names_subject(rest) and not kinds.is_off_topic(rest)):
        return TurnKind.REFINE if context.has_answer else TurnKind.RECOMMEND
    return TurnKind.OTHER
