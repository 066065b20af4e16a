import { HostError } from '../errors.ts';
import { isErrno } from './errno.ts';

const nextSteps: Readonly<Record<string, string>> = {
  ENOSPC:
    'Make room (`gpucost sessions prune`), or set GPUCOST_HOME to another disk. What was recorded stays readable.',
  EDQUOT:
    'The disk quota is used up: make room (`gpucost sessions prune`), or set GPUCOST_HOME to another disk. What was recorded stays readable.',
  EROFS: 'Set GPUCOST_HOME to a folder that can be written.',
  EACCES: 'Set GPUCOST_HOME to a folder that you may write, or have its owner changed.',
  EPERM: 'Set GPUCOST_HOME to a folder that you may write, or have its owner changed.',
  ENOTDIR: 'A part of the path is a file: set GPUCOST_HOME to a folder.',
  EIO: 'The disk fails: set GPUCOST_HOME to another disk. What was recorded stays readable.',
};

/** What the file system refused, with the path and what to do; what is no error of the system stays as it is. */
export function diskError(doing: string, path: string, error: unknown): unknown {
  if (!isErrno(error)) return error;
  const hint = nextSteps[error.code ?? ''] ?? 'Set GPUCOST_HOME to a folder that can be written.';
  const reason = error.code === 'ENOSPC' ? 'the disk is full' : error.message;
  return new HostError(`cannot ${doing} ${path}: ${reason}`, { hint, cause: error });
}
