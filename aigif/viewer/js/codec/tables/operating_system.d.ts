/** The operating system of the machine that made the picture. */
export declare const operatingSystem: import("../json.js").Table;
