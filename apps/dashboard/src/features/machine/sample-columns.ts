// The values of samples as columns, each sample read once: of a quarter of an hour of samples all but the newest are those
// of the drawing before, and to look into a thousand objects for each chart and drawing costs more than to draw them.

import type { Sample } from '@telltale/agent/sample';

type Column = readonly (number | null)[];

/** Columns as long as there are samples. */
export interface SampleColumns {
  readonly times: readonly number[];
  readonly lines: readonly Column[];
  /** Lowest and highest behind the first line; empty where nothing such is read. */
  readonly low: Column;
  readonly high: Column;
}

/** What is read of each sample. */
export interface SampleReading {
  readonly lines: readonly { readonly value: (sample: Sample) => number | undefined }[];
  readonly band?: { readonly range: (sample: Sample) => readonly [number, number] | undefined };
}

/** Reads samples, which stand in the order of their times; what it gave away is never changed. */
export type SampleReader = (samples: readonly Sample[]) => SampleColumns;

/** A reader that remembers the samples of its last call. */
export function sampleReader({ lines, band }: SampleReading): SampleReader {
  let held: readonly Sample[] = [];
  let columns: SampleColumns = { times: [], lines: lines.map(() => []), low: [], high: [] };
  return (samples) => {
    const gone = held.indexOf(samples[0] as Sample);
    let same = 0;
    if (gone >= 0) while (same < samples.length && held[gone + same] === samples[same]) same += 1;
    const fresh = samples.slice(same);
    // Pushed rather than joined: a list that is a copy of numbers stays one, and is read ten times as fast.
    const go = <Value>(column: readonly Value[], read: (sample: Sample) => Value): readonly Value[] => {
      const next = column.slice(gone, gone + same);
      for (const sample of fresh) next.push(read(sample));
      return next;
    };
    columns = {
      times: go(columns.times, ({ at }) => at),
      lines: lines.map(({ value }, index) => go(columns.lines[index] as Column, (sample) => value(sample) ?? null)),
      low: band === undefined ? [] : go(columns.low, (sample) => band.range(sample)?.[0] ?? null),
      high: band === undefined ? [] : go(columns.high, (sample) => band.range(sample)?.[1] ?? null),
    };
    held = samples;
    return columns;
  };
}
