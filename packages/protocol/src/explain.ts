// Texts for people: what every refusal, end and code means and what to do about it. Used by the gateway for frames and
// answers, by clients and the dashboard for what the wire left out. Loaded lazily by pages, so it is a module of its own.

import { type Code, type EndName, type RefusalName, codeRule } from './codes.ts';
import { refusalTexts } from './explain-refusals.ts';
import type { RefusalFound } from './refusal-text.ts';

export type { RefusalFound } from './refusal-text.ts';
export { span } from './span.ts';

/** What was found, and what to do. */
export interface Explanation {
  readonly reason: string;
  readonly hint: string;
}

export interface CodeExplanation extends Explanation {
  /** A few words for a label: "token expired". */
  readonly title: string;
}

/** A text that came from outside, fit to be shown: control characters removed, at most 120 characters. */
export function shown(text: string): string {
  const clean = text.replace(/[\p{Cc}\u2028\u2029]/gu, '?');
  return clean.length > 120 ? `${clean.slice(0, 120)}…` : clean;
}

/**
 * The path under which an attempt arrived that was refused `path-unknown`, where it is not the one that was asked for:
 * something between has changed it. Undefined: it is the same, or the reason does not show all of it.
 *
 * @param reason as `explainRefusal` made it
 */
export function changedPath(reason: string, asked: string): string | undefined {
  const arrived = /"([^"]+)"/.exec(reason)?.[1];
  return arrived === asked || arrived?.includes('…') === true ? undefined : arrived;
}

/**
 * Says why an attempt was refused and what to do, with what was found where that is known (REF1, ADM8).
 *
 * Never pass the text of a credential: what is passed is shown to whoever made the attempt.
 */
export function explainRefusal(name: RefusalName, found: RefusalFound = {}): Explanation {
  const clean: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(found) as [string, string | number | undefined][]) {
    if (value !== undefined) clean[key] = typeof value === 'string' ? shown(value) : value;
  }
  const { reason, hint } = refusalTexts[name];
  return { reason: reason(clean), hint: typeof hint === 'string' ? hint : hint(clean) };
}

/** A few words for a label: "origin not allowed". */
export function refusalTitle(name: RefusalName): string {
  return refusalTexts[name].title;
}

const endTexts: Readonly<Record<EndName, Explanation>> = {
  closed: { reason: 'the other side closed the connection', hint: 'Nothing needs doing; connect again when needed.' },
  restart: {
    reason: 'the gateway restarts',
    hint: 'Come back in the slot the gateway named; clients do so by themselves.',
  },
  'server-error': {
    reason: 'something failed inside the gateway or the application around it',
    hint: "The server's log has the trace, under this session's id.",
  },
  'binary-frame': {
    reason: 'a binary message arrived, where every frame is JSON text',
    hint: 'Send each frame as one text message that holds one JSON object.',
  },
  'frame-too-large': {
    reason: 'a message was larger than this gateway takes',
    hint: 'Send less in one message, or several; `welcome.limits.maxFrameBytes` says how much one may have.',
  },
  'not-utf8': {
    reason: 'a text message was not valid UTF-8, or was compressed and could not be inflated',
    hint: 'Encode each frame as UTF-8; if it was, look for a proxy between that alters frames.',
  },
  'protocol-error': {
    reason: 'what arrived was no WebSocket frame, or a message in too many parts',
    hint: 'Use a WebSocket library to send; if one is used, look for a proxy between that alters frames.',
  },
  'frame-malformed': {
    reason: 'a message was not one JSON object',
    hint: 'Send one JSON object per text message, for example {"type":"ping","at":0}.',
  },
  'no-answer': {
    reason: 'the peer did not answer a WebSocket ping in time',
    hint: 'The network between is gone or the peer sleeps; a client reconnects and resumes.',
  },
  stalled: {
    reason: 'the peer took nothing of what was sent for too long',
    hint: 'Reconnect and resume; a slower line may need fewer channels.',
  },
  replaced: {
    reason: 'a newer session of the same kind took over',
    hint: 'Keep one connection open, or find the other process that uses the same name.',
  },
  'ended-by-operator': { reason: 'an operator ended this session', hint: 'Ask an operator before connecting again.' },
  'ended-by-user': {
    reason: 'this session was ended from the account it belongs to',
    hint: 'Sign in again if that was not meant for this device.',
  },
  'account-disabled': { reason: 'the account was disabled', hint: 'Ask an administrator to enable it.' },
  'password-changed': { reason: 'the password of the account was changed', hint: 'Sign in with the new password.' },
  'signed-out': { reason: 'the account was signed out', hint: 'Sign in again.' },
  'token-revoked': { reason: 'the token of this session was revoked', hint: 'Sign in again for a new one.' },
  'machine-changed': {
    reason: 'an admin has given the credential of this agent to another machine',
    hint: 'Enrol this machine anew, under a name of its own, if it is to report as well.',
  },
  'token-expired': {
    reason: 'the token expired and was not renewed in time',
    hint: 'Get a new token and reconnect; on a live session send `authenticate` before it expires.',
  },
  'too-many-frames': {
    reason: 'more was sent than the limits in `welcome` allow, also after warnings',
    hint: 'Send less often, or in batches; the limits are in `welcome.limits`.',
  },
};

/** Says why the gateway ended a session, and what to do. */
export function explainEnd(name: EndName): Explanation {
  return endTexts[name];
}

/** The word of an attempt whose peer left before it was admitted, and so has no `EndName`. */
export const leftTitle = 'left before it was admitted';

