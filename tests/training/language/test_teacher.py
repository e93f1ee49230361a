"""A stronger model's reasons: what holds is taken, what is made up is not. It is a real HTTP server that answers."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.errors import EngineError
from prompts.payload import candidate_labels
from tests.training.language.test_explanations import corpus_ranker
from training.language.candidates import choices
from training.language.corpus import Corpus
from training.language.explanations import Explanation, ExplanationWriter
from training.language.positions import training_positions
from training.language.teacher import Teacher


@pytest.fixture(scope="module")
def explanation(corpus: Corpus) -> Explanation:
    found = choices(corpus_ranker(corpus), training_positions(corpus.sequences, 2), 6)  # type: ignore[arg-type]
    return ExplanationWriter(corpus).write(found, 1, seed=0)[0]


class Answering:
    """Serves one content for every chat completion."""

    def __init__(self) -> None:
        self.content = ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send({"data": [{"id": "big"}]})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert body["model"] == "big"
                self._send({"choices": [{"message": {"content": outer.content}}]})

            def _send(self, answer: object) -> None:
                data = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def answering() -> Iterator[Answering]:
    one = Answering()
    yield one
    one.server.shutdown()
    one.server.server_close()


def test_only_what_holds_is_taken(explanation: Explanation, corpus: Corpus, answering: Answering) -> None:
    (label,) = candidate_labels((explanation.candidate,), corpus.items)
    piece = explanation.candidate.evidence[0]

    def says(reason: str) -> str:
        told = {"item": label, "evidence": list(explanation.reason.evidence), "reason": reason}
        return json.dumps({"reasoning": "So it goes, one by one.", "items": [told]})

    teacher = Teacher(answering.url, ExplanationWriter(corpus))
    answering.content = says(piece.text)
    assert teacher.distil([explanation])[0].reason.text == piece.text
    answering.content = says("It won seven Oscars in Peru.")
    assert teacher.distil([explanation])[0].reason == explanation.reason
    assert (teacher.kept, teacher.refused) == (1, 1)
    answering.content = "no JSON"
    assert teacher.distil([explanation])[0].reason == explanation.reason


def test_a_teacher_that_is_not_there_is_one_clear_line(explanation: Explanation, corpus: Corpus) -> None:
    with pytest.raises(EngineError, match="--teacher"):
        Teacher("http://127.0.0.1:9/v1", ExplanationWriter(corpus)).distil([explanation])
