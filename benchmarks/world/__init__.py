"""The little world: the pictures, the training and the evaluation of AIGIF's embedded text-to-image model."""
