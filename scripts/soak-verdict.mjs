// Says of a soak's samples whether the page returned to its level. Plain numbers in, words out; soak.mjs and its test call
// it.

/**
 * One look at the page, always at the same place of its round and after a forced collection.
 *
 * @typedef {{ atMs: number, heapBytes: number, nodes: number, listeners: number, documents: number, busyPercent: number,
 *   hubBytes: number }} Sample
 */

/** What must not grow: by no more than `slack`, or `share` of its level where that is more. */
const measures = [
  { key: 'heapBytes', name: 'heap', slack: 1e6, share: 0.05 },
  { key: 'nodes', name: 'nodes', slack: 300, share: 0.05 },
  { key: 'listeners', name: 'listeners', slack: 20, share: 0.05 },
  { key: 'documents', name: 'documents', slack: 1, share: 0 },
  // The hub's is not the page's: it holds logs that fill for hours. Only what no log explains is called a leak.
  { key: 'hubBytes', name: 'memory of the hub', slack: 64e6, share: 0.25 },
];

/** The least number of samples that a verdict can stand on: three for the level, three for the end. */
const leastSamples = 6;

/** How long a page may fill what it keeps: a quarter of an hour of samples, and what ends it. */
const fillMs = 16 * 60_000;

/** The samples that count: what a page keeps on purpose must have filled by then, or half of the time has passed. */
export function judged(/** @type {readonly Sample[]} */ samples) {
  const lastMs = samples.at(-1)?.atMs ?? 0;
  const from = Math.min(fillMs, lastMs / 2);
  return samples.filter(({ atMs }) => atMs >= from);
}

/**
 * Compares the middle of the first third with the middle of the last.
 *
 * @returns {{ kind: 'too-short' } | { kind: 'returned' | 'grew', words: readonly string[] }}
 */
export function verdictOf(/** @type {readonly Sample[]} */ samples) {
  if (samples.length < leastSamples) return { kind: 'too-short' };
  const third = Math.floor(samples.length / 3);
  const grown = measures.map(({ key, name, slack, share }) => {
    const level = median(samples.slice(0, third).map((sample) => sample[key]));
    const end = median(samples.slice(-third).map((sample) => sample[key]));
    const most = Math.max(slack, share * level);
    const isGrown = end - level > most;
    const written = (value) => (key.endsWith('Bytes') ? `${(value / 1e6).toFixed(1)} MB` : String(Math.round(value)));
    const words = `${name}: ${written(level)} at first, ${written(end)} at the end`;
    return { isGrown, words: isGrown ? `${words}: grew by more than ${written(most)}` : words };
  });
  return {
    kind: grown.some(({ isGrown }) => isGrown) ? 'grew' : 'returned',
    words: grown.map(({ words }) => words),
  };
}

const columns = [
  ['min', ({ atMs }) => (atMs / 60_000).toFixed(1)],
  ['heap MB', ({ heapBytes }) => (heapBytes / 1e6).toFixed(2)],
  ['nodes', ({ nodes }) => String(nodes)],
  ['listeners', ({ listeners }) => String(listeners)],
  ['documents', ({ documents }) => String(documents)],
  ['main thread %', ({ busyPercent }) => busyPercent.toFixed(1)],
  ['hub MB', ({ hubBytes }) => (hubBytes / 1e6).toFixed(0)],
];

export const headLine = columns.map(([title]) => title.padStart(10)).join(' ');

export function sampleLine(/** @type {Sample} */ sample) {
  return columns.map(([title, text]) => text(sample).padStart(Math.max(10, title.length))).join(' ');
}

function median(values) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}
