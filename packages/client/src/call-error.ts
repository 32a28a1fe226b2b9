// The error of a `call`: the one place where the client rejects instead of answering with an outcome.

import type { CallError } from './types.ts';

export function callError(code: number, message: string, retryable: boolean): CallError {
  return Object.assign(new Error(message), { name: 'CallError', code, retryable });
}
