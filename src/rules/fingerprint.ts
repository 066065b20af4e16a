const offset = 0xcbf29ce484222325n;
const prime = 0x100000001b3n;

/**
 * A name for "this rule on these GPUs of this machine" that is the same in every run and whatever the
 * order of the GPUs: 16 hexadecimal digits of FNV-1a (64 bit, http://www.isthe.com/chongo/tech/comp/fnv).
 */
export function fingerprint(rule: string, machine: string, gpus: readonly string[]): string {
  const text = JSON.stringify([rule, machine, [...gpus].sort()]);
  let hash = offset;
  for (const character of text) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(character.codePointAt(0) ?? 0)) * prime);
  }
  return hash.toString(16).padStart(16, '0');
}
