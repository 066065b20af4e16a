import type { WaitPlace } from '../usage/usage.ts';

/** `38 %` of a share. */
export function percentInWords(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** `180 MB/s`, `2.4 MB/s`. */
export function rateInWords(bytesPerS: number): string {
  const megabytes = bytesPerS / 1e6;
  return `${megabytes < 10 ? Number(megabytes.toFixed(1)) : Math.round(megabytes)} MB/s`;
}

/** `nfs4 mount /data`. */
export function placeInWords({ type, point }: WaitPlace): string {
  return `${type} mount ${point}`;
}

/** `1 core`, `14 cores`; whole ones. */
export function coresInWords(cores: number): string {
  return `${cores} ${cores === 1 ? 'core' : 'cores'}`;
}
