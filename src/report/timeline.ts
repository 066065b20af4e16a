import { type SegmentedTime, segmentTime } from '../usage/segments.ts';
import type { GpuUsage } from '../usage/usage.ts';
import { hoursOf } from './amounts.ts';
import type { Report } from './report.ts';

type Timeline = NonNullable<Report['timeline']>[number];

/** The longest of a GPU's jobs that are told one by one. */
const mostJobs = 10;

/** A GPU's billed time in its parts, and that of each job on it where its processes were seen. */
export function timelinesOf(gpu: string, usage: GpuUsage): Timeline[] {
  const whole = toTimeline(gpu, null, segmentTime(usage, usage.cells));
  const jobs = [...(usage.jobs ?? [])]
    .sort((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs))
    .slice(0, mostJobs)
    .sort((a, b) => a.startMs - b.startMs);
  const ofJobs = jobs.map((job) => toTimeline(gpu, job.name, segmentTime(usage, [job])));
  return [whole, ...ofJobs];
}

function toTimeline(gpu: string, job: string | null, time: SegmentedTime): Timeline {
  return {
    gpu,
    job,
    joinedBelowSeconds: time.joinedBelowMs / 1_000,
    segments: time.segments.map((segment) => ({
      kind: segment.kind,
      start: new Date(segment.startMs).toISOString(),
      end: new Date(segment.endMs).toISOString(),
      gpuHours: hoursOf(segment.endMs - segment.startMs),
      effectiveGpuHours: hoursOf(segment.effectiveMs),
      utilizationPct: segment.utilizationPct,
      load: segment.load,
    })),
  };
}
