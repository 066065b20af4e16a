import { isAbsent } from '../../sample/parse-value.ts';
import type { IdentityCell, Plan } from './plan.ts';

/**
 * The cell to tell GPUs apart by: uuid, else bus id, else index; null where there is none. One that is absent
 * in all of the first rows is passed over, and so is one that gives GPUs of different index the same name,
 * as in logs whose owner masked the identifiers.
 */
export function chooseIdentity(
  plan: Plan,
  firstRows: readonly (readonly string[])[],
): IdentityCell | null {
  const index = plan.identities.find(({ kind }) => kind === 'index');
  return (
    plan.identities.find(({ kind, cell }) => {
      const keys = firstRows.map((row) => (row[cell] ?? '').trim());
      if (keys.length > 0 && keys.every(isAbsent)) return false;
      if (index === undefined || kind === 'index') return true;
      const indexOf = new Map<string, string>();
      return firstRows.every((row, i) => {
        const key = keys[i] ?? '';
        const own = (row[index.cell] ?? '').trim();
        if (isAbsent(key) || isAbsent(own)) return true;
        const known = indexOf.get(key) ?? own;
        indexOf.set(key, known);
        return known === own;
      });
    }) ?? null
  );
}
