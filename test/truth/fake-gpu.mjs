#!/usr/bin/env node
// An nvidia-smi for one GPU that a program drives: its utilization is the share of the time in which the simulated
// device (programs/device.py) was busy, and nothing else is known here of the program. FAKE_DEVICE names the device's
// file. Memory, power and the process list follow from what the program holds and launches.
import { closeSync, openSync, readFileSync, readlinkSync, readSync, writeSync } from 'node:fs';

const args = process.argv.slice(2);
const print = (line) => writeSync(1, `${line}\n`);
const option = (name) => {
  const found = args.find((arg) => arg === name || arg.startsWith(`${name}=`));
  if (found === undefined) return undefined;
  return found.includes('=') ? found.slice(name.length + 1) : args[args.indexOf(found) + 1];
};
const formats = (option('--format') ?? '').split(',');

const uuid = 'GPU-7e57ab1e-0000-4000-8000-000000000000';
const card = {
  name: 'NVIDIA H100 80GB HBM3',
  memoryMib: 81_559,
  limitW: 700,
  emptyW: 71,
  heldW: 118,
};

/** The device's words, or null before the program has begun. */
function readDevice() {
  let file;
  try {
    file = openSync(process.env.FAKE_DEVICE ?? '', 'r');
  } catch {
    return null;
  }
  const bytes = Buffer.alloc(64);
  try {
    for (let tries = 0; tries < 1000; tries++) {
      if (readSync(file, bytes, 0, 64, 0) < 64) return null;
      const first = bytes.readBigUInt64LE(0);
      const words = Array.from({ length: 8 }, (_, i) => bytes.readBigUInt64LE(8 * i));
      readSync(file, bytes, 0, 8, 0);
      // Even and unchanged: not caught while it was being written.
      if (first === bytes.readBigUInt64LE(0) && first % 2n === 0n) return words;
    }
  } finally {
    closeSync(file);
  }
  return null;
}

function look() {
  const now = process.hrtime.bigint();
  const words = readDevice();
  if (words === null) return { now, busy: 0n, memoryMib: 0, load: 0, pid: null };
  const [, done, start, end, memory, load, pid] = words;
  const alive = isAlive(Number(pid));
  const until = now < end ? now : end;
  return {
    now,
    busy: done + (until > start ? until - start : 0n),
    memoryMib: alive ? Number(memory) : 0,
    load: Number(load) / 1000,
    pid: alive ? Number(pid) : null,
  };
}

function isAlive(pid) {
  try {
    // A zombie holds no device.
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

const stamp = () => new Date().toISOString().replace('T', ' ').replace(/-/g, '/').replace('Z', '');
const w = (watts) => `${watts.toFixed(2)} W`;

function cells(before, after) {
  const passed = Number(after.now - before.now);
  const share =
    passed > 0 ? Math.min(1, Math.max(0, Number(after.busy - before.busy) / passed)) : 0;
  const utilization = after.pid === null ? 0 : Math.round(100 * share);
  const idle = after.pid === null ? card.emptyW : card.heldW;
  return {
    timestamp: stamp(),
    driver_version: '590.48.01',
    index: '0',
    name: card.name,
    'pci.bus_id': '00000000:10:00.0',
    uuid,
    display_active: 'Disabled',
    persistence_mode: 'Enabled',
    'mig.mode.current': 'Disabled',
    'memory.total [MiB]': `${card.memoryMib} MiB`,
    'memory.used [MiB]': `${after.memoryMib} MiB`,
    'utilization.gpu [%]': `${utilization} %`,
    'utilization.memory [%]': `${Math.round(utilization * 0.4)} %`,
    'power.draw [W]': w(idle + (utilization / 100) * after.load * (card.limitW - idle)),
    'power.limit [W]': w(card.limitW),
    'enforced.power.limit [W]': w(card.limitW),
    'clocks.current.sm [MHz]': '1980 MHz',
    'clocks.max.sm [MHz]': '1980 MHz',
    'clocks_event_reasons.active': utilization === 0 ? '0x0000000000000001' : '0x0000000000000000',
  };
}

const plain = (title) => title.replace(/ \[.*$/, '');
const bare = (cell) =>
  formats.includes('nounits') ? cell.replace(/^(-?[\d.]+) \S+$/, '$1') : cell;

async function queryGpu(asked) {
  let before = look();
  const titles = Object.keys(cells(before, before));
  const columns = asked.split(',').map((field) => titles.find((title) => plain(title) === field));
  const unknown = columns.indexOf(undefined);
  if (unknown >= 0) {
    print(`Field "${asked.split(',')[unknown]}" is not a valid field to query.\n`);
    process.exit(2);
  }
  if (!formats.includes('noheader')) print(columns.join(', '));
  const period = Number(option('-lms') ?? option('--loop-ms') ?? 0);
  const startedAt = performance.now();
  for (let n = 1; ; n++) {
    await new Promise((resolve) =>
      setTimeout(resolve, period === 0 ? 100 : n * period - (performance.now() - startedAt)),
    );
    const after = look();
    const row = cells(before, after);
    print(columns.map((title) => bare(row[title])).join(', '));
    if (period === 0) return;
    before = after;
  }
}

function computeApps(asked) {
  const { pid, memoryMib } = look();
  if (!formats.includes('noheader')) print(asked.replaceAll(',', ', '));
  if (pid === null) return;
  let name = 'unknown';
  try {
    name = readlinkSync(`/proc/${pid}/exe`);
  } catch {}
  const row = { timestamp: stamp(), gpu_uuid: uuid, pid, process_name: name };
  print(
    asked
      .split(',')
      .map((field) => row[field] ?? bare(`${memoryMib} MiB`))
      .join(', '),
  );
}

const query = option('--query-gpu');
const apps = option('--query-compute-apps');
if (args.includes('--help-query-gpu')) {
  const none = look();
  for (const title of Object.keys(cells(none, none))) print(`"${plain(title)}"\nA field.\n`);
} else if (query !== undefined) await queryGpu(query);
else if (apps !== undefined) computeApps(apps);
else if (args.includes('-L')) print(`GPU 0: ${card.name} (UUID: ${uuid})`);
else if (args.includes('--version')) print('DRIVER version      : 590.48.01');
else {
  print('Not supported on the device(s)\nFailed to process command line.');
  process.exit(3);
}
