// What the prefix answers to requests that are no upgrade: which header of the handshake is missing, and what became of
// an attempt. Called by upgrade.ts for every request under the prefix. Knows node:http's messages, no socket.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AttemptOutcome } from '../types.ts';
import { explainRefusal } from '@telltale/protocol/explain';
import { isAttemptId } from '../admission/form.ts';
import { type AdmissionPolicy, isTrustedOrigin } from '../admission/policy.ts';
import { isAllowedHost } from '../admission/admit.ts';
import { logFailure } from '../admission/hook-failure.ts';
import { headerOf, readHeaders, shownPath, type UpgradeRequest } from '../admission/request.ts';
import { type HttpAnswer, jsonAnswer } from './answer.ts';

/** The attempt a plain request asks about; undefined: it asks for something else. */
export function askedAttempt(request: UpgradeRequest, policy: AdmissionPolicy): string | undefined {
  const id = policy.router.attemptId(request.target);
  const isAsking = request.method === 'GET' && isAllowedHost(headerOf(request, 'host') ?? '', policy);
  return isAsking && id !== undefined && isAttemptId(id) ? id : undefined;
}

/** What became of an attempt, as far as it is known. An exception in the application's hook is its own affair. */
export function outcomeOf(id: string, policy: AdmissionPolicy): AttemptOutcome {
  const outcome = policy.attempts.outcome(id);
  if (outcome.state !== 'unseen') return outcome;
  try {
    return policy.recallAttempt(id) ?? outcome;
  } catch (error) {
    logFailure(policy.log, 'recallAttempt failed', error, { attempt: id });
    return outcome;
  }
}

/** Answers one plain request under the prefix; `known` is the outcome of the attempt it asks about, where it is looked up. */
export function answerPlainRequest(
  request: UpgradeRequest,
  policy: AdmissionPolicy,
  known?: AttemptOutcome,
): HttpAnswer {
  const host = headerOf(request, 'host') ?? '';
  if (!isAllowedHost(host, policy)) {
    const { reason, hint } = explainRefusal('host-not-allowed', { host });
    return jsonAnswer(403, { code: 4403, name: 'host-not-allowed', reason, hint });
  }
  const id = policy.router.attemptId(request.target);
  if (id !== undefined) return attemptAnswer({ id, request, policy, known });
  if (!policy.router.find(request.target)) {
    const { reason, hint } = explainRefusal('path-unknown', {
      path: shownPath(request.target, false),
      expected: `one of ${policy.router.paths}`,
    });
    return jsonAnswer(404, { code: 4404, name: 'path-unknown', reason, hint });
  }
  return upgradeRequired(request);
}

/** What arrived of the headers that make a request a handshake, and the names of those that did not. */
function handshakeHeaders({ headers }: UpgradeRequest): { found: Record<string, string | null>; missing: string[] } {
  const found = Object.fromEntries(
    ['Upgrade', 'Connection', 'Sec-WebSocket-Version'].map((name) => {
      const values = headers.get(name.toLowerCase());
      return [name, values ? values.join(', ').slice(0, 64) : null];
    }),
  );
  const missing = Object.entries(found)
    .filter(([name, value]) => value === null || (name === 'Connection' && !/\bupgrade\b/i.test(value)))
    .map(([name]) => name);
  return { found, missing };
}

/** `the headers Upgrade and Connection`: what the refusal of such a request says is missing. */
export function missingWords(request: UpgradeRequest): string {
  const { missing } = handshakeHeaders(request);
  const last = missing.pop();
  if (last === undefined) return 'a complete handshake';
  return missing.length === 0 ? `the header ${last}` : `the headers ${missing.join(', ')} and ${last}`;
}

/**
 * Names what arrived of the handshake and what did not: a proxy that eats it names itself (END5).
 *
 * @param attempt the id under which it is remembered, where it was one
 */
export function upgradeRequired(request: UpgradeRequest, attempt?: string): HttpAnswer {
  const { reason, hint } = explainRefusal('upgrade-missing', { value: missingWords(request) });
  const answer = { code: 4400, name: 'upgrade-missing', reason, hint, ...handshakeHeaders(request), attempt };
  return jsonAnswer(426, answer, { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' });
}

interface AttemptQuestion {
  readonly id: string;
  readonly request: UpgradeRequest;
  readonly policy: AdmissionPolicy;
  readonly known: AttemptOutcome | undefined;
}

/** Who may not connect is told of no more: the attempt that a page asks about is younger, and the rest is not its own. */
const mostToldMs = 60_000;

/** What a page learns whose origin may not connect. */
function coarse(outcome: AttemptOutcome): object {
  const { state } = outcome;
  return state === 'unseen' ? { state, rememberedMs: Math.min(outcome.rememberedMs, mostToldMs) } : { state };
}

/** What became of an attempt: all of it for origins that may connect, the state alone for others (REF8). */
function attemptAnswer({ id, request, policy, known }: AttemptQuestion): HttpAnswer {
  const origin = headerOf(request, 'origin');
  const isTrusted = isTrustedOrigin(policy, origin);
  const cors = {
    'Access-Control-Allow-Origin': isTrusted && origin !== undefined ? origin : '*',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    Vary: 'Origin',
  };
  if (request.method === 'OPTIONS') {
    const allow = { 'Access-Control-Allow-Methods': 'GET', 'Access-Control-Max-Age': '600' };
    return { status: 204, headers: { ...cors, ...allow }, body: '' };
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return jsonAnswer(405, { error: `found method ${request.method}, expected GET` }, { ...cors, Allow: 'GET' });
  }
  const outcome: AttemptOutcome = known ?? (isAttemptId(id) ? outcomeOf(id, policy) : policy.attempts.outcome(id));
  return jsonAnswer(200, isTrusted ? outcome : coarse(outcome), cors);
}

/** The plain values of a node:http message. */
export function readRequest(message: IncomingMessage, policy: AdmissionPolicy): UpgradeRequest {
  const headers = readHeaders(message.rawHeaders);
  return {
    method: message.method ?? '',
    httpVersion: message.httpVersion,
    target: message.url ?? '',
    headers,
    ...policy.addressOf(message.socket.remoteAddress ?? '', headers.get('x-forwarded-for') ?? []),
  };
}

/** Sends an answer; a body the client is still sending is not waited for. */
export function send(message: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
  message.resume();
  response.writeHead(answer.status, { ...answer.headers, 'Content-Length': String(Buffer.byteLength(answer.body)) });
  response.end(message.method === 'HEAD' ? undefined : answer.body);
}
