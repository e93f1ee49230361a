"""Requests that Schemathesis makes up from our own OpenAPI: no 5xx, no answer that the description doesn't tell."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS, load_all_checks

from server.app import create_app
from tests.fakes_turn import fake_services, sqlite_url

load_all_checks()
# Which conversations end with the user's message, and which item exists, no JSON schema can say: a request that its
# schema allows may well be refused.
EXCLUDED: list[Any] = CHECKS.get_by_names(["positive_data_acceptance"])

FOLDER = Path(tempfile.mkdtemp())
SERVICES = fake_services(sqlite_url(FOLDER), host="0.0.0.0")
schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(SERVICES))


@pytest.fixture(scope="module", autouse=True)
def _cleaned() -> Iterator[None]:
    yield
    SERVICES.state.database.close()
    shutil.rmtree(FOLDER)


@schema.parametrize()
@settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_described(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(excluded_checks=EXCLUDED)
