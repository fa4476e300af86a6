/** The CUDA, ROCm or other GPU library that PyTorch was built for, as its wheel tag. */
export declare const cuda: import("../json.js").Table;
