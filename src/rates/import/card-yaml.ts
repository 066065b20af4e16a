import { NumberText } from '../number-text.ts';

/** A card as YAML: one line a price, so that a diff shows what changed. Numbers stay as they were written. */
export function cardYaml(card: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(card).flatMap(([key, value]) =>
    isMap(value) && key !== 'sources' ? [`${key}:`, ...things(value)] : [`${key}: ${flow(value)}`],
  );
  return `${lines.join('\n')}\n`;
}

/** Machines or accelerators: facts a line each, then the prices. */
function things(map: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(map).flatMap(([name, thing]) => [
    `  ${scalar(name)}:`,
    ...(isMap(thing) ? Object.entries(thing) : []).flatMap(([key, value]) =>
      Array.isArray(value)
        ? [`    ${key}:`, ...value.map((item) => `      - ${flow(item)}`)]
        : [`    ${key}: ${flow(value)}`],
    ),
  ]);
}

function flow(value: unknown): string {
  if (value instanceof NumberText) return value.text;
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (isMap(value)) {
    return `{ ${Object.entries(value)
      .map(([key, inner]) => `${scalar(key)}: ${flow(inner)}`)
      .join(', ')} }`;
  }
  return typeof value === 'string' ? scalar(value) : JSON.stringify(value);
}

/** Plain where YAML reads the same text back, else as JSON, which YAML reads too. */
function scalar(text: string): string {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isPlain =
    /^[A-Za-z][A-Za-z0-9 ._/+$()-]*$/.test(text) &&
    !text.endsWith(' ') &&
    !/^(?:null|true|false|yes|no|on|off|y|n)$/i.test(text);
  return isDate || isPlain ? text : JSON.stringify(text);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof NumberText)
  );
}
