import { describe, expect, it } from 'vitest';
import { totalmem } from 'node:os';
import { mostDisks, mostMountCharacters } from '../bounds.ts';
import { boundedDisks, disksOf, parseMemory, parseMounts, readDisks, readMemory, readTemperature } from './storage.ts';

const system = { fs: '/dev/sda1', type: 'ext4', size: 100, used: 40, mount: '/' };

describe('disks', () => {
  it('name each device once, by its shortest mount', () => {
    const disks = disksOf([{ ...system, mount: '/var/lib' }, system, { ...system, mount: '/srv' }]);
    expect(disks).toEqual([{ mount: '/', used: 40, total: 100 }]);
  });

  it('leave out what cannot fill up', () => {
    const rest = [
      { ...system, fs: '/dev/loop0', type: 'squashfs', mount: '/snap/core' },
      { ...system, fs: 'tmpfs', type: 'tmpfs', mount: '/run' },
      { ...system, fs: 'none', size: 0, mount: '/empty' },
      { ...system, fs: 'broken', used: Number.NaN, mount: '/broken' },
    ];
    expect(disksOf(rest)).toEqual([]);
    expect(disksOf([...rest, { ...system, fs: 'overlay', type: 'overlay' }])).toHaveLength(1);
  });
});

describe('disks of a machine with very many', () => {
  it('are the root and the fullest, as many as a sample holds, with the number of the others', () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ mount: `/data/${index}`, used: index + 1, total: 200 }));
    const { disks, disksLeftOut } = boundedDisks([...many, { mount: '/', used: 0, total: 9 }]);
    expect(disks.map(({ mount }) => mount)).toEqual([
      '/',
      ...Array.from({ length: mostDisks - 1 }, (_, index) => `/data/${99 - index}`),
    ]);
    expect(disksLeftOut).toBe(101 - mostDisks);
    expect(boundedDisks(many.slice(0, mostDisks))).toEqual({ disks: many.slice(0, mostDisks) });
  });

  it('are called by the end of a path that is too long', () => {
    const long = `/${'x'.repeat(300)}/backup`;
    const [disk] = boundedDisks([{ mount: long, used: 1, total: 2 }]).disks;
    expect(disk?.mount).toHaveLength(mostMountCharacters);
    expect(disk?.mount).toMatch(/^…x+\/backup$/);
  });
});

describe('mounts', () => {
  it('are those on devices of this machine, and whatever the root is', () => {
    const text = `proc /proc proc rw,relatime 0 0
/dev/vda / ext4 rw,relatime 0 0
tmpfs /run tmpfs rw 0 0
/dev/vdb1 /mnt/a\\040b xfs rw 0 0
nas:/export /mnt/nas nfs4 rw 0 0
tank/home /home zfs rw 0 0
overlay /var/lib/docker/overlay2/x/merged overlay rw 0 0
`;
    expect(parseMounts(text)).toEqual([
      { fs: '/dev/vda', mount: '/', type: 'ext4' },
      { fs: '/dev/vdb1', mount: '/mnt/a b', type: 'xfs' },
      { fs: 'tank/home', mount: '/home', type: 'zfs' },
    ]);
    expect(parseMounts('overlay / overlay rw 0 0\n')).toEqual([{ fs: 'overlay', mount: '/', type: 'overlay' }]);
  });
});

describe('memory', () => {
  const text = 'MemTotal:  1000 kB\nMemFree:  10 kB\nMemAvailable:  600 kB\nSwapTotal:  50 kB\nSwapFree:  20 kB\n';

  it('in use is what programs hold, without what the kernel gives back', () => {
    expect(parseMemory(text)).toEqual({
      used: 400 * 1024,
      total: 1000 * 1024,
      swap: { used: 30 * 1024, total: 50 * 1024 },
    });
    expect(parseMemory(text.replace(/Swap.*/gs, ''))).toEqual({ used: 400 * 1024, total: 1000 * 1024 });
    expect(parseMemory(text.replace('SwapTotal:  50', 'SwapTotal:  0'))).toEqual({
      used: 400 * 1024,
      total: 1000 * 1024,
    });
  });

  it('is not made up where the kernel does not say', () => {
    expect(parseMemory(text.replace('MemAvailable', 'MemOther'))).toBeUndefined();
  });
});

describe('this machine', () => {
  it('has memory in use, but not all of it', async () => {
    const memory = await readMemory();
    if (memory === undefined) throw new Error('this machine does not say how much memory it has');
    expect(memory.total).toBeGreaterThan(100_000_000);
    expect(Math.abs(memory.total / totalmem() - 1)).toBeLessThan(0.01);
    expect(memory.used).toBeGreaterThan(10_000_000);
    expect(memory.used).toBeLessThan(memory.total);
    if (memory.swap !== undefined) expect(memory.swap.used).toBeLessThanOrEqual(memory.swap.total);
  });

  it('has disks that hold something', async () => {
    const disks = await readDisks();
    expect(disks.length).toBeGreaterThan(0);
    for (const { mount, used, total } of disks) {
      expect(mount).not.toBe('');
      expect(used).toBeGreaterThanOrEqual(0);
      expect(used).toBeLessThanOrEqual(total);
    }
  });

  it('has a believable temperature or none', async () => {
    const temperature = await readTemperature();
    if (temperature === undefined) return;
    expect(temperature).toBeGreaterThan(0);
    expect(temperature).toBeLessThan(150);
  });
});
