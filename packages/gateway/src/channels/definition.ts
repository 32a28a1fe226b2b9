// Declares channels: pattern, kind, bounds, rules, type of the messages. Applications call `stream` and `table`; the
// gateway keeps the declarations in a registry that answers which one a name belongs to.

import {
  type BatchItem,
  type ChannelKind,
  type ChannelShapes,
  type CompiledPattern,
  compilePattern,
  isChannelName,
  type Since,
} from '@telltale/protocol';
import type { LogBounds } from '../log/channel-log.ts';
import type {
  Appended,
  ChannelDefinition,
  ChannelRule,
  Prepared,
  PublishToPrepare,
  Retention,
  StandardSchema,
  WriteRule,
} from '../types.ts';

/** What a declaration says. Who is not named may neither read nor write (CHA3). */
export interface ChannelOptions<Pattern extends string, Data> {
  /** Checks `data` at each publish and gives `publish` and the hooks its type; absent: anything goes. */
  readonly schema?: StandardSchema<Data>;
  /** Who may read. Default: nobody. */
  readonly read?: ChannelRule<Pattern>;
  /** Who may write from a session or over HTTP; the application itself always may. Default: nobody. */
  readonly write?: WriteRule<Pattern>;
  readonly retention?: Retention;
  /** What a first read of a stream gets. Default: everything kept. */
  readonly first?: Since;
  readonly exists?: (params: Readonly<Record<string, string>>) => boolean;
  readonly flushEvery?: number;
  /** Its name says who writes, so its messages carry neither `from` nor `once`. */
  readonly singleWriter?: true;
  /**
   * Its frames are deflated, once each, for viewers that offer it, which saves most where messages resemble each other.
   * Only where one writer is trusted: no `write`, so that the application alone writes, or `singleWriter`. Not for data in
   * which something secret stands beside what strangers choose: the length of a frame would tell them when they guess it.
   */
  readonly compress?: true;
  /**
   * Looks at each publish behind rule and schema, knowing who it is from: refuses it in words, or says what is appended in
   * its place. Publishes of one session wait for those before them here; an exception ends the session with 4000.
   */
  readonly prepare?: (publish: PublishToPrepare<Data>) => Prepared<Data> | Promise<Prepared<Data>>;
  /** Told what was appended, in the order of the log. An exception in it is logged and changes nothing. */
  readonly onAppended?: (appended: Appended<Data>) => void;
}

export interface StreamOptions<Pattern extends string, Data> extends ChannelOptions<Pattern, Data> {
  /** It outlives the process: needs the gateway's `store`. `retention` bounds what is kept in memory beside it. */
  readonly stored?: true;
}

/**
 * Declares a stream: a log of the newest messages.
 *
 * @example
 * const metrics = stream('metrics/:agent', { schema: sample, retention: { seconds: 900 }, read: () => true });
 */
export function stream<const Pattern extends string, Data = unknown>(
  pattern: Pattern,
  options: StreamOptions<Pattern, Data> = {},
): ChannelDefinition<Pattern, 'stream', Data> {
  return define(pattern, 'stream', options);
}

/** Declares a table: a log of the last message per key; `data: null` removes a key. */
export function table<const Pattern extends string, Data = unknown>(
  pattern: Pattern,
  options: ChannelOptions<Pattern, Data> = {},
): ChannelDefinition<Pattern, 'table', Data> {
  return define(pattern, 'table', options);
}

