"""Encoders at size: `python benchmarks/encoding.py [--only image] [--count 400] [--memory]`.

For each encoder: values a second, against a bare forward pass of its model in the same process (all inputs decoded and
tokenized beforehand, the same batches), in turns, so that a busy machine slows both alike; the median of the turns'
ratios counts. `--memory` encodes catalogues of growing size in processes of their own and prints the most memory that
each had beyond what the loaded model needs. A new encoder is a line in `ENCODERS`.
"""

import argparse
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Encode = Callable[[Sequence[Any]], object]


@dataclass(frozen=True)
class Measured:
    """An encoder at work: `values` makes n inputs in a folder; `start` loads it."""

    values: Callable[[int, Path], list[Any]]
    start: Callable[[], Encode]
    bare: Callable[[Sequence[Any]], Callable[[], object]]  # prepares the inputs; the result runs the model on them
    to_file: Callable[[list[Any], Path], object]  # encodes as a large catalogue is, for the memory


BATCH = 64
PICTURES = 16  # in a batch: activations take 15 MB a picture


def pictures(count: int, folder: Path) -> list[Any]:
    """Posters of 224 x 336 as JPEG: smooth shapes with some grain, about 25 kB each, all different."""
    rng = np.random.default_rng(0)
    base = [rng.integers(0, 256, (12, 8, 3), dtype=np.uint8) for _ in range(64)]
    paths = []
    for place in range(count):
        image = Image.fromarray(base[place % len(base)]).resize((224, 336), Image.Resampling.BICUBIC)
        pixels = np.asarray(image, dtype=np.int16) + rng.integers(-12, 13, (336, 224, 1))
        path = folder / f"{place}.jpg"
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path, quality=85)
        paths.append(path)
    return paths


def image_start() -> Encode:
    from encoders.image import ImageEncoder

    encoder = ImageEncoder(device="cpu")
    _ = encoder.dimensions
    return lambda values: encoder.encode(values, batch_size=PICTURES)


def image_bare(values: Sequence[Any]) -> Callable[[], object]:
    import torch

    from encoders.clip import load_clip
    from encoders.pictures import read_picture

    clip = load_clip()
    pixels = torch.from_numpy(np.stack([np.asarray(clip.resize(read_picture(value))) for value in values]))
    inputs = (pixels.permute(0, 3, 1, 2).float() / 127.5 - 1).split(PICTURES)  # channels last, the faster layout

    def run() -> None:
        with torch.inference_mode():
            for batch in inputs:
                clip.model.encode_image(batch)

    return run


def image_to_file(values: list[Any], folder: Path) -> object:
    from encoders.image import ImageEncoder

    encoder = ImageEncoder(cache=folder / "cache.sqlite", device="cpu")
    return encoder.encode_to(folder / "features.npy", values, batch_size=PICTURES)


def texts(count: int, _folder: Path) -> list[Any]:
    """Plots of 20 to 60 words."""
    rng = np.random.default_rng(0)
    words = "a ship sails to the island where two old friends find love war money and the murder of their king".split()
    return [f"{place} " + " ".join(rng.choice(words, rng.integers(20, 60))) for place in range(count)]


def text_start() -> Encode:
    from encoders.text import TextEncoder

    encoder = TextEncoder(device="cpu")
    _ = encoder.dimensions
    return lambda values: encoder.encode(values, batch_size=BATCH)


def text_bare(values: Sequence[Any]) -> Callable[[], object]:
    import torch
    from sentence_transformers import SentenceTransformer

    from encoders.text import embedded_text_folder

    model = SentenceTransformer(str(embedded_text_folder()), device="cpu")
    ordered = sorted(values, key=len, reverse=True)
    batches = [model.preprocess(ordered[start : start + BATCH]) for start in range(0, len(ordered), BATCH)]

    def run() -> None:
        with torch.inference_mode():
            for batch in batches:
                model(dict(batch))

    return run


def text_to_file(values: list[Any], folder: Path) -> object:
    from encoders.text import TextEncoder

    return TextEncoder(cache=folder / "cache.sqlite", device="cpu").encode(values, batch_size=BATCH)


def sounds(count: int, folder: Path) -> list[Any]:
    """Five seconds of chords with some noise each, as 16-bit wav files at 16 kHz, all different."""
    import soundfile

    rng = np.random.default_rng(0)
    moments = np.arange(5 * 16_000) / 16_000
    paths = []
    for place in range(count):
        tones = sum(np.sin(2 * np.pi * pitch * moments) for pitch in rng.uniform(80, 2_000, 3))
        path = folder / f"{place}.wav"
        soundfile.write(path, 0.2 * tones + rng.normal(0, 0.01, len(moments)), 16_000)
        paths.append(path)
    return paths


