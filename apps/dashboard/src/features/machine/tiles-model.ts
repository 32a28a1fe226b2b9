// The tiles of one machine: which numbers, in which units, where caution and warning begin. Pure: samples in, readings
// and curves out.

import type { Disk, Sample } from '@telltale/agent/sample';
import { bytes, byteScale, grouped, short, type Reading } from '../../words/units.ts';

export type TileId = 'cpu' | 'memory' | 'disk' | 'temperature' | 'network' | 'sessions' | 'loop';
export type Level = 'warn' | 'crit';

/** A scale with the places where caution and warning begin, all in the same unit. */
export interface Tape {
  readonly value: number;
  readonly max: number;
  readonly warn: number;
  readonly crit: number;
}

export interface TileModel {
  readonly id: TileId;
  readonly name: string;
  /** Undefined where the newest sample has no such number: a dash. */
  readonly reading: Reading | undefined;
  readonly level?: Level;
  readonly tape?: Tape;
  readonly curve: readonly CurvePoint[];
}

export interface CurvePoint {
  readonly at: number;
  readonly value: number;
}

interface TileDefinition {
  readonly id: TileId;
  readonly name: string;
  readonly value: (sample: Sample) => number | undefined;
  readonly reading: (sample: Sample, value: number) => Reading;
  readonly limits?: { readonly max: number; readonly warn: number; readonly crit: number };
  /** Only ever a caution, and after this long: a machine that works hard needs nobody at once. */
  readonly cautionAfterMs?: number;
  /** Left out altogether on machines that never had it. */
  readonly optional?: true;
}

/** The disk that is fullest: the one a person would have to look at first. */
export function fullestDisk(sample: Pick<Sample, 'disks'>): Disk | undefined {
  return sample.disks
    .filter(({ total }) => total > 0)
    .reduce<Disk | undefined>(
      (worst, disk) => (worst === undefined || disk.used / disk.total > worst.used / worst.total ? disk : worst),
      undefined,
    );
}

const share = ({ used, total }: { readonly used: number; readonly total: number }): number =>
  total > 0 ? (used / total) * 100 : 0;

const definitions: readonly TileDefinition[] = [
  {
    id: 'cpu',
    name: 'CPU',
    value: ({ cpu }) => cpu.total,
    reading: (_, value) => ({ value: grouped(value), unit: '%' }),
    limits: { max: 100, warn: 85, crit: 95 },
    cautionAfterMs: 60_000,
  },
  {
    id: 'memory',
    name: 'Memory',
    value: ({ memory }) => share(memory),
    reading: ({ memory }) => {
      const { unit, factor } = byteScale(memory.total);
      return { value: short(memory.used / factor), unit: `of ${grouped(memory.total / factor)} ${unit}` };
    },
    limits: { max: 100, warn: 85, crit: 95 },
  },
  {
    id: 'disk',
    name: 'Disk',
    value: (sample) => {
      const disk = fullestDisk(sample);
      return disk === undefined ? undefined : share(disk);
    },
    reading: (sample, value) => {
      const disk = fullestDisk(sample);
      const size = disk === undefined ? undefined : bytes(disk.total, 0);
      return { value: grouped(value), unit: size === undefined ? '%' : `% of ${size.value} ${size.unit}` };
    },
    limits: { max: 100, warn: 85, crit: 95 },
  },
  {
    id: 'temperature',
    name: 'Temp.',
    value: ({ temperature }) => temperature,
    reading: (_, value) => ({ value: grouped(value), unit: '°C' }),
    limits: { max: 100, warn: 80, crit: 92 },
    optional: true,
  },
  {
    id: 'network',
    name: 'Network',
    value: ({ networkRate }) => (networkRate === undefined ? undefined : networkRate.in + networkRate.out),
    reading: (_, value) => {
      const { unit, factor } = byteScale(value);
      return { value: short(value / factor), unit: `${unit}/s` };
    },
  },
  {
    id: 'sessions',
    name: 'Sessions',
    value: ({ hub }) => hub?.sessions,
    reading: (_, value) => ({ value: grouped(value), unit: 'connected' }),
    optional: true,
  },
  {
    id: 'loop',
    name: 'Loop delay',
    value: ({ hub }) => hub?.loopDelayP99,
    reading: (_, value) => ({ value: short(value), unit: 'ms p99' }),
    limits: { max: 250, warn: 100, crit: 200 },
    optional: true,
  },
];

/** How far back a tile's curve reaches. */
const curveMs = 5 * 60_000;
/** A level holds only what was over the limit for this long: one busy second is no caution. */
const sustainedMs = 15_000;

export function tilesOf(samples: readonly Sample[]): readonly TileModel[] {
  const newest = samples.at(-1);
  return definitions.flatMap((definition) => {
    const { id, name, value, reading, limits, cautionAfterMs } = definition;
    const now = newest === undefined ? undefined : value(newest);
    if (now === undefined && definition.optional && !samples.some((sample) => value(sample) !== undefined)) return [];
    const found = limits === undefined ? undefined : sustainedLevel(samples, value, limits, cautionAfterMs);
    const level = found !== undefined && cautionAfterMs !== undefined ? 'warn' : found;
    const tile: TileModel = {
      id,
      name,
      reading: newest === undefined || now === undefined ? undefined : reading(newest, now),
      curve: curveOf(samples, value),
      ...(level === undefined ? {} : { level }),
      ...(limits === undefined || now === undefined ? {} : { tape: { ...limits, value: Math.min(now, limits.max) } }),
    };
    return [tile];
  });
}

function curveOf(samples: readonly Sample[], value: TileDefinition['value']): readonly CurvePoint[] {
  const newest = samples.at(-1);
  if (newest === undefined) return [];
  return samples.flatMap((sample) => {
    const number = sample.at < newest.at - curveMs ? undefined : value(sample);
    return number === undefined ? [] : [{ at: sample.at, value: number }];
  });
}

/** The level that held in every sample of the last `forMs`; while fewer than that are known, none. */
export function sustainedLevel(
  samples: readonly Sample[],
  value: (sample: Sample) => number | undefined,
  limits: { readonly warn: number; readonly crit: number },
  forMs: number = sustainedMs,
): Level | undefined {
  const newest = samples.at(-1);
  if (newest === undefined) return undefined;
  const from = newest.at - Math.max(forMs, 2 * newest.intervalMs);
  if ((samples[0] as Sample).at > from) return undefined;
  const recent = samples.filter(({ at }) => at >= from).map((sample) => value(sample) ?? 0);
  const least = Math.min(...recent);
  return least >= limits.crit ? 'crit' : least >= limits.warn ? 'warn' : undefined;
}
