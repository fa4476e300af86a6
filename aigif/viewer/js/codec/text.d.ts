interface NodeZlib {
    inflateSync: Function;
    inflateRawSync: Function;
    deflateSync: Function;
    deflateRawSync: Function;
}
/** What to compress with: without `node`, as in a browser, the streams of the platform. */
export declare const engine: {
    node: NodeZlib | undefined;
};
export declare function known(compressor: number): boolean;
/** Code strings: all strings of a file together, or with `alone` one by one. */
export declare function encodeText(strings: readonly string[], compressor: number, most: number, alone: boolean): Promise<Uint8Array[]>;
/** The strings of a text section. */
export declare function decodeText(payload: Uint8Array, compressor: number, most: number): Promise<string[]>;
/** The one string that a record coded. */
export declare function decodeOne(payload: Uint8Array, compressor: number, most: number): Promise<string>;
export declare function toUtf8(string: string): Uint8Array;
export declare function fromUtf8(raw: Uint8Array): string;
export {};
