// Memory, file systems and temperature: what systeminformation reads well on every system, made into our shapes.

import systeminformation from 'systeminformation';
import type { Disk, Sample } from '../sample.ts';

/** Memory that programs hold, not counting caches that the kernel gives back; swap only where there is some. */
export async function readMemory(): Promise<Sample['memory']> {
  const { total, available, swaptotal, swapused } = await systeminformation.mem();
  const memory = { used: total - available, total };
  return swaptotal > 0 ? { ...memory, swap: { used: swapused, total: swaptotal } } : memory;
}

/** The file systems that can fill up, each once. */
export async function readDisks(): Promise<readonly Disk[]> {
  return disksOf(await systeminformation.fsSize());
}

/** A file system as systeminformation reports it. */
export interface MountedSystem {
  readonly fs: string;
  readonly type: string;
  readonly size: number;
  readonly used: number;
  readonly mount: string;
}

/** Leaves out images that are always full and second mounts of the same device; the shortest path names it. */
export function disksOf(mounted: readonly MountedSystem[]): readonly Disk[] {
  const byDevice = new Map<string, Disk>();
  for (const { fs, type, size, used, mount } of mounted) {
    if (!(size > 0) || !(used >= 0) || /^(squashfs|iso9660|udf|devtmpfs|tmpfs)$/i.test(type)) continue;
    const known = byDevice.get(fs);
    if (known !== undefined && known.mount.length <= mount.length) continue;
    byDevice.set(fs, { mount, used, total: size });
  }
  return [...byDevice.values()];
}

/** The hottest sensor in °C; undefined where there is none, as in most virtual machines. */
export async function readTemperature(): Promise<number | undefined> {
  const { main, max, cores } = await systeminformation.cpuTemperature();
  const found = [max, main, ...cores].filter((value) => Number.isFinite(value) && value !== null && value > 0);
  return found.length === 0 ? undefined : Math.round(Math.max(...found) * 10) / 10;
}
