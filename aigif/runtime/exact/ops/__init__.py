"""The meanings of operations, by kind."""
