import { CorruptError } from "./errors.js";
export type Stream = "deflate" | "deflate-raw";
/** What compresses. `inflate` never makes more than `most` bytes, and refuses a stream that is not whole. */
export interface Engine {
    deflate(raw: Uint8Array, stream: Stream): Promise<Uint8Array>;
    inflate(payload: Uint8Array, stream: Stream, most: number): Promise<Uint8Array>;
}
/** The streams of the platform; `node.ts` puts Node's zlib in their place. */
export declare const engine: Engine;
export declare function known(compressor: number): boolean;
export declare function concat(parts: readonly ArrayLike<number>[]): Uint8Array;
/** Code strings: all strings of a file together, or with `alone` one by one. */
export declare function encodeText(strings: readonly string[], compressor: number, most: number, alone: boolean): Promise<Uint8Array[]>;
/** The strings of a text section, or with `alone` the one string that a record coded. */
export declare function decodeText(payload: Uint8Array, compressor: number, most: number, alone: boolean): Promise<string[]>;
export declare function tooLong(most: number): string;
export declare function broken(): CorruptError;
