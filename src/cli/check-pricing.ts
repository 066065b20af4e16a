import type { ProjectFile } from '../config/project-file.ts';
import { UsageError } from '../errors.ts';
import { findMachine } from '../rates/find-machine.ts';
import type { RateCards } from '../rates/merge.ts';
import { problemsError } from '../rates/problem.ts';
import { checkPurchase } from '../rates/purchases.ts';

/**
 * Throws UsageError for a machine type or a purchase that is on no card, before anything is read or recorded: of the
 * project file with its place.
 */
export function checkPricing(
  cards: RateCards,
  flags: { readonly machine?: string; readonly purchase?: string },
  project: ProjectFile | null,
): void {
  const check = (key: 'machine' | 'purchase', isOnCards: (value: string) => void): void => {
    const flag = flags[key];
    if (flag !== undefined) {
      isOnCards(flag);
      return;
    }
    const value = project?.settings[key];
    if (project === null || value === undefined) return;
    try {
      isOnCards(value);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const { message, hint } = error;
      const place = project.yaml.place([key]);
      throw problemsError(project.path, [{ ...place, key, message }], {
        cause: error,
        ...(hint === undefined ? {} : { hint }),
      });
    }
  };
  check('machine', (type) => findMachine(cards, { type }));
  check('purchase', (purchase) => checkPurchase(cards, purchase));
}
