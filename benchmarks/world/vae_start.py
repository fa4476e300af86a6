"""A head start for the autoencoder: initial weights with which it copies the mean colours of 8 by 8 blocks.

Residual branches begin at zero, samplers begin as block means and copies, and the first channels carry
red, green and blue, their negatives (x = silu(x) - silu(-x), so that the last activations lose nothing),
and a constant that keeps the normalizations' statistics steady. All other weights stay random.
Training then only has to learn what is finer than a block, and need not find out about colour.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from diffusers.models.downsampling import Downsample2D
from diffusers.models.resnet import ResnetBlock2D
from diffusers.models.upsampling import Upsample2D

from benchmarks.world.architecture import Autoencoder

_COLOURS: Final = 3
_CARRIED: Final = 2 * _COLOURS + 1
_CONSTANT: Final = 4.0

Convolution = Any
"""An ``nn.Conv2d`` with a bias; torch types the bias and diffusers the samplers as perhaps missing."""


@torch.no_grad()
def start_with_block_colours(vae: Autoencoder) -> None:
    """Change the initial weights of an autoencoder as described above, in place."""
    module: Any
    for module in vae.modules():
        if isinstance(module, ResnetBlock2D):
            last: Convolution = module.conv2
            last.weight.zero_()
            last.bias.zero_()
            if module.conv_shortcut is not None:
                _carry(module.conv_shortcut, slice(0, 1), 1.0)
        elif isinstance(module, Downsample2D):
            _carry(module.conv, slice(0, 2), 0.25)
        elif isinstance(module, Upsample2D):
            _carry(module.conv, slice(1, 2), 1.0)
    for half in (vae.encoder, vae.decoder):
        _split(half.conv_in)
        _join(half.conv_out)
    for conv in (vae.quant_conv, vae.post_quant_conv):
        conv.weight.zero_()
        conv.weight[:, :, 0, 0] = torch.eye(len(conv.weight))
        conv.bias.zero_()


def _carry(conv: Convolution, taps: slice, value: float) -> None:
    """Hand the carried channels on, each by itself, with ``value`` at some taps of the kernel."""
    conv.weight[:_CARRIED] = 0
    conv.bias[:_CARRIED] = 0
    for channel in range(_CARRIED):
        conv.weight[channel, channel, taps, taps] = value


def _split(conv: Convolution) -> None:
    """Make the carried channels from three colours."""
    conv.weight[:_CARRIED] = 0
    conv.bias[:_CARRIED] = 0
    conv.bias[_CARRIED - 1] = _CONSTANT
    for colour in range(_COLOURS):
        conv.weight[colour, colour, 1, 1] = 1
        conv.weight[_COLOURS + colour, colour, 1, 1] = -1


def _join(conv: Convolution) -> None:
    """Make three colours from the carried channels."""
    conv.weight[:_COLOURS] = 0
    conv.bias[:_COLOURS] = 0
    for colour in range(_COLOURS):
        conv.weight[colour, colour, 1, 1] = 1
        conv.weight[colour, _COLOURS + colour, 1, 1] = -1
