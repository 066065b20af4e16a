/** The versions of FOCUS that can be written; apart from the renderer, so that naming them loads nothing. */
export const focusVersions = ['1.2', '1.4'] as const;

export type FocusVersion = (typeof focusVersions)[number];
