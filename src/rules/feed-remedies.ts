import type { Phase, WaitPlace } from '../usage/usage.ts';
import type { Feed } from './feed.ts';
import { coresAllowed } from './host-evidence.ts';
import { persistentWorkers } from './loader-remedies.ts';
import type { Remedy } from './rule.ts';
import { placeInWords, rateInWords } from './words.ts';

/** The general remedies, ordered by effort. */
export const feedRemedies = {
  readAhead: {
    action: 'Read ahead and in parallel.',
    detail:
      'PyTorch: `DataLoader(num_workers=…, prefetch_factor=4, persistent_workers=True, pin_memory=True)`. TensorFlow: `ds.interleave(…, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)`. JAX: Grain `worker_count` and `worker_buffer_size`.',
  },
  close: {
    action: 'Bring the data close: copy it to a local NVMe disk, or keep it in memory.',
    detail:
      'Object storage and NFS answer in milliseconds per file. PyTorch: a local copy before training; TensorFlow: `ds.cache()`.',
  },
  fewer: {
    action: 'Store fewer, larger files.',
    detail:
      'WebDataset tar shards, TFRecord, Parquet or Arrow, ArrayRecord: sequential reads of megabytes in place of one request per sample.',
  },
  faster: {
    action: 'Take a faster disk or file system.',
    detail: 'Check the limits that you pay for: provisioned IOPS and MB/s, network share.',
  },
} as const satisfies Readonly<Record<string, Remedy>>;

/** Local caches that clients of object storage offer, from their own documentation. */
const clientCaches: Readonly<Record<string, string>> = {
  gcsfuse: '`gcsfuse --file-cache-max-size-mb=-1 --cache-dir=/local …`',
  'mountpoint-s3': '`mount-s3 --cache /local …`',
  s3fs: '`s3fs -o use_cache=/local …`',
  rclone: '`rclone mount --vfs-cache-mode full --cache-dir /local …`',
  juicefs: '`juicefs mount --cache-dir /local --cache-size MIB …`',
  blobfuse2: '`file_cache` with `path: /local` in its configuration',
};

/** A phase's remedies, what fits what was seen first. */
export function remediesFor(
  phase: Phase,
  place: WaitPlace | null,
  feed: Feed | null,
): readonly Remedy[] {
  const { readAhead, close, fewer, faster } = feedRemedies;
  const reborn = persistentWorkers(phase);
  const first = reborn === null ? [] : [reborn];
  if (place !== null && place.writingShare > 0.5)
    return [...first, inBackground(place), close, faster];
  const more = moreReaders(phase, feed) ?? readAhead;
  const near = place === null ? [close] : nearer(place);
  // Where storage gives all that it has, more readers only wait longer.
  return feed?.is === 'plateau'
    ? [...first, ...near, fewer, atPlateau(feed, faster), readAhead]
    : [...first, more, ...near, fewer, faster];
}

function moreReaders(phase: Phase, feed: Feed | null): Remedy | null {
  const workers = Math.round(phase.job.workers ?? 0);
  const allowed = coresAllowed(phase);
  const used = phase.job.cpuCores;
  if (workers < 1 || allowed === null || used === undefined) return null;
  // Readers that wait need hardly any core: what they use on average is what more of them would.
  const each = Math.max(0.05, phase.job.workerCpuShare ?? 0);
  const room = Math.floor((allowed - used) / each);
  const count = Math.min(workers * 2, workers + room, 64);
  if (count <= workers) return null;
  const given =
    feed?.is === 'below' ? `, and storage has given ${rateInWords(feed.rate.highest)} before` : '';
  return {
    action: `Try num_workers=${count}: ${workers} loader ${workers === 1 ? 'worker waits' : 'workers wait'} for storage${given}.`,
    detail: feedRemedies.readAhead.detail,
  };
}

function nearer(place: WaitPlace): readonly Remedy[] {
  const { close } = feedRemedies;
  const where = placeInWords(place);
  const copy = {
    action: `Copy the data from ${where} to a local disk before training.`,
    detail: close.detail,
  };
  const cache = clientCaches[place.type];
  if (cache !== undefined) {
    const action = `Give ${where} a cache on a local disk.`;
    return [{ action, detail: `${cache}; from the second epoch on it reads locally.` }, copy];
  }
  if (place.store === 'network' && place.type.startsWith('nfs')) {
    const action = `Mount ${place.point} with more connections and a larger read-ahead.`;
    const detail =
      '`mount -o nconnect=16,rsize=1048576`, and `read_ahead_kb` of its bdi in /sys/class/bdi: one TCP connection carries a part of the network only.';
    return [{ action, detail }, copy];
  }
  return place.store === 'local' ? [close] : [copy];
}

function atPlateau({ rate }: Feed, faster: Remedy): Remedy {
  return {
    action: `Take a faster disk or file system: this one gave ${rateInWords(rate.highest)} and no more.`,
    detail: faster.detail,
  };
}

function inBackground(place: WaitPlace): Remedy {
  return {
    action: `Write to ${placeInWords(place)} in the background, or less often.`,
    detail:
      'PyTorch: `torch.distributed.checkpoint.async_save`. TensorFlow: `tf.train.CheckpointOptions(enable_async=True)`. JAX: Orbax `AsyncCheckpointer`. Or write to a local disk and copy from there.',
  };
}
