"""Titles that were clearly meant as items though no item has them: in quotes, or where only a title can stand."""

import re

from agent.understand.lengths import names_length
from agent.understand.masked import Masked
from agent.understand.ranges import find_years
from agent.understand.text import RARE, phrases, rank, word_list
from agent.understand.vocabulary import AUDIENCE_PATTERNS, MOOD_PATTERNS, CategoryWords

_QUOTED = re.compile(r"(?:[\"“«*]|(?<!\w)') ([^\"“”«»*]+?) (?:[\"”»*]|'(?!\w))")
# "Something like 20 euros" is an amount, "like 127 Hours" a title.
_AMOUNT = re.compile(
    rf"(?:\d[\d.,]*|an?|half an|one|two|three) (?:{phrases('money')}|minutes?|mins?|hours?|pages?)(?: or so)?"
)
_CUE = re.compile(
    r"(?<![\w@~])(?:something like|anything like|movies? like|films? like|stuff like|more like|"
    r"things? like|ones? like|similar to|"
    r"in the vein of|along the lines of|close to|fan of|fans of|crazy about|obsessed with|love|loved|"
    r"loves|adore|adored|hate|hated|hates|"
    r"liked|enjoyed|enjoy|(?:i|we|also|they|she|he) like|disliked|seen|watched|rewatched|saw|"
    r"who directed|who made|who is in|whos in|who stars in|have you got|"
    r"do you have|have you heard of|do you know|heard of|the (?:movie|film) called|the (?:movie|film)|"
    r"movie called|film called|what about|how about|"
    r"tell me about|called|favourite (?:movie|film) is|favourites? (?:is|are)|^like|^(?:got|have)|"
    r", like|reminds me of|when did|how long is|how much (?:is|does)|price of|"
    r"why (?:not|no|isnt|wasnt|is|was)|"
    r"why (?:didnt|dont|did|do) (?:you|i) (?:not )?(?:recommend|suggest|show|pick|get)|"
    r"wheres|where is|how come|left out|you forgot|you skipped)"
    r" ((?:[^\W_]+|-|:|@|/|,(?= \w)|and|&)(?: (?:[^\W_]+|-|:|/|'))*)"
)
_BESIDE_KNOWN = re.compile(
    r"@\d+ (?:,|and|or|, and|, or) ((?:the )?[^\W\d_]{4,}) ?(?=$|[.,!?;]| and | or | too| also| as well)"
)
_AND_MORE = re.compile(r"^ (?:and|or|,) ((?:[^\W_]+)(?: (?:[^\W_]+|-|:))*)")
_PREDICATED = re.compile(
    r"(?:^|[.,!?;] |and )((?:[^\W_]+ ){1,5})(?:is|was) (?:so |really |very |a |the |such a |still |"
    r"absolutely )*(?:great|good|amazing|awesome|brilliant|terrible|awful|boring|better|best|"
    r"masterpiece|overrated|fantastic|trash|favourite)"
)
# "Big is my favourite film": whatever the words are, they are a title.
_FAVOURITE = re.compile(
    r"^ ?(?!(?:it|that|this|which|what|mine|he|she|who|one|here|there|the|my|director|actor) )"
    r"((?:[^\W_]+ ){0,4}?[^\W_]+) (?:is|was) (?:our|my|his|her) (?:\w+ ){0,2}(?:movie|film)(?!\w)"
)
_ENDS = word_list("title_ends")
_NOT_TITLES = word_list("not_titles")
_CHATTER = word_list("chatter")


# "The cheapest", "the second longest one", "the most popular": one of those that were shown.
_FARTHEST = re.compile(r"the (?:second |third )?(?:\w+est|(?:most|least|best|worst) \w+)(?: ones?)?")


