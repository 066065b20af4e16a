import { readPackageFile } from '../package-file.ts';

/** The version in package.json. */
export function readVersion(): string {
  const parsed: unknown = JSON.parse(readPackageFile('package.json').toString('utf8'));
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) {
    return String(parsed.version);
  }
  throw new Error('package.json has no version');
}
