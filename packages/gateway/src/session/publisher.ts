// The one way into a channel, for sessions, HTTP routes and the application alike: rule, shape, schema, append. Answers
// with values; throws only what the application's own validator or rule threw.

import { type BatchItem, channelGrammar, type Identity, type Once, type Position } from '@telltale/protocol';
import type { AppendOutcome, Broker, OnceKey, RecallOutcome } from '../broker/broker.ts';
import { type Channel, type ChannelRegistry, isAllowed } from '../channels/definition.ts';
import { validate, type Validated } from '../channels/validate.ts';
import { callListener } from '../listener.ts';
import type { NewMessage } from '../log/channel-log.ts';
import type { Appended, GatewayLog, Prepared, Published, PublishToPrepare } from '../types.ts';
import { type MessageFrame, messageFrame } from './message-frame.ts';
import { answer, failed, type Failed, finalError } from './published.ts';
import { changedIdentity, type RightsChange } from './rights.ts';

export interface PublishRequest {
  readonly channel: string;
  readonly items: readonly BatchItem[];
  /** Who publishes; undefined: the application itself, which needs no rule. */
  readonly as: Identity | undefined;
  readonly once: Once | undefined;
}

/** Hands a checked publish to the broker, or says why there is nothing to hand over. Called once, in the sender's order. */
export type Append = () => Published | Promise<Published>;

export interface PublisherOptions {
  readonly registry: ChannelRegistry;
  readonly broker: Broker;
  readonly log: GatewayLog;
  readonly maxMessageBytes: number;
}

type AppendedItem = Appended['items'][number];

/** What was found right in a publish, item by item. */
class Checked {
  readonly messages: NewMessage[] = [];
  /** For who prepares, or is told of appends; empty where nobody is. */
  readonly items: AppendedItem[] = [];
}

export class Publisher {
  readonly #registry: ChannelRegistry;
  readonly #broker: Broker;
  readonly #log: GatewayLog;
  readonly #maxMessageBytes: number;
  /** Publishes whose check takes a while. */
  readonly #waiting = new Set<{ as: Identity | undefined }>();
  #published = 0;

  constructor({ registry, broker, log, maxMessageBytes }: PublisherOptions) {
    this.#registry = registry;
    this.#broker = broker;
    this.#log = log;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Messages appended since the start. */
  get published(): number {
    return this.#published;
  }

  /** Publishes; answers at once where validator and broker do. */
  publish(request: PublishRequest): Published | Promise<Published> {
    const checked = this.check(request);
    return checked instanceof Promise ? checked.then((append) => append()) : checked();
  }

  /** Checks a publish, by the rules as they are now; at once where the validator does. */
  check(request: PublishRequest): Append | Promise<Append> {
    const channel = this.#registry.find(request.channel);
    if (channel === undefined) {
      const message = `found channel "${request.channel}", which does not exist; a name is ${channelGrammar}`;
      return () => failed(4404, message);
    }
    const refusal = withoutRight(channel, request);
    if (refusal !== undefined) return () => this.#unlessAppended(channel, request, refusal);
    const checked = this.#checkItems(channel, request);
    const prepared =
      checked instanceof Promise
        ? checked.then((ready) => this.#prepare(channel, request, ready))
        : this.#prepare(channel, request, checked);
    if (prepared instanceof Promise) return this.#await(channel, request, prepared);
    return () => this.#append(channel, request, prepared);
  }

  /** Whose rights change while their publishes are checked is judged by the new ones, on whatever way they came. */
  rightsChanged(change: RightsChange): void {
    for (const waiting of this.#waiting) {
      if (waiting.as !== undefined) waiting.as = changedIdentity(waiting.as, change) ?? waiting.as;
    }
  }

  async #await(channel: Channel, request: PublishRequest, prepared: Promise<Checked | Failed>): Promise<Append> {
    const waiting = { ...request };
    this.#waiting.add(waiting);
    try {
      const ready = await prepared;
      return () => this.#appendLater(channel, waiting, ready);
    } finally {
      this.#waiting.delete(waiting);
    }
  }

  /**
   * A refusal for want of a right, unless that very publish was appended while there was one: its sender lost the line
   * before the answer, and would be told that what everybody reads was refused (ONC6).
   */
  #unlessAppended(channel: Channel, request: PublishRequest, refusal: Failed): Published | Promise<Published> {
    const once = onceKey(request);
    if (once === undefined) return refusal;
    const recalled = this.#broker.recall(channel.name, channel.bounds, once);
    const told = (outcome: RecallOutcome): Published => (outcome.kind === 'not-appended' ? refusal : answer(outcome));
    return recalled instanceof Promise ? recalled.then(told) : told(recalled);
  }

