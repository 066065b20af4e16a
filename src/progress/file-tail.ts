import { open, stat } from 'node:fs/promises';

/** Reads what is appended to a file from now on; it may appear later, be cut and begun anew, or be replaced by another. */
export interface FileTail {
  /**
   * Hands over what is new; while another look is under way, its end is awaited instead. Trouble with the file is no
   * news: it may come right.
   */
  read(): Promise<void>;
}

const chunkBytes = 64 * 1024;
const lineEnd = Buffer.from('\n');

/** What stands in the file already belongs to an earlier run. */
export async function openFileTail(
  path: string,
  tap: (bytes: Buffer, hasGap: boolean) => void,
): Promise<FileTail> {
  const first = await fileAt(path);
  let inode = first?.inode ?? null;
  let offset = first?.size ?? 0;
  // An earlier run's last line may be without its end.
  let hasGap = offset > 0;
  const look = async (): Promise<void> => {
    const found = await fileAt(path);
    // A file that is gone and comes back is another one, whatever inode it gets.
    if (found === null || found.inode !== inode || found.size < offset) offset = 0;
    inode = found?.inode ?? null;
    if (found === null || found.size === offset) return;
    const { size } = found;
    if (size - offset > chunkBytes) {
      offset = size - chunkBytes;
      hasGap = true;
    }
    // One byte more behind a gap: where it ends a line, the next line is whole.
    const from = hasGap && offset > 0 ? offset - 1 : offset;
    const file = await open(path, 'r');
    try {
      const wanted = Buffer.alloc(size - from);
      const { bytesRead } = await file.read(wanted, 0, wanted.length, from);
      const bytes = wanted.subarray(0, bytesRead);
      // The first line of a file is whole, and no end of the last line of the one before.
      if (from === 0) tap(Buffer.concat([lineEnd, bytes]), true);
      else tap(bytes, hasGap);
      hasGap = false;
      offset = from + bytesRead;
    } finally {
      await file.close();
    }
  };
  let reading: Promise<void> | null = null;
  return {
    read() {
      reading ??= look()
        .catch(() => undefined)
        .finally(() => {
          reading = null;
        });
      return reading;
    },
  };
}

async function fileAt(path: string): Promise<{ size: number; inode: bigint } | null> {
  return stat(path, { bigint: true }).then(
    (found) => (found.isFile() ? { size: Number(found.size), inode: found.ino } : null),
    () => null,
  );
}
