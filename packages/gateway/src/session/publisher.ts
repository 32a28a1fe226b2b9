// The one way into a channel, for sessions, HTTP routes and the application alike: rule, shape, schema, append. Answers
// with values; throws only what the application's own validator or rule threw.

import {
  type BatchItem,
  channelGrammar,
  type Code,
  type Identity,
  type Limits,
  type Once,
  type Position,
  type Sender,
} from '@telltale/protocol';
import type { AppendOutcome, Broker, OnceKey } from '../broker/broker.ts';
import { type Channel, type ChannelRegistry, isAllowed } from '../channels/definition.ts';
import { validate } from '../channels/validate.ts';
import type { NewMessage } from '../log/channel-log.ts';

export interface PublishRequest {
  readonly channel: string;
  readonly items: readonly BatchItem[];
  /** Who publishes; undefined: the application itself, which needs no rule. */
  readonly as: Identity | undefined;
  readonly once: Once | undefined;
}

/** What became of it. `position` is null only for the duplicate of a publish that was refused. */
export type PublishAnswer =
  | { readonly kind: 'appended'; readonly position: Position | null; readonly duplicate: boolean }
  | {
      readonly kind: 'failed';
      readonly code: Code;
      readonly message: string;
      readonly retryable: boolean;
      readonly expected?: number;
    };

type Failed = Extract<PublishAnswer, { kind: 'failed' }>;

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
  publish(request: PublishRequest): PublishAnswer | Promise<PublishAnswer> {
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
    const from = request.as === undefined ? undefined : senderOf(request.as);
    const messages: NewMessage[] = [];
    const { kind, schema } = channel.definition;
    for (const [index, { key, data }] of request.items.entries()) {
      if ((kind === 'table') !== (key !== undefined)) {
        return failed(
          4400,
          `${kind} ${channel.name}: found ${key === undefined ? 'no key' : 'a key'}, expected ${kind === 'table' ? 'one: a table keeps the last message per key' : 'none: only tables have keys'}`,
        );
      }
      const removes = kind === 'table' && data === null;
      const validated = removes ? ({ kind: 'valid', data } as const) : validate(schema, data);
      if (validated instanceof Promise) {
        // Only now the rest has to wait: most validators answer at once.
        return this.#messagesLater(channel, request, messages, index);
      }
      const message = this.#message(channel, key, validated, removes, from, request.once);
      if ('kind' in message) return message;
      messages.push(message);
    }
    return messages;
  }

  async #messagesLater(
    channel: Channel,
    request: PublishRequest,
    messages: NewMessage[],
    from: number,
  ): Promise<NewMessage[] | Failed> {
    const sender = request.as === undefined ? undefined : senderOf(request.as);
    for (const { key, data } of request.items.slice(from)) {
      const removes = channel.definition.kind === 'table' && data === null;
      const validated = removes ? ({ kind: 'valid', data } as const) : await validate(channel.definition.schema, data);
      const message = this.#message(channel, key, validated, removes, sender, request.once);
      if ('kind' in message) return message;
      messages.push(message);
    }
    return messages;
  }

  #message(
    channel: Channel,
    key: string | undefined,
    validated: Awaited<ReturnType<typeof validate>>,
    removes: boolean,
    from: Sender | undefined,
    once: Once | undefined,
  ): NewMessage | Failed {
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
    return { key, removes, body: `${keyPart}${fromPart}"data":${data}${oncePart}}` };
  }

  #append(
    channel: Channel,
    request: PublishRequest,
    messages: NewMessage[] | Failed,
  ): PublishAnswer | Promise<PublishAnswer> {
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
    const count = (outcome: AppendOutcome): PublishAnswer => {
      if (outcome.kind === 'appended' && !outcome.duplicate) this.#published += messages.length;
      return answer(outcome);
    };
    return appended instanceof Promise ? appended.then(count) : count(appended);
  }
}

function failed(code: Code, message: string): Failed {
  return { kind: 'failed', code, message, retryable: false };
}

function answer(outcome: AppendOutcome): PublishAnswer {
  switch (outcome.kind) {
    case 'appended':
      return outcome;
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

function finalError(outcome: AppendOutcome, error: Failed): PublishAnswer {
  return outcome.kind === 'appended' && !outcome.duplicate ? error : answer(outcome);
}

function onceKey({ as, once }: PublishRequest): OnceKey | undefined {
  return once === undefined ? undefined : { identity: as?.id ?? 'application', ...once };
}

function senderOf({ subject, kind, name }: Identity): Sender {
  return name === undefined ? { subject, kind } : { subject, kind, name };
}
