"""Tests of the embedded model: its world, its training, its evaluation and the packaged folder."""
