import pytest

from training.language.plan import TURNS, plan, trained_at
from training.language.settings import LanguageTraining, Order


def _settings(order: str, **changes: object) -> LanguageTraining:
    return LanguageTraining.model_validate({"order": order, "batch": 2, **changes})


@pytest.mark.parametrize("order", list(Order))
def test_every_order_trains_what_it_names_and_nothing_else(order: Order) -> None:
    steps = plan(64, 10, _settings(order))
    assert any(step.soft is not None for step in steps) == order.has_soft_prompt
    assert any(step.weights is not None for step in steps) == order.has_weights
    assert all(step.soft is not None or step.weights is not None for step in steps)
    assert all(step.weights is not None and step.soft is None for step in steps if step.is_explanation)


def test_one_part_after_the_other() -> None:
    steps = plan(64, 0, _settings("soft-first", explanations=0))
    assert [step.soft is not None for step in steps] == [True] * 16 + [False] * 16
    assert [step.weights is None for step in plan(64, 0, _settings("lora-first", explanations=0))] == [
        step.soft is None for step in steps
    ]
    turns = [trained_at(turn / TURNS, Order.ALTERNATING) for turn in range(TURNS)]
    assert turns == [(True, False), (False, True)] * (TURNS // 2)


def test_all_choices_once_an_epoch_and_the_share_of_explanations() -> None:
    steps = plan(40, 7, _settings("joint", epochs=2, explanations=0.2))
    choices = [step for step in steps if not step.is_explanation]
    for epoch in range(2):
        assert sorted(place for step in choices if step.epoch == epoch for place in step.places) == list(range(40))
    assert len(steps) - len(choices) == pytest.approx(0.2 * len(steps), abs=1)
    assert max(step.weights for step in steps if step.weights is not None) < 1
    assert plan(40, 7, _settings("joint", epochs=2, explanations=0.2)) == steps
    assert plan(40, 7, _settings("joint", epochs=2, explanations=0.2, seed=1)) != steps
