// What a gateway tells its application: attempts, refusals, sessions, ends, figures. Types only.

import type { EndName, Identity, IdentityKind, PublicRefusal, RefusalName, Stage } from '@telltale/protocol';

/** A refusal as the operator sees it. */
export interface Refusal extends PublicRefusal {
  readonly name: RefusalName;
  readonly address: string;
  readonly origin: string | undefined;
  readonly path: string;
  /** What only the operator may know. Never a credential. */
  readonly detail?: string;
  /**
   * The setting that would cure it: where it can be said, the whole line, `TELLTALE_ALLOWED_ORIGINS=` with what is allowed
   * already and the origin of this attempt; else its name alone.
   */
  readonly setting?: string;
}

/** One try to connect, as known before anything is decided. */
export interface Attempt {
  readonly attempt: string;
  readonly time: number;
  readonly address: string;
  readonly origin: string | undefined;
  readonly userAgent: string | undefined;
  /** Without query. */
  readonly path: string;
  /** `Dashboard`, `Chat`, … or undefined where the path is unknown. */
  readonly title: string | undefined;
  /** The trusted proxies it came through, nearest last. */
  readonly proxies: readonly string[];
  /** The peer, where it says that it passed this on for somebody and is no trusted proxy: `address` is then its own. */
  readonly untrustedProxy: string | undefined;
}

/** One check of admission, in order. */
export interface AdmissionStep {
  readonly stage: Stage;
  readonly outcome: 'passed' | 'refused' | 'not-reached';
  /** What was found there, in words for an operator. Never a credential. */
  readonly found: string | undefined;
}

/** How an attempt was decided. */
export interface Decision {
  readonly steps: readonly AdmissionStep[];
  /** From its arrival, in milliseconds. */
  readonly decidedMs: number;
}

export type GatewayEvent =
  | { readonly type: 'attempt'; readonly attempt: Attempt }
  | {
      readonly type: 'refused';
      readonly attempt: Attempt;
      readonly refusal: Refusal;
      readonly user: string | undefined;
      readonly decision: Decision;
      /** By a frame and a close, or by HTTP; undefined: its peer had left. */
      readonly told: 'frame' | 'http' | undefined;
    }
  | {
      readonly type: 'admitted';
      readonly attempt: Attempt;
      readonly session: SessionView;
      readonly decision: Decision;
      readonly warning?: string;
    }
  /** It would have been admitted, and its peer had left before it could be told. */
  | {
      readonly type: 'left';
      readonly attempt: Attempt;
      readonly user: string;
      readonly kind: IdentityKind;
      /** As its page reads it by REF8, with how long it took. */
      readonly reason: string;
      readonly decision: Decision;
    }
  /** Somebody asked by HTTP what had become of an attempt that is known (REF8). */
  | { readonly type: 'asked'; readonly attempt: string }
  | {
      readonly type: 'ended';
      readonly attempt: Attempt;
      readonly session: SessionView;
      readonly code: number;
      /** An `EndName` where the gateway ended it; `closed` where the other side did. */
      readonly name: EndName;
      readonly reason: string;
      readonly by: 'client' | 'gateway' | 'network';
      readonly wasClean: boolean;
      readonly durationMs: number;
    }
  | { readonly type: 'subscribed'; readonly session: SessionView; readonly channel: string }
  /** `reason`: why the gateway ended it; undefined: its own session asked for it. */
  | {
      readonly type: 'unsubscribed';
      readonly session: SessionView;
      readonly channel: string;
      readonly reason: string | undefined;
    }
  /** A subscription has been behind for a while, and has caught up again. */
  | { readonly type: 'catching-up' | 'caught-up'; readonly session: SessionView; readonly channel: string }
  /** A subscription was told that these offsets, inclusive, are gone. */
  | {
      readonly type: 'gap';
      readonly session: SessionView;
      readonly channel: string;
      readonly from: number;
      readonly to: number;
    }
  /** Once a minute, and when it has become quite another. */
  | { readonly type: 'round-trip'; readonly session: SessionView; readonly roundTripMs: number }
  | { readonly type: 'renewed'; readonly session: SessionView }
  /** A new token was not taken; the session goes on until the one it has expires. */
  | {
      readonly type: 'renewal-refused';
      readonly session: SessionView;
      readonly code: number;
      /** As its client reads it. */
      readonly reason: string;
    };

/** A live session, read-only. Its fields are current when read. */
export interface SessionView {
  readonly id: string;
  readonly attempt: Attempt;
  readonly identity: Identity;
  readonly sid: string | undefined;
  readonly jti: string | undefined;
  readonly since: number;
  readonly channels: readonly string[];
  readonly roundTripMs: number | undefined;
  readonly sentBytes: number;
  readonly sentMessages: number;
  readonly receivedBytes: number;
  readonly receivedFrames: number;
  /** Bytes sent and not yet answered. */
  readonly unansweredBytes: number;
  /** How many of its subscriptions are behind. */
  readonly behind: number;
  /** Since when the one is that has been behind the longest, in milliseconds since the epoch; undefined: none is. */
  readonly behindSince: number | undefined;
}

/** What became of an attempt, as `GET /ws/attempts/<id>` answers (REF8). */
export type AttemptOutcome =
  /**
   * Nothing is known of it. `rememberedMs`: what was not over so long ago already is remembered, so that a younger attempt
   * never came, and of an older one nobody can say.
   */
  | { readonly state: 'unseen'; readonly rememberedMs: number }
  | { readonly state: 'refused'; readonly refusal: PublicRefusal }
  | {
      readonly state: 'admitted';
      readonly ended?: { readonly code: number; readonly name: string; readonly reason: string };
    };

/** Figures since the start, for `/metrics`. Counters unless said otherwise. */
export interface GatewayFigures {
  readonly sessions: number;
  readonly attempts: number;
  readonly refusals: Readonly<Record<string, number>>;
  /** Attempts that would have been admitted, had their peers not left before. */
  readonly left: number;
  readonly ends: Readonly<Record<string, number>>;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly flushes: number;
  /** Messages that shared a frame with an earlier one: what joining saved. */
  readonly joined: number;
  /** Writes to sockets that carried messages: `messagesOut` divided by it is how many updates share a write. */
  readonly writes: number;
  /** How often a live subscription had to be left behind, its window full or its flush too large. */
  readonly fellBehind: number;
  /** Reads from an older cursor that came to the head: first reads, resumes, and slow viewers' returns. */
  readonly catchUps: number;
  readonly catchUpFrames: number;
  /** Those of `catchUpFrames` that had been made for another reader already. */
  readonly catchUpShared: number;
  /** Gaps told to subscriptions, and the messages missing in them. */
  readonly gaps: number;
  readonly gapMessages: number;
  /** Gauges: subscriptions behind now, the sessions they belong to, and for how long the worst has been, in milliseconds. */
  readonly behind: number;
  readonly sessionsBehind: number;
  readonly behindMs: number;
  /** Gauge: bytes sent to all sessions and not yet answered. */
  readonly unansweredBytes: number;
  /** Gauges: logs, and the bytes they hold. */
  readonly logs: number;
  readonly logBytes: number;
  readonly evictions: number;
}
