// The charts of one machine: which lines, in which unit, how high the axis, what the summary says. Pure: samples and
// holes in, columns for the chart wrapper out.

import type { Sample } from '@telltale/agent/sample';
import { sampleReader, type SampleReader } from './sample-columns.ts';
import { byteScale, grouped, short } from '../../words/units.ts';
import type { ChartColumns, ChartHole, ChartSpan } from '../../ui/chart/chart-columns.ts';

type Column = readonly (number | null)[];

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

/**
 * Everything a chart draws, for one span of time. Lines that no sample has are left out.
 *
 * @param reader of this definition; one that read the samples before spares a chart that moves most of its work
 */
export function columnsOf(
  definition: ChartDefinition,
  samples: readonly Sample[],
  holes: readonly ChartHole[],
  span: ChartSpan,
  reader: SampleReader = sampleReader(definition),
): ChartColumns {
  const { lines, band, unit, least } = definition;
  // One sample before the left edge, so that lines enter from outside instead of starting in the plot.
  const left = firstFrom(samples, span.from);
  const before = samples[left - 1];
  const inside = samples.slice(
    before !== undefined && before.at >= span.from - 30_000 ? left - 1 : left,
    firstFrom(samples, span.to + 1),
  );
  const read = reader(inside);
  const newest = inside.at(-1);
  const floor = newest === undefined ? 1 : typeof least === 'number' ? least : least(newest);
  const highest = Math.max(...read.lines.map(highestOf));
  const { times, cut } = cutAt(read.times, holes);
  const { axisUnit, factor } = axisOf(unit, Math.max(highest, floor));
  const drawn = (column: Column): Column =>
    cut(factor === 1 ? column : column.map((value) => (value === null ? null : value / factor)));
  return {
    times,
    lines: lines.flatMap(({ name }, index) => {
      const values = read.lines[index] as Column;
      return index === 0 || values.some(isKnown) ? [{ name, values: drawn(values) }] : [];
    }),
    ...(band !== undefined && read.high.some(isKnown)
      ? { band: { name: band.name, low: drawn(read.low), high: drawn(read.high) } }
      : {}),
    unit: axisUnit,
    top: niceTop(Math.max(highest, floor) / factor),
  };
}

/** At least 0, where an axis begins. */
function highestOf(column: Column): number {
  let highest = 0;
  // By index: a loop of some thousand numbers for each drawing, which an iterator makes several times as long.
  for (let index = 0; index < column.length; index += 1) highest = Math.max(highest, column[index] ?? 0);
  return highest;
}

const isKnown = (value: number | null): boolean => value !== null;

/** Puts a place without a value where each closed hole begins, so that no line crosses it. */
function cutAt(
  times: readonly number[],
  holes: readonly ChartHole[],
): { readonly times: readonly number[]; readonly cut: (column: Column) => Column } {
  const cuts = holes.flatMap(({ from, open }) => (open ? [] : [times.indexOf(from)])).filter((at) => at >= 0);
  if (cuts.length === 0) return { times, cut: (column) => column };
  const isCut = new Set(cuts);
  return {
    times: times.flatMap((at, index) => (isCut.has(index) ? [at, at + 1] : [at])),
    cut: (column) => column.flatMap((value, index) => (isCut.has(index) ? [value, null] : [value])),
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
