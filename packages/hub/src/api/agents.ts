// What the hub says of agents and how they are enrolled: types only.

/** How an agent stands, as the hub knows it; late and stale are told by the age of its newest sample. */
export type AgentState =
  /** Its reporting session is open. */
  | 'live'
  /** It said goodbye. */
  | 'closed'
  /** Its line broke without a goodbye. */
  | 'lost'
  /** An enrolment token with its name waits to be used, or the machine was enrolled and has not come yet. */
  | 'never-seen'
  /** It has come, and so far only on sessions beside the reporting one, as its runs do. */
  | 'runs-only'
  /** Its credential was revoked. */
  | 'revoked';

/** A row of the tables `agents` and `agents/<agent>`; the key is the agent's name. Texts come from machines: data, never markup. */
export interface AgentRow {
  readonly agent: string;
  /** A title for people: the machine's own name for itself. */
  readonly title: string;
  readonly platform: string;
  readonly cores: number;
  readonly version: string;
  /** Its version is older than the hub's by at least a minor one. */
  readonly isTooOld: boolean;
  readonly state: AgentState;
  /** Since when it is in this state, milliseconds since the epoch. */
  readonly since: number;
  /** What it said at its goodbye. */
  readonly reason: string | null;
  /** When it was last heard, by the hub's clock. */
  readonly lastSeenAt: number | null;
  /** Its clock minus the hub's, in milliseconds. */
  readonly clockOffsetMs: number | null;
  readonly roundTripMs: number | null;
  /** Age of the oldest thing it has not sent yet; 0: it sends as it reads. */
  readonly behindMs: number;
  readonly spooledBytes: number;
  /**
   * Another machine came with this agent's credential and was refused; undecided until an admin says. The decision is
   * about the machine that is shown: a third one is shown only after it, or where this one has not come for 10 minutes.
   */
  readonly conflict: {
    /** What its program calls itself, or its address. */
    readonly title: string;
    readonly address: string;
    /** When it came first; the decision says it again, so that it is about no other machine. */
    readonly since: number;
    /** When it came last, and how often. */
    readonly at: number;
    readonly count: number;
  } | null;
  /** Its log files: `logs/<agent>/<file>`, and the path as the title. */
  readonly files: readonly { readonly file: string; readonly title: string }[];
  /** Runs under way. */
  readonly runs: number;
  /** Until when an enrolment token with its name can be used; null: none waits. One may wait for an agent that lives. */
  readonly expiresAt: number | null;
  /** What it connects with: the `id` of the enrolment it came from, and since when; null: it has none yet. */
  readonly credential: { readonly enrolment: string; readonly since: number } | null;
}

/** A row of the table `vitals`: an agent's newest sample in brief, the key is the agent's name; at most one in 2 s. */
export interface VitalsRow {
  readonly agent: string;
  /** When the sample was taken, by the agent's clock, and when it came, by the hub's. */
  readonly at: number;
  readonly receivedAt: number;
  readonly intervalMs: number;
  /** Shares, 0 to 100; null: this machine does not say. `disk` is its fullest. */
  readonly cpu: number;
  readonly memory: number;
  readonly disk: number | null;
  /** CPU of the last 15 minutes in steps of 10 s, oldest first, the last one is of `at`; null: a hole. */
  readonly history: readonly (number | null)[];
}

/** A row of the table `control/<agent>`, which that agent reads; written by the hub. */
export type ControlRow =
  /** Key `interval`: how often samples are wanted. */
  | { readonly type: 'interval'; readonly intervalMs: number }
  /** Key `cancel:<run>`: end this run. Stays until the run says that it ended. */
  | {
      readonly type: 'cancel';
      readonly run: string;
      readonly by: string;
      readonly at: number;
      readonly graceMs: number;
    };

export interface Enrolment {
  /** Names it where it was used: `credential.enrolment` of an agent's row. No secret. */
  readonly id: string;
  readonly token: string;
  readonly name: string | null;
  readonly expiresAt: number;
  /** The line to paste on the machine. */
  readonly line: string;
  /** SHA-256 of the command that the line fetches, in hexadecimal; null: this hub has none to hand out. */
  readonly sha256: string | null;
}

export interface EnrolRequest {
  readonly token: string;
  /** Where the enrolment names none: `[a-z0-9][a-z0-9._-]{0,63}`, not `local`. Absent: made of `title`. */
  readonly name?: string;
  /** What tells this machine from others, 16 to 128 characters of `[A-Za-z0-9_-]`; pinned. */
  readonly machine: string;
  readonly title?: string;
}

export interface EnrolAnswer {
  readonly agent: string;
  /** A JWT to connect with, together with `?machine=`. */
  readonly credential: string;
}

export interface Download {
  readonly version: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}
