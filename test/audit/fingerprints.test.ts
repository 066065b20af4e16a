import { expect, it } from 'vitest';
import { type AuditOptions, audit } from '../../src/audit/audit.ts';
import type { HostIdentity } from '../../src/store/lines.ts';
import type { Recording } from '../../src/store/recording.ts';
import { auditOptions } from '../kit/audit-options.ts';
import { identityOf, type Reading, recordingOf, tenOClock } from '../kit/samples.ts';

const host: HostIdentity = {
  name: 'gpu-host',
  key: 'a1',
  cpus: 8,
  memoryMib: 65_536,
  bootedAt: null,
  container: false,
};
const options = await auditOptions();

/** Ten minutes of work, then the memory is held for half an hour: on GPUs a and b; c works all the time. */
function session(
  facts: { startMs?: number; name?: string; host?: HostIdentity; order?: readonly string[] } = {},
): Recording {
  const { startMs = tenOClock, name = 'session-1', order = ['a', 'b', 'c'] } = facts;
  const readings = (gpu: string): Reading[] =>
    Array.from({ length: 2400 }, (_, i) => ({
      timeMs: startMs + 1000 * (i + 1),
      utilizationGpuPct: gpu === 'c' || i < 600 ? 96 : 0,
      memoryUsedMib: 20_000,
    }));
  const gpus = order.map(
    (gpu) => [identityOf(`GPU-${gpu}`, { index: 'abc'.indexOf(gpu) }), readings(gpu)] as const,
  );
  return recordingOf(new Map(gpus), {
    name,
    startedAt: startMs,
    endedAt: startMs + 2_400_000,
    host: facts.host ?? host,
  });
}

async function fingerprints(
  recording: Recording,
  more: Partial<AuditOptions> = {},
): Promise<readonly (readonly [string, string])[]> {
  const { report } = await audit([recording], { ...options, ...more });
  return report.findings
    .map(({ rule, fingerprint }) => [rule, fingerprint] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

const usual = await fingerprints(session());

it('names a finding', () => {
  expect(usual.map(([rule]) => rule)).toContain('idle-held');
});

it('is the same on another day, in another session and run', async () => {
  const later = session({ startMs: tenOClock + 86_400_000, name: 'session-2' });
  expect(await fingerprints(later, { nowMs: Date.UTC(2026, 8, 1) })).toEqual(usual);
});

it('is the same with the GPUs in another order', async () => {
  expect(await fingerprints(session({ order: ['c', 'b', 'a'] }))).toEqual(usual);
});

it('is the same over a part of the time, and with a price', async () => {
  const part = await fingerprints(session(), { sinceMs: tenOClock + 300_000 });
  expect(part).toEqual(usual);
  const priced = await fingerprints(session(), { machine: 'aws/p5.48xlarge', region: 'us-east-1' });
  expect(priced.filter(([rule]) => rule === 'idle-held')).toEqual(
    usual.filter(([rule]) => rule === 'idle-held'),
  );
});

it('is another on another host', async () => {
  const other = await fingerprints(session({ host: { ...host, name: 'other', key: 'b2' } }));
  expect(other.map(([rule]) => rule)).toEqual(usual.map(([rule]) => rule));
  for (const [i, [, print]] of other.entries()) expect(print).not.toBe(usual[i]?.[1]);
});
