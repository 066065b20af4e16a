// Writes the synthetic recordings beside this file and the one that `gpucost demo` replays, always the same bytes:
//   node test/recordings/make.mjs
// No hardware is involved: the numbers follow what public data says of such cards, the noise is seeded.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';

/** mulberry32: small, seeded, the same everywhere. */
function random(seed) {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
const hex = (n, digits) => n.toString(16).padStart(digits, '0');
const clamp = (x, low, high) => Math.min(high, Math.max(low, x));
const stamp = (ms) => new Date(ms).toISOString().replace('T', ' ').replace(/-/g, '/').replace('Z', '');
const uuid = (family, index) => `GPU-${hex(family, 8)}-0000-4000-8000-${hex(index, 12)}`;
const powered = (card, load) => card.contextW + load * (card.limitW - card.contextW);

const t4 = { name: 'Tesla T4', memoryMib: 15360, limitW: 70, emptyW: 9, contextW: 27, smMhz: 1590, idleMhz: 300, memMhz: 5001, gen: 3, width: 16, driver: '550.54.15' };
const h100 = { name: 'NVIDIA H100 80GB HBM3', memoryMib: 81559, limitW: 700, emptyW: 71, contextW: 118, smMhz: 1980, idleMhz: 345, memMhz: 2619, gen: 5, width: 16, driver: '590.48.01' };

/** What a GPU does at a tick; everything else follows from it. */
const empty = { util: 0, mem: 0, held: 0, load: 0, context: false };
const held = (mib) => ({ util: 0, mem: 0, held: mib, load: 0, context: true });
const work = (util, mem, mib, load) => ({ util, mem, held: mib, load, context: true });

/** One column per field; `-` in the card's `without` leaves it out of the recording. */
function cells(card, gpu, s) {
  const w = (x) => `${x.toFixed(2)} W`;
  return {
    timestamp: stamp(s.at),
    driver_version: card.driver,
    count: String(gpu.of),
    name: card.name,
    uuid: gpu.uuid,
    'pci.bus_id': `00000000:${hex(0x10 + gpu.index, 2).toUpperCase()}:00.0`,
    index: String(gpu.index),
    'pcie.link.gen.current': String(s.context ? card.gen : 1),
    'pcie.link.gen.max': String(card.gen),
    'pcie.link.width.current': String(card.width),
    'pcie.link.width.max': String(card.width),
    display_active: 'Disabled',
    persistence_mode: card.persistence ?? 'Enabled',
    'fan.speed [%]': '[N/A]',
    pstate: s.context ? 'P0' : 'P8',
    'clocks_event_reasons.active': `0x${hex(s.reasons, 16)}`,
    'clocks_event_reasons_counters.sw_power_cap [us]': `${s.capUs} us`,
    'clocks_event_reasons_counters.hw_thermal_slowdown [us]': '0 us',
    'clocks_event_reasons_counters.sw_thermal_slowdown [us]': '0 us',
    'clocks_event_reasons_counters.hw_power_brake_slowdown [us]': '0 us',
    'memory.total [MiB]': `${card.memoryMib} MiB`,
    'memory.used [MiB]': `${s.held} MiB`,
    'utilization.gpu [%]': card.mig ? '[N/A]' : `${s.util} %`,
    'utilization.memory [%]': card.mig ? '[N/A]' : `${s.mem} %`,
    'ecc.errors.uncorrected.volatile.total': '0',
    'temperature.gpu': String(s.tempC),
    'power.draw [W]': w(s.watts),
    'power.draw.average [W]': w(s.watts),
    'power.draw.instant [W]': w(s.watts),
    'power.limit [W]': w(card.limitW),
    'enforced.power.limit [W]': w(card.limitW),
    'clocks.current.sm [MHz]': `${s.smMhz} MHz`,
    'clocks.current.memory [MHz]': `${card.memMhz} MHz`,
    'clocks.max.sm [MHz]': `${card.smMhz} MHz`,
    'clocks.max.memory [MHz]': `${card.memMhz} MHz`,
    'mig.mode.current': card.mig ? 'Enabled' : card.hasMig ? 'Disabled' : '[N/A]',
  };
}

/** Runs the script of each GPU and returns rows of --query-gpu and dmon. */
function play(card, { seed, seconds, gpus, startMs, script, family, omit = [] }) {
  const next = random(seed);
  const noise = (x, width) => x + (next() * 2 - 1) * width;
  const state = Array.from({ length: gpus }, (_, index) => ({ index, of: gpus, uuid: uuid(family, index), tempC: 34, capUs: 0 }));
  const query = [];
  const dmon = [];
  for (let second = 0; second < seconds; second++) {
    for (const gpu of state) {
      const plan = script(second, gpu.index);
      const util = plan.util === 0 ? 0 : Math.round(clamp(noise(plan.util, 4), 1, 100));
      const mem = plan.util === 0 ? 0 : Math.round(clamp(noise(plan.mem, 3), 0, 100));
      const busy = plan.util === 0 ? 0 : plan.load * (util / plan.util);
      const watts = plan.context ? clamp(noise(powered(card, busy), 0.012 * card.limitW), 0.95 * card.contextW, card.limitW * 1.004) : noise(card.emptyW, 0.4);
      const isCapped = watts > 0.985 * card.limitW;
      if (isCapped) gpu.capUs += 400_000 + Math.round(next() * 200_000);
      gpu.tempC += (28 + 45 * (watts / card.limitW) - gpu.tempC) * 0.06;
      const row = cells(card, gpu, {
        ...plan,
        util,
        mem,
        watts,
        at: startMs + second * 1000 + gpu.index * 4 + Math.round(next() * 3),
        tempC: Math.round(gpu.tempC),
        capUs: gpu.capUs,
        reasons: util === 0 ? 1 : isCapped ? 4 : 0,
        smMhz: plan.util === 0 && !plan.context ? card.idleMhz : isCapped ? card.smMhz - 15 * Math.round(next() * 12) : card.smMhz,
      });
      query.push(row);
      const traffic = util === 0 ? 0 : Math.round(noise(12 * util, 60));
      const activity = Math.round(clamp(busy * 92, 0, 100));
      dmon.push(card.mig
        ? [gpu.index, '-', '-', '-', '-', '-', '-']
        : [gpu.index, Math.max(0, traffic), Math.max(0, Math.round(traffic / 8)), activity, Math.round(activity * 0.4), Math.round(activity * 0.6), Math.round(clamp(mem * 0.7, 0, 100))]);
    }
  }
  const titles = Object.keys(query[0]).filter((title) => !omit.includes(title.replace(/ \[.*$/, '')));
  return { titles, query, dmon };
}

function file(what, card, { titles, query, dmon }, apps, gpm) {
  const head = ['gpu', 'rxpci', 'txpci', ...(gpm ? ['smutil', 'smocc', 'mmaact', 'dram'] : [])];
  const units = ['Idx', 'MB/s', 'MB/s', ...(gpm ? ['GPM:%', 'GPM:%', 'GPM:%', 'GPM:%'] : [])];
  const pad = (words) => words.map((word) => String(word).padStart(7)).join('');
  const gpus = new Set(query.map((row) => row.index)).size;
  return [
    '# gpucost recording 1',
    `# synthetic: ${what}; written by test/recordings/make.mjs, no hardware involved`,
    '=== nvidia-smi --version',
    `NVIDIA-SMI version  : ${card.driver}`,
    `DRIVER version      : ${card.driver}`,
    '=== nvidia-smi --query-gpu --format=csv -lms 1000',
    titles.join(', '),
    ...query.map((row) => titles.map((title) => row[title]).join(', ')),
    '=== nvidia-smi --query-compute-apps=timestamp,gpu_uuid,pid,process_name,used_gpu_memory --format=csv,noheader',
    ...apps,
    ...(dmon === null
      ? []
      : [
          `=== nvidia-smi dmon -s t${gpm ? ' --gpm-metrics=2,3,5,10' : ''}`,
          `#${pad(head)}`,
          `#${pad(units)}`,
          // GPM is a difference of two samples: the first row has none.
          ...dmon.map((row, i) => pad(row.slice(0, head.length).map((word, c) => (i < gpus && c > 2 ? '-' : word)))),
        ]),
    '',
  ].join('\n');
}

const startMs = Date.UTC(2026, 5, 1, 9, 0, 0);
const app = (at, gpu, pid, name, mib) => `${stamp(startMs + at * 1000)}, ${gpu}, ${pid}, ${name}, ${mib} MiB`;
const folder = new URL('.', import.meta.url);

// One T4: it trains, then holds its memory and does nothing.
const t4Run = play(t4, {
  seed: 1, seconds: 240, gpus: 1, startMs, family: 0x74,
  script: (s) => (s < 6 ? empty : s < 120 ? work(88, 44, 6420, 0.82) : held(6420)),
  omit: ['clocks_event_reasons_counters.sw_power_cap', 'clocks_event_reasons_counters.hw_thermal_slowdown', 'clocks_event_reasons_counters.sw_thermal_slowdown', 'clocks_event_reasons_counters.hw_power_brake_slowdown'],
});
writeFileSync(new URL('linux-x86_64__tesla-t4__550.54.15.txt', folder), file('a T4 that trains for two minutes and then idles with its memory held', t4, t4Run,
  ['@0', '@6', app(6, uuid(0x74, 0), 4711, '/usr/bin/python3', 6418)], false));

// Eight H100: six train together, one serves a little, one is never used.
const h100x8 = { ...h100, hasMig: true };
const h100Run = play(h100x8, {
  seed: 2, seconds: 90, gpus: 8, startMs, family: 0x100,
  script: (s, g) => (g === 7 ? empty : g === 6 ? (s % 10 < 3 ? work(20, 5, 30120, 0.08) : held(30120)) : work(97, 38, 71200, s % 30 < 10 ? 0.99 : 0.86)),
});
writeFileSync(new URL('linux-x86_64__nvidia-h100x8__590.48.01.txt', folder), file('eight H100: 0-5 train, 6 serves a little, 7 is never used', h100x8, h100Run,
  ['@0', ...[0, 1, 2, 3, 4, 5].map((g) => app(0, uuid(0x100, g), 5000 + g, '/opt/conda/bin/python', 71080)), app(0, uuid(0x100, 6), 5100, 'serve, with a comma', 30000)], true));

// One H100 under MIG: no utilization at all.
const mig = { ...h100, mig: true };
const migRun = play(mig, {
  seed: 3, seconds: 60, gpus: 1, startMs, family: 0x316,
  script: () => work(60, 20, 33500, 0.4),
});
writeFileSync(new URL('linux-x86_64__nvidia-h100-mig__590.48.01.txt', folder), file('an H100 under MIG', mig, migRun,
  ['@0', app(0, uuid(0x316, 0), 6001, '/usr/bin/python3', 33400)], true));

// The demo, 40 minutes: GPU 0 starves, then trains well, then keeps its memory; GPU 1 is never used.
const minutes = (m) => m * 60;
const demoCard = { ...h100, hasMig: true };
const demoRun = play(demoCard, {
  seed: 4, seconds: minutes(40), gpus: 2, startMs, family: 0xde,
  script: (s, g) => {
    if (g === 1 || s < 20) return empty;
    if (s < minutes(1)) return held(9200);
    if (s < minutes(13)) return work(38, 14, 52400, 0.3);
    if (s < minutes(28)) return work(96, 41, 52400, 0.88);
    return held(52400);
  },
  omit: ['power.draw.average', 'power.draw.instant', 'fan.speed', 'count'],
});
const demo = file('two H100 for 40 minutes: GPU 0 waits for its input, then trains well, then keeps its memory after the job; GPU 1 is never used', demoCard, { ...demoRun, dmon: null },
  ['@0', '@20', app(20, uuid(0xde, 0), 4242, '/usr/bin/python3', 52300)], false);
const demoFile = new URL('../../src/demo/recording.txt.gz', folder);
// One of a real GPU (test/gpu/recordings.py --demo) stays.
if (!existsSync(demoFile) || gunzipSync(readFileSync(demoFile)).includes('\n# synthetic: ')) {
  writeFileSync(demoFile, gzipSync(demo, { level: 9 }));
}
