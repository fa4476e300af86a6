/** What stands after a context, unpacked. */
export interface List {
    readonly ids: readonly number[];
    /** The first slot of each, and the number of all. */
    readonly slots: readonly number[];
    /** The class of its escape. */
    readonly odds: number;
    /** The number of its first entry among those of all lists. */
    readonly first: number;
}
/** The lists of the contexts of one order. */
export declare class Level {
    private readonly weights;
    private readonly unpacked;
    private readonly contexts;
    private readonly offsets;
    private readonly classes;
    private readonly low;
    private readonly high;
    private readonly halves;
    constructor(planes: readonly Uint8Array[], weights: readonly number[]);
    /** The list of a context, if it has one. */
    get(context: number): List | undefined;
    private unpack;
}
/** Everything that the coder knows of prompts. */
export declare class Tables {
    readonly letters: string;
    readonly tokens: readonly string[];
    readonly kinds: Uint8Array;
    /** Of each token its class. */
    readonly classes: Uint8Array;
    /** After each class, the first slot of each class, and the number of all. */
    readonly following: readonly (readonly number[])[];
    readonly pairs: Level;
    readonly triples: Level;
    /** All tokens in the order of their classes, the place of each there, and where each class begins. */
    readonly order: readonly number[];
    readonly rank: readonly number[];
    readonly bounds: readonly number[];
    /** The first slot of each token in that order, and the number of all. */
    readonly unigram: readonly number[];
    private readonly escapes;
    private readonly cases;
    /** By the number of recalled tokens: of 256, how often one of them comes. */
    readonly recalls: Uint8Array;
    constructor(planes: readonly Uint8Array[]);
    /** Of 256, how often an entry of a list is taken. */
    escape(row: number, odds: number, mood: number): number;
    /** Of 1024, how often lower and capital stand in a context. */
    caseOdds(context: number): [lower: number, capital: number];
}
/** The tables of a file. */
export declare function readTables(data: Uint8Array): Promise<Tables>;
