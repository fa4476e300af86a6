/** What the network predicts. */
export declare const predictionType: import("../json.js").Table;
