import { describe, expect, it } from 'vitest';
import { totalmem } from 'node:os';
import { disksOf, readDisks, readMemory, readTemperature } from './storage.ts';

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

describe('this machine', () => {
  it('has memory in use, but not all of it', async () => {
    const memory = await readMemory();
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
