import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PricingOptions } from '../../src/audit/pricing.ts';
import { openLiveView } from '../../src/cli/live-view.ts';
import { hasArea } from '../../src/cli/terminal.ts';
import { loadRateCards } from '../../src/rates/load.ts';
import type { SessionLine } from '../../src/store/lines.ts';
import { aHeader, sessionStart } from '../kit/session-lines.ts';

const header = aHeader(1, { columns: ['utilizationGpuPct'] });
const tick: SessionLine = { kind: 'tick', t: sessionStart + 1000, rows: [[0, 5]] };

function resize(columns: number, rows: number): void {
  Object.defineProperty(process.stderr, 'columns', { value: columns, configurable: true });
  Object.defineProperty(process.stderr, 'rows', { value: rows, configurable: true });
}

describe('the live view', () => {
  let written = '';
  let pricing: PricingOptions;

  beforeEach(async () => {
    written = '';
    pricing = {
      cards: await loadRateCards([]),
      machine: null,
      machineBy: 'flag',
      region: null,
      purchase: null,
      discounts: [],
      exchange: [],
      nowMs: sessionStart,
    };
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      written += String(chunk);
      return true;
    });
  });

  afterEach(() => {
    vi.restoreAllMocks();
    Reflect.deleteProperty(process.stderr, 'columns');
    Reflect.deleteProperty(process.stderr, 'rows');
  });

  it('that fails says so once, and lets recording go on', () => {
    resize(100, 30);
    const told: string[] = [];
    const failing = {
      add: () => undefined,
      at: () => {
        throw new RangeError('a weight went wrong');
      },
    };
    const view = openLiveView(header, {
      pricing,
      color: false,
      accounts: failing,
      tell: (text) => told.push(text),
    });
    view.show(tick);
    view.show(tick);
    process.stderr.emit('resize');
    view.close();
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('a weight went wrong');
    expect(told[0]).toContain('recording goes on. This is a bug in gpucost');
  });

  it('shows the latest XID, unless something does not answer', () => {
    resize(100, 30);
    const view = openLiveView(header, { pricing, color: false });
    const event = (code: 'xid' | 'gpu-lost' | 'gpu-back', message: string): void => {
      written = '';
      view.show({ kind: 'event', t: sessionStart + 1000, code, message });
    };
    view.show(tick);
    event('xid', 'XID 31 on GPU 0');
    expect(written).toContain('XID 31 on GPU 0');
    event('gpu-lost', 'GPU 0 stopped answering');
    event('xid', 'XID 79 on GPU 0');
    expect(written).not.toContain('XID');
    event('gpu-back', 'GPU 0 answers again');
    expect(written).toContain('XID 79 on GPU 0');
    view.close();
  });

  it('paints nothing on a terminal without a size', () => {
    resize(0, 0);
    const view = openLiveView(header, { pricing, color: false });
    view.show(tick);
    expect(written).not.toContain('node1');
    resize(100, 30);
    process.stderr.emit('resize');
    expect(written).toContain('node1');
    view.close();
  });
});

it.each([
  [{ columns: 80, rows: 24 }, true],
  [{ columns: 0, rows: 0 }, false],
  [{ columns: 80, rows: 0 }, false],
  [{ columns: 0, rows: 24 }, false],
  [{}, false],
])('a stream of %o has room to draw: %s', (stream, expected) => {
  expect(hasArea(stream)).toBe(expected);
});
