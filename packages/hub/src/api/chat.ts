// What people and agents say in rooms, and what the hub says of rooms: types only. Texts and names are data, never markup.

import type { IdentityKind, Position } from '@telltale/protocol';

/** What a message points at; opening it leads there. */
export type ChatCard =
  | {
      readonly type: 'chart';
      readonly agent: string;
      /** As the charts of a machine are named: `cpu`, `memory`, …; `attempts` of `local` are the hub's attempts to connect. */
      readonly chart: string;
      /** The range that was seen, milliseconds since the epoch. */
      readonly from: number;
      readonly to: number;
      /** The chart itself as it was seen: it outlives the samples. Without it, it is drawn from what is kept of them. */
      readonly picture?: ChartPicture;
    }
  | {
      readonly type: 'lines';
      /** `logs/<agent>/<file>` or `runs/<run>`. */
      readonly channel: string;
      readonly epoch: string;
      /** Offsets, inclusive. */
      readonly from: number;
      readonly to: number;
      /** The lines themselves as they were seen, at most 20: they outlive the log. */
      readonly lines: readonly string[];
      /** So many were chosen, where that is more than `lines` has. */
      readonly of?: number;
    }
  | { readonly type: 'run'; readonly run: string };

/**
 * What a chart drew, thinned out and in the unit of its axis; at most 8 kB as JSON. It is what its sender says: nothing
 * vouches for it, as for quoted lines.
 */
export interface ChartPicture {
  /** Milliseconds since the epoch, rising; at most 120. */
  readonly times: readonly number[];
  /** A value for each time, null where there is none; 1 to 4 lines. */
  readonly lines: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  /** Behind the first line. */
  readonly band?: {
    readonly name: string;
    readonly low: readonly (number | null)[];
    readonly high: readonly (number | null)[];
  };
  readonly unit: string;
  /** Where the axis ends; it begins at 0. */
  readonly top: number;
  /** Where data was missing, and why; at most 8. */
  readonly holes: readonly { readonly from: number; readonly to: number; readonly reason: string }[];
}

/**
 * An item of the stream `chat/<room>`. Who did it is the message's `from`, and `by`, which the hub adds, is the id of that
 * identity: two people of two issuers can have one name. A message's id is its offset.
 *
 * An edit or a deletion also changes the `said` itself, at its old offset, and takes the text out of an earlier `edited`:
 * who reads later never gets what was taken back, and folding all of it comes to the same.
 */
export type ChatEvent = { readonly by: string } & (
  | {
      readonly type: 'said';
      /** A small subset of Markdown. After a deletion empty, and `deleted` says so; after an edit the new text. */
      readonly text: string;
      /** The offset of the message it answers. */
      readonly reply?: number;
      readonly card?: ChatCard;
      /** Ids of the people it names; found by the hub. */
      readonly mentions?: readonly string[];
      readonly editedAt?: number;
      /** When, and the id of who did it. */
      readonly deleted?: { readonly at: number; readonly by: string };
    }
  | {
      readonly type: 'edited';
      readonly message: number;
      /** Null: a later edit or a deletion took it back; there is nothing to apply. */
      readonly text: string | null;
      readonly mentions?: readonly string[];
    }
  | { readonly type: 'deleted'; readonly message: number }
  | { readonly type: 'reacted'; readonly message: number; readonly emoji: string; readonly on: boolean }
);

/** What one publishes: `{text}` alone is a `said`. */
export type ChatPost =
  | { readonly type?: 'said'; readonly text: string; readonly reply?: number; readonly card?: ChatCard }
  | { readonly type: 'edited'; readonly message: number; readonly text: string }
  | { readonly type: 'deleted'; readonly message: number }
  | { readonly type: 'reacted'; readonly message: number; readonly emoji: string; readonly on: boolean };

/** A message with everything that happened to it, as of a position. */
export interface ChatMessage {
  readonly offset: number;
  readonly time: number;
  readonly from: {
    readonly id: string;
    readonly subject: string;
    readonly kind: IdentityKind;
    readonly name: string | null;
  };
  readonly text: string;
  readonly reply: number | null;
  readonly card: ChatCard | null;
  readonly mentions: readonly string[];
  readonly editedAt: number | null;
  readonly deleted: { readonly at: number; readonly by: string } | null;
  /** Ids of those who reacted, by emoji. */
  readonly reactions: Readonly<Record<string, readonly string[]>>;
}

