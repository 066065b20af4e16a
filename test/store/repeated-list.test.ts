import { describe, expect, test } from 'vitest';
import { newItemReader } from '../../src/store/items.ts';
import type { GpuProcess, ProcessesLine } from '../../src/store/lines.ts';
import type { RecordingItem } from '../../src/store/recording.ts';
import { newRepeatedLists } from '../../src/store/repeated-list.ts';
import { anOwner } from '../kit/owners.ts';
import { aHeader, sessionStart } from '../kit/session-lines.ts';

const t = sessionStart;

function aList(at: number, memory: readonly (number | null)[], name = 'python3'): ProcessesLine {
  const processes = memory.map((memoryMib, i): GpuProcess => {
    const process = { gpu: i, pid: 40 + i, name, memoryMib };
    return i === 0 ? { ...process, owner: anOwner({ startTicks: 7, user: 'ada' }) } : process;
  });
  return { kind: 'processes', t: at, visible: true, processes };
}

const bytesOf = (line: unknown) => Buffer.from(JSON.stringify(line));

function learnt(line: ProcessesLine) {
  const lists = newRepeatedLists();
  lists.learn(bytesOf(line), line);
  return lists;
}

describe('a list that repeats the one before', () => {
  test('is read with its own time and memory; the owners stay the same objects', () => {
    const first = aList(t, [500, null, 0]);
    const second = aList(t + 10_000, [12_345, null, 7]);
    const read = learnt(first).read(bytesOf(second));
    expect(read).toEqual(second);
    expect(read?.processes[0]?.owner).toBe(first.processes[0]?.owner);
  });

  test.each([
    ['another process', aList(t, [500, null, 0], 'server')],
    ['one less', aList(t, [500, null])],
    ['a memory that is known now', aList(t, [500, 1, 0])],
    ['a memory that is not known now', aList(t, [null, null, 0])],
    ['a memory that is no whole number', aList(t, [500.5, null, 0])],
    ['a memory below 0', aList(t, [-1, null, 0])],
    ['a time that is none', { ...aList(t, [500, null, 0]), t: 1e21 }],
    ['a key that was not there', { ...aList(t, [500, null, 0]), more: 1 }],
  ])('but not with %s', (_, other) => {
    expect(learnt(aList(t, [500, null, 0])).read(bytesOf(other))).toBeNull();
  });

  test('but not where it is torn, or no JSON', () => {
    const lists = learnt(aList(t, [500]));
    const text = JSON.stringify(aList(t, [500]));
    expect(lists.read(Buffer.from(text.slice(0, -1)))).toBeNull();
    expect(lists.read(Buffer.from(`${text}}`))).toBeNull();
    expect(lists.read(Buffer.from(text.replace('Mib":500', 'Mib":0500')))).toBeNull();
    expect(lists.read(Buffer.from(text.replace('Mib":500', 'Mib":')))).toBeNull();
  });

  test('is not taken from names and keys that look like it', () => {
    const named = aList(t, [500], '{"memoryMib":1,"t":2}');
    expect(learnt(named).read(bytesOf({ ...named, t: t + 1 }))).toEqual({ ...named, t: t + 1 });
    const line = aList(t, [500]);
    const lists = newRepeatedLists();
    const later = JSON.stringify(line).replace('"name"', '"later":{"memoryMib":500},"name"');
    lists.learn(Buffer.from(later), line);
    expect(lists.read(Buffer.from(later))).toBeNull();
  });

  test('gives the items that parsing gives, between lists of other processes', () => {
    const lists = [
      aList(t, [500, null]),
      aList(t + 10_000, [600, null]),
      aList(t + 20_000, [600, 1]),
      aList(t + 30_000, [700, 2]),
      aList(t + 40_000, [], 'none'),
      aList(t + 50_000, [], 'none'),
    ];
    const reader = newItemReader('s');
    for (const line of [aHeader(2), ...lists]) reader.line(bytesOf(line));
    const items: readonly RecordingItem[] = [...reader.take(), ...reader.finish()];
    expect(items.filter(({ kind }) => kind === 'processes')).toEqual(
      lists.map(({ t: timeMs, ...list }) => ({ ...list, timeMs })),
    );
    expect(items.at(-1)).toEqual({ kind: 'end', timeMs: t + 50_000 });
  });
});
