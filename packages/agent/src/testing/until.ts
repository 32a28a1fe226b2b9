// Waits for a condition on real sockets, processes and files; says what it found when time is up.

const patienceMs = 8_000;

/** Resolves with what `found` returns once that is neither undefined nor false. */
export async function until<Found>(
  what: string,
  found: () => Found | undefined | false | Promise<Found | undefined | false>,
  seen?: () => unknown,
): Promise<Found> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const value = await found();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`waited ${patienceMs} ms for ${what}, found ${JSON.stringify(seen?.())}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
