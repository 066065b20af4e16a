import type { Report } from '../../src/report/report.ts';
import { aReport } from './a-report.ts';
import { withTimeline } from './a-timeline.ts';

type Segment = NonNullable<Report['timeline']>[number]['segments'][number];

const at = (clock: string): string => `2026-11-22T${clock}:00.000Z`;

function aSegment(kind: Segment['kind'], from: string, to: string): Segment {
  const [start, end] = [at(from), at(to)];
  const gpuHours = (Date.parse(end) - Date.parse(start)) / 3_600_000;
  const utilizationPct = kind === 'active' ? 91 : 0;
  return { kind, start, end, gpuHours, effectiveGpuHours: 0, utilizationPct, load: null };
}

const trained = [
  aSegment('startUp', '08:00', '08:04'),
  aSegment('active', '08:04', '11:20'),
  aSegment('pause', '11:20', '11:50'),
  aSegment('active', '11:50', '15:40'),
  aSegment('tearDown', '15:40', '15:42'),
  aSegment('emptyIdle', '15:42', '16:00'),
];
const held = [aSegment('emptyIdle', '08:00', '09:36'), aSegment('heldIdle', '09:36', '16:00')];

/** A report that also has what most reports don't: each part that a format can show is there. */
export function aFullReport(points = 1000): Report {
  const report = aReport();
  const [idle, wait] = report.findings;
  if (idle === undefined || wait === undefined) throw new Error('the report has two findings');
  const [first] = report.gpus;
  if (first === undefined) throw new Error('the report has GPUs');
  const owner = { kind: 'owner', gpuHours: first.gpuHours, cost: first.cost } as const;
  const per = (estimate: number) => ({ estimate, low: estimate * 0.97, high: estimate * 1.03 });
  return withTimeline(
    {
      ...report,
      findings: [
        idle,
        {
          ...wait,
          decidingTest: {
            action: 'Run a minute on synthetic data of the same shape, made once on the GPU.',
            detail: 'PyTorch `torch.randn(…, device="cuda")`.',
            outcomes: [
              { seen: 'the GPU fills', causes: ['io-bound', 'cpu-bound-input', 'transfer-bound'] },
              { seen: 'it does not', causes: ['host-bound', 'undersized-batch'] },
            ],
          },
        },
        {
          ...wait,
          rule: 'cpu-bound-input',
          fingerprint: 'c3d4e5f6a7b8',
          title: 'The GPU waits for preprocessing on the CPU',
          intervals: [{ start: at('08:04'), end: at('11:20') }],
          remediation: [
            { action: 'Start more workers: `num_workers=24`.', detail: 'There are 192 CPUs.' },
            { action: 'Decode on the GPU.', detail: '' },
          ],
          alternatives: [{ rule: 'host-bound', confidence: 0.55 }],
          decidingTest: {
            action: 'Run a minute on synthetic data of the same shape, made once on the GPU.',
            detail: '',
            outcomes: [
              { seen: 'the GPU fills', causes: ['cpu-bound-input'] },
              { seen: 'it does not', causes: ['host-bound'] },
            ],
          },
        },
      ],
      suppressed: [
        { ...wait, rule: 'io-bound', suppression: { reason: 'known: demo', until: '2027-03-31' } },
      ],
      groups: {
        by: 'user',
        rows: [
          {
            name: 'alice',
            ...owner,
            splitBy: { alone: 0, smUtilization: 5.2, memory: 2.8, equal: 0 },
          },
          { name: 'bob', ...owner, splitBy: { alone: 8, smUtilization: 0, memory: 0, equal: 0 } },
          { name: 'nobody known', ...owner, kind: 'unowned', splitBy: null },
        ],
      },
      gates: (['pass', 'warn', 'fail', 'not-judged'] as const).map((result) => ({
        name: 'max-waste',
        limit: 0.4,
        actual: 0.3,
        result,
      })),
      timeline: report.gpus.map(({ id }, i) => ({
        gpu: id,
        job: null,
        joinedBelowSeconds: 0,
        segments: i < 4 ? trained : held,
      })),
      work: {
        unit: 'step',
        label: '',
        count: 12_480,
        secondsPer: per(2.19),
        gpuHoursPer: per(0.0024),
        costPer: per(0.0167),
        start: at('08:04'),
        end: at('15:40'),
        billedGpuHoursPer: 0.0051,
        billedCostPer: 0.0353,
        counters: [],
        projected: null,
      },
      idleTimeouts: [
        {
          machine: 'm1',
          spells: 2,
          longestSeconds: 1080,
          rows: [
            {
              afterSeconds: 300,
              stops: 2,
              saved: { gpuHours: 2.4, cost: 16.51 },
              endedWork: 1,
              restarts: 1,
            },
            {
              afterSeconds: 600,
              stops: 1,
              saved: { gpuHours: 1.07, cost: 7.34 },
              endedWork: 0,
              restarts: 0,
            },
          ],
          kneeSeconds: 600,
          chargedAlways: false,
          ending: [
            { action: 'stop', compute: 'ends', keeps: ['disks'], note: null },
            { action: 'reboot', compute: 'continues', keeps: [], note: null },
          ],
        },
      ],
    },
    points,
  );
}
