export declare const ESCAPE_BYTE = 255;
export declare const EXP_DEPTH = 8;
export declare const EXP_MAX = 2039;
/** Longest tail of a bundle that is kept, in bits. */
export declare const TAIL_BITS = 131072;
/** The widths of lengths and counts, by their selector. */
export declare const SIZE_WIDTHS: number[];
export declare const MAJOR = 1;
/** The id of the section of strings; 0 where the format has none. */
export declare const TEXT_SECTION = 1;
/** Largest file, saved pixels, saved weights and source metadata not counted. */
export declare const FILE_BYTES = 65536;
/** Most bytes of text after decompression: all strings together with what separates and escapes them. */
export declare const TEXT_BYTES = 32768;
/** Longest root bundle. */
export declare const BUNDLE_BYTES = 16384;
/** Most sections in a file. */
export declare const SECTION_COUNT = 64;
/** Largest section id. */
export declare const SECTION_ID = 1019;
