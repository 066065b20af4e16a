import { expect } from 'vitest';

/** vitest's matcher for text, which it types as any. */
export function matching(pattern: RegExp | string): unknown {
  return typeof pattern === 'string'
    ? expect.stringContaining(pattern)
    : expect.stringMatching(pattern);
}
