// A request that is answered with an error: thrown by a route or a rule, turned into an `ApiError` by server.ts alone.

import type { Published } from '@telltale/gateway';
import { codeRule, codeStatus, type RefusalName, refusals, refusalStatus } from '@telltale/protocol';
import type { ApiError } from '../api.ts';

export interface FailureOptions {
  readonly status: number;
  /** A code of the protocol's table. */
  readonly code: number;
  readonly name: string;
  readonly message: string;
  readonly hint?: string;
  readonly retryAfterMs?: number;
  /** The `seq` a publish with `once` must have (ONC2). */
  readonly expected?: number;
}

/** An expected negative answer. Holds only what the client may read. */
export class Failure extends Error {
  readonly options: FailureOptions;

  constructor(options: FailureOptions) {
    super(options.message);
    this.name = 'Failure';
    this.options = options;
  }

  /** The body of the answer. */
  get body(): ApiError {
    const { code, name, message, hint, retryAfterMs, expected } = this.options;
    return {
      error: {
        code,
        name,
        message,
        ...(hint === undefined ? {} : { hint }),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        ...(expected === undefined ? {} : { expected }),
      },
    };
  }
}

/** A refusal of the protocol's table as an answer by HTTP. */
export function refusalFailure(name: RefusalName, message: string, hint?: string): Failure {
  const { code } = refusals[name];
  return new Failure({ status: refusalStatus(name), code, name, message, ...(hint === undefined ? {} : { hint }) });
}

/** A request whose form is wrong. */
export function badRequest(message: string, hint?: string): Failure {
  return new Failure({
    status: 400,
    code: 4400,
    name: 'bad-request',
    message,
    ...(hint === undefined ? {} : { hint }),
  });
}

export function notFound(message: string, hint?: string): Failure {
  return new Failure({ status: 404, code: 4404, name: 'not-found', message, ...(hint === undefined ? {} : { hint }) });
}

/** An answer of the gateway that was negative: its code decides the status. */
export function codeFailure({
  code,
  message,
  expected,
  retryAfterMs,
}: Extract<Published, { kind: 'failed' }>): Failure {
  return new Failure({
    status: codeStatus(code),
    code,
    name: codeRule(code).name,
    message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(expected === undefined ? {} : { expected }),
  });
}
