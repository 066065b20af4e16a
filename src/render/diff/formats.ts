import { type Format, formats } from '../formats.ts';

export type DiffFormat = Exclude<Format, 'focus'>;

/** FOCUS rows are charges of one bill; a comparison has none. */
export const diffFormats: readonly DiffFormat[] = formats.filter((format) => format !== 'focus');
