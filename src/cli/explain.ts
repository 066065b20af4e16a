import { UsageError } from '../errors.ts';
import { nearest } from '../rates/nearest.ts';
import { explainText, listText } from '../rules/document.ts';
import { rules } from '../rules/index.ts';

export interface ExplainOptions {
  /** Columns of the terminal; text is wrapped at this or 100, whichever is less. */
  readonly width: number;
}

/**
 * Lists the rules, or explains the one with this id.
 * @throws UsageError for an id that no rule has, naming the nearest one.
 */
export async function explain(
  ruleId: string | undefined,
  options: ExplainOptions,
  write: (text: string) => Promise<void>,
): Promise<number> {
  if (ruleId === undefined) {
    await write(listText(rules));
    return 0;
  }
  const rule = rules.find(({ meta }) => meta.id === ruleId);
  if (rule === undefined) {
    const [near] = nearest(
      ruleId,
      rules.map(({ meta }) => meta.id),
    );
    throw new UsageError(`there is no rule "${ruleId}"`, {
      hint:
        near === undefined
          ? 'Run gpucost explain without a name for the list.'
          : `Did you mean "${near}"? Run gpucost explain for the list.`,
    });
  }
  await write(explainText(rule, Math.min(options.width, 100)));
  return 0;
}
