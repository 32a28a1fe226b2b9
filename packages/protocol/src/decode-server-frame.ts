// Reads what a server sent. Called by the client for every message; must never throw, whatever arrives. Checks what
// the client relies on and no more: fields a newer gateway adds pass through.

import { type Decoded, type Fields, isFields, isFinite, isRequestId } from './decoding.ts';
import type { ServerFrame } from './frames.ts';

const isText = (value: unknown): value is string => typeof value === 'string';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isAbsentOr = (check: (value: unknown) => boolean) => (value: unknown) => value === undefined || check(value);
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
    channels: (value) => Array.isArray(value) && value.every(isText),
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
    messages: (value) => Array.isArray(value) && value.every(isMessage),
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

/** Decodes one frame of a server. */
export function decodeServerFrame(text: string): Decoded<ServerFrame> {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    fields = text;
  }
  if (!isFields(fields)) return { kind: 'unparsable', reason: `found ${brief(fields)}, expected one JSON object` };
  const reason = faultOf(fields);
  if (reason === undefined) return { kind: 'frame', frame: fields as unknown as ServerFrame };
  return { kind: 'invalid', reason };
}

function faultOf(fields: Fields): string | undefined {
  const { type } = fields;
  const expected = isText(type) && Object.hasOwn(checks, type) ? checks[type] : undefined;
  if (expected === undefined) return `found type ${brief(type)}, expected a frame of protocol version 1`;
  for (const [field, check] of Object.entries(expected)) {
    if (!check(fields[field])) return `found ${field} ${brief(fields[field])} in a frame of type ${type as string}`;
  }
  return undefined;
}

// Shorter than `describe`, since every page loads it.
function brief(value: unknown): string | undefined {
  return JSON.stringify(value)?.slice(0, 40);
}