function define<Pattern extends string, Kind extends ChannelKind, Data>(
  pattern: Pattern,
  kind: Kind,
  options: StreamOptions<Pattern, Data>,
): ChannelDefinition<Pattern, Kind, Data> {
  compilePattern(pattern);
  const { count = 10_000, keys = 10_000, seconds, bytes = 4 * 1024 * 1024 } = options.retention ?? {};
  const flushEvery = options.flushEvery ?? 1;
  for (const [name, value] of Object.entries({ count, keys, bytes, flushEvery, seconds: seconds ?? 1 })) {
    if (!(value > 0)) throw new TypeError(`channel "${pattern}": found ${name} ${value}, expected a number above 0`);
  }
  if (options.stored === true && kind === 'table') {
    const expected = 'expected a stream; a table is told anew after a restart';
    throw misdeclared(pattern, `found a table declared \`stored\`, ${expected}`);
  }
  if (options.compress === true && options.write !== undefined && options.singleWriter !== true) {
    const expected = 'expected no such rule or `singleWriter: true`';
    const why = 'who writes into a frame could learn from its compressed length what others wrote there';
    throw misdeclared(pattern, `found \`compress\` beside a rule \`write\`, ${expected}: ${why}`);
  }
  return {
    pattern,
    kind,
    schema: options.schema,
    retention: { count, keys, seconds, bytes },
    first: options.first ?? { last: count },
    canRead: options.read ?? nobody,
    canWrite: options.write ?? nobody,
    exists: options.exists ?? always,
    flushEvery,
    isStored: options.stored === true,
    isSingleWriter: options.singleWriter === true,
    isCompressed: options.compress === true,
    prepare: options.prepare,
    onAppended: options.onAppended,
  };
}

function misdeclared(pattern: string, what: string): TypeError {
  return Object.assign(new TypeError(`channel "${pattern}": ${what}`), { code: 'ERR_TELLTALE_CHANNELS' });
}

const nobody = (): boolean => false;
const always = (): boolean => true;

/** A channel name, found in the declarations. */
export interface Channel {
  readonly name: string;
  readonly params: Readonly<Record<string, string>>;
  readonly definition: AnyDefinition;
  readonly bounds: LogBounds;
}

/** A definition whose pattern is not known to the type checker. */
export type AnyDefinition = Omit<ChannelDefinition, 'canRead' | 'canWrite' | 'prepare' | 'onAppended'> & {
  readonly canRead: ChannelRule<never>;
  readonly canWrite: WriteRule<never>;
  readonly prepare: ((publish: PublishToPrepare<never>) => Prepared | Promise<Prepared>) | undefined;
  readonly onAppended: ((appended: Appended<never>) => void) | undefined;
};

interface Declared {
  readonly definition: AnyDefinition;
  readonly compiled: CompiledPattern;
  readonly bounds: LogBounds;
}

/** All declarations of a gateway. */
export class ChannelRegistry {
  readonly #declared: readonly Declared[];

  constructor(channels: ChannelShapes) {
    if (typeof channels !== 'object' || channels === null) {
      const found = channels === undefined ? 'nothing' : String(channels);
      const message = `channels: found ${found}, expected an object of declarations such as { rows: table('rows') }`;
      throw Object.assign(new TypeError(message), { code: 'ERR_TELLTALE_CHANNELS' });
    }
    const patterns = new Set<string>();
    this.#declared = Object.values(channels)
      .map((shape) => {
        const definition = shape as AnyDefinition;
        if (patterns.has(definition.pattern)) throw new TypeError(`channel "${definition.pattern}" is declared twice`);
        patterns.add(definition.pattern);
        const bounds = { kind: definition.kind, isStored: definition.isStored, ...definition.retention };
        return { definition, compiled: compilePattern(definition.pattern), bounds };
      })
      .sort((a, b) => b.compiled.literals - a.compiled.literals);
  }

  /** The channel of a name; undefined if no pattern declares it or the application says it does not exist. */
  find(name: string): Channel | undefined {
    if (!isChannelName(name)) return undefined;
    for (const { definition, compiled, bounds } of this.#declared) {
      const params = compiled.match(name);
      if (params === undefined) continue;
      return definition.exists(params) ? { name, params, definition, bounds } : undefined;
    }
    return undefined;
  }

  get definitions(): readonly AnyDefinition[] {
    return this.#declared.map(({ definition }) => definition);
  }
}

/** What a rule knows of who asks. */
type Asker = Parameters<ChannelRule>[0];

/** Whether an identity may read a channel, or write to it, these items: the one place where a channel's rule is run. */
export function isAllowed(
  identity: Asker,
  action: 'read' | 'write',
  { definition, params }: Channel,
  items?: readonly BatchItem[],
): boolean {
  const rule = (action === 'read' ? definition.canRead : definition.canWrite) as WriteRule;
  // An application without types may answer a promise, which is true to `if`: anything but true allows nothing.
  return Object.is(rule(identity, params, items), true);
}
