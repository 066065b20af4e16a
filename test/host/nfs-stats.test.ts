import { expect, test } from 'vitest';
import { parseMountstats } from '../../src/host/nfs-stats.ts';

/** Synthetic, in the form of fs/nfs/super.c and net/sunrpc/stats.c. */
const mountstats = `device /dev/vda mounted on / with fstype ext4
device filer:/my\\040data mounted on /data with fstype nfs4 statvers=1.1
\topts:\trw,vers=4.1
\tage:\t120
\tevents:\t1 2 3 4 5 6
\tbytes:\t9000 10 0 0 7340032 20 1792 5
\tRPC iostats version: 1.1  p/v: 100003/4 (nfs)
\txprt:\ttcp 0 0 1 0 10 5000 5000 0 5000 0 2 0 0
\tper-op statistics
\t        NULL: 1 1 0 44 24 0 0 0 0
\t        READ: 700 701 0 140000 7480000 120 9100 9800 0
\t       WRITE: 0 0 0 0 0 0 0 0 0
device old:/x mounted on /old with fstype nfs statvers=1.1
\tage:\t5
`;

test('bytes from the server, reads and their time, by mount point', () => {
  expect([...parseMountstats(mountstats)]).toEqual([
    ['/data', { readBytes: 7_340_032, readCalls: 700, readCallMs: 9800 }],
  ]);
});

test('a host without NFS, and a text that is none', () => {
  expect(parseMountstats('').size).toBe(0);
  expect(parseMountstats('device x mounted on /y with fstype nfs4\n').size).toBe(0);
});
