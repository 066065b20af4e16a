import { describe, expect, it } from 'vitest';
import { startedAt } from '../../src/machine/boot.ts';

const stat = 'cpu  1 2 3\nintr 5\nctxt 7\nbtime 1795000000\nprocesses 9\n';

/** /proc/1/stat with the given name and start (field 22). */
const init = (name: string, ticks: number) =>
  `1 (${name}) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 ${ticks} 1000 200\n`;

describe('startedAt', () => {
  it('is the boot of the kernel on a machine', () => {
    expect(startedAt(stat, init('systemd', 5), false)).toBe(1_795_000_000_000);
  });

  it('is the start of PID 1 in a container, 360,050 ticks of 10 ms after boot', () => {
    expect(startedAt(stat, init('python3', 360_050), true)).toBe(1_795_000_000_000 + 3_600_500);
  });

  it('reads names with blanks and parentheses', () => {
    expect(startedAt(stat, init('a) S (b c', 100), true)).toBe(1_795_000_001_000);
  });

  it('is unknown where /proc does not say', () => {
    expect(startedAt(null, init('systemd', 5), false)).toBeNull();
    expect(startedAt('cpu 1\n', null, false)).toBeNull();
    expect(startedAt(stat, null, true)).toBeNull();
    expect(startedAt(stat, '1 (torn', true)).toBeNull();
    expect(startedAt(stat, '', true)).toBeNull();
  });
});
