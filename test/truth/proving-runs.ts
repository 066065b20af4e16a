import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';

/** What test/gpu/run.py writes beside each session; recordings.py adds `synthetic`. */
const truthSchema = z.object({
  workload: z.string(),
  knob: z.string(),
  group: z.string(),
  expected: z.array(z.string()),
  outcome: z.string(),
  device: z.string().optional(),
  toy: z.boolean().optional(),
  fake: z.boolean().optional(),
  synthetic: z.boolean().optional(),
  fromMs: z.number().optional(),
  toMs: z.number().optional(),
  gpmActivity: z.number().nullable().optional(),
  shareOfBest: z.number().nullable().optional(),
});

export interface ProvingRun {
  readonly truth: z.infer<typeof truthSchema>;
  /** Where its session is. */
  readonly session: string;
}

/** Results that GPUCOST_PROVING_GROUND names, else the project's own fixtures; null where there is neither. */
export function provingGroundFolder(): string | null {
  const named = process.env['GPUCOST_PROVING_GROUND'];
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error(`GPUCOST_PROVING_GROUND: ${named} doesn't exist`);
    return named;
  }
  // From the project's folder: this file may be bundled elsewhere.
  const own = 'test/recordings/gpu';
  return existsSync(own) ? own : null;
}

/** The runs of a folder that test/gpu/run.sh or recordings.py left, by name. */
export function provingRuns(folder: string): readonly ProvingRun[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((name) => {
      const path = join(folder, name, 'truth.json');
      if (!existsSync(path)) return [];
      const fixture = join(folder, name, 'session.jsonl.gz');
      return {
        truth: truthSchema.parse(JSON.parse(readFileSync(path, 'utf8'))),
        session: existsSync(fixture) ? fixture : join(folder, name, 'home', 'sessions'),
      };
    });
}

export function isOfAGpu({ device, toy, fake, synthetic }: ProvingRun['truth']): boolean {
  return device === 'cuda' && toy !== true && fake !== true && synthetic !== true;
}
