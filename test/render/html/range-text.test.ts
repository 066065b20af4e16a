import { expect, it } from 'vitest';
import { duration, timeSpan } from '../../../src/render/format.ts';
import { rangeText } from '../../../src/render/html/page/range-text.ts';

it.each(['08:00:00.900', '08:00:00.400', '08:00:59.999'])(
  'the whole timeline from %s reads as the header does',
  (start) => {
    const from = `2026-11-22T${start}Z`;
    const to = '2026-11-22T09:30:00.700Z';
    const length = Date.parse(to) - Date.parse(from);
    const header = `${timeSpan(from, to, '–')} (${duration(length)})`;
    expect(rangeText(Date.parse(from), { from: 0, to: length })).toBe(header);
  },
);
