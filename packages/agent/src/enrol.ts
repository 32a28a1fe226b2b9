// Exchanges an enrolment token for this machine's own credential, and keeps it. What can go wrong on this side is found
// out before the token is spent: each is good once.

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { machineFingerprint } from './fingerprint.ts';
import { enrolledAgents, findPlace, isAgentName, type Place, savePlace } from './place.ts';

export interface EnrolOptions {
  /** `https://ops.example.com`; `ws:` and `wss:` do too. */
  readonly hub: string;
  readonly token: string;
  /** Needed where the token names no agent. */
  readonly name?: string | undefined;
  /** Of all agents of this machine. */
  readonly directory: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export type EnrolOutcome =
  | { readonly kind: 'enrolled'; readonly place: Place }
  /** With this very token, before: a command that is started again with it goes on with the credential that it has. */
  | { readonly kind: 'enrolled-before'; readonly place: Place }
  /** The hub said no: what it found and what to do. */
  | { readonly kind: 'refused'; readonly message: string; readonly hint: string }
  /** No hub answered, or not to the end. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** This machine cannot keep a credential. */
  | { readonly kind: 'unusable'; readonly reason: string };

const answerMs = 15_000;
const mostAnswerBytes = 64 * 1024;

/** Enrols this machine. Expected outcomes are values. */
export async function enrol({ hub, token, name, directory, env = process.env }: EnrolOptions): Promise<EnrolOutcome> {
  const url = hubUrl(hub);
  if (url === undefined) {
    return {
      kind: 'unusable',
      reason: `found ${JSON.stringify(hub)}, expected an address like https://ops.example.com`,
    };
  }
  const enrolledWith = createHash('sha256').update(token).digest('base64url');
  const places = enrolledAgents(directory).flatMap((agent) => {
    const found = findPlace({ directory, agent, env });
    return found.kind === 'found' ? [found.place] : [];
  });
  const before = places.find((place) => place.enrolledWith === enrolledWith);
  if (before !== undefined) return { kind: 'enrolled-before', place: before };
  const another = (agent: unknown): EnrolOutcome | undefined => {
    const place = places.find((one) => one.agent === agent && one.hub !== addressOf(url));
    if (place === undefined) return undefined;
    const reason = `found an agent ${place.agent} of another hub, ${place.hub}, in ${directory}: name another directory with --dir, or remove ${place.directory} if that hub is no more`;
    return { kind: 'unusable', reason };
  };
  const inTheWay = another(name);
  if (inTheWay !== undefined) return inTheWay;
  const unusable = faultOf(directory);
  if (unusable !== undefined) return { kind: 'unusable', reason: unusable };
  const machine = machineFingerprint(env);
  const body = { token, machine, title: hostname(), ...(name === undefined ? {} : { name }) };
  const answer = await post(new URL('api/enrol', url), body);
  if (answer.kind === 'unreachable') return answer;
  const { agent, credential, error } = answer.json as Answer;
  if (answer.status === 200 && isAgentName(agent) && typeof credential === 'string') {
    // The hub has named it; nothing of another hub's is overwritten.
    const named = another(agent);
    if (named !== undefined) return named;
    const place = savePlace({ hub: addressOf(url), agent, credential, machine, enrolledWith }, directory);
    return { kind: 'enrolled', place };
  }
  if (typeof error?.message === 'string') {
    return { kind: 'refused', message: error.message, hint: typeof error.hint === 'string' ? error.hint : '' };
  }
  return { kind: 'unreachable', reason: `what answers there (HTTP ${answer.status}) is not a hub that takes agents` };
}

interface Answer {
  readonly agent?: unknown;
  readonly credential?: unknown;
  readonly error?: { readonly message?: unknown; readonly hint?: unknown };
}

/** An address as people write it, as the base of others; undefined if it is none. */
export function hubUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!/^(https?|wss?):$/.test(url.protocol) || url.hostname === '') return undefined;
  url.protocol = url.protocol.replace(/^ws/, 'http');
  const base = new URL(`${url.protocol}//${url.host}${url.pathname}`);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base;
}

/** As it is kept and shown. */
function addressOf(url: URL): string {
  return url.href.replace(/\/$/, '');
}

function faultOf(directory: string): string | undefined {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    // A directory of its own: a file could be another's link by the time it is written.
    rmdirSync(mkdtempSync(join(directory, '.probe-')));
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return `found no way to write in ${directory} (${code}): name another directory with --dir or TELLTALE_AGENT_DIR`;
  }
}

type Posted =
  | { readonly kind: 'answered'; readonly status: number; readonly json: object }
  | Extract<EnrolOutcome, { kind: 'unreachable' }>;

function post(url: URL, body: object): Promise<Posted> {
  const bytes = Buffer.from(JSON.stringify(body));
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException): void =>
      resolve({ kind: 'unreachable', reason: `no hub answers at ${url.origin} (${error.code ?? error.message})` });
    const request = send(
      url,
      { method: 'POST', headers: { 'Content-Type': 'application/json', 'Content-Length': bytes.length } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > mostAnswerBytes) request.destroy(new Error('its answer has no end'));
        });
        response.on('error', fail);
        response.on('end', () => resolve({ kind: 'answered', status: response.statusCode ?? 0, json: objectOf(text) }));
      },
    );
    request.setTimeout(answerMs, () => request.destroy(new Error(`no answer in ${answerMs / 1000} s`)));
    request.on('error', fail);
    request.end(bytes);
  });
}

function objectOf(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
