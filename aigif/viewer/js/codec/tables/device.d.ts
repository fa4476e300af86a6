/** The kind of device that ran the model. */
export declare const device: import("../json.js").Table;
