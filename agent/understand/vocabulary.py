"""What people call categories, moods and audiences. Patterns match folded words; a longer match wins over its parts."""

import re
from collections.abc import Iterable

from agent.understand.text import fold
from core.intent import Audience, Mood
from index.facets import kinds_of

# Spoken names of common categories, by the name a catalogue may use for them. Only what a catalogue has is used.
_CATEGORY_SYNONYMS: dict[str, str] = {
    "sci fi": r"sci ?fi|scifi|sf|science fiction|space operas?|cyberpunk",
    "science fiction": r"sci ?fi|scifi|sf|science fiction|space operas?|cyberpunk",
    "animation": r"animations?|animated|cartoons?|anime|pixar",
    "animated": r"animations?|animated|cartoons?|anime",
    "romance": r"romances?|love stor(?:y|ies)|rom ?coms?|romantic comed(?:y|ies)|chick flicks?",
    "comedy": r"comed(?:y|ies)|comedic|rom ?coms?|romantic comed(?:y|ies)|sitcoms?|spoofs?|parod(?:y|ies)|slapstick|"
    r"satires?",
    "mystery": r"myster(?:y|ies)|whodunn?its?|murder myster(?:y|ies)|detective(?: \w+)?|detectives",
    "thriller": r"thrillers?",
    "crime": r"crime|gangsters?|mafia|mob|heists?|mobsters?",
    "war": r"war|wars|wwii|ww2|world war(?: (?:two|ii|2|one|i|1))?",
    "western": r"westerns?|cowboy (?:movies?|films?|flicks?|stuff)",
    "musical": r"musicals?",
    "documentary": r"documentar(?:y|ies)|docs?|docu|docus",
    "film noir": r"film noirs?|noirs?|noirish",
    "horror": r"horrors?|slashers?|horror flicks?|zombies?",
    "fantasy": r"fantas(?:y|ies)",
    "action": r"action|action(?: |)flicks?|shoot em ups?",
    "adventure": r"adventures?|swashbucklers?",
    "drama": r"dramas?|dramatic|melodramas?|tearjerker dramas?",
    "childrens": r"(?<!my )(?<!our )childrens",
}

# What English words mean categories that a catalogue names in German, beside the names themselves.
_TRANSLATIONS: dict[str, str] = {
    "roman": r"novels?",
    "erzahlungen": r"(?:short )?stories",
    "sachbuch": r"non ?fiction",
    "krimi": r"crime(?: novels?| stories)?|detective (?:novels?|stories)",
    "kinderbuch": r"childrens (?:books?|classics?)",
    "jugendbuch": r"young adult(?: books?)?",
    "kochbuch": r"cook ?books?",
    "horbuch": r"audio ?books?",
    "rot": r"reds?(?: wines?)?|rotweine?",
    "weiss": r"whites?(?: wines?)?|weissweine?",
    "rose": r"roseweine?",
    "trocken": r"dry|trockene[nrsm]?",
    "halbtrocken": r"off dry|medium dry|halbtrockene[nrsm]?",
    "suss": r"sweet|susse[nrsm]?",
}

MOODS: dict[Mood, str] = {
    Mood.FUNNY: r"funny|funnier|funniest|hilarious|humou?r|humorous|(?<!dont )laugh|laughs|laughing|a (?:good |"
    r"real |proper )?laugh|witty|silly|goofy|amusing|"
    r"comical|makes? me laugh|laugh out loud|lighthearted and funny",
    Mood.DARK: r"dark|darker|darkest|gritty|grittier|bleak|bleaker|grim|grimmer|noirish|disturbing",
    Mood.FEEL_GOOD: r"feel ?good|uplifting|heart ?warming|cheerful|cheery|light|lighter|light ?hearted|wholesome|happy|"
    r"happier|cheer me up|cheers? (?:me|us) up|sweet|sweeter|warm|comforting|inspiring|inspirational|upbeat|cosy|cozy|"
    r"feels? good|not depressing",
    Mood.ROMANTIC: r"romantic|more romance|lovey dovey",
    Mood.SCARY: r"scary|scarier|scariest|creepy|creepier|spooky|spookier|frightening|terrifying|chilling|scares?|"
    r"scare (?:me|us)|horrifying|jump scares?|eerie",
    Mood.TENSE: r"tense|tenser|suspenseful|suspense|gripping|edge of (?:my|the|your|our) seats?|nail ?biting|"
    r"nail ?biter|"
    r"intense|tension",
    Mood.SAD: r"sad|sadder|saddest|depressing|depressed|tear ?jerkers?|makes? me cry|a good cry|cry|weep(?:y|ie)?|"
    r"heart ?breaking|tragic|moving|"
    r"melancholic|melancholy|make(?:s)? (?:me|us) cry",
    Mood.THOUGHTFUL: r"thoughtful|deep|deeper|serious|more serious|thought ?provoking|"
    r"makes? (?:me|you|us) think|intellectual|profound|meaningful|cerebral|philosophical",
    Mood.EXCITING: r"exciting|fast ?paced|faster|action ?packed|thrilling|adrenaline|faster paced|"
    r"high octane|exhilarating|pumped|thrills|a thrill",
    Mood.VIOLENT: r"violent|violence|gory|gore|gorier|bloody|bloodier|blood|brutal|graphic|bloodshed",
    Mood.RELAXING: r"relax(?:ing|ed)?|calm|calmer|calming|slow|slower|slow ?paced|easy(?: to watch| watching|"
    r" viewing)?|"
    r"easygoing|chill|soothing|gentle|gentler|quiet|laid ?back|unwind|mellow",
    Mood.WEIRD: r"weird|weirder|strange|stranger|surreal|quirky|quirkier|bizarre|odd|offbeat|trippy|eccentric|wacky|"
    r"out there",
    Mood.EPIC: r"epic|epics|grand|sweeping|larger than life",
    Mood.CLEVER: r"clever|cleverer|smart|smarter|intelligent|with a (?:good |big |great )?twist|plot twists?|"
    r"twists?|twisty|mind ?bending|mind ?bender|brainy|twist ending|mind ?blowing",
}

