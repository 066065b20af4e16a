import { gateEvidence } from '../report/gate-evidence.ts';
import type { GateLimit, GateLimits } from '../report/gates.ts';
import type { GateFlags } from './flags.ts';
import type { ProjectSettings } from './project-schema.ts';

/** Gates of the flags over the project file's budgets. A flag's gate is an error, whatever level the file gives it. */
export function gateLimits(flags: GateFlags, budgets: ProjectSettings['budgets']): GateLimits {
  const { evidence } = budgets ?? {};
  return {
    maxWaste: asError(flags.maxWaste) ?? fromBudget(budgets?.max_waste),
    minEffective: asError(flags.minEffective) ?? fromBudget(budgets?.min_effective),
    maxCost: asError(flags.maxCost) ?? fromBudget(budgets?.max_cost),
    failOn:
      flags.failOn?.flatMap((wanted) => asError(wanted) ?? []) ??
      (budgets?.fail_on ?? []).flatMap((wanted) => fromBudget(wanted) ?? []),
    strict: flags.strict ?? budgets?.strict ?? false,
    evidence: {
      coverage: evidence?.coverage ?? gateEvidence.coverage,
      durationMs: evidence?.duration ?? gateEvidence.durationMs,
      standardErrors: evidence?.standard_errors ?? gateEvidence.standardErrors,
    },
  };
}

function asError<T>(limit: T | undefined): GateLimit<T> | null {
  return limit === undefined ? null : { limit, level: 'error' };
}

type Budget<T> = T | { readonly limit: T; readonly level: 'off' | 'warn' | 'error' };

/** Null where the file has no such gate, or has it off. */
function fromBudget<T extends number | string>(budget: Budget<T> | undefined): GateLimit<T> | null {
  if (budget === undefined) return null;
  if (typeof budget !== 'object') return { limit: budget, level: 'error' };
  const { limit, level } = budget;
  return level === 'off' ? null : { limit, level };
}