  #checkItems(channel: Channel, request: PublishRequest): Checked | Failed | Promise<Checked | Failed> {
    const { items } = request;
    const { kind } = channel.definition;
    if (items.length === 0) return failed(4400, `${channel.name}: found an empty batch, expected messages`);
    const misfit = items.find(({ key }) => (kind === 'table') !== (key !== undefined));
    if (misfit !== undefined) {
      const found = misfit.key === undefined ? 'no key' : 'a key';
      const expected = kind === 'table' ? 'one: a table keeps the last message per key' : 'none: only tables have keys';
      return failed(4400, `${kind} ${channel.name}: found ${found}, expected ${expected}`);
    }
    const checked = new Checked();
    const frame = messageFrame(channel, request);
    for (const item of items) {
      const validated = validateItem(channel, item);
      // Only now the rest has to wait: most validators answer at once.
      if (validated instanceof Promise) return this.#checkLater(channel, request, checked, validated);
      const fault = this.#take(channel, checked, frame, item, validated);
      if (fault !== undefined) return fault;
    }
    return checked;
  }

  /** Goes on from the first item whose validator answers later. */
  async #checkLater(
    channel: Channel,
    request: PublishRequest,
    checked: Checked,
    first: Promise<Validated>,
  ): Promise<Checked | Failed> {
    const frame = messageFrame(channel, request);
    let awaited: Promise<Validated> | undefined = first;
    for (const item of request.items.slice(checked.messages.length)) {
      const fault = this.#take(channel, checked, frame, item, await (awaited ?? validateItem(channel, item)));
      awaited = undefined;
      if (fault !== undefined) return fault;
    }
    return checked;
  }

  /** Lets the channel's own word decide what is appended (PUB8). */
  #prepare(
    channel: Channel,
    request: PublishRequest,
    checked: Checked | Failed,
  ): Checked | Failed | Promise<Checked | Failed> {
    // Whose data it is, its own declaration says.
    const prepare = channel.definition.prepare as
      ((publish: PublishToPrepare) => Prepared | Promise<Prepared>) | undefined;
    if (prepare === undefined || !(checked instanceof Checked)) return checked;
    const { name, params } = channel;
    const prepared = prepare({ channel: name, params, as: request.as, items: checked.items });
    return prepared instanceof Promise
      ? prepared.then((ready) => this.#takePrepared(channel, request, ready))
      : this.#takePrepared(channel, request, prepared);
  }

  #takePrepared(channel: Channel, request: PublishRequest, prepared: Prepared): Checked | Failed {
    if (prepared.kind === 'refused') {
      const { code, message, retryable = code === 4429 || code === 4503, retryAfterMs } = prepared;
      return { ...failed(code, message), retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    }
    const { items } = request;
    const found = prepared.data.length;
    if (found !== items.length) {
      throw new TypeError(
        `prepare of ${channel.name}: found ${found} data, expected ${items.length}, one for each item`,
      );
    }
    const checked = new Checked();
    const frame = messageFrame(channel, request);
    for (const [index, item] of items.entries()) {
      const fault = this.#take(channel, checked, frame, item, { kind: 'valid', data: prepared.data[index] });
      if (fault !== undefined) return fault;
    }
    return checked;
  }

  /** Adds an item to what is to be appended; answers what is wrong with it. */
  #take(
    { name, definition }: Channel,
    { messages, items }: Checked,
    { before, after }: MessageFrame,
    { key }: BatchItem,
    validated: Validated,
  ): Failed | undefined {
    if (validated.kind === 'invalid') return failed(4400, `${name}: ${validated.reason}`);
    const json = JSON.stringify(validated.data) as string | undefined;
    if (json === undefined) return failed(4400, `${name}: found nothing to publish, expected data as JSON`);
    const most = this.#maxMessageBytes;
    // A character is at most three bytes: only what comes near the bound is measured.
    if (json.length * 3 > most && Buffer.byteLength(json) > most) {
      return failed(4400, `${name}: found a message of ${Buffer.byteLength(json)} bytes, expected at most ${most}`);
    }
    const keyPart = key === undefined ? '' : `"key":${JSON.stringify(key)},`;
    // As viewers will read it: what a schema, or JSON, turned into null removes as well.
    const removes = key !== undefined && json === 'null';
    messages.push({ key, removes, body: `${keyPart}${before}"data":${json}${after}` });
    if (definition.onAppended !== undefined || definition.prepare !== undefined) {
      const data = removes ? null : validated.data;
      items.push(key === undefined ? { data } : { key, data });
    }
    return undefined;
  }

  /**
   * Appends what took a while to check. Whoever sends it again meanwhile on another line, and may not write any more, is
   * told that it is not there: so it does not come afterwards.
   */
  #appendLater(channel: Channel, request: PublishRequest, checked: Checked | Failed): Published | Promise<Published> {
    const refusal = request.once === undefined ? undefined : withoutRight(channel, request);
    if (refusal !== undefined) return this.#unlessAppended(channel, request, refusal);
    return this.#append(channel, request, checked);
  }

  #append(channel: Channel, request: PublishRequest, checked: Checked | Failed): Published | Promise<Published> {
    const once = onceKey(request);
    if (!(checked instanceof Checked)) {
      // A final error uses its seq up, so that what the sender numbered after it is still in order (ONC4). Who may try
      // again comes with the same.
      if (once === undefined || checked.retryable) return checked;
      const used = this.#broker.append(channel.name, [], channel.bounds, once);
      return used instanceof Promise ? used.then((outcome) => finalError(outcome, checked)) : finalError(used, checked);
    }
    const { messages, items } = checked;
    const appended = this.#broker.append(channel.name, messages, channel.bounds, once);
    const taken = (outcome: AppendOutcome): Published => {
      if (outcome.kind === 'appended' && !outcome.duplicate) {
        this.#published += messages.length;
        this.#tell(channel, request, items, outcome);
      }
      return answer(outcome);
    };
    return appended instanceof Promise ? appended.then(taken) : taken(appended);
  }

  #tell(
    { name: channel, params, definition }: Channel,
    { as }: PublishRequest,
    items: readonly AppendedItem[],
    { position, time }: { readonly position: Position; readonly time: number },
  ): void {
    // Whose data it is, its own declaration says.
    const onAppended = definition.onAppended as ((appended: Appended) => void) | undefined;
    if (onAppended === undefined) return;
    callListener(this.#log, `onAppended of ${channel}`, () =>
      onAppended({ channel, params, as, items, position, time }),
    );
  }
}

function validateItem({ definition: { kind, schema } }: Channel, { data }: BatchItem): Validated | Promise<Validated> {
  // A removal needs no schema's consent.
  return kind === 'table' && data === null ? { kind: 'valid', data } : validate(schema, data);
}

/** Undefined: whoever publishes may write there now. */
function withoutRight(channel: Channel, { as, items }: PublishRequest): Failed | undefined {
  if (as === undefined || isAllowed(as, 'write', channel, items)) return undefined;
  return failed(4403, `${as.kind} ${as.subject} may not write to ${channel.name}`);
}

function onceKey({ as, once }: PublishRequest): OnceKey | undefined {
  return once === undefined ? undefined : { identity: as?.id ?? 'application', ...once };
}
