// Waits for the signal that ends a command which otherwise runs for ever. Called by those before they say that Ctrl-C
// stops them.

/** npm passes on the Ctrl-C that the terminal has sent already: what follows so soon, in milliseconds, is the same one. */
const sameSignalMs = 500;

/** Resolves with the first signal to end; a second one ends the process at once. */
export async function untilSignalled(): Promise<'SIGINT' | 'SIGTERM'> {
  return await new Promise((resolve) => {
    let first: number | undefined;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (first !== undefined && performance.now() - first > sameSignalMs) process.exit(130);
        first ??= performance.now();
        resolve(signal);
      });
    }
  });
}
