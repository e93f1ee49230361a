"""What a masked message does: asks, compares, thanks, requests. Its wishes and opinions are read elsewhere."""

import re

from agent.understand.masked import ITEM
from core.intent import Asked

_SENTENCE = re.compile(r"[^.!?;\n]+[.!?;]*")
_ASKED: tuple[tuple[Asked, re.Pattern[str]], ...] = tuple(
    (asked, re.compile(rf"(?<![\w@~])(?:{pattern})(?!\w)"))
    for asked, pattern in (
        (Asked.WHY, r"why|how come|what made you"),
        (Asked.DIRECTOR, r"who(?:s| is| was)? (?:directed|made|directs|the director|behind|filmed)|directors?"),
        (
            Asked.CAST,
            (
                r"who(?:s| is| was| are| all is)? (?:in|stars?|starring|starred|plays?|played|acts?|acted|"
                r"the (?:actors?|lead|main|star)|that actor)|cast|actors?|actress(?:es)?|starring|who else|stars"
            ),
        ),
        (
            Asked.LENGTH,
            (
                r"how long|runtime|run time|running time|length|how many (?:minutes|hours|mins)|longer|shorter|"
                r"shortest|longest|runs?"
            ),
        ),
        (
            Asked.YEAR,
            (
                r"what years?|which years?|when (?:did|was|is|were|does|it)|how old (?:is|are)|years? (?:is|was|"
                r"did)|release(?:d)? (?:date|year)|come out|came out|older|newer|newest|oldest|more recent|from when"
            ),
        ),
        (
            Asked.AUDIENCE,
            (
                r"(?:ok|okay|suitable|appropriate|safe|good|fine|alright|right|best|better|scary|violent|much|"
                r"something|one|it|watch|see|rude|intense|sad) (?:for|to watch with|to see with|with) (?:a |an |my |"
                r"our |the |small |little |young |her |his |\d |some )*(?:\d|kids?|child|children|year|yo|family|"
                r"toddlers?|daughters?|sons?|teens?|teenagers?|grandma|grandparents|grandkids|nephews?|nieces?|"
                r"parents|little|boys?|girls?|adults?|kindergart|mum|mother)\w*|kid friendly|family friendly|"
                r"for (?:kids|children|families|adults|teens)|age rating|(?:my|the|our) (?:kids?|children|son|"
                r"daughter|\d+ (?:yr|year) old) (?:watch|see|handle|like|enjoy)|child friendly|suitable|what age|"
                r"which age|rated r"
            ),
        ),
        (
            Asked.CATEGORY,
            (
                r"what (?:kind|genres?|sort|type)|which (?:genre|kind|category)|genres?|category|horror or|"
                r"comedy or|is .* (?:a|an) (?:\w+ )?(?:comedy|horror|thriller|drama|western|musical|documentary|"
                r"cartoon|romance)"
            ),
        ),
        (
            Asked.PLOT,
            (
                r"about(?= ?[?.!,]?$| (?:again|anyway|please|exactly)|$)|plot|story(?:line)?|synopsis|summary|"
                r"what happens|whats it about|what (?:is|are|s|was) .* about|whats .* about|how does .* (?:end|"
                r"start)"
            ),
        ),
        (
            Asked.RATING,
            (
                r"any good|how good|good|as good as|people (?:think|say|like)|ratings?|rated|reviews?|scores?|"
                r"worth (?:watching|it|seeing|a watch|my time)|well received|critics|popular|well liked|"
                r"stars out of|highest|bad|better reviewed|received"
            ),
        ),
    )
)
_QUESTION_WORDS = re.compile(
    r"(?<!\w)(?:who|whos|what|whats|when|whens|why|which|whichs|how|is|are|was|were|does|do|did|can|"
    r"could|would|should|tell|has|have|got|whose|where|heard|know|explain|any)(?!\w)"
)
_NOT_ASKING = re.compile(
    r"(?<!\w)(?:something|anything|anything else|films?|movies?|stuff|ones?|more|else|others?|comed(?:y|"
    r"ies)|there|similar|thrillers?|ideas?) (?:\w+ ){0,2}(?:like|similar to|close to|along|"
    r"in the vein)(?!\w)|"
    r"^(?: |ok|and|so|now|please|hi|hey|hello|,)*(?:(?:can|could|would) you (?:\w+ )?)?(?:recommend|"
    r"suggest|find|give|show)(?!\w)|what (?:else|next|should|can|could|shall|other)|similar to|if (?:i|"
    r"you) like|what about something|how about something|is there (?:anything|something)"
)
_TELL = re.compile(
    r"(?<!\w)(?:tell (?:me|us) (?:more |a bit |something |all )*about|more about|more info|more details|"
    r"details (?:on|about)|know more|explain|describe|information (?:on|about))(?!\w)"
)
_HAVE = re.compile(
    r"(?<!\w)(?:have you (?:got|seen|heard of|ever heard of)|do you (?:have|know|like|stock|carry)|"
    r"you got|got|is there|you have|do you think of|what do you think (?:of|about)|whats with|"
    r"what about|how about|is) (?:the (?:movie|film) )?@\d+"
)
_COMPARE = re.compile(
    r"(?<!\w)(?:which(?! (?:director|year|genre|actor|actress))|whichs|better|or|versus|vs|rather|"
    r"compared? (?:to|with|@)|compare|difference between|pick between|choose between|older|newer|longer|"
    r"shorter|scarier|funnier)(?!\w)"
)
_THANK = re.compile(
    r"(?<!\w)(?:thanks?|thank you|thankyou|thx|ty|tysm|cheers|perfect|great|awesome|excellent|brilliant|"
    r"wonderful|lovely|cool|bye|goodbye|good night|goodnight|"
    r"see you|see ya|cya|(?:sounds|looks?) (?:good|great|perfect|fun|nice|lovely|like a plan)|(?:ill|"
    r"we ll|well|ill|we will|i will|gonna|lets|going to) (?:\w+ )?(?:watch|take|go with|try|give)|"
    r"thats (?:it|all|great|perfect|the one)|no worries|"
    r"sold|deal|appreciate(?:d)?|that works|nice(?: one)?|will do|done|good (?:pick|picks|choice|one|"
    r"stuff|idea)|you(?: a|)re (?:the best|great|amazing)|later|@\d+ it is|it is then|love it|"
    r"that helps?|helpful|just what i (?:needed|wanted)|take care|much obliged|merci|ta|have a (?:good|"
    r"nice|great) (?:day|evening|night|one))(?!\w)"
)
_REQUEST = re.compile(
    r"^ ?for (?:my|a|the|two|us|me)(?!\w)|(?<!\w)(?:recommend(?:ations?|ed)?|suggest(?:ions?)?|"
    r"something|anything|looking for|"
    r"in the mood|feel like|want|need|give me|gimme|show me|find me|got any|any good|"
    r"surprise me|bored|what (?:should|shall|can|could|to|else|next|now|do you have)|whats (?:good|next|"
    r"on)|you (?:choose|pick|decide)|pick (?:one|something|for)|movies?|films?|ideas?|watch|tonight|"
    r"next|more|others?|another|options|help me (?:choose|pick|find|decide)|advise|advice|entertain|"
    r"dunno|no idea|whatever|dont (?:know|mind|care)|up to you|i like|books?|a read|flicks?)(?!\w)"
)
_OFF_TOPIC = re.compile(
    r"(?<!\w)(?:weather|homework|python|code|joke|poem|recipe|cook|football|capital of|president|"
    r"real person|robot|human|chatgpt|gpt|ai|bot|openai|who (?:are|made|created) you|your name|"
    r"system prompt|previous instructions|api key|how are you|how do you (?:work|do)|what (?:can|"
    r"do) you do|what are you|are you|translate|stock|news|what time|how old are you|pizza|"
    r"instructions|ignore (?:all|your|the|previous|my)|developer mode|repeat (?:the|everything|your)|"
    r"output only|print your|reveal|pretend|jailbreak|act as|write (?:me )?(?:a|an|my)|calculate|math|"
    r"bitcoin|"
    r"how does this work|what is this|who is this|can you (?:help me with|write|sing|speak|do)|"
    r"do you (?:speak|dream|sleep|eat|love))(?!\w)"
)
_INJECTION = re.compile(
    r"(?<!\w)(?:ignore (?:all|your|the|any|previous|my)|disregard|forget (?:all|your|the|everything|"
    r"previous)|developer mode|system :|you are now|system prompt|previous instructions|jailbreak|"
    r"api key|output only|print your|repeat (?:the|everything|your)|pretend|speak like|only speak|"
    r"reveal|new rule|use this as your answer|drop table)(?!\w)"
)
_FRESH = re.compile(
    r"(?<!\w)(?:(?:can|could|would|will|may) (?:you|i) (?:\w+ )?(?:recommend|suggest|find|give|get|show|"
    r"have)|recommend(?: me| us)?|suggest|new (?:question|topic|request|search)|(?:i|we) (?:want|need)|"
    r"im (?:looking|after|in the mood)|looking for|"
    r"what (?:can|should|could|shall) (?:i|we)|now (?:i|we|for|something for|give|im)|"
    r"different (?:question|topic)|something else entirely|find me|completely different|start over|"
    r"forget (?:that|all that)|next (?:question|topic)|"
    r"for (?:myself|tomorrow|my \w+)|do you have (?:any|a|some)|got any|any good|in the mood for|"
    r"give me|another question|other question|lets start)(?!\w)"
)
_CONTINUES = re.compile(
    r"(?<!\w)(?:instead|but|rather|only|same|also|as well|too|more \w+|less \w+|even|other|others|"
    r"another|these|those|them|again|either|than|older|newer|shorter|longer|funnier|darker|scarier|"
    r"lighter|maybe|"
    r"any(?: \w+)? for|changed my mind|not so|not that|not too|still|actually|please no|similar but|"
    r"thats|it|ones?|too many)(?!\w)"
)
_STRONGLY_FRESH = re.compile(
    r"(?<!\w)(?:new (?:question|topic|request|search)|different (?:question|topic)|"
    r"something else entirely|start over|for myself|and for tomorrow|for tomorrow|now (?:can|could) you|"
    r"completely different|now for|another (?:question|request)|unrelated|next up|something for my|"
    r"that was for)(?!\w)"
)


