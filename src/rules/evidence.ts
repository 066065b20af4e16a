import type { Evidence } from './rule.ts';

/** An observed value that is at or above what the rule asks for. */
export function atLeast(signal: string, value: number, threshold: number, unit: string): Evidence {
  return { signal, value, unit, threshold, comparison: '>=' };
}

/** An observed value that is at or below what the rule asks for. */
export function atMost(signal: string, value: number, threshold: number, unit: string): Evidence {
  return { signal, value, unit, threshold, comparison: '<=' };
}

/** An observed value that is below what the rule asks for. */
export function below(signal: string, value: number, threshold: number, unit: string): Evidence {
  return { signal, value, unit, threshold, comparison: '<' };
}

/** An observed value that helps to read the others and was compared with nothing. */
export function seen(signal: string, value: number, unit: string): Evidence {
  return { signal, value, unit, threshold: null, comparison: null };
}
