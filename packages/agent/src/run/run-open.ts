// What is asked of the hub about a run, and what it may answer: the method `run.open`, and the word that somebody wants it
// ended. What comes over the wire is looked at before it is believed.

import type { CallError, Connection } from '@telltale/client';

/** Somebody wants a run ended: who, and how long it may take to do so by itself. */
export interface Cancel {
  readonly by: string;
  readonly graceMs: number;
}

export type OpenedRun =
  | { readonly kind: 'opened'; readonly cancel: Cancel | undefined }
  /** For good: it belongs to another agent, or the hub knows no runs. */
  | { readonly kind: 'refused'; readonly message: string };

const defaultGraceMs = 10_000;

/** Tells a session which run it reports. Throws where that may work later. */
export async function openRun(
  connection: Connection,
  params: { readonly run: string; readonly name: string },
): Promise<OpenedRun> {
  try {
    const answer = (await connection.call('run.open', params)) as { cancel?: unknown } | null;
    return { kind: 'opened', cancel: cancelOf(answer?.cancel) };
  } catch (error) {
    const { code, retryable, message } = error as CallError;
    if (retryable || code === 1006) throw error;
    return { kind: 'refused', message };
  }
}

/** A row of `control/<agent>` as the wish that a run be ended; undefined: it is none. */
export function cancelOf(row: unknown): Cancel | undefined {
  const { type, by, graceMs } = (row ?? {}) as Record<string, unknown>;
  if (type !== 'cancel') return undefined;
  return {
    by: typeof by === 'string' ? by : 'somebody',
    graceMs: typeof graceMs === 'number' && graceMs >= 0 ? graceMs : defaultGraceMs,
  };
}
