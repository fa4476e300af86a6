// The refusals: the same kinds as Python's, so that every language says the same of a file.

export interface Place {
  /** Path of a syntax element. */
  element?: string | undefined;
  /** Bit offset from the first bit of the elements. */
  bit?: number | undefined;
  /** Byte offset in the file. */
  byte?: number | undefined;
}

/** Any refusal of this codec. */
export class CodecError extends Error {
  declare readonly element?: string;
  declare readonly bit?: number;
  declare readonly byte?: number;

  constructor(message: string, place?: Place) {
    super(message);
    Object.assign(this, place);
  }
}

/** The bytes are not a valid file: cut, changed, or written by a faulty program. */
export class CorruptError extends CodecError {}

/** The bytes say what shorter or other bytes must say: every value has one file. */
export class NotCanonicalError extends CorruptError {}

/** The file may be valid, but this version can't read it. */
export class UnsupportedError extends CorruptError {}

/** A value that an element can't hold, or that a profile can't carry. */
export class ElementError extends CodecError {}

/** A limit of the format, or a cap of this reader, is exceeded; nothing was allocated for it. */
export class LimitError extends CodecError {}

// By hand, because a minifier takes the names of the classes away.
const kinds = { CodecError, CorruptError, NotCanonicalError, UnsupportedError, ElementError, LimitError };
for (const [name, Kind] of Object.entries(kinds)) Kind.prototype.name = name;

/** Refuse, unless something holds. */
export function ensure(holds: unknown, Kind: new (message: string, place?: Place) => CodecError, message: string, place?: Place): asserts holds {
  if (!holds) throw new Kind(message, place);
}
