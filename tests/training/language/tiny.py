"""A language model of two thousand numbers, and a catalogue of a dozen films with people who chose them in order."""

from pathlib import Path

import numpy as np
import polars as pl
import torch

from catalog.catalog import INTERACTION_SCHEMA
from catalog.splits import Position
from index.graph import ItemGraph
from tests.catalogue import FILMS, WORDING
from training.language.candidates import Choice
from training.language.corpus import Corpus

HIDDEN, LAYERS = 32, 3
_CHAT = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def write_tiny_model(folder: Path, seed: int = 0) -> Path:
    """A random Llama whose tokens are bytes."""
    from tokenizers import Tokenizer, decoders, pre_tokenizers
    from tokenizers.models import BPE
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    special = ["<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bytes_only = Tokenizer(BPE({letter: place for place, letter in enumerate(alphabet)}, []))
    bytes_only.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytes_only.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bytes_only, eos_token="<|end|>")
    tokenizer.add_special_tokens({"additional_special_tokens": special})
    tokenizer.chat_template = _CHAT
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=HIDDEN,
        intermediate_size=48,
        num_hidden_layers=LAYERS,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        initializer_range=0.2,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def corpus(people: int = 70, seed: int = 0) -> Corpus:
    """People walk through the films in circles, with now and then a film left out."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        walk = (np.arange(12) + person) % 12
        walk = walk[np.sort(rng.permutation(12)[:9])]
        rows += [(f"u{person}", FILMS.items[row].id, float(place), 4.0) for place, row in enumerate(walk)]
    table = pl.DataFrame(rows, schema=["user_id", "item_id", "time", "rating"], orient="row")
    interactions = table.select([pl.col(name).cast(kind) for name, kind in INTERACTION_SCHEMA.items()])
    embeddings = rng.normal(size=(12, 8)).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    return Corpus(FILMS, WORDING, interactions, embeddings, embeddings, ItemGraph.build(FILMS, ()))


def always_first(count: int = 12, seed: int = 0) -> list[Choice]:
    """Three candidates each; what was chosen is always the first, as nobody's scores say."""
    rng = np.random.default_rng(seed)
    found = []
    for person in range(count):
        rows = rng.permutation(8)[:3]
        found.append(Choice(Position(person, np.array([9, 10, 11]), int(rows[0])), rows, np.ones(3), 0))
    return found
