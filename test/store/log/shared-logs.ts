import type { LogOptions } from '../../../src/store/log/options.ts';

export interface Read {
  readonly file: string;
  readonly options?: LogOptions;
  readonly gpus: number;
  readonly rows: number;
  /** As the file spells them. */
  readonly first?: string;
  readonly last?: string;
  /** Where the independent count finds utilization and time, from 0; null where a row has no time. */
  readonly cells?: { readonly time: number | null; readonly utilization: number };
  readonly warnings?: readonly string[];
}

export interface Refused {
  readonly file: string;
  readonly options?: LogOptions;
  readonly because: RegExp;
  readonly hint?: RegExp;
}

const series = 'nvidia-smi/series';
const ei = `${series}/unknown-ei`;
const eiCells = { time: 0, utilization: 2 };
const plato = [
  'timestamp',
  'utilization.gpu',
  'utilization.memory',
  'memory.used',
  'memory.free',
  'temperature.gpu',
  'power.draw',
];

/** What each file holds, written down before it was read: wc -l, head and tail of the files. */
export const read: readonly Read[] = [
  {
    file: `${series}/card11g-win-unknown-utf16.csv`,
    gpus: 1,
    rows: 434,
    first: '2026/08/01 03:59:40.361',
    last: '2026/08/01 04:06:58.068',
    cells: { time: 0, utilization: 3 },
  },
  {
    file: `${series}/rtx2070-unknown-akshay1.csv`,
    gpus: 1,
    rows: 224,
    first: '2023/06/22 18:56:56.252',
    last: '2023/06/22 19:00:45.023',
    cells: { time: 0, utilization: 4 },
  },
  {
    file: `${series}/rtx2070-unknown-akshay2.csv`,
    gpus: 1,
    rows: 232,
    first: '2023/06/22 18:53:36.635',
    last: '2023/06/22 19:00:45.023',
    cells: { time: 0, utilization: 4 },
  },
  {
    file: `${series}/rtx4090-unknown-vlm.csv`,
    gpus: 1,
    rows: 2619,
    first: '2026/01/03 15:36:53.507',
    last: '2026/01/03 16:24:53.961',
    cells: { time: 0, utilization: 2 },
  },
  {
    file: `${ei}-falcon-7b-b.csv`,
    gpus: 1,
    rows: 2368,
    first: '2024/04/02 07:36:21.246',
    last: '2024/04/02 07:40:29.042',
    cells: eiCells,
    warnings: ['torn-line'],
  },
  {
    file: `${ei}-falcon-7b-c.csv`,
    gpus: 1,
    rows: 19_999,
    first: '2024/04/03 11:36:01.674',
    last: '2024/04/03 12:10:59.346',
    cells: eiCells,
  },
  {
    file: `${ei}-llama2-13b.csv`,
    gpus: 1,
    rows: 2710,
    first: '2024/04/18 10:08:41.761',
    last: '2024/04/18 10:13:27.903',
    cells: eiCells,
    warnings: ['torn-line'],
  },
  {
    file: `${ei}-mistral-7b.csv`,
    gpus: 1,
    rows: 1514,
    first: '2024/04/03 10:55:35.013',
    last: '2024/04/03 10:58:13.948',
    cells: eiCells,
  },
  {
    file: `${ei}-falcon-40b.csv`,
    options: { gpuCount: 3 },
    gpus: 3,
    rows: 19_999,
    first: '2024/04/10 09:01:30.437',
    last: '2024/04/10 09:14:20.606',
    cells: eiCells,
  },
  {
    file: `${ei}-llama2-70b.csv`,
    options: { gpuCount: 4 },
    gpus: 4,
    rows: 19_999,
    first: '2024/04/05 06:17:19.635',
    last: '2024/04/05 06:27:12.443',
    cells: eiCells,
  },
  {
    // 18800 lines with a line end and one that was cut behind its time.
    file: `${ei}-mixtral.csv`,
    options: { gpuCount: 3 },
    gpus: 3,
    rows: 18_799,
    first: '2024/04/04 10:54:15.382',
    last: '2024/04/04 11:06:09.887',
    cells: eiCells,
    warnings: ['torn-line'],
  },
  {
    file: `${series}/unknown-slowfast-repeated-header.csv`,
    options: { intervalMs: 1000 },
    gpus: 1,
    rows: 40,
    cells: { time: null, utilization: 0 },
    warnings: ['times-unknown'],
  },
  {
    file: `${series}/unknown20g-unknown-plato-noheader.csv`,
    options: { fields: plato },
    gpus: 1,
    rows: 1923,
    first: '2026/04/25 16:06:06.780',
    last: '2026/04/25 18:46:43.733',
    cells: { time: 0, utilization: 1 },
  },
  {
    file: 'traces/landct-utf16/gpu_log.csv',
    gpus: 1,
    rows: 434,
    first: '2026/08/01 03:59:40.361',
    last: '2026/08/01 04:06:58.068',
    cells: { time: 0, utilization: 3 },
  },
  {
    file: 'traces/nanogpt-8gpu-colocated/gpu_metrics.csv.gz',
    gpus: 8,
    rows: 5112,
    first: '2025-09-24T03:48:33.493Z',
    cells: { time: 0, utilization: 3 },
  },
  { file: 'traces/rtx2070-desktop/gpu_usage.csv', gpus: 1, rows: 224 },
  { file: 'traces/rtx2070-desktop/gpu_usage1.csv', gpus: 1, rows: 232 },
  {
    file: 'traces/rtx4080s-gpuburn-wallmeter/gpu_log.csv',
    gpus: 1,
    rows: 404,
    first: '2025/12/05 13:41:48.191',
    cells: { time: 0, utilization: 2 },
  },
  {
    file: 'traces/rtx4080s-gpuburn-wallmeter/gpu_log_19_12_2025.csv',
    gpus: 1,
    rows: 1825,
    first: '2025/12/19 10:27:56.035',
    cells: { time: 0, utilization: 2 },
  },
  {
    file: 'traces/slowfast-no-timestamp/gpu_utilization.csv',
    options: { intervalMs: 500 },
    gpus: 1,
    rows: 40,
    cells: { time: null, utilization: 0 },
    warnings: ['times-unknown'],
  },
  {
    file: 'traces/t4-cifar-lightning/results-file.csv',
    gpus: 1,
    rows: 3055,
    first: '2022/11/19 11:00:27.731',
    cells: { time: 0, utilization: 8 },
  },
  {
    file: 'traces/t4-translation-epochs/gpu_usage.csv',
    gpus: 1,
    rows: 135,
    cells: { time: 0, utilization: 1 },
  },
  // DCGM telemetry in a home-made CSV, with names that can mean one thing only.
  { file: 'traces/h100x8-dcgm/b1_telemetry.csv.gz', gpus: 8, rows: 26_272 },
  { file: 'traces/h100x8-dcgm/e2_telemetry.csv.gz', gpus: 8, rows: 24_216 },
  { file: 'traces/h100x8-dcgm/t2_telemetry.csv.gz', gpus: 8, rows: 24_696 },
  ...[
    'h100-80gb-hbm3-590.48.01',
    'h200-590.48.01',
    'h200-mig-590.48.01',
    'l40s-595.80',
    'rtx-2080-super-win-591.86',
    'rtx-2080-super-win-610.62',
    'rtx-4080-super-595.71.05',
  ].flatMap((card) =>
    ['idle', 'load'].map((state) => ({
      file: `nvidia-smi/query-gpu/${card}-${state}-all-fields.csv`,
      gpus: 1,
      rows: 1,
    })),
  ),
  // Its last line has no end and could be cut, but the cell at stake is one that is not read.
  { file: 'nvidia-smi/query-gpu/h100-535.161.07-doctored.csv', gpus: 1, rows: 1 },
  { file: 'nvidia-smi/query-gpu/t4-550.54.15-doctored.csv', gpus: 1, rows: 1 },
  // Eight GPUs by index; the bus ids were masked so that two share each of them.
  { file: 'nvidia-smi/query-gpu/h100x8-535.161.07-nounits.csv', gpus: 8, rows: 8 },
  { file: 'nvidia-smi/query-gpu/vertex-sample.csv', gpus: 1, rows: 1 },
  {
    file: 'nvidia-smi/query-gpu/h100-unknown-healthy-peer.csv',
    options: { intervalMs: 1000 },
    gpus: 1,
    rows: 1,
    warnings: ['times-unknown'],
  },
  {
    file: 'nvidia-smi/query-gpu/a100x8-unknown-fan-na.csv',
    options: { intervalMs: 1000, gpuCount: 8 },
    gpus: 8,
    rows: 8,
    warnings: ['times-unknown'],
  },
  {
    file: 'nvidia-smi/query-gpu/unknown-fixture1.csv',
    options: { intervalMs: 1000 },
    gpus: 2,
    rows: 2,
    warnings: ['times-unknown'],
  },
  {
    file: 'nvidia-smi/query-gpu/unknown-fixture2.csv',
    options: { intervalMs: 1000 },
    gpus: 3,
    rows: 3,
    warnings: ['times-unknown'],
  },
];

