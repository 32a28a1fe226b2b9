// The charts of one machine: which lines, in which unit, how high the axis, what the summary says. Pure: samples and
// holes in, columns for the chart wrapper out.

import type { Sample } from '@telltale/agent/sample';
import { byteScale, grouped, short } from '../../words/units.ts';
import type { ChartColumns, ChartHole, ChartSpan } from '../../ui/chart/chart-columns.ts';

interface LineDefinition {
  readonly name: string;
  readonly value: (sample: Sample) => number | undefined;
}

export interface ChartDefinition {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly LineDefinition[];
  /** Lowest and highest behind the first line, and their word in the legend. */
  readonly band?: { readonly name: string; readonly range: (sample: Sample) => readonly [number, number] | undefined };
  readonly unit: 'percent' | 'plain' | 'bytes' | 'byteRate';
  /** The least the axis reaches up to, in base units. */
  readonly least: number | ((sample: Sample) => number);
  /** Only for the machine of the hub. */
  readonly ofHub?: true;
}

export const chartDefinitions: readonly ChartDefinition[] = [
  {
    id: 'cpu',
    title: 'CPU',
    lines: [{ name: 'all cores', value: ({ cpu }) => cpu.total }],
    band: {
      name: 'each core',
      range: ({ cpu }) => (cpu.cores.length > 1 ? [Math.min(...cpu.cores), Math.max(...cpu.cores)] : undefined),
    },
    unit: 'percent',
    least: 100,
  },
  {
    id: 'load',
    title: 'Load',
    lines: [
      { name: '1 min', value: ({ cpu }) => cpu.load[0] },
      { name: '5 min', value: ({ cpu }) => cpu.load[1] },
      { name: '15 min', value: ({ cpu }) => cpu.load[2] },
    ],
    unit: 'plain',
    least: ({ cpu }) => cpu.cores.length,
  },
  {
    id: 'memory',
    title: 'Memory',
    lines: [
      { name: 'used', value: ({ memory }) => memory.used },
      { name: 'swap', value: ({ memory }) => memory.swap?.used },
    ],
    unit: 'bytes',
    least: ({ memory }) => memory.total,
  },
  {
    id: 'network',
    title: 'Network',
    lines: [
      { name: 'in', value: ({ networkRate }) => networkRate?.in },
      { name: 'out', value: ({ networkRate }) => networkRate?.out },
    ],
    unit: 'byteRate',
    least: 1_000,
  },
  {
    id: 'disk',
    title: 'Disk throughput',
    lines: [
      { name: 'read', value: ({ diskRate }) => diskRate?.read },
      { name: 'write', value: ({ diskRate }) => diskRate?.write },
    ],
    unit: 'byteRate',
    least: 1_000,
  },
  {
    id: 'messages',
    title: 'Messages delivered',
    lines: [{ name: 'per second', value: ({ hub }) => hub?.messagesPerSecond }],
    unit: 'plain',
    least: 10,
    ofHub: true,
  },
];

/** The charts that a machine has numbers for: `local` is the hub's own. */
export function chartsFor(agent: string): readonly ChartDefinition[] {
  return chartDefinitions.filter(({ ofHub }) => !ofHub || agent === 'local');
}

