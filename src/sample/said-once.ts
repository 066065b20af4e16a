/** Lets a message through the first time, and again only after `quietMs`. */
export function saidOnce(quietMs: number): (key: string, t: number) => boolean {
  const saidAt = new Map<string, number>();
  return (key, t) => {
    const before = saidAt.get(key);
    if (before !== undefined && t - before < quietMs) return false;
    saidAt.set(key, t);
    return true;
  };
}
