import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AuditOptions, audit } from '../../src/audit/audit.ts';
import type { BilledFrom } from '../../src/bill/runs.ts';
import { UsageError } from '../../src/errors.ts';
import { loadRateCards } from '../../src/rates/load.ts';
import type { Report } from '../../src/report/report.ts';
import { auditOptions } from '../kit/audit-options.ts';
import { identityOf, recordingOf, tenOClock } from '../kit/samples.ts';

const cards = await loadRateCards();
const second = 1000;

const aSession = fc.record({
  fromSeconds: fc.integer({ min: 0, max: 9000 }),
  lengthSeconds: fc.integer({ min: 1, max: 600 }),
  launch: fc.option(fc.integer({ min: 0, max: 9000 })),
  boot: fc.option(fc.integer({ min: 0, max: 9000 })),
  gpus: fc.constantFrom(['GPU-a'], ['GPU-b'], ['GPU-a', 'GPU-b']),
});

const aBilledFrom = fc.oneof(
  fc.constantFrom<BilledFrom>({ from: 'start' }, { from: 'boot' }, { from: 'launch' }),
  fc
    .integer({ min: 0, max: 9000 })
    .map((seconds): BilledFrom => ({ from: 'time', timeMs: tenOClock + seconds * second })),
);

const anEdge = fc.option(
  fc.integer({ min: -1000, max: 10_000 * second }).map((ms) => tenOClock + ms),
  { freq: 1 },
);

/** The report, or null where nothing lies in the window. */
async function reportOf(
  sessions: readonly (typeof aSession extends fc.Arbitrary<infer S> ? S : never)[],
  more: Pick<AuditOptions, 'billedFrom' | 'sinceMs' | 'untilMs'>,
): Promise<Report | null> {
  const at = (seconds: number | null): number | null =>
    seconds === null ? null : tenOClock + seconds * second;
  const recordings = sessions.map(({ fromSeconds, lengthSeconds, launch, boot, gpus }, index) =>
    recordingOf(
      new Map(
        gpus.map((id) => [
          identityOf(id, { name: 'NVIDIA A10G', memoryTotalMib: 22_888 }),
          Array.from({ length: lengthSeconds }, (_, i) => ({
            timeMs: tenOClock + (fromSeconds + i + 1) * second,
            utilizationGpuPct: i % 7 === 0 ? 0 : 80,
            memoryUsedMib: 5000,
          })),
        ]),
      ),
      {
        name: `session ${index}`,
        startedAt: tenOClock + fromSeconds * second,
        endedAt: tenOClock + (fromSeconds + lengthSeconds) * second,
        host: {
          name: 'host',
          key: 'k',
          cpus: 48,
          memoryMib: 196_608,
          bootedAt: at(boot),
          container: false,
        },
        machine: {
          provider: 'aws',
          type: 'g5.12xlarge',
          region: null,
          purchase: null,
          detectedBy: 'metadata',
          launchedAt: at(launch),
        },
      },
    ),
  );
  try {
    const { report } = await audit(
      recordings,
      await auditOptions({ nowMs: tenOClock, cards, ...more }),
    );
    return report;
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

const micros = (value: number | undefined): number => Math.round((value ?? 0) * 1e6);
const milliseconds = (hours: number): number => Math.round(hours * 3_600_000);

it('for any sessions, boots, launches and window, states are not negative and add up', async () => {
  const sessions = fc.array(aSession, { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      sessions,
      aBilledFrom,
      anEdge,
      anEdge,
      async (list, billedFrom, sinceMs, untilMs) => {
        const report = await reportOf(list, { billedFrom, sinceMs, untilMs });
        if (report === null) return;
        for (const { gpuHours, cost } of [report, ...report.machines, ...report.gpus]) {
          const states = Object.values(gpuHours.byState).map(milliseconds);
          expect(Math.min(...states)).toBeGreaterThanOrEqual(0);
          expect(states.reduce((a, b) => a + b, 0)).toBe(milliseconds(gpuHours.billed));
          const causes = Object.values(gpuHours.unobservedBy).map(milliseconds);
          expect(Math.min(...causes)).toBeGreaterThanOrEqual(0);
          expect(causes.reduce((a, b) => a + b, 0)).toBe(milliseconds(gpuHours.byState.unobserved));
          const money = Object.values(cost?.byState ?? {}).map(micros);
          expect(money.reduce((a, b) => a + b, 0)).toBe(micros(cost?.billed));
        }
        // g5.12xlarge has four GPUs: what each run billed, four times.
        const billedSeconds = report.machines
          .flatMap(({ runs }) => runs)
          .reduce((sum, run) => sum + run.billedSeconds, 0);
        expect(milliseconds(report.gpuHours.billed)).toBe(Math.round(billedSeconds * 4000));
      },
    ),
    { numRuns: 150 },
  );
});

it('cut anywhere, the parts’ bills add up to the whole', async () => {
  const cut = fc.integer({ min: 0, max: 10_000 * second }).map((ms) => tenOClock + ms);
  await fc.assert(
    fc.asyncProperty(
      fc.array(aSession, { minLength: 1, maxLength: 3 }),
      aBilledFrom,
      cut,
      async (list, billedFrom, cutMs) => {
        const whole = await reportOf(list, { billedFrom, sinceMs: null, untilMs: null });
        const head = await reportOf(list, { billedFrom, sinceMs: null, untilMs: cutMs });
        const tail = await reportOf(list, { billedFrom, sinceMs: cutMs, untilMs: null });
        expect(micros(head?.cost?.billed) + micros(tail?.cost?.billed)).toBe(
          micros(whole?.cost?.billed),
        );
        const hours = (report: Report | null) => milliseconds(report?.gpuHours.billed ?? 0);
        expect(hours(head) + hours(tail)).toBe(hours(whole));
      },
    ),
    { numRuns: 100 },
  );
});
