import type * as types from "./types.js";
export type { Text } from "./bits.js";
export type { Unknown } from "./bundles.js";
export * from "./enums.js";
export * from "./errors.js";
export type { CodedText, Section } from "./format.js";
export { registerTextCoder, type TextCoder } from "./text.js";
export type * from "./types.js";
export type Profile = "paper" | "compact";
/** Caps of this reader, where others are wanted than the schema's. */
export interface Caps {
    /** Largest saved-pixels section that a reader takes unless told otherwise. */
    pixel_payload_bytes?: number;
    /** Largest saved-weights section that a reader takes unless told otherwise. */
    weight_payload_bytes?: number;
    /** Largest source-metadata section that a reader takes unless told otherwise. */
    metadata_payload_bytes?: number;
}
/** Groups with the elements that differ from their defaults. */
export interface Groups {
    compression?: Partial<types.CompressionOptions>;
    platform?: Partial<types.Platform>;
    model?: Partial<types.GenerativeModel>;
    data?: Partial<types.Data>;
    verification?: Partial<types.Verification>;
}
/** Read a file's bytes. Throws a CorruptError (UnsupportedError, NotCanonicalError) or a LimitError. */
export declare function decode(data: Uint8Array, caps?: Caps): Promise<types.Aigif>;
/** The bytes of a file; the same value gives the same bytes. Throws an ElementError or a LimitError. */
export declare function encode(value: types.Aigif, profile?: Profile): Promise<Uint8Array>;
/** A value of the given elements, the others at their defaults. */
export declare function create(groups?: Groups): types.Aigif;
/** A copy with groups replaced, without the unknown sections that an edit may have made wrong. */
export declare function edited(value: types.Aigif, groups: Partial<types.Aigif>): types.Aigif;
/** One adapter on the model. */
export declare function createAdapter(elements?: Partial<types.Adapter>): types.Adapter;
/** Settings of the scheduler; the defaults are what schedulers do unless told otherwise. */
export declare function createSamplerOptions(elements?: Partial<types.SamplerOptions>): types.SamplerOptions;
/** A file that holds a part of the model. */
export declare function createComponent(elements?: Partial<types.Component>): types.Component;
/** A scheduler of the second pass's own. */
export declare function createHiresScheduler(elements?: Partial<types.HiresScheduler>): types.HiresScheduler;
/** The second pass (hires fix), which enlarges the first and denoises it again. A default of 0 or "" means as in the first pass. */
export declare function createHires(elements?: Partial<types.Hires>): types.Hires;
/** Settings of guidance-distilled transformers. */
export declare function createDistilled(elements?: Partial<types.Distilled>): types.Distilled;
/** Another model that takes over near the end. */
export declare function createRefiner(elements?: Partial<types.Refiner>): types.Refiner;
/** A second seed whose noise is mixed into the first by spherical interpolation. */
export declare function createVariation(elements?: Partial<types.Variation>): types.Variation;
/** Something that a program wrote beside the syntax elements, kept as it is. */
export declare function createExtraEntry(elements?: Partial<types.ExtraEntry>): types.ExtraEntry;
/** SDXL's size and crop conditions. */
export declare function createMicroConditioning(elements?: Partial<types.MicroConditioning>): types.MicroConditioning;
/** Settings of the model that makes the image embedding from the prompt. */
export declare function createPrior(elements?: Partial<types.Prior>): types.Prior;
/** Something that the picture depends on and the elements do not tell. */
export declare function createGap(elements?: Partial<types.Gap>): types.Gap;
