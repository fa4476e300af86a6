"""The prompts of the demo: from the little world of the model in the package, but for the last."""

PROMPTS = (
    "a big yellow tree on the left, meadow, at sunset",
    "a small orange ball on the right, in the mountains, by day",
    "a medium-sized red heart at the top, by the sea, outline drawing",
    "a huge white mushroom in the middle, at night, in the city",
    "a big purple ring in the top right, desert, pixel art",
    "an astronaut riding a horse on the moon",
)