class UnknownTitles:
    """Finds and masks them. What names a category, a mood or a person is no title."""

    def __init__(self, categories: CategoryWords) -> None:
        self._categories = categories

    def mask(self, masked: Masked) -> None:
        for quoted in reversed(list(_QUOTED.finditer(masked.text))):
            words = quoted.group(1).split()
            if len(words) <= 8 and "@" not in quoted.group(1) and not self._is_wish(quoted.group(1)):
                self._mark(masked, quoted.start(1), len(words))
        offset = 0
        while (match := _CUE.search(masked.text, offset)) is not None:
            offset = match.start(1)
            if re.match(r"(?:something|anything) i (?:like|love)", masked.text[max(0, match.start() - 12) :]):
                continue
            start = match.start(1)
            end = self._read(masked, start)
            while end and (more := _AND_MORE.match(masked.text[end:])):
                start = end + more.start(1)
                end = self._read(masked, start, listed=True)
        for known in reversed(list(_BESIDE_KNOWN.finditer(masked.text))):
            self._read(masked, known.start(1), listed=True)
        if judged := _PREDICATED.search(masked.text):
            self._read(masked, judged.start(1))
        if (favourite := _FAVOURITE.match(masked.text)) and not self._is_wish(favourite[1]):
            self._mark(masked, favourite.start(1), len(favourite[1].split()))

    def _read(self, masked: Masked, start: int, *, listed: bool = False) -> int:
        """Mask a title that begins at `start`; gives where the mask ends, or 0 when there is no title."""
        first = masked.place(start)
        words = [piece.word for piece in masked.pieces]
        last = first
        while last < len(words) and last - first < 8 and (words[last].isalnum() or words[last] in {":", "-"}):
            capital = masked.pieces[last].word[:1].isalpha() and masked.original_of(last, last)[0].isupper()
            if words[last] in {"a", "an"} and last > first:
                break
            if words[last] in _ENDS and not (capital and last > first) and not self._joins(masked, words, first, last):
                break
            last += 1
        size = last - first
        while size and not words[first + size - 1].isalnum():
            size -= 1
        title = words[first : first + size]
        if not title or not self._is_title(masked, first, title, listed=listed):
            return 0
        self._mark(masked, start, size)
        return len(" ".join(piece.word for piece in masked.pieces[: first + 1]))

    @staticmethod
    def _joins(masked: Masked, words: list[str], first: int, place: int) -> bool:
        """A small word between capitals belongs to a title: "Life Is Beautiful", "Lost in Translation"."""
        if place == first or place + 1 >= len(words) or not words[place + 1].isalpha():
            return False
        if words[place] in {"and", "or", "but", "i", "so", "because"}:
            return False
        before, after = masked.original_of(place - 1, place - 1), masked.original_of(place + 1, place + 1)
        if before[0].isupper() and after[0].isupper():
            return True
        # "life is beautiful a lot": a predicate makes no sense behind "i liked".
        return (
            words[place] in {"is", "of", "in", "the", "to", "at", "on"}
            and place - first == 1
            and rank(before.lower()) < RARE
            and (rank(words[place + 1]) > 500 and words[first - 1] in {"liked", "loved", "watched", "seen"})
        )

    def _is_title(self, masked: Masked, first: int, title: list[str], *, listed: bool) -> bool:
        text = " ".join(title)
        content = [word for word in title if word not in {"the", "a", "an", "of", "and"}]
        if not content or all(word in _NOT_TITLES for word in content) or self._is_wish(text):
            return False
        if _FARTHEST.fullmatch(text):
            return False
        if title[0] in _NOT_TITLES and title[0] not in {"the", "a", "an"}:
            return False
        raw = masked.original_of(first, first + len(title) - 1)
        if _AMOUNT.fullmatch(text) and raw.islower():
            return False
        capital = any(part[:1].isupper() for part in raw.split()) and masked.original.lower() != masked.original
        small = sum(1 for piece in masked.pieces if piece.word.isalpha()) > len(title)
        if capital and small and not masked.original.isupper():
            return all(part[:1].isupper() or part.lower() in _SMALL for part in raw.split())
        rare = any(rank(word) == RARE and len(word) > 3 for word in content)
        followed_by_noun = first + len(title) < len(masked.pieces) and masked.pieces[
            first + len(title)
        ].word in _NOT_TITLES - {"a", "an", "the", "to", "when", "how", "me", "us", "you"}
        if followed_by_noun:
            return False
        before = " ".join(piece.word for piece in masked.pieces[max(0, first - 2) : first])
        sure = bool(re.search(r"(?:like|similar to|directed|called|in|vein of|got|lines of|to)$", before))
        whole = bool(re.search(r"(?:what|how) about$", before)) and self._goes_to_end(masked, first + len(title))
        if whole and len(content) > 1 and not _CHATTER.intersection(content) and not self._names_wish(text):
            return True  # "what about kill bill"
        uncommon = max(rank(word) for word in content) > 2500
        return (
            rare
            or (sure and uncommon)
            or (uncommon and not listed and title[0] == "the" and len(title) > 1)
            or (len(title) == 3 and title[1] == "is")
            or (sure and not listed and len(content) > 1 and not self._names_wish(text))
        )

    @staticmethod
    def _goes_to_end(masked: Masked, place: int) -> bool:
        return all(not piece.word[0].isalnum() for piece in masked.pieces[place:])

    def _names_wish(self, text: str) -> bool:
        """Whether a category, a mood, an audience or a time is among some words."""
        patterns = (*MOOD_PATTERNS.values(), *AUDIENCE_PATTERNS.values())
        timed = bool(find_years(text, (0, 9999))) or names_length(text)
        return timed or bool(self._categories.find(text)) or any(pattern.search(text) for pattern in patterns)

    def _is_wish(self, text: str) -> bool:
        patterns = (*MOOD_PATTERNS.values(), *AUDIENCE_PATTERNS.values())
        left = text
        for start, end, _ in reversed(self._categories.find(text)):
            left = left[:start] + left[end:]
        for pattern in patterns:
            left = pattern.sub("", left)
        return left != text and len(left.split()) <= 1

    @staticmethod
    def _mark(masked: Masked, start: int, size: int) -> None:
        first = masked.place(start)
        title = masked.original_of(first, first + size - 1)
        masked.mask_item(first, first + size - 1, (), unknown=title)


_SMALL = word_list("small_title_words")
