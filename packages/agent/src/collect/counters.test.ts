import { describe, expect, it } from 'vitest';
import { parseDiskCounters, parseNetworkCounters, readDiskCounters, readNetworkCounters } from './counters.ts';

describe('disk counters', () => {
  const text = `   7       0 loop0 5 0 100 0 0 0 0 0 0 0 0 0 0 0 0 0 0
   8       0 sda 100 20 3000 40 500 60 7000 80 0 100 120 0 0 0 0 0 0
   8       1 sda1 90 20 2900 40 500 60 7000 80 0 100 120 0 0 0 0 0 0
 259       0 nvme0n1 1 0 10 0 1 0 20 0 0 0 0 0 0 0 0 0 0
`;

  it('sums whole disks only, in bytes', () => {
    const counters = parseDiskCounters(text, (name) => ['sda', 'nvme0n1'].includes(name));
    expect(counters).toEqual({ first: 3010 * 512, second: 7020 * 512 });
  });

  it('says nothing where there is no disk, rather than 0', () => {
    expect(parseDiskCounters(text, () => false)).toBeUndefined();
    expect(parseDiskCounters('', () => true)).toEqual(undefined);
  });
});

describe('network counters', () => {
  it('sums every interface but loopback, also where a counter touches its colon', () => {
    const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    3245      30    0    0    0     0          0         0     3245      30    0    0    0     0       0          0
  eth0:361091342   30    0    0    0     0          0         0   883244      30    0    0    0     0       0          0
 wlan0:    1000      30    0    0    0     0          0         0     2000      30    0    0    0     0       0          0
`;
    expect(parseNetworkCounters(text)).toEqual({ first: 361092342, second: 885244 });
  });

  it('says nothing where loopback is all there is', () => {
    expect(parseNetworkCounters('    lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16')).toBeUndefined();
  });
});

describe.runIf(process.platform === 'linux')('the counters of this machine', () => {
  it('are whole bytes that never fall', async () => {
    for (const read of [readDiskCounters, readNetworkCounters]) {
      const before = await read();
      const after = await read();
      if (before === undefined || after === undefined) continue;
      expect(Number.isSafeInteger(before.first) && Number.isSafeInteger(before.second)).toBe(true);
      expect(after.first).toBeGreaterThanOrEqual(before.first);
      expect(after.second).toBeGreaterThanOrEqual(before.second);
    }
  });
});
