"""A report with one of everything."""

from datetime import UTC, datetime

from evaluation.report.plot import Curve, Line, bar_plot, line_plot, tradeoff_plot
from evaluation.report.provenance import Provenance
from evaluation.report.report import Report
from evaluation.report.table import Table
from evaluation.statistics import Interval

HOSTILE = "</style><script>alert(1)</script><img src=x onerror=alert(2)>"
PROVENANCE = Provenance(
    command="tastemaker evaluate experiment example --report out",
    code="0123456789abcdef",
    data_hash="f" * 64,
    seed=3,
    started=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    seconds=6.7,
    machine="x86_64, 2 cores",
    packages={"python": "3.11"},
)
TABLE = Table(
    "Accuracy by model",
    ["model", "NDCG@10", "people"],
    [["ours", Interval(0.25, 0.2, 0.3), 1200], [HOSTILE, Interval(0.1, 0.05, 0.15), None]],
    note="Full ranking.",
)


def example(text: str = "plain", **changes: object) -> Report:
    """A report in which every text that could come from data is `text`."""
    points = [Interval(0.1, 0.08, 0.12), Interval(0.2, 0.15, 0.25)]
    plots = (
        line_plot(
            text, [Line(text, [1, 2], points), Line("b", [1, 2], [0.1, 0.1])], x_label=text, y_label=text, alt=text
        ),
        bar_plot(text, [text, "b"], {text: points, "c": [0.1, 0.2]}, value_label=text, alt=text, caption=text),
        tradeoff_plot(
            text,
            [Curve(text, points, points, (text, "b")), Curve("one", [0.1], [0.2])],
            x_label="x",
            y_label="y",
            alt="c",
        ),
    )
    return Report(
        title=text,
        question=text,
        answer=text,
        tables=(TABLE,),
        plots=plots,
        settings={text: text, "k": 10, "none": None},
        provenance=PROVENANCE,
    ).model_copy(update=changes)