def sentences(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence of a masked text."""
    return [match.span() for match in _SENTENCE.finditer(text)]


def asked_about(sentence: str) -> Asked | None:
    """What a sentence asks about its items, or None when it asks nothing about them."""
    marks = re.findall(ITEM, sentence)
    if not marks or _NOT_ASKING.search(sentence):
        return None
    if _TELL.search(sentence):
        return Asked.GENERAL
    opens = _QUESTION_WORDS.search(sentence)
    if not opens or (not sentence.rstrip().endswith("?") and not _opens_question(sentence)):
        return None
    if re.search(
        (
            r"(?<!\w)(?:(?:i|we|they) (?:\w+ )?(?:love|like|hate)|loved|hate|hated|liked|enjoyed|"
            r"(?<!havent )(?<!never )(?<!not )seen|watched|cant stand|did not|do not)(?!\w)"
        ),
        sentence,
    ) and not re.match(r" ?(?:so |and |ok |but )?(?:who|what|when|why|which|how|have you|whos|whats)(?!\w)", sentence):
        return None
    return aspect(sentence) or (
        Asked.GENERAL
        if _HAVE.search(sentence) or re.match(r" ?(?:what|who|how|is|are|does|do|did|was)", sentence)
        else None
    )


def aspect(sentence: str) -> Asked | None:
    """The first aspect of an item that a sentence names."""
    return next((asked for asked, pattern in _ASKED if pattern.search(sentence)), None)


def _opens_question(sentence: str) -> bool:
    return bool(
        re.match(
            (
                r" ?(?:(?:so|and|ok|okay|but|hm|hmm|well|hey|hi|also|btw|by the way|wait|oh|now|please|,|"
                r"one question|question|:) )*"
                r"(?:who|whos|what|whats|when|whens|why|which|how|is|are|was|were|does|did(?! not)|do(?! not)|can|"
                r"could|would|should|have you|has|explain|do you|got)(?!\w)"
            ),
            sentence,
        )
    )


def compares(sentence: str) -> bool:
    """Whether a sentence asks which of its items to take; it must name two items, or a reference to several."""
    if not re.search(ITEM, sentence) and not re.search(r"(?<!\w)which (?:one|of)", sentence):
        return False
    if _NOT_ASKING.search(sentence) or re.search(
        r"(?<!\w)(?:like|loved|love|hated|hate|seen|watched|similar)(?!\w)(?! better)", sentence
    ):
        return False
    if re.match(
        r"^ ?(?:the )?@\d+ (?:or|vs|versus) (?:the )?@\d+(?: (?:tonight|then|today|first|for \w+(?: \w+)?))? ?[?]* ?$",
        sentence,
    ):
        return True
    asking = (
        sentence.rstrip().endswith("?")
        or _opens_question(sentence)
        or bool(re.search(r"(?<!\w)(?:which|whats better)(?!\w)", sentence))
    )
    if re.search(r"(?<!\w)(?:what|which) (?:kind|genre|year|sort|type)(?!\w)", sentence):
        return False
    return (asking and bool(_COMPARE.search(sentence))) or bool(
        re.search(r"(?<!\w)(?:compare|difference between|which (?:one|of))(?!\w)", sentence)
    )


def thanks(text: str) -> bool:
    """Whether a message thanks, accepts or takes leave."""
    return bool(_THANK.search(text))


def requests(text: str) -> bool:
    """Whether a message asks for items in some words."""
    return bool(_REQUEST.search(text)) and not is_off_topic(text)


def is_off_topic(text: str) -> bool:
    return bool(_OFF_TOPIC.search(text))


def is_injection(text: str) -> bool:
    """Whether a sentence tries to give orders to the program; it is data like the rest, and holds no request."""
    return bool(_INJECTION.search(text))


def starts_anew(text: str) -> bool:
    """Whether a request stands on its own rather than changing the wishes behind the last answer."""
    if _STRONGLY_FRESH.search(text):
        return True
    return bool(_FRESH.search(text)) and not _CONTINUES.search(text)
