import type { Text } from "./bits.js";
import type { Unknown } from "./bundles.js";
import type { Code, PixelCompressor, TextCompressor, ModelCompressor, SavedWeights, Device, OperatingSystem, Attention, NoiseSource, Arithmetic, DataType, SigmaSchedule, TimestepSpacing, PredictionType, HashKind, AdapterKind, PromptDialect, Emphasis, StepNoise, BatchGenerators, UpscaleForm, Completeness, GapKind, Scheduler } from "./enums.js";
import type { CodedText, Section } from "./format.js";
/** One adapter on the model. */
export interface Adapter {
    /** What the adapter is. */
    readonly kind: AdapterKind | Code;
    /** Its name: a file name without folder, or a hub name. */
    readonly name: Text;
    /** The first bytes of its weights' hash. At most 32 bytes. */
    readonly weight_hash: Uint8Array;
    /** Which hash that is. */
    readonly hash_kind: HashKind | Code;
    /** Its weight on the denoising network. -1000.0 to 1000.0. */
    readonly weight: number;
    /** Its weight on the text model. -1000.0 to 1000.0. */
    readonly text_weight: number;
    /** The fraction of the steps at which it starts. 0.0 to 1.0. */
    readonly start: number;
    /** The fraction of the steps at which it ends. 0.0 to 1.0. */
    readonly end: number;
    /** The tail that a newer writer made, kept as it is. */
    readonly unknown: Unknown | null;
}
/** Settings of the scheduler; the defaults are what schedulers do unless told otherwise. */
export interface SamplerOptions {
    /** How timesteps are picked. */
    readonly timestep_spacing: TimestepSpacing | Code;
    /** What the network predicts. */
    readonly prediction_type: PredictionType | Code;
    /** Weight of the fresh noise in DDIM (Song et al. 2020, equation 16). 0.0 to 100.0. */
    readonly eta: number;
    /** Weight of the fresh noise in ancestral samplers. 0.0 to 100.0. */
    readonly eta_ancestral: number;
    /** Added to the seed for the noise of the later steps (AUTOMATIC1111's ENSD). -2147483648 to 2147483647. */
    readonly noise_seed_delta: number;
    /** Smallest noise level; 0 leaves it to the model. 0.0 to 100000.0. */
    readonly sigma_min: number;
    /** Largest noise level; 0 leaves it to the model. 0.0 to 100000.0. */
    readonly sigma_max: number;
    /** Exponent of the Karras schedule. 0.0 to 1000.0. */
    readonly rho: number;
    /** S_churn of Karras et al. 2022, Algorithm 2. 0.0 to 1000.0. */
    readonly churn: number;
    /** S_tmin of Karras et al. 2022. 0.0 to 100000.0. */
    readonly churn_tmin: number;
    /** S_tmax of Karras et al. 2022; 0 means no bound. 0.0 to 100000.0. */
    readonly churn_tmax: number;
    /** S_noise of Karras et al. 2022. 0.0 to 100.0. */
    readonly churn_noise: number;
    /** Shift of the flow-matching times (Esser et al. 2024, equation 23); 0 leaves it to the model. 0.0 to 1000.0. */
    readonly shift: number;
    /** Order of a multistep solver; 0 leaves it to the scheduler. 0 to 15. */
    readonly solver_order: number;
    /** Betas rescaled to zero terminal signal-to-noise ratio (Lin et al. 2023). */
    readonly zero_terminal_snr: boolean;
    /** The next-to-last noise level is left out. */
    readonly discard_penultimate: boolean;
    /** Alpha of the beta schedule. 0.0 to 100.0. */
    readonly beta_alpha: number;
    /** Beta of the beta schedule. 0.0 to 100.0. */
    readonly beta_beta: number;
    /** The step at which sampling starts. In steps. 0 to 65535. */
    readonly start_step: number;
    /** The step before which sampling ends; 0 runs to the end. In steps. 0 to 65535. */
    readonly end_step: number;
    /** The random generator of the fresh noise, where it is not the first noise's own. */
    readonly step_noise: StepNoise | Code;
    /** The first noise is multiplied by the square root of 1 + sigma squared rather than by sigma (AUTOMATIC1111's SGM noise multiplier). */
    readonly root_noise_scale: boolean;
    /** The cumulative alphas are rounded to half precision (AUTOMATIC1111 before 1.8). */
    readonly half_alphas: boolean;
    /** The tail that a newer writer made, kept as it is. */
    readonly unknown: Unknown | null;
}
/** A file that holds a part of the model. */
export interface Component {
    /** Its file name without folder. */
    readonly name: Text;
    /** The first bytes of its hash. At most 32 bytes. */
    readonly weight_hash: Uint8Array;
    /** Which hash that is. */
    readonly hash_kind: HashKind | Code;
    /** The tail that a newer writer made, kept as it is. */
    readonly unknown: Unknown | null;
}
/** A scheduler of the second pass's own. */
export interface HiresScheduler {
    /** The scheduler. */
    readonly scheduler: Scheduler | Code;
    /** How the noise levels are laid out. */
    readonly sigma_schedule: SigmaSchedule | Code;
    /** The tail that a newer writer made, kept as it is. */
    readonly unknown: Unknown | null;
}
/** The second pass (hires fix), which enlarges the first and denoises it again. A default of 0 or "" means as in the first pass. */
export interface Hires {
    /** Enlargement; 0 where width and height are given instead. 0.0 to 64.0. */
    readonly scale: number;
    /** Final width, where no scale is given. In pixels. 0 to 4294967295. */
    readonly width: number;
    /** Final height, where no scale is given. In pixels. 0 to 4294967295. */
    readonly height: number;
    /** Diffusion steps; 0 as in the first pass. In steps. 0 to 65535. */
    readonly steps: number;
    /** The fraction of the noise schedule that is run. 0.0 to 1.0. */
    readonly denoising_strength: number;
    /** What is enlarged. */
    readonly form: UpscaleForm | Code;
    /** The upscaler's name; empty for the latent's nearest or bilinear default. */
    readonly upscaler: Text;
    /** Guidance scale; 0 as in the first pass. -100000.0 to 100000.0. */
    readonly guidance_scale: number;
    /** The scheduler, where it is not the first pass's. */
    readonly scheduler: HiresScheduler | null;
    /** The prompt, where it differs. */
    readonly prompt: Text;
    /** The negative prompt, where it differs. */
    readonly negative_prompt: Text;
    /** The model, where it differs. */
    readonly model_name: Text;
    /** The first bytes of the hash of that model's file. At most 32 bytes. */
    readonly model_hash: Uint8Array;
    /** Which hash that is. */
    readonly hash_kind: HashKind | Code;
    /** Whether the second pass has a seed of its own; it then draws its noise as a first pass does. */
    readonly own_seed: boolean;
    /** That seed. 0 to 18446744073709551615. */
    readonly seed: bigint;
    /** The tail that a newer writer made, kept as it is. */
    readonly unknown: Unknown | null;
}
/** Settings of guidance-distilled transformers. */
export interface Distilled {
    /** Guidance that the network takes as an input (embedded guidance). -100000.0 to 100000.0. */
    readonly guidance: number;
    /** The tail that a newer writer made, kept as it is. */
    readonly unknown: Unknown | null;
}
/** Another model that takes over near the end. */
export interface Refiner {
    /** The refiner's model ID. */
    readonly model: Code;
    /** Its name, where the table does not list it. */
    readonly name: Text;
    /** The first bytes of its weights' hash. At most 32 bytes. */
    readonly weight_hash: Uint8Array;
    /** The fraction of the steps at which it takes over. 0.0 to 1.0. */
    readonly switch_at: number;
    /** Its own diffusion steps; 0 continues the first model's. In steps. 0 to 65535. */
    readonly steps: number;
    /** Aesthetic score condition. 0.0 to 100.0. */
    readonly aesthetic_score: number;
    /** Aesthetic score condition of the negative prompt. 0.0 to 100.0. */
    readonly negative_aesthetic_score: number;
    /** Which hash that is. */
    readonly hash_kind: HashKind | Code;
    /** The tail that a newer writer made, kept as it is. */
    readonly unknown: Unknown | null;
}
/** A second seed whose noise is mixed into the first by spherical interpolation. */
export interface Variation {
    /** The second seed. 0 to 18446744073709551615. */
    readonly seed: bigint;
    /** How much of it: 0 none, 1 all. 0.0 to 1.0. */
    readonly strength: number;
    /** Width that the noise was drawn for, where it is not the picture's. In pixels. 0 to 4294967295. */
    readonly resize_width: number;
    /** Height that the noise was drawn for, where it is not the picture's. In pixels. 0 to 4294967295. */
    readonly resize_height: number;
    /** The tail that a newer writer made, kept as it is. */
    readonly unknown: Unknown | null;
}
/** Something that a program wrote beside the syntax elements, kept as it is. */
export interface ExtraEntry {
    /** Its key. */
    readonly key: Text;
    /** Its value. */
    readonly value: Text;
    /** The tail that a newer writer made, kept as it is. */
    readonly unknown: Unknown | null;
}
/** SDXL's size and crop conditions. */
export interface MicroConditioning {
    /** Original height; 0 is the picture's own. In pixels. 0 to 4294967295. */
    readonly original_height: number;
    /** Original width; 0 is the picture's own. In pixels. 0 to 4294967295. */
    readonly original_width: number;
    /** Top of the crop. In pixels. 0 to 4294967295. */
    readonly crop_top: number;
    /** Left of the crop. In pixels. 0 to 4294967295. */
    readonly crop_left: number;
    /** Target height; 0 is the picture's own. In pixels. 0 to 4294967295. */
    readonly target_height: number;
    /** Target width; 0 is the picture's own. In pixels. 0 to 4294967295. */
    readonly target_width: number;
    /** The tail that a newer writer made, kept as it is. */
    readonly unknown: Unknown | null;
}
/** Settings of the model that makes the image embedding from the prompt. */
export interface Prior {
    /** Its diffusion steps; 0 leaves them to the pipeline. In steps. 0 to 65535. */
    readonly steps: number;
    /** Its guidance scale. -100000.0 to 100000.0. */
    readonly guidance_scale: number;
    /** The tail that a newer writer made, kept as it is. */
    readonly unknown: Unknown | null;
}
/** Something that the picture depends on and the elements do not tell. */
export interface Gap {
    /** What it is. */
    readonly kind: GapKind | Code;
    /** Its name where it has one: the setting, the extension, the node, the file. */
    readonly name: Text;
    /** The tail that a newer writer made, kept as it is. */
    readonly unknown: Unknown | null;
}
/** How the file itself is coded; irrelevant to the generation. */
export interface CompressionOptions {
    /** How the strings are coded. */
    readonly text_compressor: TextCompressor | Code;
    /** Whether the original pixels are in the file. */
    readonly saving_pixels: boolean;
    /** How the saved pixels are coded. */
    readonly pixel_compressor: PixelCompressor | Code;
    /** Whether weights are in the file. */
    readonly saving_model: boolean;
    /** How the saved weights are coded. */
    readonly model_compressor: ModelCompressor | Code;
    /** What the saved weights are. */
    readonly saved_weights: SavedWeights | Code;
}
/** The hardware and software that made the picture. */
export interface Platform {
    /** The kind of device that ran the model. */
    readonly device: Device | Code;
    /** The GPU, by the name that torch reports. */
    readonly gpu: Code;
    /** The CUDA or ROCm release that torch was built with. */
    readonly cuda: Code;
    /** The version of torch. */
    readonly torch: Code;
    /** The version of diffusers. */
    readonly diffusers: Code;
    /** The program that made the picture. */
    readonly program: Code;
    /** The random generator that the noise comes from. */
    readonly noise_source: NoiseSource | Code;
    /** The operating system. */
    readonly operating_system: OperatingSystem | Code;
    /** The version of the program that made the picture. */
    readonly program_version: Text;
    /** The version of transformers. */
    readonly transformers: Code;
    /** The form in which attention was computed. */
    readonly attention: Attention | Code;
    /** The processor's name, where the model ran without a GPU. */
    readonly cpu: Text;
    /** The GPU's name where the table does not list it. */
    readonly gpu_name: Text;
    /** The version of torch where the table does not list it. */
    readonly torch_build: Text;
    /** The version of diffusers where the table does not list it. */
    readonly diffusers_build: Text;
    /** The version of transformers where the table does not list it. */
    readonly transformers_build: Text;
    /** Threads that the GPU launches for noise (multiprocessors times threads of each), on which Philox noise of large tensors depends; 0 where not recorded. In threads. 0 to 4294967295. */
    readonly noise_threads: number;
    /** Threads of one operation on the CPU, on which the order of sums depends; 0 where not recorded. In threads. 0 to 4095. */
    readonly threads: number;
    /** The arithmetic from the noise to the pixels. */
    readonly arithmetic: Arithmetic | Code;
    /** The first bytes of the SHA-256 of the scheduler's numbers, under exact arithmetic: timesteps, noise levels and cumulative alphas as float64. At most 32 bytes. */
    readonly schedule_digest: Uint8Array;
}
/** The model and the settings that belong to it. */
export interface GenerativeModel {
    /** The model ID. */
    readonly model_id: Code;
    /** The data type of the weights. */
    readonly data_type: DataType | Code;
    /** The scheduler (sampler). */
    readonly scheduler: Scheduler | Code;
    /** How the noise levels are laid out. */
    readonly sigma_schedule: SigmaSchedule | Code;
    /** The first bytes of the weights' hash. At most 32 bytes. */
    readonly weight_hash: Uint8Array;
    /** Which hash the weight hash is. */
    readonly hash_kind: HashKind | Code;
    /** The model's name, where the table does not list it. */
    readonly model_name: Text;
    /** Which layer of the text model is used, as AUTOMATIC1111 counts: 1 is the one that the model's own configuration takes, 2 the one before the last. In layers. 1 to 32. */
    readonly clip_skip: number;
    /** How a prompt's text becomes embeddings. */
    readonly prompt_dialect: PromptDialect | Code;
    /** Adapters on the model, in the order in which they are applied. At most 256. */
    readonly adapters: readonly Adapter[];
    /** Settings of the scheduler beyond its name. */
    readonly sampler_options: SamplerOptions | null;
    /** The VAE's name, where it is not the model's own. */
    readonly vae_name: Text;
    /** The first bytes of the hash of the VAE's file, where it is not the model's own. At most 32 bytes. */
    readonly vae_hash: Uint8Array;
    /** The first bytes of the commit of the model's repository. At most 32 bytes. */
    readonly revision: Uint8Array;
    /** Which hash the VAE's hash is. */
    readonly vae_hash_kind: HashKind | Code;
    /** The kind of pipeline that ran the model, where the table of models does not list it. */
    readonly pipeline: Code;
    /** How a prompt's weights act on its embeddings. */
    readonly emphasis: Emphasis | Code;
    /** Files of text models that replace the model's own, in the program's order. At most 8. */
    readonly text_encoders: readonly Component[];
}
/** What the model was given. */
export interface Data {
    /** The prompt. */
    readonly prompt: Text;
    /** The negative prompt. */
    readonly negative_prompt: Text;
    /** Height of the first pass. In pixels. 1 to 4294967295. */
    readonly height: number;
    /** Width of the first pass. In pixels. 1 to 4294967295. */
    readonly width: number;
    /** Diffusion steps. In steps. 0 to 65535. */
    readonly steps: number;
    /** Guidance scale (Ho and Salimans 2022), as diffusers counts it: 1 is no guidance. -100000.0 to 100000.0. */
    readonly guidance_scale: number;
    /** Seed of the random generator. 0 to 18446744073709551615. */
    readonly seed: bigint;
    /** The fraction of the noise schedule that is run; below 1 there was an image input. 0.0 to 1.0. */
    readonly denoising_strength: number;
    /** The second pass, at a larger size. */
    readonly hires: Hires | null;
    /** Whether the recorded generation syntax determines the picture. */
    readonly completeness: Completeness | Code;
    /** Settings of guidance-distilled transformers. */
    readonly distilled: Distilled | null;
    /** Another model that takes over near the end. */
    readonly refiner: Refiner | null;
    /** A second seed whose noise is mixed in. */
    readonly variation: Variation | null;
    /** What else the program wrote, kept as it is. At most 256. */
    readonly extra: readonly ExtraEntry[];
    /** Guidance rescale (Lin et al. 2023, equation 16). 0.0 to 1.0. */
    readonly guidance_rescale: number;
    /** The prompt of the second text model, where it differs. */
    readonly prompt_2: Text;
    /** The negative prompt of the second text model, where it differs. */
    readonly negative_prompt_2: Text;
    /** The prompt of the third text model, where it differs. */
    readonly prompt_3: Text;
    /** The negative prompt of the third text model, where it differs. */
    readonly negative_prompt_3: Text;
    /** The picture's place in its batch, from 0; later pictures take later noise of one generator. 0 to 65535. */
    readonly batch_position: number;
    /** Pictures in the batch. 1 to 65535. */
    readonly batch_size: number;
    /** SDXL's size and crop conditions (Podell et al. 2023, section 2.2). */
    readonly micro_conditioning: MicroConditioning | null;
    /** Convolutions wrap around, so that the picture tiles. */
    readonly tiling: boolean;
    /** Longest prompt that the text model takes; 0 leaves it to the pipeline. In tokens. 0 to 65535. */
    readonly max_sequence_length: number;
    /** Whether the pictures of a batch share one random generator. */
    readonly batch_generators: BatchGenerators | Code;
    /** A prompt's edits count their steps as AUTOMATIC1111 did before 1.6. */
    readonly old_prompt_edits: boolean;
    /** Settings of the model that makes the image embedding from the prompt. */
    readonly prior: Prior | null;
    /** Prompts of the batch whose texts were encoded together; each has the same number of pictures. 1 to 65535. */
    readonly batch_prompts: number;
    /** What the picture depends on and the elements do not tell. At most 64. */
    readonly gaps: readonly Gap[];
}
/** What a recreation is compared with. */
export interface Verification {
    /** The first bytes of the SHA-256 of the original pixels (docs/format.md says over which bytes). At most 32 bytes. */
    readonly pixel_hash: Uint8Array;
    /** Width of the final picture; 0 where it is the first pass's. In pixels. 0 to 4294967295. */
    readonly picture_width: number;
    /** Height of the final picture; 0 where it is the first pass's. In pixels. 0 to 4294967295. */
    readonly picture_height: number;
    /** A ThumbHash of the picture. At most 64 bytes. */
    readonly preview: Uint8Array;
}
/** A file that holds the generation syntax of an AI-generated picture (the model, the prompt, the seed and the settings), from which the pixels are recreated by running the model again. */
export interface Aigif {
    /** How the file itself is coded; irrelevant to the generation. */
    readonly compression: CompressionOptions;
    /** The hardware and software that made the picture. */
    readonly platform: Platform;
    /** The model and the settings that belong to it. */
    readonly model: GenerativeModel;
    /** What the model was given. */
    readonly data: Data;
    /** What a recreation is compared with. */
    readonly verification: Verification;
    /** The tail that a newer writer made, kept as it is. */
    readonly unknown: Unknown | null;
    /** Sections other than the text, in the order of their ids: those that this version knows, and others. */
    readonly sections: readonly Section[];
    /** The strings as a file had them, written back while they are unchanged. */
    readonly coded_text: CodedText | null;
}
