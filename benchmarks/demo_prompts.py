"""The prompts of the demo."""

PROMPTS = (
    "a large red circle in the center, green meadow background, at noon",
    "a small blue star in the top left, on a beach at sunset",
    "a yellow house on the right, snowy background, at night",
    "a purple triangle at the bottom, city background",
    "a dragon made of porcelain, trending on nothing at all",
)
