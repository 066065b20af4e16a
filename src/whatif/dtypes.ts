/** Number formats that the GPU table has rates of; bf16 runs at the rate of fp16. */
export const dtypes = ['fp32', 'tf32', 'fp16', 'bf16', 'fp8'] as const;

export type Dtype = (typeof dtypes)[number];
