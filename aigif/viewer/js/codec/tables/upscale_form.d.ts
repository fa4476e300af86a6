/** What is enlarged between the passes. */
export declare const upscaleForm: import("../json.js").Table;
