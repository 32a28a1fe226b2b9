// How the types of messages flow from the declaration of channels to `publish` and to the client's hooks. Types only.

import type { ChannelKind, ChannelNameOf } from './channel.ts';

/** What a declaration says to the type checker; the gateway's `ChannelDefinition` is one. */
export interface ChannelShape {
  readonly pattern: string;
  readonly kind: ChannelKind;
  /** Never set at run time: carries the type of `data`. */
  readonly messageType?: unknown;
}

/** An object of declarations, as given to `createGateway({channels})`. */
export type ChannelShapes = Readonly<Record<string, ChannelShape>>;

/** Every channel name the declarations allow, of one kind or of both. */
export type ChannelNames<Shapes, Kind extends ChannelKind = ChannelKind> = {
  [Name in keyof Shapes]: Shapes[Name] extends { readonly pattern: infer Pattern extends string; readonly kind: Kind }
    ? ChannelNameOf<Pattern>
    : never;
}[keyof Shapes];

type IsExact<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false;

/** The type of `data` in a channel: the declaration whose pattern fits, a literal one before one with placeholders. */
export type MessageOf<Shapes, Channel extends string> = true extends {
  [Name in keyof Shapes]: Shapes[Name] extends { readonly pattern: infer Pattern extends string }
    ? IsExact<ChannelNameOf<Pattern>, Channel>
    : false;
}[keyof Shapes]
  ? {
      [Name in keyof Shapes]: Shapes[Name] extends {
        readonly pattern: infer Pattern extends string;
        readonly messageType?: infer Data;
      }
        ? IsExact<ChannelNameOf<Pattern>, Channel> extends true
          ? Data
          : never
        : never;
    }[keyof Shapes]
  : {
      [Name in keyof Shapes]: Shapes[Name] extends {
        readonly pattern: infer Pattern extends string;
        readonly messageType?: infer Data;
      }
        ? Channel extends ChannelNameOf<Pattern>
          ? Data
          : never
        : never;
    }[keyof Shapes];
