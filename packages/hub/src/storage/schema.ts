// The tables of the hub's database as Kysely sees them. Times are milliseconds since the epoch; flags are 0 or 1.

import type { Scope } from '@telltale/protocol';
import type { Generated } from 'kysely';

export interface UserRecord {
  readonly username: string;
  readonly name: string | null;
  readonly role: Scope;
  /** PHC string of argon2id; null: no password, so no login by one. */
  readonly password_hash: string | null;
  readonly disabled: number;
  readonly created_at: number;
  readonly last_seen_at: number | null;
  /** Rises with each change, so that another process's change is seen. */
  readonly password_version: number;
}

/** One login: a family of refresh tokens. Its tokens are derived (refresh-token.ts), never stored. */
export interface LoginRecord {
  readonly sid: string;
  readonly username: string;
  readonly created_at: number;
  readonly last_seen_at: number;
  readonly address: string;
  readonly user_agent: string;
  /** Goes into each token of the family, so that neither the database nor the secret alone makes one. */
  readonly salt: string;
  /** Number of the newest token. */
  readonly generation: number;
  readonly rotated_at: number;
}

/** Addresses from which a user has signed in: strangers' failures do not delay them. */
export interface KnownAddressRecord {
  readonly username: string;
  readonly address: string;
  readonly seen_at: number;
}

/** What the hub generated for itself: the secret of a development hub. */
export interface GeneratedRecord {
  readonly name: string;
  readonly value: string;
}

/** A machine that reports under a credential of its own. */
export interface AgentRecord {
  readonly name: string;
  /** `sid` of the one credential that is good. */
  readonly credential_id: string;
  /** Fingerprint of the one machine that credential is good for. */
  readonly machine: string;
  readonly enrolled_at: number;
  readonly enrolled_by: string;
  readonly revoked_at: number | null;
  /** JSON of what the machine says of itself. */
  readonly facts: string;
  /** JSON of the log files it has told of. */
  readonly files: string;
  readonly state: 'live' | 'closed' | 'lost' | 'never-seen' | 'runs-only';
  readonly since: number;
  readonly reason: string | null;
  readonly last_seen_at: number | null;
  /** JSON of another machine that came with its credential. */
  readonly conflict: string | null;
}

/** A token for one machine to become an agent. The token itself is nowhere. */
export interface EnrolmentRecord {
  /** SHA-256 of the token, base64url. */
  readonly hash: string;
  /** The agent it was made for; null: the machine says. */
  readonly name: string | null;
  readonly created_by: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly used_at: number | null;
}

/** The log of a stored channel. */
export interface LogRecord {
  readonly id: Generated<number>;
  readonly channel: string;
  /** First part of the channel's name: what is kept, and for how long, is said by it. */
  readonly family: string;
  readonly epoch: string;
  /** Offset of the newest message, kept or not. */
  readonly head: number;
  /** Offset up to which messages are gone. */
  readonly horizon: number;
  /** Of the bodies that are kept. */
  readonly bytes: number;
  /** When the oldest message that is kept was appended; null: none is. */
  readonly oldest_at: number | null;
  readonly changed_at: number;
}

/** Messages that were appended together. */
export interface AppendRecord {
  readonly log_id: number;
  /** Offset of the first message; the others follow by 1. */
  readonly first: number;
  readonly count: number;
  readonly time: number;
  readonly bytes: number;
  /** One body a line: JSON has no raw line feed. */
  readonly bodies: string;
}

/** What the logs of a family hold together, so that nobody has to add up thousands of them. */
export interface FamilyRecord {
  readonly family: string;
  readonly bytes: number;
}

/** The last `seq` of one producer in one channel. */
export interface OnceRecord {
  readonly channel: string;
  readonly identity: string;
  readonly producer: string;
  readonly seq: number;
  /** Position of the last message it appended; null: all it sent was refused. */
  readonly last_epoch: string | null;
  readonly last_offset: number | null;
  /** JSON: the newest seqs that were used up without a message, oldest first. */
  readonly refused: string;
  readonly used_at: number;
}

