import { open, stat } from 'node:fs/promises';

/** Reads what is appended to a file from now on; it may appear later, and be cut and begun anew. */
export interface FileTail {
  /** Hands over what is new. Trouble with the file is no news: it may come right. */
  read(): Promise<void>;
}

const chunkBytes = 64 * 1024;
const lineEnd = Buffer.from('\n');

/** What stands in the file already belongs to an earlier run. */
export async function openFileTail(
  path: string,
  tap: (bytes: Buffer, hasGap: boolean) => void,
): Promise<FileTail> {
  let offset = (await sizeOf(path)) ?? 0;
  // An earlier run's last line may be without its end.
  let hasGap = offset > 0;
  let reading = false;
  return {
    async read() {
      if (reading) return;
      reading = true;
      try {
        const size = await sizeOf(path);
        if (size === null) return;
        const isNew = size < offset;
        if (isNew) offset = 0;
        if (size === offset) return;
        if (size - offset > chunkBytes) {
          offset = size - chunkBytes;
          hasGap = true;
        }
        // One byte more behind a gap: where it ends a line, the next line is whole.
        const from = hasGap && offset > 0 ? offset - 1 : offset;
        const file = await open(path, 'r');
        try {
          const { bytesRead, buffer } = await file.read(
            Buffer.alloc(size - from),
            0,
            size - from,
            from,
          );
          const bytes = buffer.subarray(0, bytesRead);
          // The first line of a file that was begun anew is whole, and no end of the old one's last line.
          tap(from === 0 && isNew ? Buffer.concat([lineEnd, bytes]) : bytes, hasGap || isNew);
          hasGap = false;
          offset = from + bytesRead;
        } finally {
          await file.close();
        }
      } catch {
        // Unreadable for the moment: the next look tries again.
      } finally {
        reading = false;
      }
    },
  };
}

async function sizeOf(path: string): Promise<number | null> {
  return stat(path).then(
    (found) => (found.isFile() ? found.size : null),
    () => null,
  );
}
