import numpy as np
import torch

from encoders.graph import GraphEncoder, Links
from encoders.translation import Translation, Triples, train_translation


def test_items_that_share_entities_are_near() -> None:
    links: list[Links] = [
        [("actor", f"m.{group}{number}") for number in generator.integers(6, size=4)] + [("writer", f"w.{group}")]
        for group in range(3)
        for generator in [np.random.default_rng(group)]
        for _ in range(8)
    ]
    features, present = GraphEncoder.fit(links, dimensions=16).encode(links)
    assert present.all()
    distances = np.linalg.norm(features[:, None] - features[None], axis=2)
    same = np.repeat(np.arange(3), 8)[:, None] == np.repeat(np.arange(3), 8)
    assert distances[same].mean() < 0.5 * distances[~same].mean()


def test_an_item_is_the_mean_of_where_its_links_point() -> None:
    links: list[Links] = [[("a", "1"), ("b", "2")], [("a", "1")], [("b", "2")], [("b", "2"), ("b", "unshared")]]
    features, _ = GraphEncoder.fit(links, dimensions=4).encode(links)
    np.testing.assert_allclose(features[0], (features[1] + features[2]) / 2, atol=1e-6)
    np.testing.assert_allclose(features[3], features[2], atol=1e-6)


def test_the_loss_is_the_softmax_of_squared_distances() -> None:
    triples = Triples(np.array([0, 1, 2]), np.array([0, 1, 0]), np.array([0, 1, 2]))
    model = Translation(triples, 3, torch.Generator().manual_seed(0)).double()
    heads, tails, step = (part.detach() for part in (model.heads, model.tails, model.relations[0]))
    found = model.loss(torch.tensor([0]), 0, torch.tensor([2]), torch.tensor([1, 0]), torch.tensor([2, 1]))

    def near(head: int, tail: int) -> torch.Tensor:
        return torch.exp(-((heads[head] + step - tails[tail]) ** 2).sum())

    # The true head and tail among the others aren't others.
    tail = -torch.log(near(0, 2) / (near(0, 2) + near(0, 1)))
    head = -torch.log(near(0, 2) / (near(0, 2) + near(1, 2)))
    torch.testing.assert_close(found, tail + head)


def test_held_out_links_are_foretold_better_than_by_chance() -> None:
    """Items of a kind link to entities of that kind: the held-out entity is nearer than one of another kind."""
    generator = np.random.default_rng(0)
    kinds = np.repeat(np.arange(4), 30)
    heads = np.repeat(np.arange(120), 5)
    tails = (kinds[:, None] * 10 + np.array([generator.choice(10, 5, replace=False) for _ in kinds])).ravel()
    known = np.arange(len(heads)) % 5 > 0
    zeros = np.zeros(int(known.sum()), dtype=np.int64)
    points, steps = train_translation(Triples(heads[known], zeros, tails[known]), dimensions=8, epochs=60, seed=0)
    items = np.array([(points[tails[known & (heads == item)]] - steps[0]).mean(axis=0) for item in range(120)])
    distances = np.linalg.norm(items[:, None] + steps[0] - points[None], axis=2)
    ranks = (distances < distances[np.arange(120), tails[~known]][:, None]).sum(axis=1)
    assert np.mean(ranks < 10) > 0.8  # 10 of the 40 entities are of its kind
