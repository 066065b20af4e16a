import { describe, expect, it } from 'vitest';
import { LiveUsage } from '../../src/audit/live-usage.ts';
import { loadRateCards } from '../../src/rates/load.ts';
import { aHeader, sessionStart } from '../kit/session-lines.ts';

const header = aHeader(2, { columns: ['utilizationGpuPct', 'memoryUsedMib'] });
const hourMs = 3_600_000;

async function live(tickMs: number): Promise<{ usage: LiveUsage; newestMs: number }> {
  const usage = new LiveUsage(header, {
    cards: await loadRateCards([]),
    machine: 'aws/p5.48xlarge',
    machineBy: 'flag',
    region: null,
    purchase: null,
    discounts: [],
    exchange: [],
    nowMs: sessionStart,
  });
  let newestMs = sessionStart;
  for (let t = sessionStart; t <= sessionStart + hourMs + 20_000; t += tickMs) {
    const rows = [0, 1].map((gpu) => [gpu, gpu === 0 ? 90 : 0, 60_000]);
    usage.add({ kind: 'tick', t, rows });
    newestMs = t;
  }
  return { usage, newestMs };
}

describe('the state at an instant', () => {
  it.each([0, 1, 5, 5000])('%i ms behind the newest tick is that of the tick', async (behindMs) => {
    const { usage, newestMs } = await live(1000);
    const now = usage.at(newestMs - behindMs);
    expect(now).toEqual(usage.at(newestMs));
    expect(now.billedMs).toBe(2 * (newestMs - sessionStart));
    expect(now.gpus.reduce((sum, { billedMs }) => sum + billedMs, 0)).toBe(now.billedMs);
    expect(now.wastedMs).toBeLessThanOrEqual(now.billedMs);
    expect(now.billedCost).toBeCloseTo(
      ((newestMs - sessionStart) / hourMs) * (now.perHour ?? 0),
      5,
    );
    expect(now.perHour).toBeGreaterThan(0);
  });

  it('just behind a tick that began another hour of the clock', async () => {
    const { usage } = await live(1000);
    const t = sessionStart + 2 * hourMs;
    for (const tickMs of [t - 1000, t + 2]) {
      usage.add({
        kind: 'tick',
        t: tickMs,
        rows: [
          [0, 90, 60_000],
          [1, 0, 60_000],
        ],
      });
    }
    expect(usage.at(t - 3).billedMs).toBe(2 * (2 * hourMs + 2));
  });

  it('ahead of the newest tick, the time since is billed too', async () => {
    const { usage, newestMs } = await live(1000);
    expect(usage.at(newestMs + 700).billedMs).toBe(2 * (newestMs + 700 - sessionStart));
  });
});
