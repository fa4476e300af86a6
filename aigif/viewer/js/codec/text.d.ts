import { CorruptError } from "./errors.js";
/** How bytes are packed: as a zlib stream, as a raw one, or as a raw one after a dictionary. */
export type Stream = "deflate" | "deflate-raw" | Uint8Array;
/** What codes strings: those of a file together, or with `alone` the one of a record's element. */
export interface TextCoder {
    /** Throws a LimitError where the joined strings have more bytes than the format allows. */
    encode(strings: readonly string[], alone: boolean): Promise<Uint8Array>;
    /** Throws a CorruptError, a NotCanonicalError or a LimitError. */
    decode(payload: Uint8Array, alone: boolean): Promise<string[]>;
}
/** What compresses. `inflate` never makes more than `most` bytes, and refuses a stream that is not whole. */
export interface Engine {
    deflate(raw: Uint8Array, stream: Stream): Promise<Uint8Array>;
    inflate(payload: Uint8Array, stream: Stream, most: number): Promise<Uint8Array>;
}
/** The streams of the platform; `node.ts` puts Node's zlib in their place. */
export declare const engine: Engine;
export declare function known(compressor: number): boolean;
/** Code and read text with another coder than those that need nothing, by its code in the schema. */
export declare function registerTextCoder(compressor: number, coder: TextCoder): void;
export declare function concat(parts: readonly ArrayLike<number>[]): Uint8Array;
/** Code strings: all strings of a file together, or with `alone` one by one. */
export declare function encodeText(strings: readonly string[], compressor: number, alone: boolean): Promise<Uint8Array[]>;
/** The strings of a text section, or with `alone` the one string that a record coded. */
export declare function decodeText(payload: Uint8Array, compressor: number, alone: boolean): Promise<string[]>;
/** A coder of the joined strings, which stores them where there is no stream. */
export declare function bytesCoder(stream?: Stream): TextCoder;
export declare function checkSize(size: number): void;
export declare function tooLong(most: number): string;
export declare function broken(): CorruptError;
export declare function toBytes(text: string): Uint8Array;
export declare function fromBytes(bytes: Uint8Array): string;
/** A zero byte stands between strings; the bytes 0 and 1 inside one are written as 1 1 and 1 2. */
export declare function join(pieces: readonly string[]): string;
/** The pieces of what was joined, each read before the next is looked at. */
export declare function split<T>(raw: string, read: (piece: string) => T): T[];
export declare function toUtf8(string: string): string;
export declare const SEQUENCE: RegExp;
export declare function fromUtf8(raw: string): string;
