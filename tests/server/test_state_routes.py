"""Feedback, conversations, recommendations and health over HTTP, with a database and without."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.conversation import Feedback, Verdict
from server.engine import EngineState, EngineStatus
from server.memory import FORGETFUL
from tests.fakes_turn import FakeEngine, FakeRecommend
from tests.server.conftest import Running

CHAT: dict[str, Any] = {
    "model": "tastemaker",
    "messages": [{"role": "user", "content": "a crime film"}],
    "user": "ann",
    "metadata": {"conversation_id": "conversation-1"},
}


def test_a_conversation_comes_back_as_it_was(start: Callable[..., Running], database_url: str) -> None:
    with start(database_url).http() as http:
        said = http.post("/v1/chat/completions", json=CHAT).json()["choices"][0]["message"]
        http.post("/v1/feedback", json={"user": "ann", "item_id": "1", "verdict": "down"})

        kept = http.get("/v1/conversations/conversation-1?user=ann").json()
        assert kept["id"] == "conversation-1"
        assert [message["content"] for message in kept["messages"]] == ["a crime film", said["content"]]
        assert kept["messages"][1]["recommendations"] == said["recommendations"]
        assert kept["messages"][1]["details"] == said["details"]
        assert kept["feedback"] == [{"item_id": "1", "verdict": "down"}]

        wrong = http.put("/v1/conversations/conversation-1?user=ann")
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "DELETE, GET")
        assert http.delete("/v1/conversations/conversation-1?user=ann").status_code == 204
        assert http.get("/v1/conversations/conversation-1?user=ann").status_code == 404


def test_the_conversation_of_someone_else_does_not_exist(running: Running) -> None:
    with running.http() as http:
        http.post("/v1/chat/completions", json=CHAT)
        assert http.get("/v1/conversations/conversation-1?user=bob").status_code == 404
        assert http.delete("/v1/conversations/conversation-1?user=bob").status_code == 404
        taken = http.post("/v1/chat/completions", json={**CHAT, "user": "bob"})
        assert (taken.status_code, taken.json()["error"]["code"]) == (404, "conversation_not_found")
        assert len(running.turn.requests) == 1
        assert len(http.get("/v1/conversations/conversation-1?user=ann").json()["messages"]) == 2


def test_feedback_counts_in_the_next_turn(running: Running) -> None:
    with running.http() as http:
        http.post("/v1/feedback", json={"user": "ann", "item_id": "2", "verdict": "up"})
        given = http.post("/v1/feedback", json={"user": "ann", "item_id": "1", "verdict": "seen"}).json()
        assert given == {
            "user": "ann",
            "feedback": [{"item_id": "2", "verdict": "up"}, {"item_id": "1", "verdict": "seen"}],
        }
        http.post("/v1/feedback", json={"user": "ann", "item_id": "2", "verdict": None})
        http.post("/v1/chat/completions", json=CHAT)
        assert running.turn.requests[0].feedback == (Feedback(item_id="1", verdict=Verdict.SEEN),)
        unknown = http.post("/v1/feedback", json={"user": "ann", "item_id": "9", "verdict": "up"})
        assert (unknown.status_code, unknown.json()["error"]["param"]) == (404, "item_id")


def test_recommendations_for_a_history(running: Running) -> None:
    with running.http() as http:
        http.post("/v1/feedback", json={"user": "ann", "item_id": "2", "verdict": "up"})
        answer = http.post("/v1/recommendations", json={"history": ["1", "9"], "user": "ann", "k": 1}).json()
    assert [item["item_id"] for item in answer["recommendations"]] == ["2"]
    assert answer["notices"] == ["Not in the catalogue and left out: 9."]
    assert isinstance(running.services.recommend, FakeRecommend)
    assert running.services.recommend.feedback == (Feedback(item_id="2", verdict=Verdict.UP),)


def test_recommendations_are_bounded(start: Callable[..., Running]) -> None:
    with start(max_history=2).http() as http:
        for body, param in (({"history": ["1"] * 3}, "history"), ({"k": 0}, "k"), ({"query": "x" * 9_000}, "query")):
            refused = http.post("/v1/recommendations", json=body)
            assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)


def test_without_its_database_a_chat_goes_on_and_says_so(start: Callable[..., Running], tmp_path: Path) -> None:
    with start(f"postgresql+psycopg://postgres@/none?host={tmp_path}").http() as http:
        answer = http.post("/v1/chat/completions", json=CHAT)
        assert answer.status_code == 200
        assert answer.json()["choices"][0]["message"]["details"]["notices"] == ["A notice.", FORGETFUL]
        for response in (
            http.post("/v1/feedback", json={"user": "ann", "item_id": "1", "verdict": "up"}),
            http.get("/v1/conversations/conversation-1?user=ann"),
        ):
            assert response.status_code == 503
            assert response.json()["error"]["message"].startswith("The state database can't be used now:")


@pytest.mark.parametrize(
    ("state", "status"), [("ready", 200), ("off", 200), ("loading", 503), ("restarting", 503), ("failed", 503)]
)
def test_readiness_is_the_engines_and_health_is_not(running: Running, state: str, status: int) -> None:
    engine = running.services.engine
    assert isinstance(engine, FakeEngine)
    engine.status = EngineStatus(state=EngineState(state), detail="One line.", restarts=3)
    with running.http() as http:
        ready = http.get("/readyz")
        assert (ready.status_code, ready.json()) == (status, {"status": state, "detail": "One line."})
        assert http.get("/healthz").json() == {"status": "ok"}
        metrics = http.get("/metrics").text
    assert f'tastemaker_engine_state{{state="{state}"}} 1.0' in metrics
    assert "tastemaker_engine_restarts 3.0" in metrics
