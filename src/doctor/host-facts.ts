import { constants } from 'node:fs';
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostColumns } from '../host/columns.ts';
import type { HostReader } from '../host/host-reader.ts';
import { denied } from '../host/proc-file.ts';
import type { HostIdentity } from '../store/lines.ts';
import type { HostFacts } from './facts.ts';

/** What the host offers beside nvidia-smi. */
export async function readHostFacts(
  reader: HostReader,
  identity: HostIdentity,
): Promise<HostFacts> {
  const lines = await reader.readHost(0, []);
  const values = lines.find((line) => line.kind === 'host')?.values ?? [];
  const xids = reader.xids.read(0);
  reader.xids.close();
  return {
    container: identity.container,
    userId: process.getuid?.() ?? null,
    coresAllowed: values[hostColumns.indexOf('cpuCoresAllowed')] ?? null,
    cpus: identity.cpus,
    missingSignals: lines.find((line) => line.kind === 'event')?.message ?? null,
    xidsHidden: typeof xids !== 'symbol' ? null : xids === denied ? 'denied' : 'absent',
    deniedDevices: await deniedDevices('/dev'),
    profilingAdminOnly: await profilingAdminOnly('/proc/driver/nvidia/params'),
  };
}

async function deniedDevices(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  const denied: string[] = [];
  for (const name of names.filter((entry) => /^nvidia(?:\d+|ctl|-uvm)$/.test(entry))) {
    const path = join(folder, name);
    await access(path, constants.R_OK | constants.W_OK).catch(() => denied.push(path));
  }
  return denied.toSorted();
}

/** The driver's RmProfilingAdminOnly; null without a driver, or where it does not say. */
async function profilingAdminOnly(path: string): Promise<boolean | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const value = /^RmProfilingAdminOnly: (\d)/m.exec(text)?.[1];
  return value === undefined ? null : value === '1';
}
