// Makes rows of items, one after the other: pieces joined to lines, pieces of a text to paragraphs, equal lines folded.
// Pure: the same items in the same order always make the same rows, whether they came at once or one by one.
//
// A line stands where it ended, and until then where its newest piece is: so rows keep the order of time, a progress bar
// stays at the end while other lines pass it, and numbers rise from row to row. A text stands where it began.

import type { FoldRow, LineRow, OutputRow, TextRow } from '../../ui/output/rows.ts';
import { linesOf, type OutputData, type OutputItem } from './output-item.ts';
import { missingRow } from './output-words.ts';

type Line = Extract<OutputData, { type: 'line' }>;
type Piece = Extract<OutputData, { type: 'text' }>;

/** From so many equal lines on they are folded. */
export const foldedFrom = 10;
/** Texts and lines under way at once; a sender that never ends any must not fill the page. */
const mostOpen = 1_000;

interface OpenLine {
  readonly row: LineRow;
  /** The number of the piece that goes on with it. */
  readonly nextPart: number;
}

export interface Fold {
  /** Oldest first; changed in place. */
  readonly rows: OutputRow[];
  /** How often senders had to drop lines. */
  readonly gaps: number;
  /** How many lines there are up to here; undefined: not known in this stretch. */
  readonly lines: number | undefined;
  /** What follows does not join what was before: a hole, another life of the log. */
  breakOff(prefix: string, linesBefore: number | undefined, rows: readonly OutputRow[]): void;
  add(item: OutputItem): void;
  /**
   * Lets rows of items up to an offset go, and puts `top` in their place. False, and nothing is done: not all of them are
   * single lines, so the rest must be folded anew.
   */
  dropOldest(offset: number, top: readonly OutputRow[]): boolean;
  /** Puts older rows before these, in the place of what stood at the top. False, and nothing is done: they join. */
  prepend(older: Fold, top: number): boolean;
  /** Whether what comes next may belong to a row that is here. */
  readonly isOpen: boolean;
}

/** @param unfolded keys of the folds that somebody has unfolded */
export function createFold(unfolded: ReadonlySet<string>): Fold {
  const rows: OutputRow[] = [];
  const openLines = new Map<string, OpenLine>();
  /** The last paragraph of each text under way. */
  const openTexts = new Map<string, TextRow>();
  /** The first of the equal lines at the end, and how many they are. */
  let equal: LineRow | undefined;
  let equalCount = 0;
  let prefix = '';
  let lines: number | undefined;
  let gaps = 0;

  /** False: the row has been let go. */
  const takeOut = (row: OutputRow, ...instead: readonly OutputRow[]): boolean => {
    const index = rows.lastIndexOf(row);
    if (index >= 0) rows.splice(index, 1, ...instead);
    return index >= 0;
  };
  const append = (row: OutputRow): void => {
    equal = undefined;
    rows.push(row);
  };

  const addWhole = (row: LineRow): void => {
    if (equal === undefined || equal.text !== row.text || equal.source !== row.source || row.lacksStart === true) {
      rows.push(row);
      equal = row.lacksStart === true ? undefined : row;
      equalCount = 1;
      return;
    }
    equalCount += 1;
    if (equalCount < foldedFrom) {
      rows.push(row);
      return;
    }
    const key = `${equal.key}=`;
    const isUnfolded = unfolded.has(key);
    const fold: FoldRow = { kind: 'fold', key, count: equalCount, text: row.text, isUnfolded };
    if (equalCount === foldedFrom) {
      const before = rows.splice(1 - foldedFrom);
      rows.push(fold, ...(isUnfolded ? before : []));
    } else rows[rows.length - (isUnfolded ? equalCount : 1)] = fold;
    if (isUnfolded) rows.push(row);
  };

  const addLine = (line: Line, key: string): void => {
    const { stream = 'out', step = '', part = 0, at } = line;
    const lane = `${stream} ${step}`;
    const isWhole = line.more !== true;
    const number = isWhole ? lines : undefined;
    // Almost every line is whole and alone.
    const open = openLines.size === 0 ? undefined : openLines.get(lane);
    let row: LineRow = { kind: 'line', key, number, at, text: line.text, source: stream };
    if (open !== undefined) {
      openLines.delete(lane);
      if (open.nextPart === part && takeOut(open.row)) {
        row = { ...open.row, number, at, text: open.row.text + line.text };
      }
    }
    if (part > 0 && row.key === key) row = { ...row, lacksStart: true };
    if (isWhole) addWhole(row);
    else {
      append(row);
      hold(openLines, lane, { row, nextPart: part + 1 });
    }
  };

  const addPiece = (piece: Piece, key: string): void => {
    const open = openTexts.get(piece.id);
    openTexts.delete(piece.id);
    const [begun = '', ...further] = ((open?.text ?? '') + piece.text).split('\n');
    const first: TextRow =
      open === undefined ? { kind: 'text', key, at: piece.at, text: begun, isFirst: true } : { ...open, text: begun };
    const paragraphs = [
      first,
      ...further.map((text, index): TextRow => ({
        kind: 'text',
        key: `${key}.${index}`,
        at: piece.at,
        text,
        isFirst: false,
      })),
    ];
    if (open === undefined || !takeOut(open, ...paragraphs)) {
      equal = undefined;
      rows.push(...paragraphs);
    }
    if (piece.isLast !== true) hold(openTexts, piece.id, paragraphs.at(-1) as TextRow);
  };

  return {
    rows,
    get gaps() {
      return gaps;
    },
    get lines() {
      return lines;
    },
    get isOpen() {
      return openLines.size > 0 || openTexts.size > 0;
    },
    breakOff(next, linesBefore, between) {
      openLines.clear();
      openTexts.clear();
      prefix = next;
      lines = linesBefore;
      equal = undefined;
      rows.push(...between);
    },
    add(item) {
      const { data, offset } = item;
      const key = `${prefix}${offset}`;
      if (lines !== undefined) lines += linesOf(item);
      if (data.type === 'line') addLine(data, key);
      else if (data.type === 'text') addPiece(data, key);
      else {
        // Among what is missing are pieces of whatever was under way.
        openLines.clear();
        openTexts.clear();
        append(missingRow(key, data));
        gaps += 1;
      }
    },
    dropOldest(offset, top) {
      const first = rows[0]?.kind === 'line' ? 0 : 1;
      let end = first;
      for (; end < rows.length; end += 1) {
        const row = rows[end] as OutputRow;
        if (row.kind !== 'line') return false;
        if (Number(row.key.slice(prefix.length)) > offset) break;
      }
      rows.splice(0, end, ...top);
      return true;
    },
    prepend(older, top) {
      const [last, next] = [older.rows.at(-1), rows[top]];
      if (older.isOpen || last?.kind !== 'line' || next?.kind !== 'line' || last.text === next.text) return false;
      rows.splice(0, top, ...older.rows);
      gaps += older.gaps;
      return true;
    },
  };
}

function hold<Value>(open: Map<string, Value>, key: string, value: Value): void {
  open.set(key, value);
  const [oldest] = open.keys();
  if (open.size > mostOpen && oldest !== undefined) open.delete(oldest);
}