/** A run, and what its events up to a position come to. */
export interface RunRecord {
  readonly id: string;
  /** Whose run it is. */
  readonly agent: string;
  readonly name: string;
  /** When it was first opened here, and when its end came, by the hub's clock. */
  readonly opened_at: number;
  readonly closed_at: number | null;
  /** Who asked for its end, and when. */
  readonly cancel_by: string | null;
  readonly cancel_at: number | null;
  /** Up to where its events are in `row` and `state`; null: none is. */
  readonly folded_epoch: string | null;
  readonly folded_offset: number;
  /** JSON of its row in the table `runs`. */
  readonly row: string;
  /** JSON of its `RunStateJson`. */
  readonly state: string;
}

/** What an administrator has chosen on a page, as JSON. */
export interface ChoiceRecord {
  readonly name: string;
  readonly value: string;
}

/** A room, as operators have made it or as it came when somebody spoke there. */
export interface RoomRecord {
  readonly room: string;
  readonly title: string;
  readonly writers: 'viewers' | 'operators';
  /** JSON of the user names of its people; null: everybody. */
  readonly members: string | null;
  readonly created_at: number;
  readonly archived_at: number | null;
  /** Of the newest message. */
  readonly last_offset: number;
  readonly last_at: number | null;
}

/** What happened to a message of a room. What it says is in the log, and nowhere else. */
export interface ChatMessageRecord {
  readonly room: string;
  readonly offset: number;
  /** Offset of the first message that was appended together with it. */
  readonly append_first: number;
  /** Identity's id. */
  readonly author: string;
  /** Of the newest `edited`, whose text is in the log too; null: it was not edited. */
  readonly edited_offset: number | null;
  readonly deleted: number;
  /** JSON of the ids of those who reacted, by emoji. */
  readonly reactions: string;
}

/** Somebody was named in a message and has not read it. */
export interface ChatMentionRecord {
  readonly person: string;
  readonly room: string;
  readonly offset: number;
}

/** Up to where somebody has read a room. Without it, one about an agent or a run is none of theirs. */
export interface ChatReadRecord {
  readonly person: string;
  readonly room: string;
  readonly offset: number;
}

/** Somebody who has been here: what was said before is not unread. */
export interface ChatPersonRecord {
  readonly person: string;
  readonly since: number;
}

/** Somebody who has spoken in a room, to be found by the name one calls them by. */
export interface ChatSpeakerRecord {
  readonly person: string;
  readonly subject: string;
  /** As `mentionKey` makes it. */
  readonly name: string;
}

/** What the flight recorder keeps of one attempt to connect. */
export interface StoredAttemptRecord {
  readonly id: string;
  /** When it was saved last; what was saved first goes first. */
  readonly changed_at: number;
  /** 1: its session was open then. */
  readonly is_live: number;
  readonly bytes: number;
  /** JSON as `GET /api/attempts/<id>` answers. */
  readonly record: string;
}

/** A row of the table `refusals`. */
export interface StoredRefusalRecord {
  readonly id: string;
  readonly last_at: number;
  /** JSON. */
  readonly row: string;
}

export interface Tables {
  readonly users: UserRecord;
  readonly logins: LoginRecord;
  readonly known_addresses: KnownAddressRecord;
  readonly generated: GeneratedRecord;
  readonly logs: LogRecord;
  readonly appends: AppendRecord;
  readonly families: FamilyRecord;
  readonly once: OnceRecord;
  readonly agents: AgentRecord;
  readonly enrolments: EnrolmentRecord;
  readonly runs: RunRecord;
  readonly choices: ChoiceRecord;
  readonly attempts: StoredAttemptRecord;
  readonly refusals: StoredRefusalRecord;
  readonly rooms: RoomRecord;
  readonly chat_messages: ChatMessageRecord;
  readonly chat_mentions: ChatMentionRecord;
  readonly chat_reads: ChatReadRecord;
  readonly chat_people: ChatPersonRecord;
  readonly chat_speakers: ChatSpeakerRecord;
}
