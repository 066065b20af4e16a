import type { UsageError } from '../../errors.ts';
import { exampleCommand, quoted, refusal } from './refusal.ts';

interface Shape {
  readonly is: (line: string) => boolean;
  readonly found: string;
  readonly hint: string;
}

const record = `Record a log with: ${exampleCommand}`;

/** Never in a line of text: control characters but tab and the ends of lines. */
const controls = new RegExp(String.raw`[\x00-\x08\x0e-\x1a\x1c-\x1f]`);

/** What people hand over instead of a CSV log. */
const shapes: readonly Shape[] = [
  {
    is: (line) => controls.test(line) && line.includes('\u{fffd}'),
    found: 'bytes that are no text',
    hint: `Logs are plain text, or text packed by gzip. ${record}`,
  },
  {
    is: (line) => /^\s*[+|][-=+|]{20,}/.test(line) || /NVIDIA-SMI \d+\.\d+/.test(line),
    found: "nvidia-smi's table for people, which shows rounded values and changes with the driver",
    hint: record,
  },
  {
    is: (line) => /^\s*(\{|\[\s*[{\]])/.test(line),
    found: 'JSON',
    hint: `Logs are read as nvidia-smi's CSV, one row for each GPU and time. ${record}`,
  },
  { is: (line) => /^\s*<(\?xml|!DOCTYPE|html|nvidia)/i.test(line), found: 'XML', hint: record },
  {
    is: (line) => /^=+NVSMI LOG=+/.test(line.trim()),
    found: 'the output of `nvidia-smi -q`',
    hint: record,
  },
  {
    is: (line) => /^#\s*(gpu|Idx|Date|Time)\s/.test(line) && !line.includes(','),
    found: 'the output of `nvidia-smi dmon` or `pmon`',
    hint: record,
  },
  {
    is: (line) => /(^|,)\s*"/.test(line),
    found: 'quoted cells',
    hint: `nvidia-smi writes no quotes, and quoted line breaks tear rows apart: write the rows without them. ${record}`,
  },
  {
    is: (line) => !line.includes(',') && /\S\s*[\t;]\s*\S/.test(line),
    found: 'columns separated by tabs or semicolons',
    hint: `Separate them by commas (a comma as decimal sign has to become a point). ${record}`,
  },
];

/** The reason why a line shows that its file is no nvidia-smi CSV log, or null. */
export function foreign(name: string, lineNumber: number, line: string): UsageError | null {
  const shape = shapes.find(({ is }) => is(line));
  if (shape === undefined) return null;
  return refusal(
    name,
    lineNumber,
    `${shape.found} (${quoted(line)})`,
    'the output of `nvidia-smi --query-gpu=… --format=csv`',
    shape.hint,
  );
}
