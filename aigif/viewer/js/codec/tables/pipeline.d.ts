/** The kinds of pipelines that run models. */
export declare const pipeline: import("../json.js").Table;
