// The one way into a channel, for sessions, HTTP routes and the application alike: rule, shape, schema, append. Answers
// with values; throws only what the application's own validator or rule threw.

import {
  type BatchItem,
  channelGrammar,
  type Code,
  type Identity,
  type Limits,
  type Once,
  type Sender,
} from '@telltale/protocol';
import type { AppendOutcome, Broker, OnceKey } from '../broker/broker.ts';
import { type Channel, type ChannelRegistry, isAllowed } from '../channels/definition.ts';
import { validate, type Validated } from '../channels/validate.ts';
import type { NewMessage } from '../log/channel-log.ts';
import type { Published } from '../types.ts';

export interface PublishRequest {
  readonly channel: string;
  readonly items: readonly BatchItem[];
  /** Who publishes; undefined: the application itself, which needs no rule. */
  readonly as: Identity | undefined;
  readonly once: Once | undefined;
}

type Failed = Extract<Published, { kind: 'failed' }>;

export class Publisher {
  readonly #registry: ChannelRegistry;
  readonly #broker: Broker;
  readonly #maxMessageBytes: number;
  #published = 0;

  constructor(registry: ChannelRegistry, broker: Broker, limits: Pick<Limits, 'maxMessageBytes'>) {
    this.#registry = registry;
    this.#broker = broker;
    this.#maxMessageBytes = limits.maxMessageBytes;
  }

  /** Messages appended since the start. */
  get published(): number {
    return this.#published;
  }

  /** Publishes; answers at once where validator and broker do. */
  publish(request: PublishRequest): Published | Promise<Published> {
    const channel = this.#registry.find(request.channel);
    if (channel === undefined) {
      return failed(4404, `found channel "${request.channel}", which does not exist; a name is ${channelGrammar}`);
    }
    if (request.as !== undefined && !isAllowed(request.as, 'write', channel)) {
      return failed(4403, `${request.as.kind} ${request.as.subject} may not write to ${channel.name}`);
    }
    const messages = this.#messages(channel, request);
    return messages instanceof Promise
      ? messages.then((ready) => this.#append(channel, request, ready))
      : this.#append(channel, request, messages);
  }

  #messages(channel: Channel, request: PublishRequest): NewMessage[] | Failed | Promise<NewMessage[] | Failed> {
    const { items } = request;
    const { kind } = channel.definition;
    if (items.length === 0) return failed(4400, `${channel.name}: found an empty batch, expected messages`);
    const misfit = items.find(({ key }) => (kind === 'table') !== (key !== undefined));
    if (misfit !== undefined) {
      const found = misfit.key === undefined ? 'no key' : 'a key';
      const expected = kind === 'table' ? 'one: a table keeps the last message per key' : 'none: only tables have keys';
      return failed(4400, `${kind} ${channel.name}: found ${found}, expected ${expected}`);
    }
    const messages: NewMessage[] = [];
    for (const item of items) {
      const validated = validateItem(channel, item);
      // Only now the rest has to wait: most validators answer at once.
      if (validated instanceof Promise) return this.#messagesLater(channel, request, messages, validated);
      const message = this.#message(channel, request, item, validated);
      if ('kind' in message) return message;
      messages.push(message);
    }
    return messages;
  }

  /** Goes on from the first item whose validator answers later. */
  async #messagesLater(
    channel: Channel,
    request: PublishRequest,
    messages: NewMessage[],
    first: Promise<Validated>,
  ): Promise<NewMessage[] | Failed> {
    let awaited: Promise<Validated> | undefined = first;
    for (const item of request.items.slice(messages.length)) {
      const message = this.#message(channel, request, item, await (awaited ?? validateItem(channel, item)));
      awaited = undefined;
      if ('kind' in message) return message;
      messages.push(message);
    }
    return messages;
  }

  #message(channel: Channel, request: PublishRequest, { key }: BatchItem, validated: Validated): NewMessage | Failed {
    const from = request.as === undefined ? undefined : senderOf(request.as);
    const { once } = request;
    if (validated.kind === 'invalid') return failed(4400, `${channel.name}: ${validated.reason}`);
    const data = JSON.stringify(validated.data) as string | undefined;
    if (data === undefined) return failed(4400, `${channel.name}: found nothing to publish, expected data as JSON`);
    const bytes = Buffer.byteLength(data);
    if (bytes > this.#maxMessageBytes) {
      return failed(
        4400,
        `${channel.name}: found a message of ${bytes} bytes, expected at most ${this.#maxMessageBytes}`,
      );
    }
    const keyPart = key === undefined ? '' : `"key":${JSON.stringify(key)},`;
    const fromPart = from === undefined ? '' : `"from":${JSON.stringify(from)},`;
    const oncePart = once === undefined ? '' : `,"once":${JSON.stringify(once)}`;
    // As viewers will read it: what a schema, or JSON, turned into null removes as well.
    const removes = key !== undefined && data === 'null';
    return { key, removes, body: `${keyPart}${fromPart}"data":${data}${oncePart}}` };
  }

  #append(channel: Channel, request: PublishRequest, messages: NewMessage[] | Failed): Published | Promise<Published> {
    const once = onceKey(request);
    if (!Array.isArray(messages)) {
      // A final error uses its seq up, so that what the sender numbered after it is still in order (ONC4).
      if (once === undefined) return messages;
      const used = this.#broker.append(channel.name, [], channel.bounds, once);
      return used instanceof Promise
        ? used.then((outcome) => finalError(outcome, messages))
        : finalError(used, messages);
    }
    const appended = this.#broker.append(channel.name, messages, channel.bounds, once);
    const count = (outcome: AppendOutcome): Published => {
      if (outcome.kind === 'appended' && !outcome.duplicate) this.#published += messages.length;
      return answer(outcome);
    };
    return appended instanceof Promise ? appended.then(count) : count(appended);
  }
}

function validateItem({ definition: { kind, schema } }: Channel, { data }: BatchItem): Validated | Promise<Validated> {
  // A removal needs no schema's consent.
  return kind === 'table' && data === null ? { kind: 'valid', data } : validate(schema, data);
}

function failed(code: Code, message: string): Failed {
  return { kind: 'failed', code, message, retryable: false };
}

function answer(outcome: AppendOutcome): Published {
  switch (outcome.kind) {
    case 'appended':
      return outcome;
    case 'refused':
      return failed(4400, 'this publish was refused before');
    case 'out-of-order':
      return {
        kind: 'failed',
        code: 4400,
        message: `found a seq out of order, expected ${outcome.expected}`,
        retryable: true,
        expected: outcome.expected,
      };
    case 'unavailable':
    case 'unknown':
      return { kind: 'failed', code: 4503, message: outcome.reason, retryable: true };
  }
}

function finalError(outcome: AppendOutcome, error: Failed): Published {
  return outcome.kind === 'refused' ? error : answer(outcome);
}

function onceKey({ as, once }: PublishRequest): OnceKey | undefined {
  return once === undefined ? undefined : { identity: as?.id ?? 'application', ...once };
}

function senderOf({ subject, kind, name }: Identity): Sender {
  return name === undefined ? { subject, kind } : { subject, kind, name };
}
