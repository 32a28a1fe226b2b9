// How an exception in one of the application's hooks reaches the log: once, with its trace, without the credential the
// hook was given. Called by credential.ts and admit.ts; the peer never sees any of it.

import type { GatewayLog } from '../types.ts';

export interface FailureContext {
  readonly attempt?: string | undefined;
  /** The text the hook was given; every occurrence in the trace is masked. */
  readonly secret?: string;
}

/** Logs an exception of the application's code. */
export function logFailure(log: GatewayLog, text: string, error: unknown, context: FailureContext = {}): void {
  const { attempt, secret = '' } = context;
  log.error({ ...(attempt === undefined ? {} : { attempt }), error: masked(traceOf(error), secret) }, text);
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${String(error)}`;
  const trace = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? trace : `${trace}\ncaused by ${traceOf(error.cause)}`;
}

function masked(trace: string, secret: string): string {
  if (secret.length < 4) return trace;
  return [secret, encodeURIComponent(secret), ...secret.split('.').filter((part) => part.length >= 8)].reduce(
    (text, hidden) => text.replaceAll(hidden, '…'),
    trace,
  );
}
