// What a check is, what it finds, and what later checks may know of earlier ones. A new check is a file in checks/ and
// one line in checks.ts.

import type { WelcomeFrame } from '@telltale/protocol';
import type { Budget } from './budget.ts';
import type { NameServer } from './name-server.ts';
import type { Software } from './meaning/software.ts';
import type { PingSample } from './pings.ts';
import type { Target } from './target.ts';
import type { Place } from './wire/dial.ts';
import type { Exchange } from './wire/exchange.ts';
import type { Handshake, HandshakeAsk } from './wire/handshake.ts';
import type { Line } from './wire/line.ts';
import type { Wire } from './wire/wire.ts';

/**
 * Where on the way something is broken. `upstream` is what stands behind a proxy, `server` whoever answers where nobody
 * can tell which of the two it is.
 */
export type Hop =
  'address' | 'token' | 'page' | 'name' | 'network' | 'tls' | 'proxy' | 'upstream' | 'server' | 'gateway';

/** Something is not as it should be. A warning connects all the same. */
export interface Trouble {
  readonly level: 'warn' | 'fail';
  /** Kebab-case word for the fault, the same in every release. */
  readonly id: string;
  readonly hop: Hop;
  /** What was found: part of a sentence, without a capital and a full stop. */
  readonly found: string;
  /** What to do, in the same form. */
  readonly cure: string;
  /** Ids of troubles that are only what this one looks like from further away. */
  readonly explains?: readonly string[];
}

export interface Fine {
  readonly level: 'pass';
  readonly found: string;
}

/** Where the trouble that others found must be: what a look from another side tells. */
export interface Placement {
  readonly hop: Hop;
  /** Continues "Broken at …, for": "directly it connects". */
  readonly because: string;
}

export type Finding = (Trouble | Fine) & { readonly places?: Placement };

export type CheckResult =
  | {
      readonly kind: 'done';
      readonly findings: readonly Finding[];
      readonly learned?: Partial<Facts>;
      /** Nothing behind this can be examined: why, in words. */
      readonly isEnd?: true;
    }
  /** Nothing to examine here; in silence if there is no reason worth a line. */
  | { readonly kind: 'skipped'; readonly because?: string };

/** What checks have learned so far. */
export interface Facts {
  readonly addresses: readonly string[];
  /** The first address that took a connection, as a place to connect to. */
  readonly place: Place | undefined;
  readonly baseline: Exchange | undefined;
  readonly software: Software | undefined;
  /** A Telltale gateway answered, by its own words. */
  readonly isTelltale: boolean;
  /** How far the server's clock is ahead of ours, in milliseconds. */
  readonly clockAheadMs: number | undefined;
  readonly handshake: Handshake | undefined;
  readonly welcome: WelcomeFrame | undefined;
  /** Ids of what kept the handshake from becoming a session. */
  readonly refusedBy: readonly string[];
  readonly pings: readonly PingSample[];
}

/** Everything a check may use. */
export interface Exam {
  readonly target: Target;
  readonly options: DoctorOptions;
  readonly facts: Facts;
  readonly wire: Wire;
  readonly names: NameServer;
  readonly budget: Budget;
  /** The main handshake's request, with these parts changed. */
  ask(changes?: Partial<HandshakeAsk>): HandshakeAsk;
  /** A live session: the main one while it lives, else a new one; undefined if there is none to be had. */
  session(): Promise<Line | undefined>;
}

export interface DoctorOptions {
  /** Of the page that connects, as a browser sends it. */
  readonly origin: string | undefined;
  readonly token: string | undefined;
  readonly tokenIn: 'query' | 'protocol' | 'header' | undefined;
  readonly protocols: readonly string[];
  /** The same server without what stands before it. */
  readonly direct: Target | undefined;
  /** How long to watch an idle connection; undefined: not at all. */
  readonly idleMs: number | undefined;
  /** Whether messages of growing size are also sent to who is no Telltale gateway. */
  readonly triesSizes: boolean;
}

export interface Check {
  /** One word, as JSON names it. */
  readonly name: string;
  /** As people read it, at most 12 characters. */
  readonly title: string;
  run(exam: Exam): CheckResult | Promise<CheckResult>;
}

export function done(findings: readonly Finding[] | Finding, learned?: Partial<Facts>): CheckResult {
  const all = Array.isArray(findings) ? (findings as readonly Finding[]) : [findings as Finding];
  return { kind: 'done', findings: all, ...(learned === undefined ? {} : { learned }) };
}

export function pass(found: string): Fine {
  return { level: 'pass', found };
}

type Parts = Omit<Trouble, 'level'>;

export function warn(parts: Parts): Trouble {
  return { level: 'warn', ...parts };
}

export function fail(parts: Parts): Trouble {
  return { level: 'fail', ...parts };
}

export function skip(because?: string): CheckResult {
  return { kind: 'skipped', ...(because === undefined ? {} : { because }) };
}
