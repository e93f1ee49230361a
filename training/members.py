"""Runs the members of a sequence model to their ends: side by side on a CPU, in turn on a GPU; kills are survived.

What a member learned is kept apart from the rows of its items, so that it serves a catalogue that has changed, too.
"""

import multiprocessing
import os
import queue
import signal
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from json import dumps
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm

from core.devices import training_device
from core.errors import InputError
from index.sequence import SequenceModel, SequenceNetwork
from training.item_vectors import ItemVectors, State
from training.placement import place_unchosen
from training.sequence import (
    FloatArray,
    MemberTraining,
    Progress,
    Report,
    SequenceData,
    SequenceTraining,
    fingerprint,
)

_SAY_EVERY = 10  # batches


def train_sequence_model(
    data: SequenceData, content: FloatArray, settings: SequenceTraining, work: Path, *, progress: bool = True
) -> SequenceModel:
    """`train_members`, as they serve the items that they learned from."""
    members = train_members(data, content, settings, work, progress=progress)
    return sequence_model(members, settings, data.chosen, content)


def train_members(
    data: SequenceData, content: FloatArray, settings: SequenceTraining, work: Path, *, progress: bool = True
) -> list[State]:
    """Train what is not trained yet in the folder `work`; `content` [items, features] becomes part of their vectors.

    With settings for ids alone it only places the items that nobody chose. Zeros are an item without content.
    What comes back are states of `ItemVectors`.
    Finished members and checkpoints of the same data and settings are used again. `work/log.jsonl` gets a line for
    each member's epoch. Raises InputError, one clear line, when training diverges or memory runs out.
    """
    if settings.items != "ids" and content.any():
        data = replace(data, content=content)
    folder = work / fingerprint(data, settings)
    folder.mkdir(parents=True, exist_ok=True)
    missing = [member for member in range(settings.members) if not _weights(folder, member).exists()]
    done = {member: _epochs_done(folder, member, settings) for member in range(settings.members)}
    with _Bar(folder, settings, done, shown=progress and bool(missing)) as bar:
        device = training_device()
        if device.type == "cuda" or len(missing) == 1 or _cores() == 1:
            for member in missing:
                _train_member(data, settings, member, device, folder, bar.update)
        elif missing:
            _train_side_by_side(data, settings, missing, folder, bar.update)
    return [torch.load(_weights(folder, member), weights_only=True) for member in range(settings.members)]


def sequence_model(
    members: Sequence[State],
    settings: SequenceTraining,
    chosen: npt.NDArray[np.integer],
    content: FloatArray,
) -> SequenceModel:
    """What serves: members that were trained with these settings, for items with this `content` [items, features].

    `chosen` [items] says how often each was chosen in what they learned from. The rows of the items are those of the
    members' tables (`renumbered`); their content may have changed since.
    """
    networks = []
    for member in members:
        # Items have content as far as the member learned to read it.
        read = content if any(name.startswith("content.") for name in member) else None
        network = SequenceNetwork(settings.shape(len(chosen)))
        items = ItemVectors(network, chosen > 0, read, ids=settings.items != "content" or read is None)
        network.load_state_dict(items.served(member))
        if read is None:
            place_unchosen(network, chosen, content)
        networks.append(network.eval())
    return SequenceModel(tuple(networks))


def _train_member(
    data: SequenceData, settings: SequenceTraining, member: int, device: torch.device, folder: Path, report: Report
) -> None:
    try:
        best = MemberTraining(data, settings, member, device).run(folder, report)
    except torch.OutOfMemoryError as error:
        cause = f"The {device.type} has too little memory to train the sequence model."
        raise InputError(cause, mend="Run it again with a lower --batch-tokens.") from error
    unfinished = folder / f"member-{member}.part"
    torch.save({name: value.cpu() for name, value in best.items()}, unfinished)
    unfinished.replace(_weights(folder, member))
    (folder / f"member-{member}.checkpoint").unlink(missing_ok=True)


def _train_side_by_side(
    data: SequenceData, settings: SequenceTraining, members: list[int], folder: Path, report: Report
) -> None:
    """As many processes as cores, each with its share of the cores' threads."""
    context = multiprocessing.get_context("spawn")
    messages = context.Queue()
    at_once = min(len(members), _cores())
    waiting, running = list(members), dict[int, Any]()
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                member = waiting.pop(0)
                arguments = (data, settings, member, folder, messages, max(1, _cores() // at_once), os.getpid())
                running[member] = context.Process(target=_member_process, args=arguments, daemon=True)
                running[member].start()
            _hear(messages, report)
            for member, process in list(running.items()):
                if not process.is_alive():
                    _hear(messages, report)
                    if process.exitcode != 0:
                        cause = f"The training of the sequence model stopped (exit code {process.exitcode})."
                        raise InputError(cause, mend="Run the same command again: it goes on where it stopped.")
                    del running[member]
    finally:
        for process in running.values():
            process.terminate()
            process.join()


def _hear(messages: Any, report: Report) -> None:
    """Pass on what the members said, and raise what one of them could not mend."""
    try:
        message = messages.get(timeout=0.5)
        while True:
            if isinstance(message, InputError):
                raise message
            report(message)
            message = messages.get_nowait()
    except queue.Empty:
        return


def _member_process(
    data: SequenceData,
    settings: SequenceTraining,
    member: int,
    folder: Path,
    messages: Any,
    threads: int,
    parent: int,
) -> None:
    """The life of a member's process; it ends with its parent, whose interruption is not its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(threads)
    heard = 0

    def report(progress: Progress) -> None:
        nonlocal heard
        heard += 1
        if os.getppid() != parent:
            os._exit(1)
        if progress.validation or heard % _SAY_EVERY == 0:
            messages.put(progress)

    try:
        _train_member(data, settings, member, torch.device("cpu"), folder, report)
    except InputError as error:
        messages.put(error)


def _weights(folder: Path, member: int) -> Path:
    return folder / f"member-{member}.weights"


def _epochs_done(folder: Path, member: int, settings: SequenceTraining) -> int:
    """What earlier runs did; a member that stopped early is done with all."""
    checkpoint = folder / f"member-{member}.checkpoint"
    if _weights(folder, member).exists():
        return settings.epochs
    # Of the file only what names its parts is read.
    return int(torch.load(checkpoint, weights_only=True, mmap=True)["epoch"]) if checkpoint.exists() else 0


def _cores() -> int:
    return len(os.sched_getaffinity(0))


class _Bar:
    """One bar over all members' epochs, and the log of validations."""

    def __init__(self, folder: Path, settings: SequenceTraining, done: Mapping[int, int], *, shown: bool) -> None:
        """`done` are each member's epochs of earlier runs, which took none of this one's time."""
        self._log = folder / "log.jsonl"
        self._done: dict[int, float] = {**done}
        total, initial = settings.members * settings.epochs, sum(done.values())
        layout = "{desc} {percentage:3.0f}%|{bar}| {n:.1f}/{total} epochs [{elapsed}<{remaining}{postfix}]"
        self._bar = tqdm(total=total, initial=initial, desc="Sequence model", bar_format=layout, disable=not shown)

    def update(self, progress: Progress) -> None:
        self._bar.update(progress.epoch - self._done[progress.member])
        self._done[progress.member] = progress.epoch
        if progress.validation:
            self._bar.set_postfix_str(f"NDCG@10 {progress.validation.ndcg:.3f}")
            with self._log.open("a", encoding="utf-8") as file:
                file.write(dumps(asdict(progress)) + "\n")

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()
