"""What moods and audiences mean in categories. Names are in lower case and cover common spellings of a category.

A category is a coarse measure of a mood: not every comedy is funny. Where a mood has no category that stands for it
("weird", "epic", "clever"), it only raises scores and never filters.
"""

from dataclasses import dataclass

from core.intent import Audience, Mood


@dataclass(frozen=True)
class MoodRule:
    """How a mood shows in an item's categories."""

    # A wish for the mood is met by any of these …
    wanted: frozenset[str] = frozenset()
    # … unless one of these speaks against it.
    against: frozenset[str] = frozenset()
    # These raise the score a little, but don't meet the wish.
    hints: frozenset[str] = frozenset()
    # A veto of the mood rules out items with any of these …
    ruled_out: frozenset[str] = frozenset()
    # … unless one of these shows that the item is of another mood.
    spared: frozenset[str] = frozenset()


def _categories(words: str) -> frozenset[str]:
    return frozenset(name.strip() for name in words.split(",") if name.strip())


_COMEDY = _categories("comedy, humor, humour, humorous")
_ROMANCE = _categories("romance, romantic")
_HORROR = _categories("horror")
_THRILLER = _categories("thriller, suspense")
_DARK = _categories("crime, film-noir, noir") | _HORROR
_FIGHTS = _categories("action, war, western, crime, film-noir") | _HORROR | _THRILLER
_SCIENCE = _categories("sci-fi, science fiction, scifi")
_FOR_KIDS = _categories("children's, children, kids, family")
_ANIMATION = _categories("animation, animated")
_MUSICAL = _categories("musical, music")
_DRAMA = _categories("drama")
_DOCUMENTARY = _categories("documentary, non-fiction, nonfiction")

MOODS: dict[Mood, MoodRule] = {
    Mood.FUNNY: MoodRule(wanted=_COMEDY, ruled_out=_COMEDY),
    Mood.DARK: MoodRule(
        wanted=_DARK,
        against=_COMEDY | _FOR_KIDS | _MUSICAL,
        hints=_THRILLER | _categories("mystery, war"),
        ruled_out=_DARK | _THRILLER | _categories("war"),
    ),
    Mood.FEEL_GOOD: MoodRule(
        wanted=_COMEDY | _MUSICAL | _FOR_KIDS | _ROMANCE,
        against=_FIGHTS,
        hints=_ANIMATION,
        ruled_out=_MUSICAL | _FOR_KIDS,
    ),
    Mood.ROMANTIC: MoodRule(wanted=_ROMANCE, against=_HORROR, ruled_out=_ROMANCE),
    Mood.SCARY: MoodRule(wanted=_HORROR, against=_COMEDY | _FOR_KIDS, hints=_THRILLER, ruled_out=_HORROR),
    Mood.TENSE: MoodRule(
        wanted=_THRILLER,
        against=_COMEDY | _FOR_KIDS | _MUSICAL,
        hints=_HORROR | _categories("mystery, crime, film-noir"),
        ruled_out=_THRILLER | _HORROR,
    ),
    Mood.SAD: MoodRule(
        wanted=_DRAMA,
        against=_COMEDY | _FOR_KIDS | _MUSICAL | _categories("action, adventure, thriller"),
        hints=_ROMANCE | _categories("war"),
        ruled_out=_DRAMA | _categories("war"),
        spared=_COMEDY | _FOR_KIDS | _MUSICAL,
    ),
    Mood.THOUGHTFUL: MoodRule(
        wanted=_DRAMA | _DOCUMENTARY,
        against=_HORROR | _FOR_KIDS | _categories("action"),
        ruled_out=_DRAMA | _DOCUMENTARY,
        spared=_COMEDY | _FOR_KIDS | _MUSICAL | _categories("action, adventure"),
    ),
    Mood.EXCITING: MoodRule(
        wanted=_THRILLER | _categories("action, adventure"),
        against=_FOR_KIDS,
        hints=_categories("war, western") | _SCIENCE,
        ruled_out=_THRILLER | _categories("action"),
    ),
    Mood.VIOLENT: MoodRule(
        wanted=_HORROR | _categories("action, war, crime"),
        against=_FOR_KIDS | _MUSICAL,
        hints=_THRILLER | _categories("western"),
        ruled_out=_FIGHTS,
    ),
    Mood.RELAXING: MoodRule(
        wanted=_COMEDY | _ROMANCE | _MUSICAL | _DOCUMENTARY | _FOR_KIDS,
        against=_FIGHTS,
        hints=_ANIMATION,
    ),
    Mood.WEIRD: MoodRule(hints=_SCIENCE | _categories("fantasy, mystery"), ruled_out=_categories("fantasy")),
    Mood.EPIC: MoodRule(hints=_SCIENCE | _categories("adventure, war, western, fantasy")),
    Mood.CLEVER: MoodRule(hints=_THRILLER | _categories("mystery, crime, film-noir")),
}


@dataclass(frozen=True)
class AudienceRule:
    """What suits an audience. `unsuitable` is never given up; `wanted` and `against` are a wish like others."""

    unsuitable: frozenset[str] = frozenset()
    unsuitable_certificates: frozenset[str] = frozenset()
    wanted: frozenset[str] = frozenset()  # empty: everything that nothing speaks against
    wanted_certificates: frozenset[str] = frozenset()
    against: frozenset[str] = frozenset()
    ruled_out: frozenset[str] = frozenset()  # by a veto, such as "nothing for kids"
    # Given up after all other wishes, since what is wrong for children is worse than a wish not met.
    is_firm: bool = False


_CERTIFICATES_FOR_ADULTS = _categories("nc-17, x, tv-ma, 18, r18, 18+, adults only")
_RESTRICTED = _CERTIFICATES_FOR_ADULTS | _categories("r, m, m/pg, 16, 17, 15, approved for adults")
_CERTIFICATES_FOR_ALL = _categories("g, u, tv-g, tv-y, tv-y7, all, 0, 6")
_NOT_FOR_KIDS = _HORROR | _THRILLER | _categories("war, crime, film-noir, noir, erotica, adult")

AUDIENCES: dict[Audience, AudienceRule] = {
    Audience.KIDS: AudienceRule(
        unsuitable=_NOT_FOR_KIDS,
        unsuitable_certificates=_RESTRICTED,
        wanted=_FOR_KIDS,
        wanted_certificates=_CERTIFICATES_FOR_ALL,
        ruled_out=_FOR_KIDS,
        is_firm=True,
    ),
    Audience.FAMILY: AudienceRule(
        unsuitable=_NOT_FOR_KIDS,
        unsuitable_certificates=_RESTRICTED,
        wanted=_FOR_KIDS,
        wanted_certificates=_CERTIFICATES_FOR_ALL | _categories("pg, tv-pg"),
        ruled_out=_FOR_KIDS,
        is_firm=True,
    ),
    Audience.TEENS: AudienceRule(
        unsuitable_certificates=_CERTIFICATES_FOR_ADULTS,
        wanted=_categories("comedy, action, adventure, sci-fi, horror"),
    ),
    Audience.ADULTS: AudienceRule(against=_FOR_KIDS | _ANIMATION, ruled_out=_NOT_FOR_KIDS),
    Audience.DATE: AudienceRule(wanted=_ROMANCE | _COMEDY, against=_HORROR | _FOR_KIDS | _categories("war")),
}
