/** The sampling algorithm (scheduler) that turned noise into the picture. */
export declare const scheduler: import("../json.js").Table;
