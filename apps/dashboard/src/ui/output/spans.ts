// A line as spans of equal paint, as a terminal would show it: what was overwritten after a carriage return is gone.
// Pure. Characters that would hide or reorder the text beside them show what they are.

import { hasEscapes, tokensOf, type Token } from './escapes.ts';
import { plain, repaint, type Paint } from './paint.ts';

export interface Span {
  readonly text: string;
  readonly paint: Paint;
}

/** Overwriting is worked out from the last so many characters of a line: an hour of a progress bar is one line. */
const mostOverwritten = 16_384;
/** A cursor that is sent far to the right makes no more blanks than this. */
const mostColumns = 4_096;
/** Cells that the sequences of one line may move or blank in all: only a hostile line asks for more. */
const mostTouched = 1_000_000;

/** A line as it is shown. */
export function spansOf(raw: string): readonly Span[] {
  const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
  if (!hasEscapes(line)) return [{ text: shown(line), paint: plain }];
  const isLong = line.length > mostOverwritten && line.includes('\r');
  const tokens = tokensOf(isLong ? lastOf(line) : line);
  return tokens.some(moves) ? rewritten(tokens) : straight(tokens);
}

/** What a person can read of a line: what is searched and copied. */
export function plainText(raw: string): string {
  const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
  if (!hasEscapes(line)) return shown(line);
  return spansOf(raw)
    .map(({ text }) => text)
    .join('');
}

const blank: Span = { text: ' ', paint: plain };
const backspace = 8;
const carriageReturn = 13;

function moves(token: Token): boolean {
  if (token.kind === 'control') return token.code === carriageReturn || token.code === backspace;
  return token.kind === 'sequence' && 'CDGKP'.includes(token.final);
}

function lastOf(line: string): string {
  const from = line.indexOf('\r', line.length - mostOverwritten);
  return from === -1 ? line.slice(-mostOverwritten) : line.slice(from);
}

function straight(tokens: readonly Token[]): readonly Span[] {
  const spans: Span[] = [];
  let paint = plain;
  for (const token of tokens) {
    if (token.kind === 'sequence') {
      if (token.final === 'm') paint = repaint(paint, token.parameters);
    } else {
      join(spans, token.kind === 'text' ? shown(token.text) : picture(token.code), paint);
    }
  }
  return spans;
}

/** As a terminal does it: cells, and a cursor that writes over them. */
function rewritten(tokens: readonly Token[]): readonly Span[] {
  const cells: Span[] = [];
  let column = 0;
  let paint = plain;
  let touched = 0;
  const mayTouch = (count: number): boolean => (touched += Math.max(0, count)) <= mostTouched;
  const write = (text: string): void => {
    while (cells.length < column) cells.push(blank);
    cells[column] = { text, paint };
    column += 1;
  };
  for (const token of tokens) {
    if (token.kind === 'text') for (const character of token.text) write(character);
    else if (token.kind === 'control') {
      if (token.code === carriageReturn) column = 0;
      else if (token.code === backspace) column = Math.max(0, column - 1);
      else write(picture(token.code));
    } else {
      const count = Math.max(1, token.parameters[0] ?? 1);
      if (token.final === 'm') paint = repaint(paint, token.parameters);
      else if (token.final === 'C') column = Math.min(mostColumns, column + count);
      else if (token.final === 'D') column = Math.max(0, column - count);
      else if (token.final === 'G') column = Math.min(mostColumns, count - 1);
      else if (token.final === 'P' && mayTouch(cells.length - column)) cells.splice(column, count);
      else if (token.final === 'K' && (token.parameters[0] !== 1 || mayTouch(column))) {
        erase(cells, column, token.parameters[0] ?? 0);
      }
    }
  }
  const spans: Span[] = [];
  for (const cell of cells) join(spans, cell.text, cell.paint);
  return spans.map((span) => ({ ...span, text: shown(span.text) }));
}

/** `ESC [ K`: 0 from the cursor on, 1 up to it, 2 all of it. */
function erase(cells: Span[], column: number, how: number): void {
  if (how === 0) cells.length = Math.min(cells.length, column);
  else if (how === 2) cells.length = 0;
  else for (let index = 0; index <= column && index < cells.length; index += 1) cells[index] = blank;
}

function join(spans: Span[], text: string, paint: Paint): void {
  const last = spans.at(-1);
  if (last !== undefined && isSame(last.paint, paint)) spans[spans.length - 1] = { text: last.text + text, paint };
  else if (text !== '') spans.push({ text, paint });
}

function isSame(one: Paint, other: Paint): boolean {
  return (
    one === other ||
    (one.ink === other.ink &&
      one.ground === other.ground &&
      one.isBold === other.isBold &&
      one.isItalic === other.isItalic &&
      one.isUnderlined === other.isUnderlined &&
      one.isStruck === other.isStruck &&
      one.isInverse === other.isInverse)
  );
}

/** The picture of a control character: `␇`; of one above U+007F its number. */
function picture(code: number): string {
  if (code < 0x20) return String.fromCharCode(0x24_00 + code);
  return code === 0x7f ? '\u2421' : named(code);
}

// Marks that turn or embed the direction of the text after them, and signs without any width. Joiners stay: scripts and
// joined signs need them.
const unfit = /[\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF\u{E0000}-\u{E007F}]/gu;

const shown = (text: string): string => text.replace(unfit, (character) => named(character.codePointAt(0) ?? 0));

const named = (code: number): string => `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
