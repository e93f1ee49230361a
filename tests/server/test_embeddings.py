"""`/v1/embeddings` with OpenAI's own client, over the real MiniLM and the real image encoder."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import numpy as np
import openai
import pytest

from encoders.image import ImageEncoder
from encoders.pictures import picture_from_data_url
from encoders.text import TextEncoder
from server.app import create_app
from server.embedders import IMAGE, JOINT, TEXT, embedders
from tests.drawings import data_url, drawing
from tests.fakes_turn import fake_services, sqlite_url


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Posts to the API without a socket."""
    from fastapi.testclient import TestClient

    encoder, images = TextEncoder(device="cpu"), ImageEncoder(device="cpu")
    rng = np.random.default_rng(0)
    heads = {"text": rng.normal(size=(384, 8)), "image": rng.normal(size=(1280, 8))}
    made = embedders(
        text=encoder.encode,
        image=lambda files: np.stack([images.encode_one(file) for file in files]),
        read=picture_from_data_url,
        project={name: (lambda rows, head=head: (rows @ head).astype(np.float32)) for name, head in heads.items()},
    )
    services = replace(fake_services(sqlite_url(tmp_path_factory.mktemp("state"))), embedders=made)
    with TestClient(create_app(services), base_url="http://127.0.0.1") as http:
        yield http
    services.state.database.close()


@pytest.fixture(scope="module")
def official(client: httpx.Client) -> openai.OpenAI:
    return openai.OpenAI(base_url="http://127.0.0.1/v1", api_key="none", http_client=client, max_retries=0)


def test_the_official_client_gets_unit_vectors_of_words_in_order(official: openai.OpenAI) -> None:
    words = ["a heist in Los Angeles", "a toy comes to life", "a bank robbery"]
    answer = official.embeddings.create(model=TEXT, input=words)  # asks for base64, as the client does by itself
    vectors = np.array([one.embedding for one in answer.data])
    assert vectors.shape == (3, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[2] > vectors[0] @ vectors[1]
    assert answer.usage.prompt_tokens == 13
    plain = official.embeddings.create(model=TEXT, input=words[0], encoding_format="float")
    np.testing.assert_allclose(plain.data[0].embedding, vectors[0], atol=1e-5)


def test_pictures_and_words_share_a_space(official: openai.OpenAI) -> None:
    picture = data_url(drawing("red"))
    answer = official.embeddings.create(model=JOINT, input=["a red card", picture, "a film"])
    assert np.array([one.embedding for one in answer.data]).shape == (3, 8)
    alone = official.embeddings.create(model=JOINT, input=picture)
    np.testing.assert_allclose(alone.data[0].embedding, answer.data[1].embedding, atol=1e-5)


def test_like_pictures_have_like_embeddings(official: openai.OpenAI) -> None:
    pictures = [drawing("red"), drawing("red", size=(240, 360)), drawing("navy", "rectangle")]
    answer = official.embeddings.create(model=IMAGE, input=[data_url(one) for one in pictures])
    red, larger, other = np.array([one.embedding for one in answer.data])
    assert red @ larger > red @ other


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"model": IMAGE, "input": "words"}, 400, "reads no words"),
        ({"model": TEXT, "input": data_url(drawing("red"))}, 400, "reads no pictures"),
        ({"model": JOINT, "input": "data:image/png;base64,AAAA"}, 400, "picture"),
        ({"model": "gpt-4", "input": "words"}, 404, "'tastemaker-text'"),
        ({"model": TEXT, "input": "words", "dimensions": 3}, 400, "has 384 dimensions"),
        ({"model": TEXT, "input": []}, 400, "at least 1, and holds nothing"),
        ({"model": TEXT, "input": ["a", ""]}, 400, "at least 1, and holds nothing"),
        ({"model": TEXT, "input": ["a"] * 257}, 400, "at most 256"),
        ({"model": TEXT, "input": "a", "encoding_format": "hex"}, 400, "encoding_format"),
    ],
)
def test_what_can_not_be_embedded_is_told(
    client: httpx.Client, body: dict[str, object], status: int, says: str
) -> None:
    response = client.post("/v1/embeddings", json=body)
    assert response.status_code == status
    assert says in response.json()["error"]["message"]


def test_the_models_are_listed(official: openai.OpenAI) -> None:
    assert {model.id for model in official.models.list()} == {"tastemaker", TEXT, IMAGE}
