// Waits for a condition on real sockets. Used by tests only; says what it found when time is up.

/** Resolves with what `found` returns once that is neither undefined nor false. */
export async function until<Found>(
  what: string,
  found: () => Found | undefined | false,
  seen?: () => unknown,
): Promise<Found> {
  const end = Date.now() + 3_000;
  for (;;) {
    const value = found();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`waited 3 s for ${what}, found ${JSON.stringify(seen?.())}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
