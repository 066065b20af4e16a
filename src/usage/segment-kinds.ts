/** What a part of a GPU's time can be. */
export const segmentKinds = [
  'startUp',
  'active',
  'pause',
  'heldIdle',
  'emptyIdle',
  'tearDown',
  'unobserved',
] as const;

export type SegmentKind = (typeof segmentKinds)[number];
