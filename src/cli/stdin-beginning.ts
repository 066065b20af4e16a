import { UsageError } from '../errors.ts';

/** The first piece of stdin, put back, so that stdin still reads from its beginning. Throws UsageError where there is none. */
export async function stdinBeginning(purpose: string): Promise<Buffer> {
  const { stdin } = process;
  const first = await new Promise<Buffer | null>((resolve, reject) => {
    stdin.once('error', reject);
    stdin.once('end', () => resolve(null));
    stdin.once('data', (chunk: Buffer) => {
      stdin.pause();
      resolve(chunk);
    });
    // Somebody may have looked at its beginning and paused it.
    stdin.resume();
  });
  if (first === null) throw new UsageError(`stdin is empty: nothing to ${purpose}`);
  stdin.unshift(first);
  return first;
}
