/** The data type of the weights while the model runs. */
export declare const dataType: import("../json.js").Table;
