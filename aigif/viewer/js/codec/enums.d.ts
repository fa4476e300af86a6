/** A code of any enumeration, listed or not. */
export type Code = number;
/** How saved pixels are coded. */
export declare const PixelCompressor: {
    /** Raw samples after a 9-byte header. */
    readonly NONE: 0;
    /** PNG (ISO/IEC 15948). */
    readonly PNG: 1;
    /** WebP, lossless (RFC 9649). */
    readonly WEBP: 2;
    /** JPEG XL, lossless (ISO/IEC 18181). */
    readonly JXL: 3;
};
export type PixelCompressor = (typeof PixelCompressor)[keyof typeof PixelCompressor];
/** How the text section is coded. */
export declare const TextCompressor: {
    /** The joined strings as they are. */
    readonly NONE: 0;
    /** A zlib stream (RFC 1950) of the joined strings. */
    readonly ZLIB: 1;
    /** A raw DEFLATE stream (RFC 1951) of the joined strings: zlib without its 6 bytes of header and checksum. */
    readonly DEFLATE: 2;
    /** The prompt coder: all strings as one number, by the first tables trained on prompts. */
    readonly PROMPT: 3;
    /** A raw DEFLATE stream of the joined strings, after the first dictionary of prompts. */
    readonly DEFLATE_DICTIONARY: 4;
    /** A Brotli stream (RFC 7932) of the joined strings. */
    readonly BROTLI: 5;
    /** A Zstandard frame (RFC 8878) without its magic number of the joined strings, after the first dictionary of prompts. */
    readonly ZSTD_DICTIONARY: 6;
};
export type TextCompressor = (typeof TextCompressor)[keyof typeof TextCompressor];
/** How saved weights are coded. */
export declare const ModelCompressor: {
    /** A safetensors file as it is. */
    readonly NONE: 0;
    /** A safetensors file whose matrices are symmetric 8-bit integers with one float32 scale for each output channel. */
    readonly INT8: 1;
};
export type ModelCompressor = (typeof ModelCompressor)[keyof typeof ModelCompressor];
/** What the weights section holds. */
export declare const SavedWeights: {
    /** Weights of every component, which replace those of the named model. */
    readonly MODEL: 0;
    /** One adapter (LoRA) that is put on the named model. */
    readonly ADAPTER: 1;
};
export type SavedWeights = (typeof SavedWeights)[keyof typeof SavedWeights];
/** The kind of device that ran the model. */
export declare const Device: {
    /** A processor. */
    readonly CPU: 0;
    /** An NVIDIA GPU through CUDA. */
    readonly CUDA: 1;
    /** An AMD GPU through ROCm. */
    readonly ROCM: 2;
    /** An Apple GPU through Metal. */
    readonly MPS: 3;
    /** An Intel GPU through oneAPI. */
    readonly XPU: 4;
    /** A GPU through DirectML. */
    readonly DIRECTML: 5;
    /** An AMD GPU that runs CUDA code through ZLUDA. */
    readonly ZLUDA: 6;
    /** Any device through OpenVINO. */
    readonly OPENVINO: 7;
    /** An Ascend NPU. */
    readonly NPU: 8;
    /** A Cambricon MLU. */
    readonly MLU: 9;
    /** A Google TPU through XLA. */
    readonly TPU: 10;
    /** A closed service; its device is not told. */
    readonly SERVICE: 11;
    /** Not recorded. */
    readonly UNSPECIFIED: 14;
};
export type Device = (typeof Device)[keyof typeof Device];
/** The operating system of the machine that made the picture. */
export declare const OperatingSystem: {
    /** Not recorded. */
    readonly UNSPECIFIED: 0;
    /** Linux. */
    readonly LINUX: 1;
    /** Windows. */
    readonly WINDOWS: 2;
    /** macOS. */
    readonly MACOS: 3;
    /** iOS or iPadOS. */
    readonly IOS: 4;
    /** Android. */
    readonly ANDROID: 5;
    /** FreeBSD. */
    readonly FREEBSD: 6;
};
export type OperatingSystem = (typeof OperatingSystem)[keyof typeof OperatingSystem];
/** The form in which attention was computed. */
export declare const Attention: {
    /** Not recorded. */
    readonly UNSPECIFIED: 0;
    /** torch.nn.functional.scaled_dot_product_attention. */
    readonly SDPA: 1;
    /** Matrix products and softmax, one after the other. */
    readonly EAGER: 2;
    /** xFormers memory-efficient attention. */
    readonly XFORMERS: 3;
    /** FlashAttention 2. */
    readonly FLASH_2: 4;
    /** FlashAttention 3. */
    readonly FLASH_3: 5;
    /** Attention in slices. */
    readonly SLICED: 6;
    /** SageAttention. */
    readonly SAGE: 7;
    /** torch.nn.attention.flex_attention. */
    readonly FLEX: 8;
    /** Sub-quadratic attention in chunks. */
    readonly SUB_QUADRATIC: 9;
    /** The split attention of AUTOMATIC1111's Doggettx option. */
    readonly DOGGETTX: 10;
};
export type Attention = (typeof Attention)[keyof typeof Attention];
/** The random generator that the noise comes from. */
export declare const NoiseSource: {
    /** torch.Generator on the CPU (mt19937). */
    readonly TORCH_CPU: 0;
    /** torch.Generator on CUDA (Philox 4x32-10). */
    readonly CUDA_PHILOX: 1;
    /** CUDA's Philox numbers computed on the CPU (AUTOMATIC1111's RNG=NV). */
    readonly NV: 2;
    /** torch.Generator on Metal. */
    readonly MPS: 3;
    /** numpy.random.RandomState. */
    readonly NUMPY: 4;
    /** torch.Generator on Intel XPU. */
    readonly XPU: 5;
    /** A closed service; its generator is not told. */
    readonly SERVICE: 6;
    /** Not recorded. */
    readonly UNSPECIFIED: 7;
};
export type NoiseSource = (typeof NoiseSource)[keyof typeof NoiseSource];
/** The arithmetic of every operation from the noise to the pixels. */
export declare const Arithmetic: {
    /** The platform's own floating-point kernels. */
    readonly NATIVE: 0;
    /** The profile exact-1 of docs/exact-arithmetic.md, with operands of 24 bits: the same pixels on every platform. */
    readonly EXACT_1: 1;
    /** The same with operands of 20 bits. */
    readonly EXACT_1_20: 2;
};
export type Arithmetic = (typeof Arithmetic)[keyof typeof Arithmetic];
/** The data type of the weights while the model runs. */
export declare const DataType: {
    /** IEEE 754 binary32. */
    readonly FLOAT32: 0;
    /** IEEE 754 binary16. */
    readonly FLOAT16: 1;
    /** bfloat16. */
    readonly BFLOAT16: 2;
    /** 8-bit float, 4 exponent bits. */
    readonly FLOAT8_E4M3FN: 3;
    /** 8-bit float, 5 exponent bits. */
    readonly FLOAT8_E5M2: 4;
    /** 8-bit integer weights (bitsandbytes, quanto). */
    readonly INT8: 5;
    /** 4-bit NormalFloat (bitsandbytes). */
    readonly NF4: 6;
    /** GGUF, about 4 bits a weight. */
    readonly GGUF_Q4: 7;
    /** GGUF, about 5 bits a weight. */
    readonly GGUF_Q5: 8;
    /** GGUF, 8 bits a weight. */
    readonly GGUF_Q8: 9;
    /** IEEE 754 binary64. */
    readonly FLOAT64: 10;
    /** 4-bit float (bitsandbytes fp4, NVFP4, MXFP4). */
    readonly FP4: 11;
    /** Not recorded. */
    readonly UNSPECIFIED: 14;
};
export type DataType = (typeof DataType)[keyof typeof DataType];
/** How the noise levels (sigmas) are laid out between the first and the last. */
export declare const SigmaSchedule: {
    /** The scheduler's own: interpolated from the training betas (AUTOMATIC1111's Automatic or Uniform; ComfyUI's normal). */
    readonly MODEL: 0;
    /** Karras et al. 2022, equation 5. */
    readonly KARRAS: 1;
    /** Evenly spaced in log sigma. */
    readonly EXPONENTIAL: 2;
    /** A power of evenly spaced log sigma. */
    readonly POLYEXPONENTIAL: 3;
    /** Quantiles of a beta distribution. */
    readonly BETA: 4;
    /** Evenly spaced timesteps without the last (Stability's generative-models). */
    readonly SGM_UNIFORM: 5;
    /** Every n-th training sigma (ComfyUI's simple). */
    readonly SIMPLE: 6;
    /** DDIM's spacing (ComfyUI's ddim_uniform). */
    readonly DDIM_UNIFORM: 7;
    /** Align Your Steps' closed form for Gaussian data. */
    readonly KL_OPTIMAL: 8;
    /** Align Your Steps' published tables. */
    readonly ALIGN_YOUR_STEPS: 9;
    /** Linear, then quadratic (ComfyUI's linear_quadratic). */
    readonly LINEAR_QUADRATIC: 10;
    /** AUTOMATIC1111's Turbo. */
    readonly TURBO: 11;
    /** ComfyUI's normal, where it differs from the scheduler's own. */
    readonly NORMAL: 12;
    /** Lu et al. 2022: evenly spaced log signal-to-noise ratio. */
    readonly LU_LAMBDAS: 13;
    /** Evenly spaced flow-matching times, shifted. */
    readonly FLOW: 14;
    /** The tangent schedule of RES4LYF. */
    readonly BONG_TANGENT: 16;
};
export type SigmaSchedule = (typeof SigmaSchedule)[keyof typeof SigmaSchedule];
/** How timesteps are picked from the training steps. */
export declare const TimestepSpacing: {
    /** As the scheduler's own configuration says. */
    readonly SCHEDULER: 0;
    /** Lin et al. 2023, Table 2: leading. */
    readonly LEADING: 1;
    /** Lin et al. 2023, Table 2: linspace. */
    readonly LINSPACE: 2;
    /** Lin et al. 2023, Table 2: trailing. */
    readonly TRAILING: 3;
};
export type TimestepSpacing = (typeof TimestepSpacing)[keyof typeof TimestepSpacing];
/** What the network predicts. */
export declare const PredictionType: {
    /** As the model's own configuration says. */
    readonly MODEL: 0;
    /** The noise. */
    readonly EPSILON: 1;
    /** The velocity of Salimans and Ho 2022. */
    readonly V_PREDICTION: 2;
    /** The clean latent. */
    readonly SAMPLE: 3;
    /** The flow-matching velocity. */
    readonly FLOW: 4;
};
export type PredictionType = (typeof PredictionType)[keyof typeof PredictionType];
/** Which hash a weight hash is; every kind may be cut to its first bytes. */
export declare const HashKind: {
    /** SHA-256 of the checkpoint file (AUTOMATIC1111 shows its first 5 bytes). */
    readonly SHA256: 0;
    /** AUTOMATIC1111's first model hash: 4 bytes of SHA-256 over 64 KiB at offset 1 MiB. */
    readonly LEGACY: 1;
    /** SHA-256 of a safetensors file without its header (6 bytes shown). */
    readonly AUTOV3: 2;
    /** BLAKE3 of the checkpoint (InvokeAI). */
    readonly BLAKE3: 3;
    /** SHA-256 over the sorted names and SHA-256 hashes of the safetensors files of a model folder. */
    readonly FOLDER: 4;
    /** CRC-32 of the checkpoint file. */
    readonly CRC32: 5;
};
export type HashKind = (typeof HashKind)[keyof typeof HashKind];
/** What an adapter is. */
export declare const AdapterKind: {
    /** Low-rank adaptation (Hu et al. 2021). */
    readonly LORA: 0;
    /** LoHa, LoKr and the other LyCORIS forms. */
    readonly LYCORIS: 1;
    /** A learned token embedding (Gal et al. 2022). */
    readonly TEXTUAL_INVERSION: 2;
    /** A hypernetwork on cross-attention. */
    readonly HYPERNETWORK: 3;
    /** Weight-decomposed low-rank adaptation. */
    readonly DORA: 4;
    /** ControlNet; needs a control image. */
    readonly CONTROLNET: 5;
    /** T2I-Adapter; needs a control image. */
    readonly T2I_ADAPTER: 6;
    /** IP-Adapter; needs an image prompt. */
    readonly IP_ADAPTER: 7;
};
export type AdapterKind = (typeof AdapterKind)[keyof typeof AdapterKind];
/** How a prompt's text becomes embeddings. */
export declare const PromptDialect: {
    /** The tokenizer takes the text as it is, cut at the model's longest length. */
    readonly PLAIN: 0;
    /** AUTOMATIC1111: emphasis, BREAK, AND, schedules, 75-token chunks. */
    readonly A1111: 1;
    /** ComfyUI: emphasis relative to the empty prompt. */
    readonly COMFYUI: 2;
    /** InvokeAI: compel. */
    readonly COMPEL: 3;
    /** NovelAI: braces and brackets. */
    readonly NOVELAI: 4;
    /** Fooocus: expanded by a language model, then ComfyUI's weighting. */
    readonly FOOOCUS: 5;
    /** SD.Next: its own parser of AUTOMATIC1111's syntax. */
    readonly SDNEXT: 6;
    /** Draw Things. */
    readonly DRAW_THINGS: 7;
    /** SwarmUI: angle-bracket syntax before ComfyUI's. */
    readonly SWARMUI: 8;
    /** Not recorded. */
    readonly UNSPECIFIED: 9;
};
export type PromptDialect = (typeof PromptDialect)[keyof typeof PromptDialect];
/** How an AUTOMATIC1111 prompt's weights act on its embeddings. */
export declare const Emphasis: {
    /** As the dialect has it: multiplied, and the mean restored. */
    readonly DIALECT: 0;
    /** Multiplied, and the mean left as it comes out. */
    readonly NO_NORM: 1;
    /** Read and left out. */
    readonly IGNORE: 2;
    /** Not read: brackets and colons are text. */
    readonly NONE: 3;
};
export type Emphasis = (typeof Emphasis)[keyof typeof Emphasis];
/** The random generator of the fresh noise of stochastic samplers. */
export declare const StepNoise: {
    /** The generator that the first noise came from goes on. */
    readonly FIRST: 0;
    /** A torch.Generator on the CPU of its own. */
    readonly TORCH_CPU: 1;
    /** A torch.Generator on CUDA of its own. */
    readonly CUDA_PHILOX: 2;
};
export type StepNoise = (typeof StepNoise)[keyof typeof StepNoise];
/** How many random generators the pictures of a batch have. */
export declare const BatchGenerators: {
    /** One for the whole batch; the recorded seed is its seed. */
    readonly SHARED: 0;
    /** One for each picture; the recorded seed is this picture's. */
    readonly SEPARATE: 1;
};
export type BatchGenerators = (typeof BatchGenerators)[keyof typeof BatchGenerators];
/** What is enlarged between the passes. */
export declare const UpscaleForm: {
    /** The latent. */
    readonly LATENT: 0;
    /** The decoded picture, encoded again afterwards. */
    readonly IMAGE: 1;
};
export type UpscaleForm = (typeof UpscaleForm)[keyof typeof UpscaleForm];
/** Whether the recorded generation syntax determines the picture. */
export declare const Completeness: {
    /** Every element that the picture depends on is recorded. */
    readonly COMPLETE: 0;
    /** Some element is missing or unknown; a recreation is a guess. */
    readonly PARTIAL: 1;
    /** There is no generation syntax; only saved pixels can be shown. */
    readonly MISSING: 2;
};
export type Completeness = (typeof Completeness)[keyof typeof Completeness];
/** What the picture depends on and the recorded generation syntax does not tell. */
export declare const GapKind: {
    /** A setting that no element holds. */
    readonly SETTING: 0;
    /** A value that was not recorded, or can't be read. */
    readonly VALUE: 1;
    /** The seed was not recorded. */
    readonly SEED: 2;
    /** The prompt that was encoded is not known word for word. */
    readonly PROMPT: 3;
    /** The model was not recorded. */
    readonly MODEL: 4;
    /** The model belongs to a service that does not give it away. */
    readonly CLOSED_MODEL: 5;
    /** An adapter that can't be told which it was. */
    readonly ADAPTER: 6;
    /** The image that was changed or continued. */
    readonly INIT_IMAGE: 7;
    /** The mask of an image that was changed. */
    readonly MASK: 8;
    /** The image that a ControlNet or T2I-Adapter followed. */
    readonly CONTROL_IMAGE: 9;
    /** An image that served as a prompt (IP-Adapter, vibe, unCLIP, Redux). */
    readonly REFERENCE_IMAGE: 10;
    /** The finished picture was changed: faces, upscaling, compositing. */
    readonly POSTPROCESS: 11;
    /** An extension took part in the denoising. */
    readonly EXTENSION: 12;
    /** A step of the program's own graph that is not understood. */
    readonly OPERATION: 13;
    /** A sampling pass that no element holds. */
    readonly PASSES: 14;
    /** The picture's size is not what the settings give: it was cropped, resized, or is another picture. */
    readonly SIZE: 15;
    /** The program's own record may be wrong. */
    readonly RECORD: 16;
    /** The source of the noise is not known. */
    readonly NOISE: 17;
    /** Prompts for parts of the picture. */
    readonly REGION: 18;
    /** The model was merged or patched. */
    readonly MODEL_PATCH: 19;
    /** A video or an animation; the picture is one frame or several. */
    readonly ANIMATION: 20;
};
export type GapKind = (typeof GapKind)[keyof typeof GapKind];
/** The sampling algorithm (scheduler) that turned noise into the picture. */
export declare const Scheduler: {
    /** Denoising diffusion implicit model; ComfyUI runs its equivalent Euler form */
    readonly DDIM: 0;
    /** Euler with ancestral noise */
    readonly EULER_A: 1;
    /** DPM-Solver++, second order, multistep */
    readonly DPMPP_2M: 2;
    /** Euler */
    readonly EULER: 3;
    /** DPM-Solver++, stochastic, singlestep, Brownian noise */
    readonly DPMPP_SDE: 4;
    /** DPM-Solver++, stochastic, second order, multistep (midpoint) */
    readonly DPMPP_2M_SDE: 5;
    /** UniPC, third order, B(h) variant 1 */
    readonly UNIPC: 6;
    /** Pseudo linear multistep: PNDM without its Runge-Kutta start */
    readonly PLMS: 7;
    /** Latent consistency sampling */
    readonly LCM: 8;
    /** Heun, second order */
    readonly HEUN: 9;
    /** Euler on a rectified flow; other programs report it as Euler with a flow model */
    readonly FLOW_MATCH_EULER: 10;
    /** DPM-Solver++, stochastic, third order, multistep; the diffusers form is an approximation */
    readonly DPMPP_3M_SDE: 11;
    /** DPM-Solver++, second order, singlestep, with ancestral noise */
    readonly DPMPP_2S_A: 12;
    /** Linear multistep */
    readonly LMS: 13;
    /** DPM-Solver-2 with ancestral noise */
    readonly DPM2_A: 14;
    /** DPM-Solver-2 */
    readonly DPM2: 16;
    /** Denoising diffusion probabilistic model, ancestral sampling */
    readonly DDPM: 17;
    /** DPM-Solver-Fast, orders 1 to 3 */
    readonly DPM_FAST: 18;
    /** DPM-Solver-12 and -23 with adaptive steps */
    readonly DPM_ADAPTIVE: 19;
    /** Restart sampling */
    readonly RESTART: 20;
    /** Heun++ */
    readonly HEUNPP2: 21;
    /** Improved pseudo numerical method; diffusers parametrises it differently */
    readonly IPNDM: 22;
    /** Improved pseudo numerical method, variable step */
    readonly IPNDM_V: 23;
    /** Diffusion exponential integrator sampler */
    readonly DEIS: 24;
    /** Trajectory consistency sampling */
    readonly TCD: 25;
    /** Pseudo numerical method with its Runge-Kutta start */
    readonly PNDM: 26;
    /** UniPC, third order, B(h) variant 2 */
    readonly UNIPC_BH2: 27;
    /** UniPC, second order, B(h) variant 2: the diffusers default */
    readonly UNIPC_2_BH2: 28;
    /** DPM-Solver++, stochastic, second order, multistep (Heun) */
    readonly DPMPP_2M_SDE_HEUN: 29;
    /** DPM-Solver++, second order, singlestep */
    readonly DPMPP_2S: 30;
    /** DPM-Solver++, third order, multistep */
    readonly DPMPP_3M: 31;
    /** DPM-Solver++, second order, multistep (Heun) */
    readonly DPMPP_2M_HEUN: 32;
    /** DPM-Solver (not ++), second order, multistep */
    readonly DPM_SOLVER_2M: 33;
    /** Stochastic Adams solver */
    readonly SA_SOLVER: 34;
    /** Stochastic Adams solver, predict-evaluate-correct-evaluate */
    readonly SA_SOLVER_PECE: 35;
    /** Heun on a rectified flow */
    readonly FLOW_MATCH_HEUN: 36;
    /** Latent consistency sampling on a rectified flow */
    readonly FLOW_MATCH_LCM: 37;
    /** Continuous-time consistency sampling (Sana-Sprint) */
    readonly SCM: 38;
    /** Euler in the EDM formulation */
    readonly EDM_EULER: 39;
    /** DPM-Solver++ in the EDM formulation (Playground v2.5) */
    readonly EDM_DPMPP_2M: 40;
    /** Multistep consistency model sampling */
    readonly CM_STOCHASTIC: 41;
    /** Ancestral sampling of Wuerstchen and Stable Cascade */
    readonly DDPM_WUERSTCHEN: 42;
    /** Ancestral sampling of unCLIP priors and decoders */
    readonly UNCLIP: 43;
    /** DDIM with CFG++ */
    readonly DDIM_CFG_PP: 44;
    /** Euler with CFG++ */
    readonly EULER_CFG_PP: 45;
    /** Euler with ancestral noise and CFG++ */
    readonly EULER_A_CFG_PP: 46;
    /** DPM-Solver++ 2M with CFG++ */
    readonly DPMPP_2M_CFG_PP: 47;
    /** DPM-Solver++ 2S ancestral with CFG++ */
    readonly DPMPP_2S_A_CFG_PP: 48;
    /** Refined exponential solver, multistep */
    readonly RES_MULTISTEP: 49;
    /** Refined exponential solver, multistep, with CFG++ */
    readonly RES_MULTISTEP_CFG_PP: 50;
    /** Refined exponential solver, multistep, with ancestral noise */
    readonly RES_MULTISTEP_A: 51;
    /** Refined exponential solver, multistep, ancestral, with CFG++ */
    readonly RES_MULTISTEP_A_CFG_PP: 52;
    /** Gradient estimation sampling */
    readonly GRADIENT_ESTIMATION: 53;
    /** Gradient estimation sampling with CFG++ */
    readonly GRADIENT_ESTIMATION_CFG_PP: 54;
    /** Extended reverse-time SDE solver */
    readonly ER_SDE: 55;
    /** Stochastic exponential derivative-free solver, two stages */
    readonly SEEDS_2: 56;
    /** Stochastic exponential derivative-free solver, three stages */
    readonly SEEDS_3: 57;
    /** Exponential Heun, second order, data prediction */
    readonly EXP_HEUN_2_X0: 58;
    /** Exponential Heun, second order, data prediction, stochastic */
    readonly EXP_HEUN_2_X0_SDE: 59;
    /** CFG++ UD10 AB of ComfyUI */
    readonly CFGPP_UD10_AB: 60;
    /** Euler with dynamic patches (extension) */
    readonly EULER_DY: 61;
    /** Euler SMEA with dynamic patches (extension) */
    readonly EULER_SMEA_DY: 62;
    /** Euler with a negative step (extension) */
    readonly EULER_NEGATIVE: 63;
    /** Euler with dynamic patches and a negative step (extension) */
    readonly EULER_DY_NEGATIVE: 64;
    /** Kohaku LoNyu Yog (extension) */
    readonly KOHAKU_LONYU_YOG: 65;
    /** Unmasking of tokens by their confidence (aMUSEd) */
    readonly AMUSED: 66;
    /** DDIM as CogVideoX and CogView3-Plus have it */
    readonly COGVIDEOX_DDIM: 67;
    /** DPM-Solver++ 2M SDE as CogVideoX and CogView3-Plus have it */
    readonly COGVIDEOX_DPM: 68;
};
export type Scheduler = (typeof Scheduler)[keyof typeof Scheduler];
