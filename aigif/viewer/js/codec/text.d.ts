type NodeZlib = Record<"inflateSync" | "inflateRawSync" | "deflateSync" | "deflateRawSync", Function>;
/** What to compress with: without Node's zlib, as in a browser, the streams of the platform. */
export declare const engine: {
    node: NodeZlib | undefined;
};
export declare function known(compressor: number): boolean;
export declare function concat(parts: readonly ArrayLike<number>[]): Uint8Array;
/** Code strings: all strings of a file together, or with `alone` one by one. */
export declare function encodeText(strings: readonly string[], compressor: number, most: number, alone: boolean): Promise<Uint8Array[]>;
/** The strings of a text section, or with `alone` the one string that a record coded. */
export declare function decodeText(payload: Uint8Array, compressor: number, most: number, alone: boolean): Promise<string[]>;
export {};
