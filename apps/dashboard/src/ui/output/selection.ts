// What somebody selects of an output, as text. A selection may begin in a row that has been scrolled away: what lies
// between its ends is taken from the rows and not from the page.

import { hasText, type OutputRow } from './rows.ts';
import { plainText } from './spans.ts';

/** One end of a selection: a row, and how many characters of its text lie before it. */
export interface SelectionEnd {
  readonly key: string;
  readonly offset: number;
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
