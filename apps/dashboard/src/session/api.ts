// HTTP to the hub: JSON in, JSON out, one kind of failure. Knows tokens only as a value that is passed in.

import type { ApiError } from '@telltale/hub/api';

/** What the hub, or the way to it, said no with. `code` is one of the table of codes; 0: the hub did not answer. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly code: number;
  readonly reason: string;
  readonly hint: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly status: number;

  constructor(status: number, { code, name, message, hint, retryAfterMs }: ApiError['error']) {
    super(message);
    this.status = status;
    this.code = code;
    this.reason = name;
    this.hint = hint;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface ApiRequest {
  /** Sent as JSON by POST; absent: GET. */
  readonly body?: object;
  readonly token?: string | undefined;
  readonly signal?: AbortSignal;
  /** How long the answer may take, in milliseconds. Default 15,000. */
  readonly answerMs?: number;
}

/** Asks the hub; rejects with an `ApiFailure`, also where it does not answer. */
export async function request<Answer>(path: string, options: ApiRequest = {}): Promise<Answer> {
  const { body, token, signal, answerMs = 15_000 } = options;
  // A connection that the network has forgotten, while a laptop slept, never fails by itself.
  const late = AbortSignal.timeout(answerMs);
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  let response: Response;
  try {
    response = await fetch(path, {
      method: body === undefined ? 'GET' : 'POST',
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
      credentials: 'same-origin',
      cache: 'no-store',
    });
  } catch (cause) {
    throw noAnswer('The hub does not answer.', cause);
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok && answer !== undefined) return answer as Answer;
  if (isApiError(answer)) throw new ApiFailure(response.status, answer.error);
  // Something between this page and the hub answered in its place: a proxy without a hub behind it.
  throw noAnswer(`Found HTTP ${response.status} without a body of the hub's, expected its JSON.`, undefined);
}

function noAnswer(message: string, cause: unknown): ApiFailure {
  const failure = new ApiFailure(0, {
    code: 0,
    name: 'no-answer',
    message,
    hint: 'Is the hub running? Start it, then try again.',
  });
  failure.cause = cause;
  return failure;
}

function isApiError(answer: unknown): answer is ApiError {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return false;
  const { error } = answer;
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';
}

/** What went wrong and what to do, in one or two sentences. */
export function failureWords(error: unknown): string {
  if (!(error instanceof ApiFailure)) return error instanceof Error ? error.message : String(error);
  return [error.message, error.hint].filter((part) => part !== undefined && part !== '').join(' ');
}
