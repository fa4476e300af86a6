"""The self-test: every primitive and every engine on fixed inputs, against the hashes that all platforms must give.

It runs once for each device in a process, on entry. A device that flushes subnormal numbers, multiplies in fewer
bits (TF32), fuses a product and a sum, or divides by a reciprocal gives other hashes and is refused; so is an engine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from aigif.runtime.exact import functions as f
from aigif.runtime.exact.engines import ENGINES, Engine, fastest
from aigif.runtime.exact.errors import InexactDevice
from aigif.runtime.exact.grids import OnGrid, exact_mean, exact_sum, to_grid
from aigif.runtime.exact.pinned import PINNED
from aigif.runtime.torchlib import require

__all__ = ["engine_print", "fingerprint", "numbers", "primitive_prints", "proven_engine"]

torch: Any = require("torch")

_MANY = 80_000
"""Enough elements that every thread of a machine takes part."""
_PROVEN: dict[tuple[str, str | None, int], str] = {}


def numbers(count: int, scale: float, device: Any, shift: int = 32760) -> Any:
    """Whole numbers from -32760 to 32760 without visible order, times `scale`, as float64."""
    whole = (torch.arange(count, dtype=torch.int64, device=device) * 48271) % 65521 - shift
    return whole.to(torch.float64) * scale


def fingerprint(*tensors: Any) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of tensors' little-endian bytes; zeros have no sign."""
    digest = hashlib.sha256()
    for x in tensors:
        x = x + torch.zeros_like(x) if x.is_floating_point() else x
        digest.update(x.contiguous().cpu().numpy().tobytes())
    return digest.hexdigest()[:16]


def _basics(device: Any) -> str:
    """The operations of IEEE 754 in both formats, subnormal numbers included, and the roundings between formats."""
    wide = numbers(_MANY, 2.0**-7, device) + numbers(_MANY, 2.0**-40, device).flip(0)
    other = numbers(_MANY, 3.0**-9, device, 32750).flip(0).add_(0.001)
    found = [wide.to(torch.float32), wide.round(), (wide * 2.0**45).to(torch.int64)]
    found.append(((numbers(_MANY, 2.0**40, device).to(torch.int64) << 6) + 12345).to(torch.float64))
    for dtype, tiny in ((torch.float32, 2.0**-130), (torch.float64, 2.0**-1030)):
        a, b = wide.to(dtype), other.to(dtype)
        found += [a + b, a - b, a * b, a / b, (a * b) + a, (a * tiny) + (b * tiny), (a * tiny) * 0.5]
        found += [a / a[:1], b / torch.full((1,), 3.0, dtype=dtype, device=device), a.amax(), a.amin()]
    found.append(f.sqrt(wide.abs()))
    found.append(f.sqrt(other.to(torch.float32).abs().to(torch.float64)))
    return fingerprint(*found)


def _functions(device: Any) -> str:
    x = numbers(6000, 2.0**-11, device)
    above = x.abs() + 2.0**-20
    return fingerprint(
        f.exp(x), f.exp(x, f.DEGREE), f.log(above), f.sine(x * 40.0), f.cosine(x * 40.0), f.sigmoid(x), f.silu(x),
        f.tanh(x), f.gelu(x), f.erf(x), f.expm1(x), f.log1p(above), f.rsqrt(above), f.arctangent(x),
        f.power(above, x), f.softplus(x), f.tangent(x), f.arccosine(x * 2.0**-5),
    )  # fmt: skip


def _grids(device: Any) -> str:
    x = numbers(9 * 7001, 2.0**-9, device).reshape(9, 7001) * f.exp(numbers(9, 2.0**-11, device))[:, None]
    given = to_grid(x, 24, -1)
    return fingerprint(exact_sum(x, (1,)), exact_sum(x), exact_mean(x, (0,)), given.numbers, given.unit)


def primitive_prints() -> Mapping[str, Callable[[Any], str]]:
    """The parts of the self-test that don't depend on an engine, by name."""
    return {"basics": _basics, "functions": _functions, "grids": _grids}


def engine_print(engine: Engine, device: Any) -> str:
    """The fingerprint of an engine: products at the limit of 24 and of 20 bits, of short and long rows."""
    found = []
    for bits, length in ((24, 5), (24, 1037), (20, 333)):
        most = 2**bits
        mixed = torch.arange(12 * length, dtype=torch.int64, device=device) * 2654435761 % (2 * most + 1) - most
        a = mixed[: 5 * length].reshape(5, length).to(torch.float64)
        b = mixed[5 * length :].reshape(length, 7).to(torch.float64)
        place = torch.full((1, 1), 1.5 * 2.0**43, dtype=torch.float64, device=device)
        b = b.mul_(0.5).round_()
        pairs = ((a, b), (torch.full_like(a, float(most)), torch.full_like(b, -float(most // 2))))
        found += [engine(OnGrid(x * 2.0**-9, place), OnGrid(y * 2.0**-9, place, -2), bits) for x, y in pairs]
    return fingerprint(*found)


def proven_engine(device: Any, wanted: str | None = None) -> str:
    """The fastest engine that passes on a device, or `wanted`, after the self-test. Raises InexactDevice."""
    key = (str(device), wanted, int(torch.get_num_threads()))
    if key not in _PROVEN:
        _PROVEN[key] = _prove(device, wanted)
    return _PROVEN[key]


def _prove(device: Any, wanted: str | None) -> str:
    failed = [name for name, run in primitive_prints().items() if run(device) != PINNED[name]]
    if failed:
        raise InexactDevice(
            f"the device {device} doesn't compute as exact arithmetic demands: {', '.join(failed)}",
            hint="look for settings that flush subnormal numbers or fuse operations, or choose another device",
        )
    names = [wanted] if wanted else ["float64"] if str(device) == "cpu" else list(ENGINES)
    passed = {name: ENGINES[name] for name in names if _passes(ENGINES[name], device)}
    if not passed:
        raise InexactDevice(f"no engine of {', '.join(names)} multiplies exactly on the device {device}")
    return next(iter(passed)) if len(passed) == 1 else fastest(device, passed)


def _passes(engine: Engine, device: Any) -> bool:
    try:
        return engine_print(engine, device) == PINNED["engine"]
    except (RuntimeError, NotImplementedError, TypeError):  # the device lacks the data type or the kernel
        return False