/** `GET /api/rooms/<room>/messages?before=<offset>&limit=<n>`: oldest first, true at `position`; events after it are folded on. */
export interface ChatPage {
  readonly position: Position | null;
  readonly messages: readonly ChatMessage[];
  readonly more: boolean;
}

/**
 * A row of the table `rooms`, for everybody who signed in; the key is the room's name. Rooms of agents and runs come when
 * somebody speaks there. A room with members is not in it: its people have its row in `user/<id>`.
 */
export interface RoomRow {
  /** `[a-z0-9._-]{1,80}`; of an agent `agent.<agent>`, of a run `run.<run>`. */
  readonly room: string;
  readonly title: string;
  /** What it belongs to. */
  readonly about: { readonly type: 'agent' | 'run'; readonly id: string } | null;
  /** Who may write; `operators` where viewers only read. */
  readonly writers: 'viewers' | 'operators';
  /** User names of its people, accounts of this hub; null: everybody. Only they see the room. */
  readonly members: readonly string[] | null;
  readonly archivedAt: number | null;
  /** Offset and time of the newest message. */
  readonly lastOffset: number;
  readonly lastAt: number | null;
}

/** `GET /api/rooms`. */
export interface RoomList {
  readonly rooms: readonly RoomRow[];
}

/** A row of the table `presence/<room>`; the key is the person's id. Five tabs are one person. */
export interface PresenceRow {
  readonly id: string;
  readonly subject: string;
  readonly name: string | null;
  readonly kind: IdentityKind;
  readonly state: 'here' | 'away';
  /** Typing until then, milliseconds since the epoch by the hub's clock; null: not. */
  readonly typingUntil: number | null;
  readonly since: number;
}

/** A row of the table `user/<id>`, which that user alone reads. */
export type UserFact =
  /** Key `room:<room>`: each room one can see; those of agents and runs where one has read, spoken or was named. */
  | {
      readonly type: 'room';
      readonly room: string;
      /** Everything up to this offset was read. */
      readonly read: number;
      /** At most 1,000 are counted. */
      readonly unread: number;
      /** How many of them name this person. */
      readonly mentions: number;
    }
  /** Key `member:<room>`: a room with members, this person among them. */
  | { readonly type: 'member'; readonly room: RoomRow }
  /** Key `notice:<room>:<offset>`: somebody named this person; gone when it was read. */
  | {
      readonly type: 'notice';
      readonly room: string;
      readonly offset: number;
      readonly by: string;
      /** What that is: a machine that names somebody is shown as one. */
      readonly kind: IdentityKind;
      readonly text: string;
      readonly at: number;
    };

/*
 * Routes of rooms. Whoever may read `chat/<room>` may read its messages; the others are for operators.
 *
 *   GET  /api/rooms/<room>/messages?before=<offset>&limit=<1 to 200> → ChatPage: the newest before an offset, or of all
 *   GET  /api/rooms                                            → RoomList: all, those with members and archived ones too
 *   POST /api/rooms          {room, title, writers?, members?} → RoomRow: a new room
 *   POST /api/rooms/rename   {room, title}                     → RoomRow
 *   POST /api/rooms/archive  {room, archived}                  → RoomRow: true: nobody writes there any more; false: undone
 *   POST /api/rooms/writers  {room, writers}                   → RoomRow
 *   POST /api/rooms/members  {room, members}                   → RoomRow: a list of user names, or null
 *
 * Calls on a session, by whoever may read the room:
 *
 *   chat.typing   {room, typing}  → null: said anew every 3 s while somebody types; it holds for 6 s
 *   chat.presence {room, state}   → null: `here` or `away`. Whoever is subscribed to the room is `here` until it is said
 *   chat.read     {room, offset}  → null: everything up to this offset was read; never goes back
 *
 * A text has at most 4,000 characters (UTF-16 units); `error` 4400 says how many were found. A reaction is one emoji as
 * people see it, at most 20 different ones a message. Over its rate a person gets a retryable `error` 4429 with
 * `retryAfterMs`. Subscribing to a room about an agent or a run is fine before anybody spoke there.
 */
