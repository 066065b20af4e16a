import { describe, expect, it } from 'vitest';
import { parseCount, parseMoney, parseShare } from '../../src/config/amount.ts';
import { parseBilledFrom } from '../../src/config/billed-from.ts';
import { durationMs, parseDuration } from '../../src/config/duration.ts';
import { parseInstant } from '../../src/config/instant.ts';
import { parseSize } from '../../src/config/size.ts';
import { UsageError } from '../../src/errors.ts';

const now = Date.UTC(2026, 10, 22, 12);

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['1s', 1000],
    ['1.5m', 90_000],
    ['15min', 900_000],
    ['1h30m', 5_400_000],
    ['3d', 259_200_000],
  ])('%s', (text, ms) => expect(durationMs(text)).toBe(ms));

  it.each(['5', 's', '1 s', '-1s', '1x', '', '1s1'])('refuses "%s"', (text) =>
    expect(durationMs(text)).toBeNull(),
  );

  it('refuses a length of zero', () =>
    expect(() => parseDuration('0s', '--duration')).toThrow(UsageError));

  it('points a bare interval at --gpus', () => {
    try {
      parseDuration('2', '--interval');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ message: '--interval 2 has no unit' });
      expect(error instanceof UsageError ? error.hint : '').toContain('--gpus 2');
    }
  });
});

describe('instants', () => {
  it.each([
    ['2026-11-22T08:00Z', Date.UTC(2026, 10, 22, 8)],
    ['2026-11-22T08:00:30.5+02:00', Date.UTC(2026, 10, 22, 6, 0, 30, 500)],
    // The tests run in UTC, so local is UTC.
    ['2026-11-22 08:00', Date.UTC(2026, 10, 22, 8)],
    ['2026-11-22', Date.UTC(2026, 10, 22)],
    ['2h', now - 7_200_000],
  ])('%s', (text, ms) => expect(parseInstant(text, '--since', now)).toBe(ms));

  it.each(['2026-13-01', '22.11.2026', '08:00', 'now', '2026-11-22T25:00Z'])('refuses %s', (text) =>
    expect(() => parseInstant(text, '--since', now)).toThrow(/--since/),
  );

  it('billing starts by word or time', () => {
    expect(parseBilledFrom('boot', now)).toEqual({ from: 'boot' });
    expect(parseBilledFrom('2h', now)).toEqual({ from: 'time', timeMs: now - 7_200_000 });
    expect(() => parseBilledFrom('lunch', now)).toThrow(/start, boot, launch or a time/);
  });
});

describe('amounts', () => {
  it('shares', () => {
    expect([parseShare('40%', 'x'), parseShare('0.4', 'x'), parseShare('100%', 'x')]).toEqual([
      0.4, 0.4, 1,
    ]);
    for (const text of ['40', '101%', '-1%', '2,5%']) {
      expect(() => parseShare(text, '--max-waste')).toThrow(/--max-waste/);
    }
  });

  it('money, counts and sizes', () => {
    expect(parseMoney('12.50', 'x')).toBe(12.5);
    expect(() => parseMoney('$5', '--max-cost')).toThrow(/--max-cost/);
    expect(parseCount('8', 'x')).toBe(8);
    expect(() => parseCount('0', '--gpus')).toThrow(/--gpus/);
    expect(parseSize('1.5gb', 'x')).toBe(1_500_000_000);
    expect(() => parseSize('5', '--max-size')).toThrow(/--max-size/);
  });
});
