import { diffJsonSchema } from '../diff/schema.ts';
import { UsageError } from '../errors.ts';
import { ratesJsonSchema } from '../rates/schema.ts';
import { reportJsonSchema } from '../report/schema.ts';
import { sessionJsonSchema } from '../store/schema.ts';
import { whatifJsonSchema } from '../whatif/schema.ts';
import { writeOutput } from './output.ts';

const schemas: Readonly<Record<string, () => unknown>> = {
  report: reportJsonSchema,
  rates: ratesJsonSchema,
  session: sessionJsonSchema,
  whatif: whatifJsonSchema,
  diff: diffJsonSchema,
};

/** Prints a published JSON Schema. */
export async function schema(what: string): Promise<number> {
  const make = schemas[what];
  if (make === undefined) {
    throw new UsageError(`there is no schema "${what}"`, {
      hint: `Choose one of ${Object.keys(schemas).join(', ')}.`,
    });
  }
  await writeOutput(`${JSON.stringify(make(), null, 2)}\n`, null);
  return 0;
}
