import type { Bundle } from "./elements.js";
import type { KnownSection, Profile } from "./format.js";
/** One adapter on the model. */
export declare const adapter: Bundle;
/** Settings of the scheduler; the defaults are what schedulers do unless told otherwise. */
export declare const samplerOptions: Bundle;
/** A file that holds a part of the model. */
export declare const component: Bundle;
/** A scheduler of the second pass's own. */
export declare const hiresScheduler: Bundle;
/** The second pass (hires fix), which enlarges the first and denoises it again. A default of 0 or "" means as in the first pass. */
export declare const hires: Bundle;
/** Settings of guidance-distilled transformers. */
export declare const distilled: Bundle;
/** Another model that takes over near the end. */
export declare const refiner: Bundle;
/** A second seed whose noise is mixed into the first by spherical interpolation. */
export declare const variation: Bundle;
/** Something that a program wrote beside the syntax elements, kept as it is. */
export declare const extraEntry: Bundle;
/** SDXL's size and crop conditions. */
export declare const microConditioning: Bundle;
/** Settings of the model that makes the image embedding from the prompt. */
export declare const prior: Bundle;
/** Something that the picture depends on and the elements do not tell. */
export declare const gap: Bundle;
export declare const root: Bundle;
export declare const MAGIC: number[];
export declare const SECTIONS: readonly KnownSection[];
/** The element that names the text compressor. */
export declare const CODER = "compression.text_compressor";
/** The top-level groups. */
export declare const SYNTAX: string[];
export declare const PROFILES: readonly Profile[];
