"""The keys of an A1111 infotext that are syntax elements, in the order in which the web UI writes them.

Meanings and order: create_infotext and the infotext names of the options (AUTOMATIC1111's web UI, 1.10). The
one-character codes are in files: a key keeps its own for ever, new keys take new ones.
"""

from __future__ import annotations

from aigif._gen.enums import AdapterKind, GapKind
from aigif.importers import a1111_options as options
from aigif.importers import a1111_readers as readers
from aigif.importers.a1111_dialects import READ_ONLY
from aigif.importers.settings import Setting, checkpoint, digest, integer, number, sides, text, truth

SETTINGS: tuple[Setting, ...] = (
    integer("Steps", "S", "data.steps", always=True),
    Setting("Sampler", "M", readers.read_sampler, readers.write_sampler),
    Setting("Schedule type", "T", readers.read_schedule, readers.write_schedule),
    number("CFG scale", "C", "data.guidance_scale", always=True),
    number("CFG Scale", "c", "data.guidance_scale", always=True, usual=False),
    number("Distilled CFG Scale", "G", "distilled.guidance", always=True),
    Setting("Seed", "E", readers.read_seed, readers.write_seed),
    sides("Size", "Z", "data", "width", "height"),
    Setting("Model hash", "h", readers.read_model_hash, readers.write_model_hash),
    Setting("Model", "m", readers.read_model, readers.write_model),
    digest("VAE hash", "a", "model.vae_hash"),
    text("VAE", "A", "model.vae_name"),
    integer("Variation seed", "v", "variation.seed", always=True),
    number("Variation seed strength", "V", "variation.strength", always=True),
    sides("Seed resize from", "z", "variation", "resize_width", "resize_height"),
    Setting("Denoising strength", "D", readers.read_strength, readers.write_strength),
    integer("Clip skip", "k", "model.clip_skip"),
    integer("ENSD", "N", "sampler_options.noise_seed_delta"),
    Setting("RNG", "R", readers.read_noise, readers.write_noise),
    truth("Tiling", "t", "data.tiling"),
    checkpoint("Hires checkpoint", "H", "hires", "model_name", "model_hash"),
    Setting("Hires sampler", "i", readers.read_hires_sampler, readers.write_hires_sampler),
    text("Hires prompt", "p", "hires.prompt"),
    text("Hires negative prompt", "n", "hires.negative_prompt"),
    Setting("Hires schedule type", "j", readers.read_hires_schedule, readers.write_hires_schedule),
    number("Hires CFG Scale", "g", "hires.guidance_scale"),
    number("Hires upscale", "u", "hires.scale").replaced(write=readers.write_scale),
    sides("Hires resize", "r", "hires", "width", "height").replaced(read=readers.read_resize),
    integer("Hires steps", "s", "hires.steps"),
    Setting("Hires upscaler", "U", readers.read_upscaler, readers.write_upscaler),
    checkpoint("Refiner", "F", "refiner", "name", "weight_hash"),
    number("Refiner switch at", "f", "refiner.switch_at", always=True),
    Setting(
        "Lora hashes",
        "L",
        readers.read_lora_hashes,
        readers.write_hashes(AdapterKind.LORA, AdapterKind.LYCORIS, AdapterKind.DORA),
    ),
    Setting(
        "TI hashes", "l", readers.read_embedding_hashes, readers.write_hashes(AdapterKind.TEXTUAL_INVERSION)
    ),
    number("Schedule min sigma", "w", "sampler_options.sigma_min"),
    number("Schedule max sigma", "W", "sampler_options.sigma_max"),
    number("Schedule rho", "o", "sampler_options.rho"),
    number("Beta schedule alpha", "b", "sampler_options.beta_alpha"),
    number("Beta schedule beta", "B", "sampler_options.beta_beta"),
    number("Sigma churn", "q", "sampler_options.churn"),
    number("Sigma tmin", "x", "sampler_options.churn_tmin"),
    number("Sigma tmax", "X", "sampler_options.churn_tmax"),
    number("Sigma noise", "y", "sampler_options.churn_noise"),
    truth("Discard penultimate sigma", "d", "sampler_options.discard_penultimate"),
    Setting("UniPC variant", "K", options.read_unipc, options.write_unipc),
    integer("UniPC order", "O", "sampler_options.solver_order"),
    number("Eta DDIM", "I", "sampler_options.eta"),
    number("Eta", "e", "sampler_options.eta_ancestral"),
    Setting("Emphasis", "Q", options.read_emphasis, options.write_emphasis),
    truth("SGM noise multiplier", "J", "sampler_options.root_noise_scale"),
    Setting("Noise Schedule", "0", options.read_noise_schedule, options.write_noise_schedule),
    Setting("Old prompt editing timelines", "1", options.read_old_edits, options.write_old_edits),
    Setting("Downcast alphas_cumprod", "2", options.read_half_alphas, options.write_half_alphas),
    number("Shift", "3", "sampler_options.shift"),
    Setting("App", "P", readers.nothing, readers.write_app),
    Setting("Version", "Y", readers.nothing, readers.write_version),
)
LAST_KEY = "Version"
# Those that are read too, in this order and after the others, and that are always kept as they were written.
BY_KEY = {setting.key: setting for setting in (*SETTINGS, *READ_ONLY)}
BY_CODE = {setting.code: setting for setting in SETTINGS}
WRITTEN = frozenset(setting.key for setting in SETTINGS)
# Version 1.0 of the format knew no elements for these: its files keep them among the other entries.
_SINCE_1_1 = "GKQJ0123"
PLACED = frozenset(setting.key for setting in SETTINGS if setting.code not in _SINCE_1_1)

# What an infotext must say for the picture to be determined; of the two spellings one is enough.
NEEDED = (
    (("Steps",), GapKind.VALUE),
    (("Sampler",), GapKind.VALUE),
    (("CFG scale", "CFG Scale"), GapKind.VALUE),
    (("Seed",), GapKind.SEED),
    (("Size",), GapKind.VALUE),
)
# Keys that only tell where the picture came from.
HARMLESS = frozenset(
    {
        "Batch pos",
        "Batch size",
        "Civitai metadata",
        "Comment",
        "Created Date",
        "Embeddings",
        "Hypernet strength",
        "Index",
        "Batch",
        "Negative Template",
        "Performance",
        "Pipeline",
        "Raw negative prompt",
        "Raw prompt",
        "Styles",
        "Template",
        "User",
        "Wildcard negative prompt",
        "Wildcard prompt",
    }
)
# Values that say that nothing out of the ordinary was done.
HARMLESS_PAIRS = frozenset(
    {
        ("Adaptive CFG", "7"),
        ("Face restoration", "None"),
        ("Hires force", "True"),
        ("Operations", "none"),
        ("Operations", "txt2img"),
        ("Operations", "txt2img; hires"),
        ("Operations", "hires; txt2img"),
        ("Overwrite Switch", "-1"),
        ("Refine", "True"),
        ("Refine", "False"),
        ("Sampler", "Undefined"),
    }
)
