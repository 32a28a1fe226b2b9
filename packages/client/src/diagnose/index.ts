// Why does it not connect? Examines the way to a gateway from where it runs and answers with a `Diagnosis`. A chunk of
// its own: the connection fetches it when there is time, for a hub that has gone away serves nothing.

import type { ConnectionState } from '../types.ts';
import type { Diagnosis } from './types.ts';

export interface DiagnoseWorld {
  readonly now: () => number;
  readonly state: () => ConnectionState;
}

/** Never rejects. */
export function diagnose({ now, state }: DiagnoseWorld): Promise<Diagnosis> {
  const at = now();
  const found = state();
  const cause = 'cause' in found ? found.cause : undefined;
  const verdict: Diagnosis['verdict'] =
    cause === undefined
      ? { outcome: 'ok', name: 'connects', sentence: 'It connects.', cure: '' }
      : { outcome: 'failed', name: cause.name, sentence: `${cause.reason}.`, cure: cause.hint };
  return Promise.resolve({ at, tookMs: now() - at, checks: [], verdict });
}
