// How far back the panel of refusals and ends looks. Pure.

export type Range = '15m' | '24h' | 'all';

export const ranges: readonly { readonly value: Range; readonly text: string }[] = [
  { value: '15m', text: '15 min' },
  { value: '24h', text: '24 h' },
  { value: 'all', text: 'All kept' },
];

/** The range an address asks for. */
export function rangeFrom(text: string | null): Range {
  return text === '24h' || text === 'all' ? text : '15m';
}

/** Infinity for all. */
export function rangeMs(range: Range): number {
  if (range === 'all') return Number.POSITIVE_INFINITY;
  return range === '24h' ? 24 * 3_600_000 : 15 * 60_000;
}
