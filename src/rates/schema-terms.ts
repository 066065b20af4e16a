import { z } from 'zod';
import { durationMs } from './duration.ts';
import { NumberText } from './number-text.ts';

/*
 * Each schema's error text is the phrase that follows "expected" in a message.
 * `.meta()` is what the published JSON Schema says: an editor sees a number where we see its text.
 */

function numberTerm(expected: string, pattern: RegExp, json: Readonly<Record<string, unknown>>) {
  return z
    .custom<NumberText>((value) => value instanceof NumberText && pattern.test(value.text), {
      error: expected,
    })
    .transform((value) => value.text)
    .meta({ ...json });
}

/** Money or another amount, kept as text: at most 9 places, never negative. */
export const decimal = numberTerm(
  'a plain decimal of at most 9 places, 0 or more',
  /^\d{1,12}(?:\.\d{1,9})?$/,
  { type: 'number', minimum: 0 },
);

export const share = numberTerm(
  'a share from 0 to 1, such as 0.3',
  /^(?:0(?:\.\d{1,9})?|1(?:\.0{1,9})?)$/,
  {
    type: 'number',
    minimum: 0,
    maximum: 1,
  },
);

export const count = z
  .custom<NumberText>((value) => value instanceof NumberText && /^[1-9]\d{0,5}$/.test(value.text), {
    error: 'a whole number, 1 or more',
  })
  .transform((value) => Number(value.text))
  .meta({ type: 'integer', minimum: 1 });

export const quantity = z
  .custom<NumberText>(
    (value) => value instanceof NumberText && /^\d{1,9}(?:\.\d{1,9})?$/.test(value.text),
    { error: 'a number, 0 or more' },
  )
  .transform((value) => Number(value.text))
  .meta({ type: 'number', minimum: 0 });

export const duration = z
  .string('a duration such as 1s, 1m, 1h, 90d or 4y')
  .refine((text) => durationMs(text) !== null, 'a duration such as 1s, 1m, 1h, 90d or 4y')
  .meta({ pattern: '^\\d{1,6}[smhdy]$' });

export const date = z
  .string('a date such as 2026-07-20')
  .refine(isCalendarDate, 'a date such as 2026-07-20')
  .meta({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });

function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

export const identifier = z
  .string('an id of small letters, digits, dots and dashes')
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'an id of small letters, digits, dots and dashes');

/** One line for people. */
export const text = z
  .string('a text')
  .min(1, 'a text that is not empty')
  .max(500, 'a text of at most 500 characters');

/** A name that another system gave: kept as it is, but without blanks around it. */
export const name = z
  .string('a name')
  .regex(/^\S(?:[^\n\r\t]*\S)?$/, 'a name without blanks around it')
  .max(200, 'a name of at most 200 characters');

export const currency = z
  .string('an ISO 4217 currency such as USD')
  .refine((code) => currencies().has(code), 'an ISO 4217 currency such as USD')
  .meta({ pattern: '^[A-Z]{3}$' });

let known: ReadonlySet<string> | undefined;

function currencies(): ReadonlySet<string> {
  known ??= new Set(Intl.supportedValuesOf('currency'));
  return known;
}

export const fraction = z
  .string('a part of one GPU such as 1/8')
  .refine(isFraction, 'a part of one GPU such as 1/8')
  .meta({ pattern: '^[1-9]\\d*/[1-9]\\d*$' });

function isFraction(value: string): boolean {
  const match = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(value);
  return match !== null && Number(match[1]) < Number(match[2]);
}

export const deviceCount = z
  .custom<NumberText | string>(
    (value) =>
      value === 'any' ||
      value === 'attached' ||
      (value instanceof NumberText && /^[1-9]\d{0,3}$/.test(value.text)),
    { error: 'a whole number of GPUs, any or attached' },
  )
  .transform((value): number | 'any' | 'attached' => {
    if (value instanceof NumberText) return Number(value.text);
    return value === 'any' ? 'any' : 'attached';
  })
  .meta({ anyOf: [{ type: 'integer', minimum: 1 }, { enum: ['any', 'attached'] }] });
