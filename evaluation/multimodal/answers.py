"""What the numbers of variants say, in sentences."""

from evaluation.multimodal.found import Found, cold_values, mean_over_seeds, warm_values
from evaluation.multimodal.runs import K
from evaluation.ranking.metrics import PairedTest, paired_test


def against(found: Found, name: str, base: str) -> str:
    """One variant against another, on warm items, and on cold ones where somebody chose one."""
    if not {name, base} <= set(found.results):
        return ""
    gains, others = (mean_over_seeds(warm_values(found, one)[1]) for one in (name, base))
    warm = paired_test(gains, others, found.seed)
    text = f"{name.capitalize()} against {base}: NDCG@{K} {told(warm)} on warm items"
    if not found.world.is_cold.any():
        return f"{text}."
    mine, theirs = (cold_values(found.results[one], found) for one in (name, base))
    among = paired_test(mine[1], theirs[1], found.seed)
    everywhere, amid = (f"{mine[place].mean():.1%} ({theirs[place].mean():.1%}" for place in (0, 1))
    return (
        f"{text}; of those who choose a cold one next, {everywhere}) find it in the first {K} of all, and {amid}; "
        f"{told(among)}) among the cold ones."
    )


def told(test: PairedTest) -> str:
    """A difference with its interval, and whether it can be told from nothing."""
    verdict = "" if test.low > 0 or test.high < 0 else ", no difference that can be told"
    return f"{test.difference:+.3f} [{test.low:+.3f}, {test.high:+.3f}]{verdict}"
