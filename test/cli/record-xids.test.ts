import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { record } from '../../src/cli/record.ts';
import { createHostReader } from '../../src/host/host-reader.ts';
import { createKernelLog } from '../../src/host/kernel-log.ts';
import { systemClock } from '../../src/sample/clock.ts';
import { nvidiaSmi } from '../../src/sample/nvidia-smi.ts';
import type { EventLine, SessionLine } from '../../src/store/lines.ts';
import { fake, fakePath } from '../sample/fake.ts';

/** A line as the kernel's log has it; made up. */
const line = (busId: string, name: string): string =>
  `4,1,1,-;NVRM: Xid (PCI:${busId}): 79, pid=4711, name=${name}, GPU has fallen off the bus.\n`;

it.skipIf(process.platform !== 'linux')(
  'a session holds the XIDs from its start to its end, and none from before',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gpucost-xids-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'kmsg');
    writeFileSync(path, line('0000:10:00', 'earlier'));
    const run = fake('h100x8');
    const signals = createHostReader({ kernelLog: createKernelLog(path) });
    const aborted = new AbortController();
    const seen: SessionLine[] = [];
    await record(
      {
        smi: nvidiaSmi({ path: fakePath, env: run.env }),
        clock: systemClock(),
        identity: await signals.identity(),
        signals,
        processNames: null,
        machine: async () => ({
          provider: null,
          type: null,
          region: null,
          purchase: null,
          detectedBy: 'none',
          launchedAt: null,
        }),
      },
      {
        home: folder,
        intervalMs: 100,
        durationMs: 1500,
        gpus: null,
        command: null,
        progress: null,
        stop: {
          signal: aborted.signal,
          reason: () => 'duration',
          end: () => {
            // What ends a run is logged in the moment of its end.
            appendFileSync(path, line('0000:11:00', 'python'));
            aborted.abort();
          },
          release: () => undefined,
        },
        onLine: (stored) => {
          if (stored.kind === 'header') appendFileSync(path, line('0000:10:00', 'python'));
          seen.push(stored);
        },
      },
    );
    const xids = seen.filter(
      (stored): stored is EventLine & Required<Pick<EventLine, 'xid'>> =>
        stored.kind === 'event' && stored.code === 'xid',
    );
    expect(xids.map(({ xid }) => [xid.gpu, xid.name])).toEqual([
      [0, 'python'],
      [1, 'python'],
    ]);
    const open = readdirSync('/proc/self/fd').map((file) => {
      try {
        return readlinkSync(`/proc/self/fd/${file}`);
      } catch {
        return '';
      }
    });
    expect(open).not.toContain(path);
  },
);
