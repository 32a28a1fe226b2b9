// What somebody selects of an output, as text. A selection may begin in a row that has been scrolled away: what lies
// between its ends is taken from the rows and not from the page.

import { hasText, type FoldRow, type LineRow, type OutputRow, type TextRow } from './rows.ts';
import { plainText } from './spans.ts';

/** One end of a selection: a row, and how many characters of its text lie before it. */
export interface SelectionEnd {
  readonly key: string;
  readonly offset: number;
}

/** Whole rows that somebody shares. */
export interface SharedRows {
  /** Keys of the first and the last. */
  readonly first: string;
  readonly last: string;
  readonly lines: readonly string[];
}

/** The rows from one end to the other, in whichever order they stand; undefined: they are not there any more. */
export function rowsBetween(
  rows: readonly OutputRow[],
  one: SelectionEnd,
  other: SelectionEnd,
): SharedRows | undefined {
  const indices = [one, other].map(({ key }) => rows.findIndex((row) => row.key === key));
  const [start = -1, end = -1] = indices.sort((first, second) => first - second);
  if (start === -1) return undefined;
  const shared = rows.slice(start, end + 1).filter(isShared);
  const [first, last] = [shared[0], shared.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  return { first: first.key, last: last.key, lines: shared.flatMap((row) => textOf(row).split('\n')) };
}

/** How many lines are shared of the rows from one index to another. */
export function linesBetween(rows: readonly OutputRow[], first: number, last: number): number {
  let count = 0;
  for (let index = first; index <= last; index += 1) {
    const row = rows[index];
    if (row === undefined || !isShared(row)) continue;
    count += row.kind === 'fold' ? row.count : 1;
  }
  return count;
}

/** The text from one end to the other, a line for each row; ends may stand in either order. */
export function textBetween(rows: readonly OutputRow[], one: SelectionEnd, other: SelectionEnd): string | undefined {
  const [first, second] = [
    rows.findIndex(({ key }) => key === one.key),
    rows.findIndex(({ key }) => key === other.key),
  ];
  if (first === -1 || second === -1) return undefined;
  if (first === second) {
    const [from, to] = [Math.min(one.offset, other.offset), Math.max(one.offset, other.offset)];
    return textOf(rows[first] as OutputRow).slice(from, to);
  }
  const [start, startOffset, end, endOffset] =
    first < second ? [first, one.offset, second, other.offset] : [second, other.offset, first, one.offset];
  return rows
    .slice(start, end + 1)
    .map((row, index, { length }) =>
      textOf(row).slice(index === 0 ? startOffset : 0, index === length - 1 ? endOffset : undefined),
    )
    .join('\n');
}

function textOf(row: OutputRow): string {
  if (!hasText(row)) return `[${row.title}${row.detail}]`;
  const text = plainText(row.text);
  return row.kind === 'fold' && !row.isUnfolded ? Array.from({ length: row.count }, () => text).join('\n') : text;
}

/** Whether a row has lines of its own: those of an unfolded fold follow it. */
function isShared(row: OutputRow): row is LineRow | TextRow | FoldRow {
  return hasText(row) && !(row.kind === 'fold' && row.isUnfolded);
}
