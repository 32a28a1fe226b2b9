// Reads what a server sent. Called by the client for every message; must never throw, whatever arrives. Checks what
// the client relies on and no more: fields a newer gateway adds pass through.

import { type Decoded, isFields, isFinite, isRequestId } from './decoding.ts';
import type { ServerFrame } from './frames.ts';

const isText = (value: unknown): value is string => typeof value === 'string';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isAbsentOr = (check: (value: unknown) => boolean) => (value: unknown) => value === undefined || check(value);
const isListOf = (check: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(check);
const isMessage = (value: unknown): boolean =>
  isFields(value) &&
  isRequestId(value['offset']) &&
  isFinite(value['time']) &&
  isAbsentOr(isText)(value['key']) &&
  'data' in value;

const checks: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>> = {
  welcome: {
    session: isText,
    attempt: isText,
    mode: isText,
    identity: (value) => isFields(value) && isText(value['id']) && isText(value['subject']) && isText(value['kind']),
    time: isFinite,
    expiresAt: isAbsentOr(isFinite),
    heartbeatMs: (value) => isFinite(value) && value > 0,
    limits: (value) => isFields(value) && isFinite(value['maxFrameBytes']) && isFinite(value['maxSubscriptions']),
    channels: isListOf(isText),
  },
  refused: { code: isFinite, name: isText, retry: isFlag, retryAfterMs: isAbsentOr(isFinite), attempt: isText },
  subscribed: {
    channel: isText,
    kind: (value) => value === 'stream' || value === 'table',
    start: (value) => value === 'fresh' || value === 'resumed' || value === 'reset',
    position: (value) => value === null || (isFields(value) && isText(value['epoch']) && isRequestId(value['offset'])),
  },
  unsubscribed: { channel: isText, code: isFinite, reason: isText, retry: isFlag },
  messages: {
    channel: isText,
    epoch: (value) => value === null || isText(value),
    messages: isListOf(isMessage),
    to: isRequestId,
    more: isAbsentOr((value) => value === true),
    gap: isAbsentOr((value) => isFields(value) && isRequestId(value['from']) && isRequestId(value['to'])),
  },
  result: { id: isRequestId },
  error: {
    id: isAbsentOr(isRequestId),
    code: isFinite,
    message: isText,
    retryable: isFlag,
    retryAfterMs: isAbsentOr(isFinite),
    expected: isAbsentOr(isRequestId),
  },
  ping: { at: isFinite },
  pong: { at: isFinite, time: isFinite },
  goodbye: { code: isFinite, reason: isText, retry: isFlag, retryAfterMs: isAbsentOr(isFinite) },
};

/** Decodes a message of a server: one frame, or for a client that joins an array of them (DLV6). */
export function decodeServerMessage(text: string): Decoded<ServerFrame>[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = text;
  }
  return [value].flat().map((fields) => {
    const reason = faultOf(fields);
    return reason ? { kind: 'invalid', reason } : { kind: 'frame', frame: fields as ServerFrame };
  });
}

function faultOf(fields: unknown): string | undefined {
  if (!isFields(fields)) return `found ${brief(fields)}, expected a frame of protocol version 1`;
  const { type } = fields;
  const expected = isText(type) && Object.hasOwn(checks, type) && checks[type];
  if (!expected) return `found type ${brief(type)}, expected a frame of protocol version 1`;
  for (const [field, check] of Object.entries(expected)) {
    if (!check(fields[field])) return `found ${field} ${brief(fields[field])} in a frame of type ${type as string}`;
  }
  return undefined;
}

// Shorter than `describe`, since every page loads it.
function brief(value: unknown): string | undefined {
  return JSON.stringify(value)?.slice(0, 40);
}
