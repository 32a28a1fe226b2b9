// Compares the rows somebody holds at an offset with those there were.

import type { Property } from './properties.ts';
import type { Known, Life } from './truth.ts';

/** What is wrong with rows held at an offset; undefined: nothing. */
export function tableFault(
  held: ReadonlyMap<string, Pick<Known, 'offset'>>,
  life: Life | undefined,
  to: number,
): { readonly property: Property; readonly found: string } | undefined {
  const truth = life?.rowsAt(to) ?? new Map<string, Known>();
  for (const [key, { offset }] of truth) {
    const found = held.get(key)?.offset;
    // A log keeps the newest value alone: one that was replaced before the read, by a value still to be flushed, is not there,
    // and whoever held an older one holds it until then.
    if (found === offset || ((found ?? 0) < offset && life?.changesAfter(key, to) === true)) continue;
    return { property: 'newest-value', found: `with ${key} of ${found ?? 'nothing'}, expected it of ${offset}` };
  }
  for (const key of held.keys()) {
    // So is a removal: what came in its place will say what became of the row.
    if (!truth.has(key) && life?.changesAfter(key, to) !== true)
      return { property: 'removed-row', found: `with ${key}, expected no such row` };
  }
  return undefined;
}
