"""What a figure was measured on.

Knows: names of processors and GPUs.  Does not know: what is measured.
"""

from __future__ import annotations

import os
import platform

import torch


def processor() -> str:
    """Name of the processor and the number of cores this process may see."""
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores"


def device_name(device: torch.device) -> str:
    """Name of a GPU, or `cpu`."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


def free_memory(device: torch.device) -> int | None:
    """Free bytes of a GPU; None for a processor."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else None
