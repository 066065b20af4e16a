import { open, stat } from 'node:fs/promises';

/** Reads what is appended to a file from now on; it may appear later, and be cut and begun anew. */
export interface FileTail {
  /** Hands over what is new. Trouble with the file is no news: it may come right. */
  read(): Promise<void>;
}

const chunkBytes = 64 * 1024;

/** What stands in the file already belongs to an earlier run. */
export async function openFileTail(path: string, tap: (bytes: Buffer) => void): Promise<FileTail> {
  let offset = (await sizeOf(path)) ?? 0;
  let reading = false;
  return {
    async read() {
      if (reading) return;
      reading = true;
      try {
        const size = await sizeOf(path);
        if (size === null) return;
        if (size < offset) offset = 0;
        if (size === offset) return;
        const from = Math.max(offset, size - chunkBytes);
        const file = await open(path, 'r');
        try {
          const { bytesRead, buffer } = await file.read(
            Buffer.alloc(size - from),
            0,
            size - from,
            from,
          );
          tap(buffer.subarray(0, bytesRead));
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
