// What answers by HTTP where the socket goes: a Telltale gateway, something that may be read, something that may not, or
// nothing. A page is told no more than that of other origins. Sends no credential.

import type { PublicRefusal } from '@telltale/protocol';
import type { Environment } from '../environment.ts';
import { attemptUrl } from '../why.ts';

/** What `GET <prefix>/attempts/<id>` answers; an origin that is not allowed learns the state alone. */
export interface AttemptAnswer {
  readonly state: 'unseen' | 'refused' | 'admitted';
  /** How far back an `unseen` attempt would be remembered. */
  readonly rememberedMs?: number;
  readonly refusal?: PublicRefusal;
  readonly ended?: { readonly code: number; readonly name: string; readonly reason: string };
}

/** `aheadMs`: the server's clock minus ours, by the header `Date`, which only pages of the same origin may read. */
export type HttpAnswer = { readonly tookMs: number } & (
  | { readonly kind: 'gateway'; readonly answer: AttemptAnswer; readonly aheadMs: number | undefined }
  /** Readable, and not what a gateway answers there. `word`: what a gateway says of a path that is none of its own. */
  | {
      readonly kind: 'readable';
      readonly status: number;
      readonly isPage: boolean;
      readonly word: string | undefined;
      readonly aheadMs: number | undefined;
    }
  | { readonly kind: 'redirect' }
  /** Something answers, and the page may not read what. */
  | { readonly kind: 'opaque' }
  /** Name, port, TLS or the browser; programs are told which. */
  | { readonly kind: 'failed'; readonly code: string | undefined }
  | { readonly kind: 'silent' }
);

export interface Http {
  /** Asks what became of an attempt; whoever answers shows thereby who it is. */
  attempt(url: string, id: string, ms: number): Promise<HttpAnswer>;
  /** Asks for the socket's own path, without its query. */
  path(url: string, ms: number): Promise<HttpAnswer>;
  /** Whether anything answers at an address. */
  isAnything(url: string, ms: number): Promise<boolean>;
}

/** A gateway says what became of an attempt in less. */
const mostCharacters = 65_536;

type Tried<Read> =
  | { readonly kind: 'answered'; readonly read: Read }
  | { readonly kind: 'failed'; readonly code: string | undefined }
  | { readonly kind: 'silent' };

export function createHttp(fetch: typeof globalThis.fetch, { now, after }: Environment): Http {
  /** `take` reads the answer in the same time: a body may never end. */
  async function timed<Read>(
    ms: number,
    url: string,
    mode: RequestMode,
    take: (response: Response) => Read | Promise<Read>,
  ): Promise<Tried<Read>> {
    const stop = new AbortController();
    const cancel = after(ms, () => stop.abort());
    // Without CORS no redirect may be left alone.
    const redirect = mode === 'cors' ? 'manual' : 'follow';
    try {
      const response = await fetch(url, {
        mode,
        redirect,
        credentials: 'omit',
        cache: 'no-store',
        signal: stop.signal,
      });
      return { kind: 'answered', read: await take(response) };
    } catch (error) {
      if (stop.signal.aborted) return { kind: 'silent' };
      const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
      return { kind: 'failed', code: typeof code === 'string' ? code : undefined };
    } finally {
      cancel();
    }
  }
  async function get(url: string, ms: number): Promise<HttpAnswer> {
    const begun = now();
    let tookMs = 0;
    const tried = await timed(ms, url, 'cors', (response) => {
      tookMs = now() - begun;
      return read(response, begun + tookMs / 2);
    });
    if (tried.kind === 'answered') return { ...tried.read, tookMs };
    tookMs = now() - begun;
    if (tried.kind === 'silent') return { ...tried, tookMs };
    // What forbids reading it still answers: asked again without wanting to read.
    const again = await timed(Math.max(0, ms - tookMs), url, 'no-cors', leave);
    if (again.kind === 'answered') return { kind: 'opaque', tookMs: now() - begun - tookMs };
    return again.kind === 'silent' ? { ...again, tookMs } : { ...tried, tookMs };
  }
  return {
    attempt: (url, id, ms) => get(attemptUrl(url, id), ms),
    path: (url, ms) => get(url.replace(/^ws/, 'http').replace(/\?.*/s, ''), ms),
    isAnything: async (url, ms) => (await timed(ms, url, 'no-cors', leave)).kind === 'answered',
  };
}

type Unread = HttpAnswer extends infer Answer ? (Answer extends unknown ? Omit<Answer, 'tookMs'> : never) : never;

/** @param sentAt when the answer was written, by our clock */
async function read(response: Response, sentAt: number): Promise<Unread> {
  const { status, type, headers } = response;
  if (type === 'opaqueredirect' || (status >= 300 && status < 400)) return { kind: 'redirect' };
  const date = Date.parse(headers.get('date') ?? '');
  // An answer out of a cache has an old date.
  const aheadMs = Number.isNaN(date) || headers.has('age') ? undefined : date + 500 - sentAt;
  const contentType = headers.get('content-type') ?? '';
  const value = /json/.test(contentType) ? await parse(response) : {};
  leave(response);
  const { state, name } = value;
  if (status === 200 && (state === 'unseen' || state === 'refused' || state === 'admitted')) {
    return { kind: 'gateway', answer: value as unknown as AttemptAnswer, aheadMs };
  }
  const word = typeof name === 'string' && /^[a-z-]{1,40}$/.test(name) ? name : undefined;
  return {
    kind: 'readable',
    status,
    isPage: /html/.test(contentType),
    word,
    aheadMs,
  };
}

/** Of a body that nobody needs. */
function leave({ body }: Response): void {
  body?.cancel().catch(() => {});
}

/** Empty: no object, longer than any of a gateway's answers, or not here in time. */
async function parse(response: Response): Promise<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(await textOf(response)) as object | null) };
  } catch {
    return {};
  }
}

async function textOf({ body }: Response): Promise<string> {
  if (body === null) return '';
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (text.length <= mostCharacters) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
  }
  // Let go of, so that the body can be left.
  reader.releaseLock();
  return '';
}
