"""Cues that words are meant as a title: quotes, capitals, a verb before, what stands behind. It knows no titles."""

from collections.abc import Iterator, Sequence

from agent.understand.text import Token, fold, word_list

_OPEN = frozenset("\"“‘«*_'")
_CLOSE = frozenset("\"”’»*_'")
_VERBS = word_list("title_verbs")
# Words that may stand between the cue and the title.
_BETWEEN = word_list("title_openers")
# After a title the clause ends or says something of the title; another noun means that it was no title.
_AFTER = word_list("title_followers")
_ASKS = word_list("question_verbs")
_QUESTIONS = word_list("question_words")
_ASKED_ON = word_list("question_followers")
_STARTERS = word_list("pronouns")
_GREETINGS = frozenset({"good morning", "good evening", "good night", "good day", "hello", "hi", "thanks"})
_VERDICTS = word_list("verdicts")
# Words that may stand beside a title in a message that is nothing else.
_BESIDE = frozenset("the a an and also or maybe plus".split())
_ANSWERS = frozenset("yes yeah yep yup no nope nah".split())
_FEELINGS = frozenset("love loved hate hated liked adored enjoyed seen watched no nope nah".split())
_CONTRACTIONS = word_list("contractions") | {"hes", "shes"}
_JUDGES = frozenset(["was", "wasnt", "is", "isnt", "were", "rocks", "rocked", "sucks", "sucked", "bored"])


def is_credit(word: str) -> bool:
    """Whether a word says whose a title is, as in "Kubrick's The Shining"; "that's" and "who's" don't."""
    return word.endswith(("'s", "’s")) and fold(word) not in _CONTRACTIONS


