import type { Check } from './check.ts';
import type { DoctorFacts } from './facts.ts';
import { gpuChecks } from './gpu-checks.ts';
import { hostChecks } from './host-checks.ts';

/** All checks, in the order in which a person would make them; pure. */
export function checkHost(facts: DoctorFacts): readonly Check[] {
  return [...gpuChecks(facts.smi), ...hostChecks(facts)];
}
