// Memory, file systems and temperature. On Linux straight from the kernel, since systeminformation runs programs there;
// elsewhere systeminformation, loaded when it is needed.

import { readFileSync, readdirSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { mostDisks, mostMountCharacters } from '../bounds.ts';
import type { Disk, Sample } from '../sample.ts';
import { portable } from './portable.ts';

const isLinux = process.platform === 'linux';

/** Memory that programs hold, not counting caches that the kernel gives back; swap only where there is some. */
export async function readMemory(): Promise<Sample['memory'] | undefined> {
  if (isLinux) return parseMemory(readFileSync('/proc/meminfo', 'utf8'));
  const { total, available, swaptotal, swapused } = await (await portable()).mem();
  return memoryOf({ total, available, swapTotal: swaptotal, swapUsed: swapused });
}

/** Reads /proc/meminfo; undefined where it does not say what is available, as kernels before 3.14. */
export function parseMemory(text: string): Sample['memory'] | undefined {
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) * 1024;
  const [total, available, swapTotal] = [field('MemTotal'), field('MemAvailable'), field('SwapTotal')];
  if (!Number.isFinite(total + available)) return undefined;
  return memoryOf({ total, available, swapTotal, swapUsed: swapTotal - field('SwapFree') });
}

function memoryOf(found: {
  readonly total: number;
  readonly available: number;
  readonly swapTotal: number;
  readonly swapUsed: number;
}): Sample['memory'] {
  const memory = { used: Math.max(0, found.total - found.available), total: found.total };
  const hasSwap = found.swapTotal > 0 && Number.isFinite(found.swapUsed);
  return hasSwap ? { ...memory, swap: { used: found.swapUsed, total: found.swapTotal } } : memory;
}

/** The file systems that can fill up, each once. */
export async function readDisks(): Promise<readonly Disk[]> {
  if (!isLinux) return disksOf(await (await portable()).fsSize());
  const mounts = parseMounts(readFileSync('/proc/self/mounts', 'utf8'));
  const sized = await Promise.all(
    mounts.map(async (mounted): Promise<MountedSystem[]> => {
      try {
        const [{ bsize, blocks, bfree }, found] = await Promise.all([statfs(mounted.mount), stat(mounted.mount)]);
        // In containers single files are mounted from the machine's disk.
        if (!found.isDirectory()) return [];
        return [{ ...mounted, size: blocks * bsize, used: (blocks - bfree) * bsize }];
      } catch {
        // Not ours to see, or unmounted just now.
        return [];
      }
    }),
  );
  return disksOf(sized.flat());
}

/** A file system as it is mounted. */
export interface MountedSystem {
  readonly fs: string;
  readonly type: string;
  readonly size: number;
  readonly used: number;
  readonly mount: string;
}

/**
 * Reads /proc/self/mounts: what lies on a device of this machine, and whatever `/` is. Other machines' file systems are
 * left out: they can fill up, but asking one that does not answer hangs.
 */
export function parseMounts(text: string): readonly Omit<MountedSystem, 'size' | 'used'>[] {
  return text.split('\n').flatMap((line) => {
    const [fs = '', mount = '', type = ''] = line.split(' ').map(unescaped);
    const isOwn = fs.startsWith('/dev/') || type === 'zfs' || (mount === '/' && type !== 'rootfs');
    return isOwn ? [{ fs, mount, type }] : [];
  });
}

/** The kernel writes spaces and the like in octal. */
function unescaped(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_match, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
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

/**
 * As much of the disks as a sample holds: the root, then the fullest, since those are what somebody has to know of. Of a
 * path that is too long its end stays, which says more than its beginning.
 */
export function boundedDisks(disks: readonly Disk[]): Pick<Sample, 'disks' | 'disksLeftOut'> {
  const rank = ({ mount, used, total }: Disk): number => (mount === '/' ? 2 : used / total);
  const shown =
    disks.length <= mostDisks ? disks : disks.toSorted((one, other) => rank(other) - rank(one)).slice(0, mostDisks);
  const leftOut = disks.length - shown.length;
  return {
    disks: shown.map((disk) =>
      disk.mount.length <= mostMountCharacters
        ? disk
        : { ...disk, mount: `…${disk.mount.slice(1 - mostMountCharacters)}` },
    ),
    ...(leftOut > 0 && { disksLeftOut: leftOut }),
  };
}

/** The hottest sensor in °C; undefined where there is none, as in most virtual machines. */
export async function readTemperature(): Promise<number | undefined> {
  if (isLinux) return hottest([...sensors('/sys/class/hwmon', 'hwmon'), ...sensors('/sys/class/thermal', 'thermal')]);
  const { main, max, cores } = await (await portable()).cpuTemperature();
  return hottest([max, main, ...cores]);
}

/** Millidegrees in files: `hwmon0/temp1_input`, `thermal_zone0/temp`. */
function sensors(folder: string, kind: 'hwmon' | 'thermal'): number[] {
  return namesIn(folder)
    .filter((name) => name.startsWith(kind === 'hwmon' ? 'hwmon' : 'thermal_zone'))
    .flatMap((name) => {
      const files =
        kind === 'hwmon' ? namesIn(join(folder, name)).filter((file) => /^temp\d+_input$/.test(file)) : ['temp'];
      return files.map((file) => degreesIn(join(folder, name, file)));
    });
}

function hottest(degrees: readonly number[]): number | undefined {
  // A sensor that is not connected says nonsense.
  const found = degrees.filter((value) => Number.isFinite(value) && value > 0 && value < 150);
  return found.length === 0 ? undefined : Math.round(Math.max(...found) * 10) / 10;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function degreesIn(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8')) / 1000;
  } catch {
    return Number.NaN;
  }
}
