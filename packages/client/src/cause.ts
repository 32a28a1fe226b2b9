// Turns ends into causes: always a code, a name, a reason and a hint. The short hints are here; the full texts are in
// `@telltale/protocol/explain` and are loaded when there is something to explain.

import { codeRule, type GoodbyeFrame, type RefusedFrame } from '@telltale/protocol';
import type { Decision, End } from './retry.ts';
import type { Cause } from './types.ts';

const hints: Readonly<Record<Cause['next'], string>> = {
  retry: 'It tries again by itself.',
  'retry-when-online': 'It tries again when there is a network.',
  'retry-with-new-token': 'It signs in again by itself.',
  stop: 'It does not try again by itself.',
  'sign-in': 'Sign in again.',
};

export function causeOf(end: End, next: Decision['next']): Cause {
  const { code, attempt, wasClean, stage } = end;
  const name = end.name ?? codeRule(code).name;
  return {
    code,
    name,
    reason: end.reason || name.replaceAll('-', ' '),
    hint: end.hint || hints[next],
    next,
    wasClean,
    attempt,
    ...(stage === undefined ? {} : { stage }),
  };
}

/** What the frames before a close said, joined with the close itself: a frame knows more than a code. */
export function endOf(
  attempt: string,
  close: { code: number; reason: string; wasClean: boolean },
  said: RefusedFrame | GoodbyeFrame | undefined,
): End {
  // `name: reason`, as the gateway writes it; other servers' texts stay whole.
  const text = /^([a-z][a-z0-9-]*)(?:: |$)([^]*)$/.exec(close.code < 4000 && close.code !== 1012 ? '' : close.reason);
  const fromText = text === null ? { reason: close.reason } : { name: text[1] as string, reason: text[2] as string };
  const { wasClean } = close;
  if (said === undefined) {
    const reason =
      close.code === 1006 && close.reason === '' ? 'The connection broke without a word.' : fromText.reason;
    return { attempt, code: close.code, wasClean, ...fromText, reason };
  }
  const { code, retry, retryAfterMs } = said;
  if (said.type === 'goodbye') {
    return {
      attempt,
      code,
      wasClean,
      ...(code === close.code ? fromText : {}),
      reason: said.reason,
      retry,
      retryAfterMs,
    };
  }
  const { name, stage, hint } = said;
  return {
    attempt,
    code,
    wasClean,
    name,
    stage,
    hint,
    retry,
    retryAfterMs,
    reason: said.reason ?? '',
  };
}
