import type { ProcessOwner } from '../host/process-owner.ts';
import { type Fields, isFields, numberOrNull, textOrNull } from './fields-check.ts';

/** Whose a process is; a name that is missing is not known. Null: nothing is said, or it names no process. */
export function toOwner(value: unknown): ProcessOwner | null {
  if (!isFields(value)) return null;
  const startTicks = value['startTicks'];
  if (typeof startTicks !== 'number') return null;
  return {
    startedAt: numberOrNull(value['startedAt']),
    startTicks,
    uid: numberOrNull(value['uid']),
    user: textOrNull(value['user']),
    container: toContainer(value['container']),
    pod: toPod(value['pod']),
    slurmJob: textOrNull(value['slurmJob']),
    slurmStep: textOrNull(value['slurmStep']),
    unit: textOrNull(value['unit']),
    launcher: toLauncher(value['launcher']),
    rank: numberOrNull(value['rank']),
    rendezvousPort: numberOrNull(value['rendezvousPort']),
  };
}

function toContainer(value: unknown): ProcessOwner['container'] {
  if (!isFields(value) || typeof value['id'] !== 'string') return null;
  return { runtime: textOrNull(value['runtime']), id: value['id'] };
}

function toPod(value: unknown): ProcessOwner['pod'] {
  if (!isFields(value) || typeof value['uid'] !== 'string') return null;
  const { uid, namespace, name } = value;
  return { uid, namespace: textOrNull(namespace), name: textOrNull(name) };
}

function toLauncher(value: unknown): ProcessOwner['launcher'] {
  if (!isFields(value)) return null;
  const { pid, startTicks, name } = value satisfies Fields;
  if (typeof pid !== 'number' || typeof startTicks !== 'number') return null;
  return typeof name === 'string' ? { pid, startTicks, name } : null;
}
