/** The time in which one session or log watched a machine, and what it knew of the machine's start. Epoch ms. */
export interface WatchedSession {
  readonly startMs: number;
  readonly endMs: number;
  /** From the kernel, or in a container from PID 1; null where unknown (logs). */
  readonly bootedAt: number | null;
  /** From the metadata service; null where it has none. */
  readonly launchedAt: number | null;
}

/** Something that was assumed about runs. */
export interface RunNote {
  readonly code: string;
  readonly message: string;
}

/** Sessions of one run of the machine; reboots inside it are joined. */
export interface BootGroup {
  readonly startMs: number;
  readonly endMs: number;
  /** The first boot of the run; null where no session of it knows. */
  readonly bootedAt: number | null;
  readonly launchedAt: number | null;
}

/** Two sessions' boot times are one boot within this: btime is now − uptime, so it moves when NTP sets the clock. */
const sameBootMs = 60_000;

/** Launch times come from metadata and don't move; some services give whole seconds, others more. */
const sameLaunchMs = 1000;

/**
 * A machine that was away for at most this long is taken to have rebooted, for longer to have been stopped: large
 * GPU hosts test themselves for minutes before they boot. Only used where no launch time tells.
 */
const longestRebootMs = 15 * 60_000;

/**
 * Puts a machine's sessions together into runs. Two launch times decide: the same is one run, whatever was rebooted
 * in between; another is a stop and start. Without both, boots decide: the same boot is one run; another
 * is a reboot (joined: it doesn't end the charge) if the machine was away for at most a quarter of an hour,
 * else a stop (its time is not billed). Both are assumptions and noted. Where neither is known, it is one run.
 * With `launchSurvivesStop` a launch time is only a creation time and does not decide.
 */
export function groupByRun(
  sessions: readonly WatchedSession[],
  launchSurvivesStop: boolean,
): { groups: BootGroup[]; notes: RunNote[] } {
  const groups: BootGroup[] = [];
  const notes: RunNote[] = [];
  let lastBootMs: number | null = null;
  for (const session of sessions.toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs)) {
    const group = groups.at(-1);
    const relation =
      group === undefined ? 'stop' : relationOf(group, lastBootMs, session, launchSurvivesStop);
    if (group === undefined || relation === 'stop' || relation === 'stop-assumed') {
      if (group !== undefined && relation === 'stop-assumed')
        notes.push(noteOf(group, session, false));
      groups.push({ ...session });
      lastBootMs = session.bootedAt;
      continue;
    }
    if (relation === 'reboot-assumed') notes.push(noteOf(group, session, true));
    groups[groups.length - 1] = {
      startMs: group.startMs,
      endMs: Math.max(group.endMs, session.endMs),
      bootedAt: group.bootedAt ?? session.bootedAt,
      launchedAt: group.launchedAt ?? session.launchedAt,
    };
    lastBootMs = session.bootedAt ?? lastBootMs;
  }
  return { groups, notes };
}

type Relation = 'same' | 'reboot-assumed' | 'stop' | 'stop-assumed';

function relationOf(
  group: BootGroup,
  lastBootMs: number | null,
  session: WatchedSession,
  launchSurvivesStop: boolean,
): Relation {
  if (session.startMs <= group.endMs) return 'same';
  if (!launchSurvivesStop && group.launchedAt !== null && session.launchedAt !== null) {
    return Math.abs(session.launchedAt - group.launchedAt) <= sameLaunchMs ? 'same' : 'stop';
  }
  if (lastBootMs === null || session.bootedAt === null) return 'same';
  if (Math.abs(session.bootedAt - lastBootMs) <= sameBootMs) return 'same';
  return session.bootedAt - group.endMs <= longestRebootMs ? 'reboot-assumed' : 'stop-assumed';
}

function noteOf(group: BootGroup, session: WatchedSession, isReboot: boolean): RunNote {
  const away = `between ${new Date(group.endMs).toISOString()} and ${new Date(session.startMs).toISOString()}`;
  return isReboot
    ? {
        code: 'reboot-assumed',
        message: `The machine booted ${away}: taken as a reboot, which is billed without a break.`,
      }
    : {
        code: 'stop-assumed',
        message: `The machine booted ${away}: taken as stopped until then, which is not billed.`,
      };
}
