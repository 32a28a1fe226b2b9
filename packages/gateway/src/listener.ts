// Calls what an application gave us to be told by. An exception in it is its own affair: it is logged and changes nothing.

import type { GatewayLog } from './types.ts';

/** Calls a listener of the application; what it throws, also later, is logged as `<what> failed`. */
export function callListener(log: GatewayLog, what: string, call: () => unknown): void {
  const note = (error: unknown): void => log.error({ err: error }, `${what} failed`);
  try {
    const answer = call();
    if (answer instanceof Promise) answer.catch(note);
  } catch (error) {
    note(error);
  }
}