_KID = (
    r"kids?|children|child|toddlers?|little ones?|sons?|daughters?|nephews?|nieces?|grand(?:son|"
    r"daughter|child|kids?|children)s?|(?<!oh )boys?|girls?|(?<=my )childrens|(?<=our )childrens"
)
_AGE = r"(?:\d|1[0-2]|two|three|four|five|six|seven|eight|nine|ten) ?(?:year olds?|yr olds?|yo|years? olds?)"
AUDIENCES: dict[Audience, str] = {
    Audience.ADULTS: r"for (?:adults|grown ?ups)|adults?(?: only)?|grown ?ups?|no kids around|without (?:the )?kids|"
    r"kids are (?:asleep|away|in bed)|no kids|mature|kid ?free|not for kids",
    Audience.DATE: (
        r"date(?: night)?|(?:first|second|third) date|(?:romantic )?(?:night|evening) (?:in )?with (?:my|"
        r"the) (?:wife|husband|partner|gf|bf|girlfriend|boyfriend)"
    ),
    Audience.TEENS: r"teens?|teenagers?|teenaged?|1[3-7] ?(?:year olds?|yr olds?|yo)|(?:my )?teenage \w+|"
    r"(?:son|daughter|nephew|niece|boy|girl|kid)s? (?:is|are) 1[3-7]",
    Audience.FAMILY: r"(?:the |my |our |whole |entire )*(?:family|fam)(?: (?:movie|film|night|friendly))*|"
    r"family ?friendly|"
    r"all ages|(?:everyone|grandma|parents) and the kids|mum and dad and the kids",
    Audience.KIDS: (
        rf"(?:my |the |our |her |his |young |small |little |{_AGE} ?)*(?:{_KID})(?: friendly)?|{_AGE}|"
        r"childrens|kiddie"
    ),
}


def word_pattern(alternatives: Iterable[str]) -> re.Pattern[str]:
    """Matches whole words of folded text, the longest alternative first."""
    return re.compile(r"(?<![\w@~])(?:" + "|".join(alternatives) + r")(?![\w])")


# How people join the kinds of a category such as "Sci-Fi & Fantasy"; "&" is folded to "and".
_JOINED = r" ?(?:[&,/+-]|and|und|or)?(?: and)? ?"
_SHORTEST_KIND = 3  # letters: the "R" of "R&B" is no kind by itself
_AS_NOUN = "".join(rf"(?<!\b{word} )" for word in ("i", "we", "dont", "doesnt", "never"))  # "I don't drink"


class CategoryWords:
    """The names of a catalogue's categories as people say them.

    A category of several kinds ("Sci-Fi & Fantasy", "Action/Adventure") may be named whole, or by one of its kinds
    where no other category is called so.
    """

    def __init__(self, categories: Iterable[str]) -> None:
        kinds = {category: list(filter(None, map(_plain, kinds_of(category)))) for category in categories}
        forms = {category: "|".join(_forms(each[0])) for category, each in kinds.items() if len(each) == 1}
        single = [re.compile(each) for each in forms.values()]
        for category, several in kinds.items():
            if len(several) > 1:
                said = [f"(?:{'|'.join(_forms(kind))})" for kind in several]
                alone = [kind for kind in several if not any(pattern.fullmatch(kind) for pattern in single)]
                nouns = [form for kind in alone if len(kind) >= _SHORTEST_KIND for form in _forms(kind)]
                parts = [f"{_AS_NOUN}(?:{form})" for form in nouns]
                forms[category] = "|".join([_JOINED.join(said), *parts])
        self._patterns = [(category, word_pattern([forms[category]])) for category in kinds if category in forms]

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """(start, end, category) of every category that folded text names, from left to right."""
        return sorted(
            (match.start(), match.end(), category)
            for category, pattern in self._patterns
            for match in pattern.finditer(text)
        )


def _plain(name: str) -> str:
    return " ".join(re.findall(r"\w+", fold(name)))


def _forms(name: str) -> list[str]:
    """The patterns of one kind: its name in singular and plural, its synonyms and its translations."""
    forms = [re.escape(name).replace(r"\ ", r" ?")]
    forms.extend(f"{form}{ending}" for form in tuple(forms) for ending in ("s", "es") if not name.endswith("s"))
    if name.endswith("y"):
        forms.append(re.escape(name[:-1]) + "ies")
    if name.endswith("s"):
        forms.append(re.escape(name[:-1]))
    if name.startswith("non"):
        forms.append("non " + re.escape(name.removeprefix("non").strip()))  # also "nonfiction"
    if name in _CATEGORY_SYNONYMS:
        forms = [_CATEGORY_SYNONYMS[name]]
    if name in _TRANSLATIONS:
        forms.append(_TRANSLATIONS[name])
    return forms


MOOD_PATTERNS = {mood: word_pattern([pattern]) for mood, pattern in MOODS.items()}
AUDIENCE_PATTERNS = {audience: word_pattern([pattern]) for audience, pattern in AUDIENCES.items()}
