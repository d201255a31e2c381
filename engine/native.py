"""Settings of the native libraries under torch, for work on a CPU.

Knows: OpenMP, glibc's allocator, denormal numbers.  Does not know: what is computed.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping

# Spinning OpenMP threads of two processes starve each other tenfold; memory handed back to the kernel after every
# operation comes back as page faults, up to half of the time of a step.
ENVIRONMENT: Mapping[str, str] = {
    "OMP_WAIT_POLICY": "passive",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(2**40),
    "MALLOC_TOP_PAD_": str(2**26),
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}


def restart_with_native_settings(arguments: list[str]) -> None:
    """Replace this process by itself with ENVIRONMENT set, once: these libraries read it only at their start."""
    missing = {name: value for name, value in ENVIRONMENT.items() if name not in os.environ}
    if missing:
        os.environ.update(missing)
        os.execv(arguments[0], arguments)


def give_back_freed_memory() -> None:
    """Hand to the kernel what was freed so far, which ENVIRONMENT keeps; nothing where the C library is not glibc."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