/** Everything a chart draws, for one span of time. Lines that no sample has are left out. */
export function columnsOf(
  definition: ChartDefinition,
  samples: readonly Sample[],
  holes: readonly ChartHole[],
  span: ChartSpan,
): ChartColumns {
  const { lines, band, unit, least } = definition;
  // One sample before the left edge, so that lines enter from outside instead of starting in the plot.
  const left = firstFrom(samples, span.from);
  const before = samples[left - 1];
  const inside = samples.slice(
    before !== undefined && before.at >= span.from - 30_000 ? left - 1 : left,
    firstFrom(samples, span.to + 1),
  );
  const present = lines.filter(
    ({ value }, index) => index === 0 || inside.some((sample) => value(sample) !== undefined),
  );
  const newest = inside.at(-1);
  const floor = newest === undefined ? 1 : typeof least === 'number' ? least : least(newest);

  const times: number[] = [];
  const columns: (number | null)[][] = present.map(() => []);
  const low: (number | null)[] = [];
  const high: (number | null)[] = [];
  const cuts = new Set(holes.filter((hole) => !hole.open).map(({ from }) => from));
  let highest = 0;
  for (const sample of inside) {
    times.push(sample.at);
    for (let index = 0; index < present.length; index += 1) {
      const number = present[index]?.value(sample) ?? null;
      columns[index]?.push(number);
      if (number !== null && number > highest) highest = number;
    }
    const range = band?.range(sample);
    low.push(range?.[0] ?? null);
    high.push(range?.[1] ?? null);
    if (cuts.has(sample.at)) {
      times.push(sample.at + 1);
      for (const column of [...columns, low, high]) column.push(null);
    }
  }
  const { axisUnit, factor } = axisOf(unit, Math.max(highest, floor));
  const scale = (column: readonly (number | null)[]): readonly (number | null)[] =>
    factor === 1 ? column : column.map((value) => (value === null ? null : value / factor));
  const hasBand = high.some((value) => value !== null);
  return {
    times,
    lines: present.map(({ name }, index) => ({ name, values: scale(columns[index] ?? []) })),
    ...(hasBand && band !== undefined ? { band: { name: band.name, low: scale(low), high: scale(high) } } : {}),
    unit: axisUnit,
    top: niceTop(Math.max(highest, floor) / factor),
  };
}

/** Index of the first sample at this time or later; samples stand in the order of their times. */
function firstFrom(samples: readonly Sample[], at: number): number {
  let [low, high] = [0, samples.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle] as Sample).at < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function axisOf(
  unit: ChartDefinition['unit'],
  highest: number,
): { readonly axisUnit: string; readonly factor: number } {
  if (unit === 'percent') return { axisUnit: '%', factor: 1 };
  if (unit === 'plain') return { axisUnit: '', factor: 1 };
  const scale = byteScale(highest);
  return { axisUnit: unit === 'bytes' ? scale.unit : `${scale.unit}/s`, factor: scale.factor };
}

/** The round number at or above which the axis ends, so that half of it is round too. */
export function niceTop(highest: number): number {
  if (highest <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].find((candidate) => candidate * power >= highest * 0.999) ?? 10;
  return Number((step * power).toPrecision(3));
}

/** `CPU 34 %, min 18, max 71, rising, 1 gap`. */
export function summaryOf(title: string, columns: ChartColumns, holes: readonly ChartHole[]): string {
  const { lines, unit } = columns;
  const tail = unit === '' ? '' : ` ${unit}`;
  const said = lines.map(({ name, values }, index) => {
    const known = values.filter((value) => value !== null);
    const newest = known.at(-1);
    const label = lines.length === 1 && index === 0 ? title : `${title} ${name}`;
    if (newest === undefined) return `${label}: no data yet`;
    const min = Math.min(...known);
    const max = Math.max(...known);
    return `${label} ${figure(newest)}${tail}, min ${figure(min)}, max ${figure(max)}, ${trend(known, max - min)}`;
  });
  const gaps = holes.length === 0 ? '' : `, ${holes.length} ${holes.length === 1 ? 'gap' : 'gaps'}`;
  return said.join('; ') + gaps;
}

/** A value as the legend writes it. */
export function figure(value: number): string {
  return Math.abs(value) < 100 ? short(value) : grouped(value);
}

/** Compares the newest tenth with the tenth before it; less than 5 % of the range is no movement. */
function trend(values: readonly number[], range: number): 'rising' | 'falling' | 'steady' {
  const size = Math.max(1, Math.floor(values.length / 10));
  const mean = (part: readonly number[]): number => part.reduce((sum, value) => sum + value, 0) / (part.length || 1);
  const recent = mean(values.slice(-size));
  const before = values.length > size ? mean(values.slice(-2 * size, -size)) : recent;
  if (Math.abs(recent - before) <= range * 0.05) return 'steady';
  return recent > before ? 'rising' : 'falling';
}
