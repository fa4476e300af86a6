export interface Place {
    /** Path of a syntax element. */
    element?: string | undefined;
    /** Bit offset from the first bit of the elements. */
    bit?: number | undefined;
    /** Byte offset in the file. */
    byte?: number | undefined;
}
/** Any refusal of this codec. */
export declare class AigifError extends Error {
    readonly element?: string;
    readonly bit?: number;
    readonly byte?: number;
    constructor(message: string, place?: Place);
}
/** The bytes are not a valid file: cut, changed, or written by a faulty program. */
export declare class CorruptError extends AigifError {
}
/** The bytes say what shorter or other bytes must say: every value has one file. */
export declare class NotCanonicalError extends CorruptError {
}
/** The file may be valid, but this version can't read it. */
export declare class UnsupportedError extends CorruptError {
}
/** A value that an element can't hold, or that a profile can't carry. */
export declare class ElementError extends AigifError {
}
/** A limit of the format, or a cap of this reader, is exceeded; nothing was allocated for it. */
export declare class LimitError extends AigifError {
}
/** Refuse, unless something holds. */
export declare function ensure(holds: unknown, Kind: new (message: string, place?: Place) => AigifError, message: string, place?: Place): asserts holds;