class CueFinder:
    """Tells whether a stretch of tokens stands where a title would."""

    def means_title(self, tokens: Sequence[Token], first: int, last: int) -> bool:
        """Whether words that could be plain English are meant as a title here."""
        return (
            self._quoted(tokens, first, last)
            or self._whole_message(tokens, first, last)
            or self._capitals(tokens, first, last)
            or self._dated(tokens, first, last)
            or (self._after_cue(tokens, first) and self._ends_here(tokens, last))
            or self._judged(tokens, first, last)
            or self._asked_about(tokens, first, last)
        )

    def is_listed_with(self, tokens: Sequence[Token], first: int, last: int, titles: Sequence[tuple[int, int]]) -> bool:
        """Whether only commas, "and" or "or" stand between this and a known title."""
        joints = {",", "and", "or", "&", "the", "a", "/", "+", "vs", "versus"}
        for other_first, other_last in titles:
            low, high = (other_last + 1, first) if other_last < first else (last + 1, other_first)
            between = [token.word for token in tokens[low:high]]
            if low < high and len(between) <= 3 and all(word in joints for word in between):
                return other_last > last or self._ends_here(tokens, last)
        return False

    def meant_spans(self, tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
        """Stretches that are surely titles by their place alone: in quotes, or behind a cue up to the clause's end."""
        yield from self.quoted_spans(tokens)
        yield from self._judged_spans(tokens)
        for first in range(1, len(tokens)):
            if tokens[first].is_word and self._after_cue(tokens, first):
                last = self.clause_end(tokens, first)
                farther = self.clause_end(tokens, last + 1)
                if first <= last < farther:
                    yield first, farther  # "dances with wolves" holds a word that mostly ends a title
                if last >= first:
                    yield first, last

    @staticmethod
    def _judged_spans(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
        """From the start of a clause to its "was" or "is": "citizen cane is overrated"."""
        first = 0
        for place, token in enumerate(tokens):
            if not token.is_word or token.word == "but":
                first = place + 1
            elif token.word in _JUDGES and 1 < place - first <= 6 and tokens[first].word not in _STARTERS:
                yield first, place - 1

    def quoted_spans(self, tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
        opened: int | None = None
        for place, token in enumerate(tokens):
            if token.text in _OPEN and opened is None:
                opened = place
            elif token.text in _CLOSE and opened is not None:
                if 0 < place - opened - 1 <= 10:
                    yield opened + 1, place - 1
                    opened = None
                else:
                    opened = place

    @staticmethod
    def clause_end(tokens: Sequence[Token], first: int) -> int:
        """The last token before punctuation or a word that goes on about a title."""
        place = first
        while place < len(tokens) and place - first < 8:
            token = tokens[place]
            if not token.is_word or (token.word in _AFTER and place > first):
                break
            place += 1
        return place - 1

    @staticmethod
    def _quoted(tokens: Sequence[Token], first: int, last: int) -> bool:
        before = tokens[first - 1].text if first else ""
        if before.lower() in {"the", "a", "an"} and first > 1:
            before = tokens[first - 2].text
        after = tokens[last + 1].text if last + 1 < len(tokens) else ""
        return before in _OPEN and before != "" and (after in _CLOSE or after in ",.(")

    @staticmethod
    def _asked_about(tokens: Sequence[Token], first: int, last: int) -> bool:
        """In a question where a title would stand: "what's seven about", "when did speed come out"."""
        place = first - 1
        while place >= 0 and tokens[place].word in {"the", "a", "an", "movie", "film"}:
            place -= 1
        before = tokens[place].word if place >= 0 else ""
        opens = {token.word for token in tokens[: place + 1] if token.is_word}
        following = tokens[last + 1].word if last + 1 < len(tokens) else "?"
        chooses = before in {":", ",", "or", "better", "between"} and bool(
            {"which", "better", "between"} & (opens | {token.word for token in tokens})
        )
        return (
            (before in _ASKS or chooses)
            and bool(opens & _QUESTIONS)
            and (following in _ASKED_ON or not following[0].isalnum())
        )

    @staticmethod
    def _whole_message(tokens: Sequence[Token], first: int, last: int) -> bool:
        if " ".join(token.word for token in tokens[first : last + 1]) in _GREETINGS:
            return False
        rest = [token.word for token in (*tokens[:first], *tokens[last + 1 :]) if token.is_word]
        return all(word in _BESIDE for word in rest)

    @staticmethod
    def _capitals(tokens: Sequence[Token], first: int, last: int) -> bool:
        """Capitals where the sentence has small letters. A sentence's first word tells nothing."""
        starts = first == 0 or tokens[first - 1].text in ".!?:\n"
        words = [token for token in tokens[first : last + 1] if token.is_word and token.text[0].isalpha()]
        main = [token for token in words if token.word not in {"the", "a", "an", "of", "in", "to", "and", "for", "on"}]
        if not main or not all(token.is_capital for token in main):
            return False
        if starts and len(main) == 1:
            return False
        others = [token for token in tokens if token.is_word and token.text.isalpha() and token.word != "i"]
        small = sum(1 for token in others if token.text.islower())
        return small * 2 >= len(others) - len(words) and small > 0

    @staticmethod
    def _dated(tokens: Sequence[Token], first: int, last: int) -> bool:
        following = [token.text for token in tokens[last + 1 : last + 3]]
        if (
            first < last
            and following
            and following[0] in "23456789"
            and (len(following) == 1 or not following[1].isalpha() or following[1] in {"is", "was"})
        ):
            return True
        if following[:1] == ["("]:
            following = following[1:]
            return bool(following) and following[0].isdigit() and len(following[0]) == 4
        return (
            bool(following) and following[0].isdigit() and following[0][:2] in {"19", "20"} and len(following[0]) == 4
        )

    @staticmethod
    def _after_cue(tokens: Sequence[Token], first: int) -> bool:
        place = first - 1
        while (
            place > 0
            and (tokens[place].word in _BETWEEN or tokens[place].word == ":")
            and tokens[place].word not in {"movie", "film", "book"}
        ):
            place -= 1
        if place < 0:
            return False
        word = tokens[place].word
        if place == first - 1 and (
            is_credit(tokens[place].text) or (word == "between" and tokens[first].word.isalpha())
        ):
            return True
        if word in _VERBS:
            return not (word in {"movie", "film", "book"} and place and tokens[place - 1].word not in {"the", "that"})
        before = tokens[place - 1].word if place else ""
        return (word, before) in {
            ("to", "similar"),
            ("of", "fan"),
            ("of", "kind"),
            ("of", "vein"),
            ("of", "lines"),
            ("of", "style"),
            ("of", "spirit"),
            ("as", "vibe"),
            ("as", "vibes"),
            ("as", "feel"),
            ("as", "mood"),
            ("as", "tone"),
            ("as", "style"),
        } or ((before, word) in {("have", "got"), ("you", "got"), ("you", "have"), ("heard", "of"), ("into", "into")})

    @staticmethod
    def _judged(tokens: Sequence[Token], first: int, last: int) -> bool:
        """At the start of a clause and followed by a judgement: "heat was great"."""
        starts = (
            first == 0
            or tokens[first - 1].text in ".!?,;"
            or tokens[first - 1].word in {"and", "but", "the", "thought"}
        )
        following = [token.word for token in tokens[last + 1 : last + 2]]
        later = [token.word for token in tokens[last + 1 : last + 4]]
        told = later[:1] == [","] and later[1:2] in (["i"], ["we"]) and later[2:] in (["liked"], ["loved"], ["hated"])
        if (first == 0 and later[:1] == ["but"]) or (later[:2] == [",", "also"] and _VERDICTS.intersection(later)):
            return True
        told = told or any(
            verb.word in _FEELINGS and pronoun.word in {"it", "that", "them"}
            for verb, pronoun in zip(tokens[last + 1 : last + 9], tokens[last + 2 : last + 10], strict=False)
        )
        told = told or (
            later[:1] != [] and later[0] in _ANSWERS and later[1:2] in ([], [","], ["."], ["!"], ["always"])
        )
        opens = first == 0 or tokens[first - 1].text in ".!?"
        told = told or (opens and later[:1] == ["too"] and later[1:2] in ([], [","], ["."], ["!"]))
        told = told or (later[:1] == ["?"] and bool(_FEELINGS.intersection(later)))
        judged = bool(_JUDGES.intersection(following)) and bool(_VERDICTS.intersection(later))
        return starts and (judged or told)

    @staticmethod
    def _ends_here(tokens: Sequence[Token], last: int) -> bool:
        place = last + 1
        if place < len(tokens) and len(tokens[place].word) == 1 and tokens[place].word.isdigit():
            place += 1  # the number of a sequel
        return place >= len(tokens) or not tokens[place].is_word or tokens[place].word in _AFTER
