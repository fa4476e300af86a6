/** The diffusers version that made the picture. */
export declare const diffusersVersion: import("../json.js").Table;
