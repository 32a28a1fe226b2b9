// Random numbers from a seed, so that a failing run can be repeated: `TELLTALE_TEST_SEED=<printed seed>`.

/** The seed of this run: given, else fresh. */
export const testSeed: number = Number(process.env['TELLTALE_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Whether the long counts are asked for. */
export const isLongRun: boolean = process.env['TELLTALE_TEST_LONG'] === '1';

/** Numbers in [0, 1), always the same ones for a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
