"""Sixteen float32 numbers as one number in code that Numba compiles.

Knows: vector registers.  Does not know: what is computed.  Sums and products of `Lanes` are one instruction each where
the processor's vectors are long enough (AVX-512), else a few.  Numba turns plain loops into vector instructions only
where it can prove that no two arrays overlap, which it can't for the butterflies of an FFT.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, models, overload, register_model

LANES = 16
_FLOATS = ir.VectorType(ir.FloatType(), LANES)
_INTEGERS = ir.VectorType(ir.IntType(32), LANES)
_SHORTS = ir.VectorType(ir.IntType(16), LANES)


class LanesType(types.Type):
    """The type of sixteen float32 numbers."""

    def __init__(self) -> None:
        super().__init__("Lanes")


lanes = LanesType()


@register_model(LanesType)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _FLOATS)


def _register(operation: Callable[[Any, Any], Any], instruction: str) -> None:
    """Let `operation` on two Lanes be one vector instruction, free to be fused with its neighbours."""

    @intrinsic
    def compute(typing: Any, a: Any, b: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return getattr(builder, instruction)(*arguments, flags=("contract",))

        return lanes(lanes, lanes), generate

    @overload(operation)
    def choose(a, b):  # Numba compares signatures, annotations included
        return (lambda a, b: compute(a, b)) if a is lanes and b is lanes else None


_register(operator.add, "fadd")
_register(operator.sub, "fsub")
_register(operator.mul, "fmul")


@intrinsic
def load(typing: Any, array: Any, at: Any) -> Any:
    """`array[at : at + 16]` of a flat array: float32, or bfloat16 as uint16."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature, arguments)
        if array.dtype == types.float32:
            return builder.load(builder.bitcast(address, _FLOATS.as_pointer()), align=4)
        shorts = builder.load(builder.bitcast(address, _SHORTS.as_pointer()), align=2)
        return builder.bitcast(builder.shl(builder.zext(shorts, _INTEGERS), _same(16)), _FLOATS)

    return lanes(array, types.intp), generate


@intrinsic
def store(typing: Any, array: Any, at: Any, value: Any) -> Any:
    """`array[at : at + 16] = value` of a flat array: float32, or bfloat16 as uint16, rounded half to even."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address, value = _address(context, builder, signature, arguments), arguments[2]
        if array.dtype == types.float32:
            builder.store(value, builder.bitcast(address, _FLOATS.as_pointer()), align=4)
        else:
            shorts = _rounded(builder, builder.bitcast(value, _INTEGERS))
            builder.store(shorts, builder.bitcast(address, _SHORTS.as_pointer()), align=2)
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes), generate


@intrinsic
def spread(typing: Any, number: Any) -> Any:
    """The float32 `number` in every lane."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        nothing = ir.Constant(_FLOATS, ir.Undefined)
        first = builder.insert_element(nothing, arguments[0], ir.Constant(ir.IntType(32), 0))
        return builder.shuffle_vector(first, nothing, _same(0))

    return lanes(types.float32), generate


def _address(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.gep(array.data, [arguments[1]])


def _rounded(builder: Any, bits: Any) -> Any:
    """The upper halves of float32 bit patterns, rounded half to even."""
    odd = builder.and_(builder.lshr(bits, _same(16)), _same(1))
    rounded = builder.add(builder.add(bits, _same(0x7FFF)), odd)
    return builder.trunc(builder.lshr(rounded, _same(16)), _SHORTS)


def _same(number: int) -> Any:
    return ir.Constant(_INTEGERS, [number] * LANES)
