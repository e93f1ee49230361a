"""What moods and audiences mean in categories. Names are in lower case and cover common spellings of a category,
also those of German, French and Spanish catalogues.

A category is a coarse measure of a mood: not every comedy is funny. Where a mood has no category that stands for it
("weird", "epic", "clever"), it only raises scores and never filters.
"""

from dataclasses import dataclass

from core.intent import Audience, Mood, Preferences
from index.facets import kinds_of, lowered


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


_COMEDY = _categories("comedy, humor, humour, humorous, komödie, comédie, comedia")
_ROMANCE = _categories("romance, romantic, liebesroman, liebesfilm, liebe, romantik, romántica, romántico")
_HORROR = _categories("horror, horrorfilm, horreur, épouvante, terror")
_THRILLER = _categories("thriller, suspense, psychothriller")
_CRIME = _categories("crime, krimi, kriminalroman, policier, roman policier, policíaca, policíaco, novela negra")
_NOIR = _categories("film-noir, noir")
_WAR = _categories("war, krieg, kriegsfilm, guerre, guerra, bélico")
_ACTION = _categories("action, actionfilm, acción")
_ADVENTURE = _categories("adventure, abenteuer, abenteuerroman, aventure, aventures, aventura, aventuras")
_MYSTERY = _categories("mystery, mystère, misterio")
_FANTASY = _categories("fantasy, fantastique, fantasía")
_DARK = _CRIME | _NOIR | _HORROR
_FIGHTS = _ACTION | _WAR | _DARK | _THRILLER | _categories("western")
_SCIENCE = _categories("sci-fi, science fiction, scifi, science-fiction, ciencia ficción")
_FOR_KIDS = _categories(
    "children's, children, kids, family, family friendly, kid friendly, kinder, kinderbuch, kinderbücher, kinderfilm, "
    "familie, familienfilm, jeunesse, enfants, famille, infantil, niños, familiar"
)
_ANIMATION = _categories("animation, animated, zeichentrick, animación")
_MUSICAL = _categories("musical, music, musik, musique, comédie musicale, música")
_DRAMA = _categories("drama, drame")
_DOCUMENTARY = _categories(
    "documentary, non-fiction, nonfiction, dokumentarfilm, sachbuch, documentaire, documental, no ficción"
)

MOODS: dict[Mood, MoodRule] = {
    Mood.FUNNY: MoodRule(wanted=_COMEDY, ruled_out=_COMEDY),
    Mood.DARK: MoodRule(
        wanted=_DARK,
        against=_COMEDY | _FOR_KIDS | _MUSICAL,
        hints=_THRILLER | _MYSTERY | _WAR,
        ruled_out=_DARK | _THRILLER | _WAR,
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
        hints=_HORROR | _MYSTERY | _CRIME | _NOIR,
        ruled_out=_THRILLER | _HORROR,
    ),
    Mood.SAD: MoodRule(
        wanted=_DRAMA,
        against=_COMEDY | _FOR_KIDS | _MUSICAL | _ACTION | _ADVENTURE | _THRILLER,
        hints=_ROMANCE | _WAR,
        ruled_out=_DRAMA | _WAR,
        spared=_COMEDY | _FOR_KIDS | _MUSICAL,
    ),
    Mood.THOUGHTFUL: MoodRule(
        wanted=_DRAMA | _DOCUMENTARY,
        against=_HORROR | _FOR_KIDS | _ACTION,
        ruled_out=_DRAMA | _DOCUMENTARY,
        spared=_COMEDY | _FOR_KIDS | _MUSICAL | _ACTION | _ADVENTURE,
    ),
    Mood.EXCITING: MoodRule(
        wanted=_THRILLER | _ACTION | _ADVENTURE,
        against=_FOR_KIDS,
        hints=_WAR | _SCIENCE | _categories("western"),
        ruled_out=_THRILLER | _ACTION,
    ),
    Mood.VIOLENT: MoodRule(
        wanted=_HORROR | _ACTION | _WAR | _CRIME,
        against=_FOR_KIDS | _MUSICAL,
        hints=_THRILLER | _categories("western"),
        ruled_out=_FIGHTS,
    ),
    Mood.RELAXING: MoodRule(
        wanted=_COMEDY | _ROMANCE | _MUSICAL | _DOCUMENTARY | _FOR_KIDS,
        against=_FIGHTS,
        hints=_ANIMATION,
    ),
    Mood.WEIRD: MoodRule(hints=_SCIENCE | _FANTASY | _MYSTERY, ruled_out=_FANTASY),
    Mood.EPIC: MoodRule(hints=_SCIENCE | _ADVENTURE | _WAR | _FANTASY | _categories("western")),
    Mood.CLEVER: MoodRule(hints=_THRILLER | _MYSTERY | _CRIME | _NOIR),
}


def spared_categories(vetoed: Mood, wishes: Preferences) -> frozenset[str]:
    """What a veto of a mood leaves alone: the categories of each wish that it would leave nothing of.

    "Scary, but not gory" asks for horror films, although these are what a veto of violence rules out first.
    """
    asked = [MOODS[mood].wanted for mood in wishes.moods if mood != vetoed]
    asked += [lowered(kinds_of(name)) for name in wishes.categories]
    return frozenset().union(*(names for names in asked if names <= MOODS[vetoed].ruled_out))


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
_NOT_FOR_KIDS = _DARK | _THRILLER | _WAR | _categories("erotica, adult, erotik, érotique, erótica")

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
        wanted=_COMEDY | _ACTION | _ADVENTURE | _SCIENCE | _HORROR,
    ),
    Audience.ADULTS: AudienceRule(against=_FOR_KIDS | _ANIMATION, ruled_out=_NOT_FOR_KIDS),
    Audience.DATE: AudienceRule(wanted=_ROMANCE | _COMEDY, against=_HORROR | _FOR_KIDS | _WAR),
}
