// Fetches chat and the pages that few open while the hub answers, so that they open when it does not. Gentle: a module
// that hangs in a connection the network has forgotten cannot be given up, and a browser has six connections to a hub,
// which the renewal of a token needs as well.

/** How long the hub may take to show that a connection to it works, in milliseconds. */
const probeMs = 3_000;

export interface LoadAheadOptions {
  /** One module each; one that was loaded resolves at once. */
  readonly loads: readonly (() => Promise<unknown>)[];
  /** Rejects where no connection to the hub works within the time. */
  readonly probe?: (withinMs: number) => Promise<unknown>;
  readonly pause?: (ms: number) => Promise<void>;
  /** Aborted: nothing more is begun. */
  readonly signal: AbortSignal;
}

const askHealth = async (withinMs: number): Promise<unknown> => {
  const answer = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(withinMs) });
  return await answer.text();
};
const realPause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** As many as browsers keep open to one host by HTTP/1.1. */
const mostConnections = 6;

/**
 * Asks the hub over every connection that is kept, each for a moment only: those that a network has forgotten while the
 * machine slept are closed with the question, and what matters more finds none of them.
 */
export async function dropDeadConnections(probe = askHealth): Promise<void> {
  await Promise.allSettled(Array.from({ length: mostConnections }, () => probe(probeMs)));
}

/** Loads one after the other, each after the hub was seen to answer. Never rejects; what fails is fetched when it is opened. */
export async function loadAhead({
  loads,
  probe = askHealth,
  pause = realPause,
  signal,
}: LoadAheadOptions): Promise<void> {
  const answers = (): Promise<boolean> =>
    probe(probeMs).then(
      () => true,
      () => false,
    );
  for (const load of loads) {
    // A request that is given up takes its dead connection with it: after six the way is free.
    while (!signal.aborted && !(await answers())) await pause(1_000);
    if (signal.aborted) return;
    await load().catch(() => {});
  }
}