const endTitles: Readonly<Record<EndName, string>> = {
  closed: 'closed',
  restart: 'server restarted',
  'server-error': 'error in the server',
  'frame-malformed': 'malformed frame',
  'binary-frame': 'binary frame',
  'frame-too-large': 'message too large',
  'not-utf8': 'text that is not UTF-8',
  'protocol-error': 'malformed WebSocket frame',
  'no-answer': 'no answer to a ping',
  stalled: 'took nothing any more',
  replaced: 'replaced by a newer session',
  'ended-by-operator': 'ended by an operator',
  'ended-by-user': 'ended from another login of theirs',
  'account-disabled': 'account disabled',
  'password-changed': 'password changed',
  'signed-out': 'signed out',
  'token-revoked': 'token revoked',
  'machine-changed': 'credential given to another machine',
  'token-expired': 'token expired',
  'too-many-frames': 'sent too much',
};

/** A few words for a label: "ended by an operator". What the other side did is told apart from what became of the line. */
export function endTitle({
  name,
  by,
}: {
  readonly name: EndName;
  readonly by: 'client' | 'gateway' | 'network';
}): string {
  if (name === 'closed' && by === 'client') return 'closed by the page or program';
  if (name === 'closed' && by === 'network') return 'line lost without a goodbye';
  return endTitles[name];
}

const codeTexts: Readonly<Record<Code, CodeExplanation>> = {
  1000: { title: 'closed', reason: 'the connection was closed on purpose', hint: 'Nothing needs doing.' },
  1001: {
    title: 'going away',
    reason: 'the page is being left, or the server or a proxy goes away',
    hint: 'A client reconnects by itself unless it closed the connection.',
  },
  1002: {
    title: 'protocol error',
    reason: 'the bytes received were no valid WebSocket frames',
    hint: 'A proxy or a client library that alters frames stands between; try without it.',
  },
  1003: {
    title: 'kind of message not supported',
    reason: 'a binary message was sent where only text is understood',
    hint: 'Send JSON as text.',
  },
  1006: {
    title: 'connection lost',
    reason: 'the connection broke without a close frame, or was never made; a browser hides the cause',
    hint: 'See whether the server runs and can be reached at this address and port; after a second time the gateway is asked what became of the attempt.',
  },
  1007: {
    title: 'text is not UTF-8',
    reason: 'a text message was not valid UTF-8',
    hint: 'Encode messages as UTF-8 before sending.',
  },
  1008: {
    title: 'policy of another server',
    reason: 'a proxy or another server ended the connection by its own policy',
    hint: 'This gateway does not send 1008 by choice: look at what stands before it.',
  },
  1009: {
    title: 'frame too large',
    reason: 'a message was larger than the receiver allows',
    hint: 'Split it; `welcome.limits.maxFrameBytes` says how much is allowed.',
  },
  1011: {
    title: 'error of another server',
    reason: 'a proxy or another server failed',
    hint: 'This gateway does not send 1011: look at what stands before it.',
  },
  1012: {
    title: 'restarting',
    reason: 'the gateway restarts',
    hint: 'A client comes back by itself in the slot it was given.',
  },
  4000: {
    title: 'server error',
    reason: 'something failed inside the server',
    hint: "The server's log has the trace; a client tries again by itself.",
  },
  4400: {
    title: 'bad request',
    reason: 'the request or message was not what the protocol asks for',
    hint: 'The reason in the frame names what was found and expected; trying again changes nothing.',
  },
  4401: {
    title: 'no valid credential',
    reason: 'there was no token, or one that was not accepted',
    hint: 'Sign in again, or get a new token.',
  },
  4403: {
    title: 'not allowed',
    reason: 'this origin or this account may not connect here',
    hint: 'Ask the operator of the gateway; an origin is allowed by TELLTALE_ALLOWED_ORIGINS.',
  },
  4404: {
    title: 'not found',
    reason: 'there is no such endpoint or channel',
    hint: 'Check the path of the address and the names in it.',
  },
  4408: {
    title: 'fell behind',
    reason: 'the viewer took nothing of what was sent for too long',
    hint: 'A client reconnects and resumes where it stood.',
  },
  4409: {
    title: 'replaced',
    reason: 'a newer session took the place of this one',
    hint: 'Use the newer one, or close it and connect again.',
  },
  4410: {
    title: 'ended',
    reason: 'the session was ended by a decision: by an operator, the owner of the account, or a revoked token',
    hint: 'Sign in again if you may.',
  },
  4419: {
    title: 'token expired',
    reason: 'the token has expired',
    hint: 'Get a new token and reconnect; nothing is lost within the retention.',
  },
  4429: {
    title: 'too many',
    reason: 'more attempts, sessions or messages than are allowed',
    hint: 'Wait for the time named, then come back slower.',
  },
  4503: {
    title: 'unavailable',
    reason: 'the gateway cannot take or check this attempt now',
    hint: 'Come back after the time named; a client does so by itself.',
  },
};

/** Says what a close code means, also one that is not in the table (COD2). */
export function explainCode(code: number): CodeExplanation {
  const known = (codeTexts as Readonly<Record<number, CodeExplanation | undefined>>)[code];
  if (known) return known;
  return {
    title: `code ${code}`,
    reason: `the other side closed with ${code}, which this protocol does not define (${codeRule(code).name})`,
    hint: 'It may come from a proxy or another server; a client reconnects with backoff.',
  };
}
