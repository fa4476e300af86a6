import { type TextCoder } from "./text.js";
/** The text coder of a raw DEFLATE stream after a dictionary, which streams of browsers can't read. */
export declare function dictionaryCoder(dictionary: Uint8Array): TextCoder;
export * from "./index.js";
