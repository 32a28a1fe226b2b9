// Asks the gateway by HTTP what became of an attempt that ended without a word: a page is told nothing else (1006).
// Called by the connection after the second such end in a row, at most once per 10 s.

import type { PublicRefusal } from '@telltale/protocol';
import type { End } from './retry.ts';

/** What `GET <prefix>/attempts/<id>` answers; an origin that is not allowed learns the state alone. */
interface Answer {
  readonly state?: unknown;
  /** How far back an `unseen` attempt would be remembered. */
  readonly rememberedMs?: unknown;
  readonly refusal?: PublicRefusal;
  readonly ended?: { readonly code: number; readonly name: string; readonly reason: string };
}

const answerMs = 5_000;

interface Question {
  readonly fetch: typeof globalThis.fetch;
  readonly url: string;
  readonly end: End;
  /** How long ago its attempt began. */
  readonly ageMs: () => number;
}

/** Never rejects: that nothing answers is an answer too. */
export async function askWhy({ fetch, url, end, ageMs }: Question): Promise<End> {
  let answer: Answer;
  try {
    const response = await fetch(attemptUrl(url, end.attempt), {
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(answerMs),
    });
    answer = ((await response.json()) as Answer | null) ?? {};
  } catch {
    return {
      ...end,
      name: 'unreachable',
      reason: 'no gateway answers by HTTP at this address either',
      hint: 'See whether it runs, whether port and path are right, and whether this device can reach it; it tries again by itself.',
    };
  }
  const { state, rememberedMs, refusal, ended } = answer;
  if (state === 'refused' && typeof refusal?.code === 'number') {
    const { code, name, stage, hint, retry, retryAfterMs } = refusal;
    return {
      ...end,
      code,
      name,
      stage,
      hint,
      retry,
      retryAfterMs,
      reason: refusal.reason ?? `the gateway said no: ${name}`,
    };
  }
  if (state === 'refused') return { ...end, name: 'refused', reason: 'the gateway refused this page without a reason' };
  if (state === 'admitted' && typeof ended?.code === 'number' && ended.code !== 1006) {
    return { ...end, code: ended.code, name: ended.name, reason: ended.reason };
  }
  if (state === 'admitted') {
    return { ...end, name: 'broken-on-the-way', reason: 'the gateway let it in, but the connection broke on the way' };
  }
  if (state === 'unseen' && typeof rememberedMs === 'number' && rememberedMs < ageMs()) {
    return { ...end, reason: 'the connection broke, and the gateway no longer remembers this attempt, if it came' };
  }
  if (state === 'unseen') {
    return {
      ...end,
      name: 'never-arrived',
      reason: 'the server answers by HTTP, but this attempt never reached the gateway',
      hint: 'Something between stops WebSockets: a proxy, an extension, or the browser’s local network permission.',
    };
  }
  return { ...end, reason: 'the connection broke, and what answers by HTTP is not a Telltale gateway' };
}

/** Where the gateway tells what became of an attempt: `<prefix>/attempts/<attempt>` by http on the same host. */
export function attemptUrl(url: string, attempt: string): string {
  const { protocol, host, pathname } = new URL(url);
  const prefix = /^.*?\/ws(?=\/|$)|^\/[^/]*/.exec(pathname)?.[0];
  return `${protocol === 'wss:' ? 'https' : 'http'}://${host}${prefix}/attempts/${attempt}`;
}
