// Numbers with their units, as the screen writes them. Pure. A number that is not there is an en dash, never 0.

/** What stands where there is no number. */
export const missing = '–';

/** A number and its unit, apart, because the unit is set smaller. */
export interface Reading {
  readonly value: string;
  readonly unit: string;
}

/** Thousands by a thin space, as many decimals as asked for. */
export function grouped(value: number, decimals = 0): string {
  const [whole = '', fraction] = value.toFixed(decimals).split('.');
  const spaced = whole.replaceAll(/\B(?=(\d{3})+$)/g, '\u2009');
  return fraction === undefined ? spaced : `${spaced}.${fraction}`;
}

/** Three figures at most: `3.1`, `38`, `1 840`. */
export function short(value: number): string {
  const size = Math.abs(value);
  return grouped(value, size > 0 && size < 9.95 ? 1 : 0);
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** The unit in which a number of bytes has at most three figures before the point. */
export function byteScale(amount: number): { readonly unit: string; readonly factor: number } {
  let index = 0;
  let factor = 1;
  while (Math.abs(amount) >= 999.5 * factor && index < byteUnits.length - 1) {
    factor *= 1000;
    index += 1;
  }
  return { unit: byteUnits[index] as string, factor };
}

/** `84 MB`, `11.2 GB` (powers of 1000). `decimals` holds from kB on, for values below 100. */
export function bytes(value: number, decimals = 1): Reading {
  const { unit, factor } = byteScale(value);
  const scaled = value / factor;
  return { value: grouped(scaled, unit === 'B' || scaled >= 99.95 ? 0 : decimals), unit };
}

/** A reading in one piece, with the space between that VISUAL asks for. */
export function together({ value, unit }: Reading): string {
  return unit === '' ? value : `${value} ${unit}`;
}

/** `34 %`; below 10 with one decimal. */
export function percent(value: number): string {
  return `${short(value)} %`;
}

/** `38 ms`. */
export function milliseconds(value: number): string {
  return `${short(value)} ms`;
}

/** `1 caution`, `2 cautions`. */
export function counted(count: number, one: string, many: string): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
