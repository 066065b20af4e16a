import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createKernelLog, type KernelLog, type LogCalls } from '../../src/host/kernel-log.ts';
import { absent, denied } from '../../src/host/proc-file.ts';
import { kernelTree } from './kernel-tree.ts';

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A log that answers each read with the next of `answers`: a record, or an error's code; then EAGAIN. */
function scripted(answers: string[]): { log: KernelLog; opened: () => number; open: () => number } {
  let opened = 0;
  let open = 0;
  const calls: LogCalls = {
    open() {
      opened += 1;
      open += 1;
      return 7;
    },
    read(file, buffer) {
      expect(file).toBe(7);
      const next = answers.shift() ?? 'EAGAIN';
      if (/^E[A-Z]+$/.test(next)) throw failure(next);
      return buffer.write(next, 'latin1');
    },
    close() {
      open -= 1;
    },
  };
  return { log: createKernelLog('/dev/kmsg', calls), opened: () => opened, open: () => open };
}

const textsOf = (log: KernelLog): readonly string[] | symbol => {
  const read = log.read();
  return typeof read === 'symbol' ? read : read.records.map(({ text }) => text);
};

describe('the kernel log', () => {
  it('passes over what stood there at first, and gives each later record once', () => {
    const answers = ['6,1,10,-;before\n', 'EAGAIN'];
    const { log, opened } = scripted(answers);
    expect(textsOf(log)).toEqual([]);
    answers.push(
      '6,2,2000000,-;one\n SUBSYSTEM=pci\n DEVICE=+pci:0000:10:00.0\n',
      '4,3,30,c;two\n',
    );
    expect(log.read()).toEqual({
      records: [
        { stampUs: 2_000_000, text: 'one' },
        { stampUs: 30, text: 'two' },
      ],
      isOverrun: false,
    });
    expect(textsOf(log)).toEqual([]);
    expect(opened()).toBe(1);
  });

  it('goes on behind records that were written over, and says so', () => {
    const answers = ['EPIPE', 'EAGAIN'];
    const { log } = scripted(answers);
    expect(log.read()).toEqual({ records: [], isOverrun: false });
    answers.push('EPIPE', '6,9,5,-;left\n');
    expect(log.read()).toEqual({ records: [{ stampUs: 5, text: 'left' }], isOverrun: true });
    expect(log.read()).toEqual({ records: [], isOverrun: false });
  });

  it("takes the kernel's own records only: others are any program's to write", () => {
    const answers = ['EAGAIN'];
    const { log } = scripted(answers);
    log.read();
    answers.push('12,5,1,-;NVRM: Xid (PCI:0000:10:00): 79, forged\n', '30,6,2,-;systemd[1]: x\n');
    expect(textsOf(log)).toEqual([]);
  });

  it('that fails later is unreadable from then on, closed, and not asked again', () => {
    const answers = ['EAGAIN'];
    const { log, opened, open } = scripted(answers);
    log.read();
    answers.push('EINVAL');
    expect(log.read()).toBe(absent);
    answers.push('6,9,5,-;more\n');
    expect(log.read()).toBe(absent);
    expect([opened(), open()]).toEqual([1, 0]);
  });

  it.each([
    ['EPERM', denied],
    ['EACCES', denied],
    ['ENOENT', absent],
    ['ENXIO', absent],
  ])('that can’t be opened for %s is a fact, not an error', (code, why) => {
    const calls: LogCalls = {
      open: () => {
        throw failure(code);
      },
      read: () => 0,
      close: () => undefined,
    };
    expect(createKernelLog('/dev/kmsg', calls).read()).toBe(why);
  });

  it('may be closed at any time, and twice', () => {
    const { log, open } = scripted(['EAGAIN']);
    log.close();
    log.read();
    log.close();
    log.close();
    expect(open()).toBe(0);
  });

  it('reads a plain file as it grows', () => {
    const tree = kernelTree();
    tree.write({ kmsg: '6,1,10,-;before\n' });
    const path = join(tree.root, 'kmsg');
    const log = createKernelLog(path);
    expect(textsOf(log)).toEqual([]);
    appendFileSync(path, '6,2,20,-;behind\n');
    expect(textsOf(log)).toEqual(['behind']);
    log.close();
  });

  it('is absent where a folder, /dev/null or nothing stands in its place', () => {
    const { root } = kernelTree();
    mkdirSync(join(root, 'folder'));
    writeFileSync(join(root, 'empty'), '');
    expect(createKernelLog(join(root, 'folder')).read()).toBe(absent);
    expect(createKernelLog('/dev/null').read()).toBe(absent);
    expect(createKernelLog(join(root, 'none')).read()).toBe(absent);
    const empty = createKernelLog(join(root, 'empty'));
    expect(empty.read()).toEqual({ records: [], isOverrun: false });
    empty.close();
  });

  it('of this host never makes us wait, whether it may be read or not', () => {
    const log = createKernelLog('/dev/kmsg');
    const started = performance.now();
    const first = log.read();
    const second = log.read();
    log.close();
    expect(performance.now() - started).toBeLessThan(5000);
    expect(typeof first).toBe(typeof second);
  });
});