const noUtilization = /without utilization\.gpu/;
const noHeader = /a row without a header before it \(1: '/;
const noTime = { because: /no timestamp column/, hint: /--interval/ };

export const refused: readonly Refused[] = [
  { file: `${series}/gb10-unknown-memory-na.csv`, because: noUtilization },
  {
    file: `${series}/jetson-orin-unknown-zetascope-not-nvidia-smi.csv`,
    because: /:2: found the time '03-11-2026 15:13:16', in which day and month can't be told apart/,
    hint: /year first/,
  },
  ...['aucurriculum', 'moe', 'seizure-495.44', 'slurmmwe'].map((name) => ({
    file: `${series}/unknown-${name}-table.txt`,
    because: /nvidia-smi's table for people/,
    hint: /--query-gpu=timestamp,index,uuid/,
  })),
  ...['falcon-40b', 'mixtral'].map((name) => ({
    file: `${ei}-${name}.csv`,
    because: /rows of 3 GPUs in turn.*expected an index or uuid column/,
    hint: /--gpus 3/,
  })),
  {
    file: `${ei}-llama2-70b.csv`,
    because: /rows of 4 GPUs in turn.*expected an index or uuid column/,
    hint: /--gpus 4/,
  },
  {
    file: `${ei}-llama2-70b.csv`,
    options: { gpuCount: 3 },
    because: /groups of 4 by time; expected groups of 3/,
    hint: /--gpus 4/,
  },
  {
    file: `${ei}-mistral-7b.csv`,
    options: { gpuCount: 2 },
    because: /do not come in groups by time/,
    hint: /--gpus 1/,
  },
  ...['fluids', 'root', 'torch'].map((name) => ({
    file: `${series}/unknown-flame-${name}.csv`,
    because: noUtilization,
  })),
  { file: `${series}/unknown-glasses-100ms.csv`, because: noUtilization },
  { file: `${series}/unknown-slowfast-repeated-header.csv`, ...noTime },
  {
    file: `${series}/unknown20g-unknown-plato-noheader.csv`,
    because: noHeader,
    hint: /7 columns in order with --fields/,
  },
  {
    file: `${series}/unknown20g-unknown-plato-noheader.csv`,
    options: { fields: ['timestamp', 'utilization.gpu'] },
    because: /found 7 columns: 1: .* expected 2, as --fields names/,
  },
  { file: 'traces/dcconv-broken-quoting/gpu_usage.csv', because: /quoted cells/ },
  { file: 'traces/flame-power-only-100ms/fluidsGL-smi.csv', because: noUtilization },
  { file: 'traces/flame-power-only-100ms/torch-ex-smi.csv', because: noUtilization },
  ...['4070', 'L4', 'L40'].map((card) => ({
    file: `traces/mfu-sweep/mfu_aggregated_per_config_${card}.csv.gz`,
    because: /columns of which none is known/,
    hint: /--fields/,
  })),
  { file: 'traces/orin-60s/gpu_stats.csv', because: /day and month can't be told apart/ },
  {
    file: 'traces/rtx4080s-gpuburn-wallmeter/consumo_pc_19_12_2025.txt',
    because: /separated by tabs/,
  },
  { file: 'traces/rtx4090-render-jsonl/metrics_log.jsonl.gz', because: /found JSON/ },
  { file: 'traces/slowfast-no-timestamp/gpu_utilization.csv', ...noTime },
  { file: 'traces/two-gpu-power-wide/power_log.csv', because: /one column for each GPU/ },
  { file: 'nvidia-smi/query-gpu/a100x8-unknown-fan-na.csv', ...noTime },
  {
    file: 'nvidia-smi/query-gpu/a100x8-unknown-fan-na.csv',
    options: { intervalMs: 1000 },
    because: /one GPU over time or several at once/,
    hint: /--gpus/,
  },
  { file: 'nvidia-smi/query-gpu/h100-unknown-healthy-peer.csv', ...noTime },
  {
    file: 'nvidia-smi/query-gpu/h100-unknown-requires-reset.csv',
    because: /no reading: .*GPU requires reset/,
  },
  { file: 'nvidia-smi/query-gpu/rtx2080-440.64-nounits-bare-na.csv', because: noHeader },
  { file: 'nvidia-smi/query-gpu/rtx2080super-win-unknown-query.csv', because: noUtilization },
  { file: 'nvidia-smi/query-gpu/rtx3080-win-2021-all-na.csv', because: noHeader },
  {
    file: 'nvidia-smi/query-gpu/unknown-beat-fixture.csv',
    ...noTime,
  },
  { file: 'nvidia-smi/query-gpu/unknown-fixture1.csv', ...noTime },
  { file: 'nvidia-smi/query-gpu/unknown-fixture2.csv', ...noTime },
];
