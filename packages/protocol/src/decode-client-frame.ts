// Reads what a client sent. Called by the gateway for every text message; must never throw, whatever arrives.

import { channelGrammar, isChannelName } from './channel.ts';
import { describe, type Decoded, type Fields, isFields, isFinite, isRequestId, parseObject } from './decoding.ts';
import type { BatchItem, ClientFrame, Once, Since } from './frames.ts';
import { isPosition } from './position.ts';

const producerGrammar = /^[\w-]{22,64}$/;
const methodGrammar = /^[a-z][a-z0-9.-]{0,63}$/;
const maxKeyLength = 256;
/** Most items of one batch. */
export const maxBatchItems = 1000;

/**
 * Decodes one frame of a client.
 *
 * @param maxDepth deepest nesting of arrays and objects, the frame itself counting as 1
 */
export function decodeClientFrame(text: string, maxDepth: number): Decoded<ClientFrame> {
  const fields = parseObject(text);
  if (typeof fields === 'string') {
    // Its text is not shown: the reason goes into close frames and events, and who sends no JSON may have sent a token.
    return { kind: 'unparsable', reason: `found ${text.length} characters, expected one JSON object` };
  }
  const id = isRequestId(fields['id']) ? fields['id'] : undefined;
  const read = readFrame(fields, maxDepth);
  if (typeof read !== 'string') return { kind: 'frame', frame: read };
  return id === undefined ? { kind: 'invalid', reason: read } : { kind: 'invalid', reason: read, id };
}

function readFrame(fields: Fields, maxDepth: number): ClientFrame | string {
  if (!isNestedWithin(fields, maxDepth))
    return `found a frame nested deeper than ${maxDepth}, expected at most ${maxDepth}`;
  const { type, id } = fields;
  switch (type) {
    case 'ping':
      return isFinite(fields['at']) ? { type, at: fields['at'] } : wrong('at', fields['at'], 'milliseconds');
    case 'pong':
      return isFinite(fields['at']) && isFinite(fields['time'])
        ? { type, at: fields['at'], time: fields['time'] }
        : wrong('at and time', fields['time'], 'milliseconds');
    case 'subscribe':
    case 'unsubscribe':
    case 'publish':
    case 'call':
    case 'authenticate':
      if (!isRequestId(id)) return wrong('id', id, 'an integer from 0');
      return readRequest(type, id, fields);
    default:
      return `found type ${describe(type)}, expected subscribe, unsubscribe, publish, call, authenticate, ping or pong`;
  }
}

function readRequest(
  type: 'subscribe' | 'unsubscribe' | 'publish' | 'call' | 'authenticate',
  id: number,
  fields: Fields,
): ClientFrame | string {
  const { channel, since, method, params, token } = fields;
  if (type === 'call') {
    if (typeof method !== 'string' || !methodGrammar.test(method))
      return wrong('method', method, 'a name like "run.cancel"');
    return { type, id, method, params };
  }
  if (type === 'authenticate') {
    return typeof token === 'string' ? { type, id, token } : wrong('token', typeof token, 'a JWT as a string');
  }
  if (!isChannelName(channel)) return wrong('channel', channel, channelGrammar);
  if (type === 'unsubscribe') return { type, id, channel };
  if (type === 'publish') return readPublish(id, channel, fields);
  if (since === undefined) return { type, id, channel };
  const known = sinceOf(since);
  return known !== undefined
    ? { type, id, channel, since: known }
    : wrong('since', since, '{"epoch":"…","offset":n}, {"last":n} or {"seconds":s}');
}

// Takes the known fields only, like `onlyOnce`: one of another form beside them would be taken for that form later.
function sinceOf(value: unknown): Since | undefined {
  if (isPosition(value)) return { epoch: value.epoch, offset: value.offset };
  if (!isFields(value)) return undefined;
  const { last, seconds } = value;
  if (isRequestId(last)) return { last };
  return isFinite(seconds) && seconds >= 0 ? { seconds } : undefined;
}

function readPublish(id: number, channel: string, fields: Fields): ClientFrame | string {
  const { once, batch } = fields;
  if (once !== undefined && !isOnce(once)) {
    return wrong('once', once, '{"producer":"<22 to 64 of A-Za-z0-9_->","seq":n from 1}');
  }
  const head = { type: 'publish', id, channel, ...(once === undefined ? {} : { once: onlyOnce(once) }) } as const;
  if (batch === undefined) {
    const item = readItem(fields);
    return typeof item === 'string' ? item : { ...head, ...item };
  }
  if ('data' in fields || 'key' in fields) return 'found batch beside data or key, expected one of the two';
  if (!Array.isArray(batch) || batch.length === 0 || batch.length > maxBatchItems) {
    return wrong('batch', batch, `an array of 1 to ${maxBatchItems} items`);
  }
  const items: BatchItem[] = [];
  for (const entry of batch as unknown[]) {
    const item = isFields(entry) ? readItem(entry) : wrong('batch item', entry, '{"data":…}');
    if (typeof item === 'string') return item;
    items.push(item);
  }
  return { ...head, batch: items };
}

function readItem(fields: Fields): BatchItem | string {
  const { key } = fields;
  if (!('data' in fields)) return wrong('data', undefined, 'the message');
  if (key === undefined) return { data: fields['data'] };
  return isKey(key) ? { key, data: fields['data'] } : wrong('key', key, `a string of 1 to ${maxKeyLength} characters`);
}

/** Whether a value may name a row of a table: 1 to 256 characters. */
export function isKey(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= maxKeyLength;
}

/** Whether a value is a valid `once` of a publish. */
export function isOnce(value: unknown): value is Once {
  if (!isFields(value)) return false;
  const { producer, seq } = value;
  return typeof producer === 'string' && producerGrammar.test(producer) && isRequestId(seq) && seq >= 1;
}

// A sender's other fields are not taken along: what comes back to viewers is what the protocol names.
function onlyOnce({ producer, seq }: Once): Once {
  return { producer, seq };
}

function wrong(field: string, found: unknown, expected: string): string {
  return `found ${field} ${describe(found)}, expected ${expected}`;
}

/** Whether arrays and objects nest at most `depth` deep; stops as soon as it knows (SES12). */
export function isNestedWithin(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isNestedWithin(item, depth - 1));
  for (const key in value) {
    if (!isNestedWithin((value as Fields)[key], depth - 1)) return false;
  }
  return true;
}
