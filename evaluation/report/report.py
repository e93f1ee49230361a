"""A report: a question, an honest answer, and what it rests on."""

from pydantic import Field

from core.values import Value
from evaluation.report.plot import Plot
from evaluation.report.provenance import Provenance
from evaluation.report.table import Table

Setting = str | int | float | bool | None


class Report(Value):
    """Everything of one report. `answer` is one paragraph that also says what the numbers do not show."""

    title: str
    question: str
    answer: str
    tables: tuple[Table, ...] = ()
    plots: tuple[Plot, ...] = ()
    settings: dict[str, Setting] = Field(default_factory=dict)
    provenance: Provenance

    def table(self, title: str) -> Table:
        """The table of that title. Raises KeyError, naming the titles there are."""
        for table in self.tables:
            if table.title == title:
                return table
        raise KeyError(f"{title!r} is none of {[table.title for table in self.tables]}")
