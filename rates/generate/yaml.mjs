/** A rate card as YAML: keys in the order given, one line a price, so that a diff shows what changed. */
export function cardYaml({ title, card }) {
  const { machines, accelerators, ...head } = card;
  const lines = [
    '# yaml-language-server: $schema=rate-card.schema.json',
    `# ${title} Written by rates/generate/generate.mjs: change it there.`,
  ];
  for (const [key, value] of Object.entries(head)) lines.push(...entry(key, value, ''));
  for (const [section, things] of Object.entries({ accelerators, machines })) {
    if (things === undefined) continue;
    lines.push(`${section}:`);
    for (const [name, { prices, ...facts }] of Object.entries(things)) {
      lines.push(`  ${scalar(name)}:`);
      for (const [key, value] of Object.entries(facts)) {
        if (value !== undefined) lines.push(`    ${key}: ${flow(value)}`);
      }
      lines.push('    prices:', ...prices.map((price) => `      - ${flow(price)}`));
    }
  }
  return `${lines.join('\n')}\n`;
}

function entry(key, value, indent) {
  if (value === undefined) return [];
  if (Array.isArray(value))
    return [`${indent}${key}:`, ...value.map((item) => `${indent}  - ${flow(item)}`)];
  if (key === 'sources' || key === 'discounts') {
    return [
      `${indent}${key}:`,
      ...Object.entries(value).map(([id, v]) => `${indent}  ${id}: ${flow(v)}`),
    ];
  }
  return [`${indent}${key}: ${flow(value)}`];
}

/** A number that is written as the source had it. */
export class Figure {
  constructor(text) {
    this.text = text;
  }
}

/** At most 9 places, rounded half up, without trailing zeros. */
export function figure(text) {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) throw new Error(`not a plain decimal: ${text}`);
  const digits = (match[2] ?? '').padEnd(10, '0');
  const nanos = BigInt(match[1] + digits.slice(0, 9)) + (digits[9] >= '5' ? 1n : 0n);
  const all = nanos.toString().padStart(10, '0');
  const fraction = all.slice(-9).replace(/0+$/, '');
  return new Figure(all.slice(0, -9) + (fraction === '' ? '' : `.${fraction}`));
}

export function flow(value) {
  if (value === null) return 'null';
  if (value instanceof Figure) return value.text;
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object') {
    const inner = Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .map(([k, v]) => `${scalar(k)}: ${flow(v)}`);
    return `{ ${inner.join(', ')} }`;
  }
  return typeof value === 'string' ? scalar(value) : String(value);
}

/** Plain where YAML reads the same text back, else in single quotes. */
export function scalar(text) {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  const plain =
    /^[A-Za-z0-9(][A-Za-z0-9 ._/()+%=-]*$/.test(text) &&
    !text.endsWith(' ') &&
    !/^(?:null|true|false|[-+.\d][\d_.eE+-]*|0[xo][\da-fA-F]+)$/i.test(text);
  return plain ? text : `'${text.replaceAll("'", "''")}'`;
}
