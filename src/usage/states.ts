/** What `wasted` is made of. */
export const wasteStates = [
  'underfilled',
  'throttled',
  'waiting',
  'heldIdle',
  'emptyIdle',
] as const;

export type WasteState = (typeof wasteStates)[number];

/** Where the time goes in which a GPU was observed. */
export const observedStates = ['effective', ...wasteStates] as const;

export type ObservedState = (typeof observedStates)[number];

/** Where a billed millisecond of a GPU went: each has exactly one place. In the order of every format. */
export const states = [...observedStates, 'unobserved', 'rounding'] as const;

export type State = (typeof states)[number];
