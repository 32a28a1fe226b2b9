// How high a row of output will be, before it is drawn: most lines are one line of type, and need not be measured. Pure.

import type { OutputRow } from './rows.ts';

export const lineHeight = 18;
const gapHeight = 40;
const foldHeight = 24;
/** The width of a character of the type that machines speak, in CSS pixels, with a little to spare for another one. */
const characterWidth = 7.35;
/** Number, time and what stands beside the text, with room for numbers of eight figures. */
const marginWidth = 200;
/** Longer lines are cut, and say so. */
const mostShown = 4_000;

/** How many characters surely fit beside number and time. */
export function columnsIn(width: number): number {
  return Math.max(20, Math.floor((width - marginWidth) / characterWidth));
}

/** @param columns undefined: lines are not wrapped */
export function estimatedHeight(row: OutputRow | undefined, columns: number | undefined): number {
  if (row?.kind === 'fold') return foldHeight;
  if (row?.kind === 'hole' || row?.kind === 'note') return gapHeight;
  if (row === undefined || columns === undefined) return lineHeight;
  // What stands before a carriage return is written over.
  const length = row.text.length - 1 - row.text.lastIndexOf('\r', row.text.length - 2);
  return lineHeight * Math.max(1, Math.ceil(Math.min(length, mostShown) / columns));
}

/** Whether its height is known: nothing in it can be wider than it looks, and it fits. */
export function isSurelyOneLine(row: OutputRow, isWrapped: boolean, width: number): boolean {
  if (row.kind !== 'line' && row.kind !== 'text') return false;
  if (!isWrapped) return true;
  return row.text.length <= columnsIn(width) && /^[ -~]*$/.test(row.text.replaceAll('\u001B', ''));
}
