"""What runs where. Imports torch when it is asked, never before."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def training_device() -> "torch.device":
    """A GPU where there is one."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def has_fast_bfloat16(device: "torch.device") -> bool:
    """Whether the device multiplies bfloat16 matrices faster than float32: GPUs do, and some CPUs."""
    if device.type != "cpu":
        return True
    import torch

    able = torch.cpu.get_capabilities()
    return bool(able.get("amx_bf16") or able.get("avx512_bf16"))
