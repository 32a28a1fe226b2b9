// Waits for conditions, never for time. Every wait has a limit, and says what it saw when the limit passed.

/** What was seen, as a text that an error can carry. */
function seenText(value: unknown): string {
  if (value instanceof Error) return value.message;
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text;
}

/**
 * Reads until what is read pleases, and answers with it. Rejects after `withinMs` (default 15,000) with what was read
 * last; an error while reading counts as not pleased.
 */
export async function until<Value>(
  what: string,
  read: () => Value | Promise<Value>,
  pleases: (value: Value) => boolean,
  withinMs = 15_000,
): Promise<Value> {
  const deadline = performance.now() + withinMs;
  let seen: unknown = 'nothing';
  for (;;) {
    try {
      const value = await read();
      if (pleases(value)) return value;
      seen = value;
    } catch (error) {
      seen = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${withinMs} ms for ${what}; seen last: ${seenText(seen)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The promise's value, or an error after `withinMs` that tells what `seen` says then. */
export async function within<Value>(
  what: string,
  promise: Promise<Value>,
  withinMs = 15_000,
  seen: () => unknown = () => 'nothing',
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`waited ${withinMs} ms for ${what}; seen: ${seenText(seen())}`)),
      withinMs,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Reads for `forMs` and rejects as soon as what is read does not please: how an absence is proved. */
export async function holds<Value>(
  what: string,
  read: () => Value | Promise<Value>,
  pleases: (value: Value) => boolean,
  forMs: number,
): Promise<void> {
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    const value = await read();
    if (!pleases(value)) throw new Error(`${what} did not hold for ${forMs} ms; seen: ${seenText(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
