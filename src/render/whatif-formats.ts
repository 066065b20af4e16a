/** What `gpucost whatif` can be written as. */
export const whatifFormats = ['table', 'json', 'markdown'] as const;

export type WhatifFormat = (typeof whatifFormats)[number];
