// Preloaded into a measured process: its own CPU time and peak memory, as the kernel counts them, on file descriptor 3.
import { writeSync } from 'node:fs';

process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeSync(
    3,
    JSON.stringify({ rssMb: maxRSS / 1_000, cpuS: (userCPUTime + systemCPUTime) / 1e6 }),
  );
});
