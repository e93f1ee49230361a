"""Questions about our own answers, in the words in which people ask them."""

import pytest

from agent.understand.rules import RulesUnderstanding
from core.conversation import Message
from core.intent import Asked, Intent, TurnKind
from tests.agent.understand.films import FILMS

ANSWER = ("heat", "alien", "seal")
WHY_NOT = """
why not Fargo?
Why not Fargo
why no Fargo?
why isn't Fargo in the list?
why is Fargo not in the list?
why wasn't Fargo recommended?
why didn't you recommend Fargo?
why did you not suggest Fargo?
why don't you recommend Fargo?
why haven't you mentioned Fargo?
why did you leave out Fargo?
why did you skip Fargo?
why was Fargo left out?
why is Fargo missing?
how come Fargo isn't there?
how come you didn't pick Fargo?
how come there's no Fargo?
what about Fargo, why isn't it here?
what's wrong with Fargo?
what is wrong with Fargo?
what speaks against Fargo?
what was the problem with Fargo?
where is Fargo?
where's Fargo?
so why not Fargo then?
and why wouldn't Fargo work?
you left out Fargo, why?
why these instead of Fargo?
any reason you didn't suggest Fargo?
can you explain why Fargo is not among them?
hm, why not Fargo?
okay but why not Fargo
why would you not pick Fargo for me?
what kept Fargo off the list?
""".strip().splitlines()
COMPARE = """
compare Fargo and Casino
compare Fargo with Casino
compare Fargo to Casino
please compare Fargo and Casino
can you compare Fargo and Casino?
could you compare Fargo with Casino for me?
Fargo or Casino?
Fargo vs Casino
Fargo versus Casino?
which is better, Fargo or Casino?
which one is better: Fargo or Casino?
which should I watch, Fargo or Casino?
which one fits me better, Fargo or Casino?
should I watch Fargo or Casino?
should we see Fargo or Casino tonight?
what's the difference between Fargo and Casino?
what is the difference between Fargo and Casino
how does Fargo compare to Casino?
how do Fargo and Casino compare?
how does Fargo compare with Casino
is Fargo better than Casino?
would you rather watch Fargo or Casino?
would I prefer Fargo or Casino?
I can't decide between Fargo and Casino
help me choose between Fargo and Casino
help me decide between Fargo and Casino
torn between Fargo and Casino
pick one: Fargo or Casino?
Fargo or Casino, which one?
what would suit me more, Fargo or Casino?
put Fargo and Casino side by side
show me Fargo and Casino side by side
Fargo compared to Casino?
what do Fargo and Casino have in common?
""".strip().splitlines()
MOVE = """
why did Heat move?
why did Heat move up?
why did Heat move down?
why has Heat moved?
why was Heat moved up?
why did this move?
why did that one move?
why did it move?
why did the first one move?
what moved Heat?
what moved Heat up the list?
what pushed Heat down?
why is Heat so high?
why is Heat so low?
why is Heat so high up?
why is Heat at the top?
why is Heat on top of the list?
why is Heat at the bottom?
why did Heat drop?
why did Heat climb?
why did Heat rise?
why did Heat fall down the list?
why does Heat rank so low?
why is Heat ranked first?
how come Heat moved up?
how did Heat get to the top?
how did Heat move up?
what made Heat move?
what put Heat so high?
has Heat been moved?
was Heat moved by the correction?
did the correction move Heat?
which correction moved Heat?
why did Heat jump to the top?
""".strip().splitlines()


@pytest.fixture(scope="module")
def rules() -> RulesUnderstanding:
    return RulesUnderstanding(FILMS)


def asked(rules: RulesUnderstanding, text: str) -> Intent:
    messages = [
        Message(role="user", content="a thriller please"),
        Message(role="assistant", content="Try these.", item_ids=ANSWER),
        Message(role="user", content=text),
    ]
    return rules.fold(messages).intent()


@pytest.mark.parametrize("text", WHY_NOT)
def test_why_not(rules: RulesUnderstanding, text: str) -> None:
    intent = asked(rules, text)
    assert (intent.kind, intent.asked, intent.about) == (TurnKind.ASK, Asked.WHY_NOT, ("fargo",))
    assert (*intent.liked, *intent.disliked, *intent.rejected) == ()


@pytest.mark.parametrize("text", COMPARE)
def test_compare(rules: RulesUnderstanding, text: str) -> None:
    intent = asked(rules, text)
    assert (intent.kind, intent.about) == (TurnKind.COMPARE, ("fargo", "casino"))
    assert (*intent.liked, *intent.disliked, *intent.rejected) == ()


@pytest.mark.parametrize("text", MOVE)
def test_move(rules: RulesUnderstanding, text: str) -> None:
    intent = asked(rules, text)
    assert (intent.kind, intent.asked) == (TurnKind.ASK, Asked.MOVE)
    assert intent.about == (("heat",) if "Heat" in text else ("heat",) if "first one" in text else ANSWER)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("why Heat?", Asked.WHY),
        ("why did you pick Heat?", Asked.WHY),
        ("explain Heat", Asked.GENERAL),
        ("is Heat any good?", Asked.RATING),
        ("not Heat, please", None),
        ("why not something funny?", None),
    ],
)
def test_others_stay_what_they_were(rules: RulesUnderstanding, text: str, what: Asked | None) -> None:
    assert asked(rules, text).asked is what
