// Channel names and the patterns that declare them: `metrics/<agent>` is declared once as `metrics/:agent`.

/** How a log keeps messages: a stream the newest ones, a table the last one per key. */
export type ChannelKind = 'stream' | 'table';

/** Characters of one part: a name of 64, as machines and people have, with a word before it, as in `agent.<agent>`. */
export const longestChannelPart: number = 80;
const mostParts = 4;
/** Characters of a whole name, its slashes included. */
export const longestChannelName: number = mostParts * (longestChannelPart + 1) - 1;

/** What one part is made of, for messages to people. */
export const channelPartGrammar: string = `[a-z0-9._-]{1,${longestChannelPart}}`;
const partGrammar = new RegExp(`^${channelPartGrammar}$`);
const nameGrammar = new RegExp(`^${channelPartGrammar}(/${channelPartGrammar}){0,${mostParts - 1}}$`);

/** The grammar in words, for messages to people. */
export const channelGrammar: string = `1 to ${mostParts} parts of ${channelPartGrammar} joined by "/", for example "metrics/web-1"`;

/** Whether a text is a channel name: one to four parts of `[a-z0-9._-]{1,80}`, joined by `/` (CHA1). */
export function isChannelName(text: unknown): text is string {
  return typeof text === 'string' && text.length <= longestChannelName && nameGrammar.test(text);
}

/** Whether a text may stand as one part of a channel name. */
export function isChannelPart(text: unknown): text is string {
  return typeof text === 'string' && partGrammar.test(text);
}

/** Names of the placeholders of a pattern: `'agent' | 'file'` for `logs/:agent/:file`. */
export type PatternParams<Pattern extends string> = Pattern extends `${infer Head}/${infer Rest}`
  ? PatternParams<Head> | PatternParams<Rest>
  : Pattern extends `:${infer Name}`
    ? Name
    : never;

/** The channel names a pattern stands for: `` `metrics/${string}` `` for `metrics/:agent`. */
export type ChannelNameOf<Pattern extends string> = Pattern extends `${infer Head}/${infer Rest}`
  ? `${ChannelNameOf<Head>}/${ChannelNameOf<Rest>}`
  : Pattern extends `:${string}`
    ? string
    : Pattern;

/** Values of a pattern's placeholders, read from a channel name. */
export type ChannelParams<Pattern extends string = string> = Readonly<Record<PatternParams<Pattern>, string>>;

/** A pattern, ready to match; made once per declaration. */
export interface CompiledPattern {
  readonly pattern: string;
  /** Values of the placeholders if the name matches, else undefined. The name must already be a channel name. */
  match(name: string): Readonly<Record<string, string>> | undefined;
  /** How many parts are literal: of two patterns that match, the one with more wins. */
  readonly literals: number;
}

/** Compiles `logs/:agent/:file`; throws on a pattern that could never match a channel name. */
export function compilePattern(pattern: string): CompiledPattern {
  const parts = pattern.split('/').map((text) => {
    const name = text.startsWith(':') ? text.slice(1) : undefined;
    const valid = name === undefined ? partGrammar.test(text) : /^[a-zA-Z]\w{0,31}$/.test(name);
    if (!valid) {
      throw new TypeError(
        `channel pattern "${pattern}": found part "${text}", expected ${channelPartGrammar} or ":name"`,
      );
    }
    return { text, name };
  });
  return {
    pattern,
    literals: parts.filter(({ name }) => name === undefined).length,
    match(channel) {
      const found = channel.split('/');
      if (found.length !== parts.length) return undefined;
      const params: Record<string, string> = {};
      for (const [index, { text, name }] of parts.entries()) {
        const value = found[index] as string;
        if (name !== undefined) params[name] = value;
        else if (text !== value) return undefined;
      }
      return params;
    },
  };
}
