"""Weight coders: the container is strict, int8 stays within its bound, and the bytes are always the same."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from aigif import weights
from aigif._gen.enums import ModelCompressor
from aigif.errors import LimitError, UnsupportedError, UsageError
from aigif.weights import Tensor
from aigif.weights.tensor import SIZES

NONE, INT8 = ModelCompressor.NONE, ModelCompressor.INT8
ROOMY = 1 << 30
TORCH_FLOATS = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32, "F64": torch.float64}


def sample(dtype: torch.dtype = torch.float32) -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    return {
        "conv.weight": torch.randn(8, 4, 3, 3, dtype=torch.float64).to(dtype),
        "conv.bias": torch.randn(8, dtype=torch.float64).to(dtype),
        "scalar": torch.tensor(2.5, dtype=dtype),
        "empty": torch.empty(0, 4, dtype=dtype),
        "steps": torch.arange(6).reshape(2, 3),
        "mask": torch.tensor([[True, False]]),
    }


names = st.text(st.characters(codec="utf-8"), max_size=12)
shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)


@st.composite
def tensors(draw: st.DrawFn) -> Tensor:
    dtype = draw(st.sampled_from(sorted(SIZES)))
    shape = draw(shapes)
    length = math.prod(shape) * SIZES[dtype]
    return Tensor(dtype, shape, draw(st.binary(min_size=length, max_size=length)))


mappings = st.dictionaries(names, tensors(), max_size=6)
texts = st.dictionaries(names, names, max_size=3)


@given(mappings, texts)
@settings(max_examples=200, deadline=None)
def test_without_compression_every_bit_comes_back(items: dict[str, Tensor], metadata: dict[str, str]) -> None:
    payload = weights.encode(items, NONE, metadata)
    assert weights.decode(payload, NONE, ROOMY) == items
    assert weights.read_metadata(payload) == metadata
    assert weights.encode(dict(reversed(items.items())), NONE, dict(reversed(metadata.items()))) == payload


@given(mappings, texts)
@settings(max_examples=200, deadline=None)
def test_int8_keeps_names_types_shapes_and_all_that_is_no_matrix(
    items: dict[str, Tensor], metadata: dict[str, str]
) -> None:
    payload = weights.encode(items, INT8, metadata)
    back = weights.decode(payload, INT8, ROOMY)
    assert {n: (t.dtype, t.shape, len(t.data)) for n, t in back.items()} == {
        n: (t.dtype, t.shape, len(t.data)) for n, t in items.items()
    }
    for name, tensor in items.items():
        if len(tensor.shape) < 2 or tensor.dtype not in TORCH_FLOATS:
            assert back[name] == tensor
    assert weights.read_metadata(payload) == metadata
    assert weights.encode(dict(reversed(items.items())), INT8, metadata) == payload


@pytest.mark.parametrize("dtype", TORCH_FLOATS)
@given(st.integers(0, 2**32), st.integers(-30, 30), st.integers(1, 6), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_no_weight_is_off_by_more_than_half_a_step(
    dtype: str, seed: int, power: int, rows: int, columns: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    scale = 2.0 ** (power if dtype != "F16" else power / 4)
    matrix = (torch.randn(rows, columns, generator=generator, dtype=torch.float64) * scale).to(
        TORCH_FLOATS[dtype]
    )
    back = weights.decode(weights.encode({"w": matrix}, INT8), INT8, ROOMY)["w"].to_torch()
    assert back.dtype == matrix.dtype
    step = matrix.double().abs().amax(dim=1, keepdim=True) / 127
    rounding = torch.finfo(matrix.dtype).eps * matrix.double().abs() + torch.finfo(matrix.dtype).tiny
    error = (back.double() - matrix.double()).abs()
    assert (error <= step * (0.5 + 1e-5) + rounding).all()


@pytest.mark.parametrize("dtype", TORCH_FLOATS)
def test_the_largest_and_the_smallest_numbers_stay_finite(dtype: str) -> None:
    finfo = torch.finfo(TORCH_FLOATS[dtype])
    least = finfo.smallest_normal * finfo.eps  # subnormal
    most = min(finfo.max, torch.finfo(torch.float32).max)
    matrix = torch.tensor([[most, -most, 0], [least, 0, -least], [0, 0, 0]], dtype=TORCH_FLOATS[dtype])
    back = weights.decode(weights.encode({"w": matrix}, INT8), INT8, ROOMY)["w"].to_torch()
    assert torch.isfinite(back).all()
    assert torch.allclose(back[0].double(), matrix[0].double(), rtol=1e-2)
    assert (back[2] == 0).all()


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 1e300])
def test_what_no_scale_fits_is_kept_as_it_is(value: float) -> None:
    matrix = np.array([[1.0, value], [0.1, 0.2]])
    back = weights.decode(weights.encode({"w": matrix}, INT8), INT8, ROOMY)["w"]
    assert back.data == matrix.tobytes()


def test_the_int8_layout_byte_by_byte() -> None:
    matrix = np.array([[1.0, -2.0, 0.5], [0.0, 0.0, 0.0]], dtype=np.float16)
    payload = weights.encode({"w": matrix}, INT8)
    header = (
        '{"__metadata__":{"aigif.int8":"1","aigif.int8:w":"F16"},'
        '"w.int8_scale":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},'
        '"w":{"dtype":"I8","shape":[2,3],"data_offsets":[8,14]}}'
    )
    header += " " * (-len(header) % 8)
    scales = np.array([2 / 127, 0], dtype="<f4").tobytes()
    integers = np.array([64, -127, 32, 0, 0, 0], dtype="i1").tobytes()  # 63.5 and 31.75, halves to even
    assert payload == len(header).to_bytes(8, "little") + header.encode() + scales + integers


@pytest.mark.parametrize("dtype", TORCH_FLOATS.values())
def test_torch_numpy_and_safetensors_agree(dtype: torch.dtype) -> None:
    items = sample(dtype)
    payload = weights.encode(items, NONE)
    theirs = safetensors.torch.load(payload)
    ours = weights.decode(payload, NONE, ROOMY)
    assert theirs.keys() == ours.keys() == items.keys()
    for name, tensor in items.items():
        assert torch.equal(theirs[name], tensor)
        assert torch.equal(ours[name].to_torch(), tensor)
        assert ours[name].to_torch().dtype == tensor.dtype
        assert np.array_equal(
            ours[name].to_numpy(), tensor.float().numpy() if dtype == torch.bfloat16 else tensor
        )
    assert weights.decode(safetensors.torch.save(items), NONE, ROOMY) == ours


def test_arrays_of_numpy_are_taken_in_any_byte_order_and_layout() -> None:
    array = np.arange(12, dtype=">f4").reshape(3, 4)
    for given_array in (array, np.asfortranarray(array), array[:, ::-1][:, ::-1]):
        payload = weights.encode({"a": given_array}, NONE)
        assert np.array_equal(safetensors.numpy.load(payload)["a"], array)


def test_8_bit_floats_pass_through() -> None:
    tensor = torch.tensor([[1.0, -2.0]]).to(torch.float8_e4m3fn)
    back = weights.decode(weights.encode({"a": tensor}, INT8), INT8, ROOMY)["a"]
    assert torch.equal(back.to_torch().view(torch.uint8), tensor.view(torch.uint8))
    with pytest.raises(UsageError, match="numpy has no data type F8_E4M3"):
        back.to_numpy()


@pytest.mark.parametrize("coder", [NONE, INT8])
def test_tensors_over_the_limit_are_not_made(coder: int) -> None:
    payload = weights.encode({"a": np.zeros((10, 100), "f4"), "b": np.zeros(5, "f4")}, coder)
    assert set(weights.decode(payload, coder, 4020)) == {"a", "b"}
    with pytest.raises(LimitError, match="4020 bytes; at most 4019"):
        weights.decode(payload, coder, 4019)


def test_the_report_says_how_far_off() -> None:
    before = {"w": np.array([[3.0, 4.0]]), "same": np.array([1.0, np.inf]), "n": np.array([1])}
    after = {"w": np.array([[3.0, 4.5]]), "same": np.array([1.0, np.inf]), "n": np.array([2])}
    report = weights.measure(before, after)
    assert [error.name for error in report.tensors] == ["w", "same"]
    w, same = report.tensors
    assert (w.weights, w.max_abs_error, w.relative_rms_error) == (2, 0.5, 0.1)
    assert w.snr_db == pytest.approx(20)
    assert (same.weights, same.max_abs_error, same.relative_rms_error, same.snr_db) == (2, 0, 0, None)
    assert report.overall.weights == 4
    assert report.overall.relative_rms_error == pytest.approx(math.sqrt(0.25 / 26))
    assert weights.measure(before, before).overall.snr_db is None
    zero = weights.measure({"z": np.zeros((1, 1))}, {"z": np.ones((1, 1))}).overall
    assert (zero.relative_rms_error, zero.snr_db) == (math.inf, -math.inf)


def test_the_report_of_gaussian_weights_is_what_theory_gives() -> None:
    # Rounding to a step s leaves an error of variance s^2 / 12; a row of n Gaussians peaks near 3.2 for n = 512.
    torch.manual_seed(0)
    items = {"w": torch.randn(256, 512)}
    back = weights.decode(weights.encode(items, INT8), INT8, ROOMY)
    steps = items["w"].abs().amax(dim=1) / 127
    expected = math.sqrt(float((steps**2).mean()) / 12)
    assert weights.measure(items, back).overall.relative_rms_error == pytest.approx(expected, rel=0.02)


def test_reports_of_different_tensors_are_refused() -> None:
    with pytest.raises(UsageError, match="one side only"):
        weights.measure({"a": np.zeros(1)}, {"b": np.zeros(1)})
    with pytest.raises(UsageError, match="has shape"):
        weights.measure({"a": np.zeros(1)}, {"a": np.zeros(2)})


@pytest.mark.parametrize(
    ("items", "metadata", "message"),
    [
        ({"a": [1.0]}, {}, "is a list, not a tensor"),
        ({"a": np.zeros(1, "c8")}, {}, "complex64, which safetensors lacks"),
        ({"a": torch.zeros(1, dtype=torch.complex64)}, {}, "complex64, which safetensors lacks"),
        ({"a": torch.zeros(2, 2).to_sparse()}, {}, "sparse"),
        ({"__metadata__": np.zeros(1)}, {}, "can't be called"),
        ({"\ud800": np.zeros(1)}, {}, "not Unicode"),
        ({"a": Tensor("F32", (2,), b"abc")}, {}, "do not fit the shape"),
        ({"w": np.ones((1, 1)), "w.int8_scale": np.ones(1)}, {}, "two tensors would be called"),
        ({"w.int8_scale": np.ones(1), "w": np.ones((1, 1))}, {}, "two tensors would be called"),
        ({}, {"aigif.int8": "x"}, "coder's own"),
    ],
)
def test_what_cannot_be_stored_is_refused(
    items: dict[str, object], metadata: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        weights.encode(items, INT8, metadata)


def test_unknown_coders() -> None:
    with pytest.raises(UnsupportedError, match="model compressor 250 is unknown") as caught:
        weights.decode(weights.encode({}, NONE), 250, ROOMY)
    assert caught.value.element == "compression.model_compressor"
    with pytest.raises(UsageError, match="model compressor 250 is unknown"):
        weights.encode({}, 250)


def test_importing_and_reading_needs_neither_numpy_nor_torch() -> None:
    payload = weights.encode(sample(), NONE)
    code = (
        "import sys; from aigif import weights\n"
        "found = weights.decode(sys.stdin.buffer.read(), 0, 10**6)\n"
        "assert weights.encode(found, 0)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, input=payload)
    assert not {"numpy", "torch", "safetensors", "dataclasses"} & set(done.stdout.decode().split())
