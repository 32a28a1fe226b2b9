// Looking for a text in rows: which rows hold it, and where in a line. Pure. What is looked through is what is shown:
// without escape sequences, and without what was written over.

import { hasText, type OutputRow } from './rows.ts';
import { plainText, type Span } from './spans.ts';

/** What is looked for; capitals make no difference. */
export interface Needle {
  readonly text: string;
}

/** Undefined: nothing is looked for. */
export function needleOf(typed: string): Needle | undefined {
  return typed === '' ? undefined : { text: typed.toLowerCase() };
}

/** Which rows hold it, oldest first. A row is looked through once, for rows are replaced when they change. */
export function createFinder(needle: Needle): (rows: readonly OutputRow[]) => readonly OutputRow[] {
  const known = new WeakMap<OutputRow, boolean>();
  return (rows) =>
    rows.filter((row) => {
      let isFound = known.get(row);
      if (isFound === undefined) {
        isFound = hasText(row) && plainText(row.text).toLowerCase().includes(needle.text);
        known.set(row, isFound);
      }
      return isFound;
    });
}

export interface FoundSpan extends Span {
  readonly isFound: boolean;
}

/** The spans of a line, cut where what is looked for begins and ends. */
export function marked(spans: readonly Span[], needle: Needle): readonly FoundSpan[] {
  const whole = spans.map(({ text }) => text).join('');
  const lower = whole.toLowerCase();
  // There are letters whose small form is longer: then the places in the two texts differ.
  const places = lower.length === whole.length ? placesOf(lower, needle.text) : [];
  const cut: FoundSpan[] = [];
  let at = 0;
  let next = 0;
  for (const { text, paint } of spans) {
    let from = 0;
    while (from < text.length) {
      while ((places[next] ?? Infinity) + needle.text.length <= at + from) next += 1;
      const place = places[next];
      const isFound = place !== undefined && place <= at + from;
      const end = place === undefined ? text.length : (isFound ? place + needle.text.length : place) - at;
      cut.push({ text: text.slice(from, end), paint, isFound });
      from = Math.min(end, text.length);
    }
    at += text.length;
  }
  return cut;
}

function placesOf(text: string, wanted: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) places.push(at);
  return places;
}

/** Of rows that hold it, the next one after a row, or before it; round the end to the other. */
export function stepFrom(found: readonly OutputRow[], key: string | undefined, step: 1 | -1): OutputRow | undefined {
  const index = found.findIndex((row) => row.key === key);
  if (index === -1) return step === 1 ? found[0] : found.at(-1);
  return found[(index + step + found.length) % found.length];
}
