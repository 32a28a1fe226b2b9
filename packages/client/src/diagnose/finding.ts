// What a look at the facts finds: the check that is shown, and, where something is wrong, what the verdict needs of it.

import type { CheckId, DiagnosisCheck, DiagnosisHop } from './types.ts';

export interface Finding extends DiagnosisCheck {
  readonly trouble?: Trouble;
}

export interface Trouble {
  /** Kebab-case word for the fault, the same in every release. */
  readonly name: string;
  readonly hop: DiagnosisHop;
  /** Names of troubles that are only what this one looks like from further away. */
  readonly explains?: readonly string[];
}

interface TroubleParts extends Trouble {
  readonly found: string;
  readonly todo: string;
}

export function ok(id: CheckId, found: string): Finding {
  return { id, outcome: 'ok', found };
}

export function unknown(id: CheckId, found: string): Finding {
  return { id, outcome: 'unknown', found };
}

/** It connects all the same. */
export function warning(id: CheckId, { found, todo, ...trouble }: TroubleParts): Finding {
  return { id, outcome: 'warning', found, todo, trouble };
}

export function failed(id: CheckId, { found, todo, ...trouble }: TroubleParts): Finding {
  return { id, outcome: 'failed', found, todo, trouble };
}

/** What a socket looks like that something on the way did not let open. */
export const notOpened: readonly string[] = ['handshake-refused', 'handshake-silent'];

/** What is said of a socket that never left the browser. */
export const notSent: readonly string[] = [...notOpened, 'never-arrived', 'unreachable', 'silent', 'socket-refused'];
