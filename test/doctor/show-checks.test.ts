import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/doctor/check.ts';
import { showChecks } from '../../src/doctor/show-checks.ts';

const checks: readonly Check[] = [
  {
    id: 'nvidia-smi',
    title: 'nvidia-smi',
    status: 'fail',
    found: 'was not found',
    next: 'Install the driver.',
  },
  { id: 'driver', title: 'Driver', status: 'skip', found: 'no nvidia-smi', next: null },
  { id: 'gpus', title: 'GPUs', status: 'skip', found: 'no nvidia-smi', next: null },
  {
    id: 'machine',
    title: 'Machine type',
    status: 'warn',
    found: 'unknown',
    next: 'Pass --machine PROVIDER/TYPE (gpucost rates list shows them), or put machine: into .gpucost.yaml.',
  },
  { id: 'rate', title: 'Rate', status: 'skip', found: 'needs the machine type', next: null },
  { id: 'disk-space', title: 'Free space', status: 'ok', found: '5 GiB free', next: null },
];

describe('showChecks', () => {
  it('puts what to do under what was found, within 80 columns', () => {
    const text = showChecks(checks, { colorLevel: 0, width: 80, unicode: true });
    expect(text).toBe(`✗ nvidia-smi    was not found
                → Install the driver.
· Skipped       Driver, GPUs: no nvidia-smi
! Machine type  unknown
                → Pass --machine PROVIDER/TYPE (gpucost rates list shows them),
                  or put machine: into .gpucost.yaml.
· Rate          needs the machine type
✓ Free space    5 GiB free

1 ok, 1 warning, 1 failed, 3 skipped. gpucost watch can't do its job here yet.
`);
  });

  it.each([40, 60, 80, 200])('keeps to %i columns', (width) => {
    const text = showChecks(checks, { colorLevel: 0, width, unicode: false });
    const body = text.split('\n\n')[0] ?? '';
    expect(Math.max(...body.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(body).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it('has colour only where it is asked for', () => {
    const escape = '\u001b[';
    expect(showChecks(checks, { colorLevel: 1, width: 80, unicode: true })).toContain(escape);
    expect(showChecks(checks, { colorLevel: 0, width: 80, unicode: true })).not.toContain(escape);
  });

  it('shows control characters of names instead of obeying them', () => {
    const hostile: Check = {
      id: 'gpus',
      title: 'GPUs',
      status: 'ok',
      found: 'a\u001b[2Jb',
      next: null,
    };
    expect(showChecks([hostile], { colorLevel: 0, width: 80, unicode: true })).toContain(
      'a\\x1b[2Jb',
    );
  });
});