@cache
def audio_encoder() -> Any:
    """Fitted to a few sounds: what it costs doesn't depend on what it learned."""
    from encoders.audio import AudioEncoder

    with tempfile.TemporaryDirectory() as folder:
        return AudioEncoder.fit(sounds(16, Path(folder)), steps=10)


def audio_start() -> Encode:
    return audio_encoder().encode


def audio_bare(values: Sequence[Any]) -> Callable[[], object]:
    from encoders.predictive import summaries
    from encoders.waveform import log_mel

    encoder = audio_encoder()
    clips = [encoder.normalised(log_mel(value)) for value in values]

    def run() -> None:
        for start in range(0, len(clips), BATCH):
            summaries(encoder.coder, clips[start : start + BATCH])

    return run


def audio_to_file(values: list[Any], folder: Path) -> object:
    features, _ = audio_encoder().encode(values)
    np.save(folder / "features.npy", features)
    return features


ENCODERS = {
    "audio": Measured(sounds, audio_start, audio_bare, audio_to_file),
    "image": Measured(pictures, image_start, image_bare, image_to_file),
    "text": Measured(texts, text_start, text_bare, text_to_file),
}


def throughput(name: str, count: int, turns: int) -> None:
    """Print the rates of an encoder and of its bare model."""
    measured = ENCODERS[name]
    with tempfile.TemporaryDirectory() as folder:
        values = measured.values(count, Path(folder))
        encode, bare = measured.start(), measured.bare(values)
        encode(values[:BATCH])
        bare()
        ours, theirs = np.zeros(turns), np.zeros(turns)
        for turn in range(turns):
            for times, run in ((ours, lambda: encode(values)), (theirs, bare))[:: 1 if turn % 2 else -1]:
                start = time.perf_counter()
                run()
                times[turn] = time.perf_counter() - start
    ratios = np.sort(theirs / ours)
    spread = f"{ratios[0]:.2f} to {ratios[-1]:.2f}"
    rates = f"{count / np.median(ours):>10,.1f} {count / np.median(theirs):>10,.1f}"
    print(f"{name:<8} {count:>8,} {rates} {np.median(ratios):>8.2f}   ({spread} in {turns} turns)", flush=True)


def memory(name: str, counts: Sequence[int]) -> None:
    """Print the most memory of its own that a process has that encodes catalogues of growing size."""
    for count in counts:
        context = multiprocessing.get_context("spawn")
        with context.Pool(1) as pool:
            before, most, seconds = pool.apply(_most_memory, (name, count))
        print(
            f"{name:<8} {count:>8,} {before / 1e6:>10,.0f} {(most - before) / 1e6:>10,.0f} {seconds:>8.0f}", flush=True
        )


def _most_memory(name: str, count: int) -> tuple[int, int, float]:
    """Bytes before, with everything imported and the model loaded once, at most, and the seconds it took."""
    measured = ENCODERS[name]
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        (folder / "warm").mkdir()
        measured.to_file(measured.values(2 * BATCH, folder / "warm"), folder / "warm")
        values = measured.values(count, folder)
        peak, done = [_own_memory()], threading.Event()

        def watch() -> None:
            while not done.wait(0.02):
                peak.append(_own_memory())

        watcher = threading.Thread(target=watch)
        watcher.start()
        start = time.perf_counter()
        measured.to_file(values, folder)
        seconds = time.perf_counter() - start
        done.set()
        watcher.join()
    return peak[0], max(peak), seconds


def _own_memory() -> int:
    """Bytes that belong to this process alone: pages of mapped files can be given back at any time."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return 1024 * int(line.split()[1])
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=list(ENCODERS))
    parser.add_argument("--count", type=int, default=400, help="values that are encoded in each turn")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--memory", type=int, nargs="*", help="sizes of catalogues, such as 1000 4000 16000")
    options = parser.parse_args()
    names = [options.only] if options.only else list(ENCODERS)
    if options.memory is None:
        print(f"{'encoder':<8} {'values':>8} {'a second':>10} {'bare':>10} {'ratio':>8}")
        for name in names:
            throughput(name, options.count, options.turns)
        return
    print(f"{'encoder':<8} {'values':>8} {'MB before':>10} {'MB more':>10} {'seconds':>8}")
    for name in names:
        memory(name, options.memory or [1_000, 4_000])


if __name__ == "__main__":
    main()
