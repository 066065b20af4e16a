import { describe, expect, it } from 'vitest';
import { JobSignals } from '../../src/usage/job-signals.ts';

function readings(seconds: number, cpuCores: number, workerCpuShare: number) {
  const length = seconds / 5;
  const column = (value: number) => new Float64Array(length).fill(value);
  return {
    length,
    timeMs: Float64Array.from({ length }, (_, i) => 1_000_000 + (i + 1) * 5_000),
    columns: { cpuCores: column(cpuCores), workerCpuShare: column(workerCpuShare) },
  };
}

describe('JobSignals', () => {
  it('adds up what two processes of one GPU use, and takes the mean of their shares', () => {
    const signals = new JobSignals();
    signals.add('a', readings(120, 4, 0.9), 5_000, 60_000);
    signals.add('b', readings(120, 3, 0.5), 5_000, 60_000);
    const means = signals.means(1_000_000, 1_120_000);
    expect(means.cpuCores).toBeCloseTo(7, 5);
    expect(means.workerCpuShare).toBeCloseTo(0.7, 5);
    expect(means).not.toHaveProperty('dStateShare');
  });

  it('counts a process for the part of the time that it was there', () => {
    const signals = new JobSignals();
    signals.add('a', readings(120, 4, 0.9), 5_000, 60_000);
    signals.add('b', readings(60, 4, 0.9), 5_000, 60_000);
    expect(signals.means(1_000_000, 1_120_000).cpuCores).toBeCloseTo(6, 1);
  });
});
