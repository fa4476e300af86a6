import { type TextCoder } from "./text.js";
/** The text coder of a file of tables, which are read when it is first needed. */
export declare function promptCoder(tables: Uint8Array): TextCoder;
