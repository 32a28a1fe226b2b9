// The log's lines about attempts: one for each admission and each refusal, and one for the end of what came of it, in the
// words of the protocol's table, which are those of the page of connections. A flood of the same refusal is a few lines and
// then a count, so that it neither fills a disk nor hides what else happens; nothing of it is lost without a word. Called by
// upgrade.ts, which knows what happened.

import { endTitle, leftTitle, refusalTitle } from '@telltale/protocol/explain';
import { addressKey } from '../admission/address.ts';
import type { Clock } from '../clock.ts';
import type { Attempt, Decision, GatewayEvent, GatewayLog, Refusal } from '../types.ts';

/** Within this time so many lines of one refusal by one address, and so many of all refusals, are written. */
export const refusalLines: { readonly windowMs: number; readonly ofOne: number; readonly ofAll: number } = {
  windowMs: 10_000,
  ofOne: 10,
  ofAll: 200,
};

/** Kinds of refusal counted apart; what comes beside them is counted together. */
const mostKinds = 1_000;

interface Counted {
  readonly title: string;
  /** Undefined: of many. */
  readonly address: string | undefined;
  readonly refusal: Pick<Refusal, 'code' | 'name'> | undefined;
  lines: number;
  folded: number;
  newest: string;
}

export interface AttemptLog {
  admitted(attempt: Attempt, user: string, warning: string | undefined): void;
  refused(attempt: Attempt, user: string | undefined, refusal: Refusal): void;
  left(attempt: Attempt, user: string, decision: Decision): void;
  /** Writes what is counted and not told yet. */
  stop(): void;
}

export function createAttemptLog(log: GatewayLog, clock: Clock): AttemptLog {
  const kinds = new Map<string, Counted>();
  const others: Counted = { title: 'Unknown', address: undefined, refusal: undefined, lines: 0, folded: 0, newest: '' };
  let lines = 0;
  let cancel: (() => void) | undefined;

  /** Whether a refusal gets a line of its own now. */
  const isWritten = (attempt: Attempt, refusal: Refusal): boolean => {
    cancel ??= clock.after(refusalLines.windowMs, endWindow);
    const key = `${addressKey(attempt.address)} ${refusal.name}`;
    let kind = kinds.get(key);
    if (kind === undefined && kinds.size < mostKinds) {
      const { code, name } = refusal;
      const { title = 'Unknown', address } = attempt;
      kind = { title, address, refusal: { code, name }, lines: 0, folded: 0, newest: '' };
      kinds.set(key, kind);
    }
    kind ??= others;
    if (lines < refusalLines.ofAll && kind !== others && kind.lines < refusalLines.ofOne) {
      lines++;
      kind.lines++;
      return true;
    }
    kind.folded++;
    kind.newest = attempt.attempt;
    return false;
  };

  const endWindow = (): void => {
    cancel = undefined;
    const folded = [...kinds.values(), others].filter((kind) => kind.folded > 0);
    // Of a flood from everywhere the largest sources are named, and the rest is one line.
    folded.sort((one, other) => other.folded - one.folded);
    const named = folded.filter(({ address }) => address !== undefined).slice(0, refusalLines.ofOne);
    for (const { title, address, refusal, folded: count, newest } of named) {
      log.info(
        { attempt: newest, address, code: refusal?.code, name: refusal?.name, count },
        `[${title}] ${count} more connection attempts from ${address}: refused ${refusal === undefined ? '' : wordsOf(refusal)}, the newest is ${newest}`,
      );
    }
    const rest = folded.filter((kind) => !named.includes(kind));
    const count = rest.reduce((sum, kind) => sum + kind.folded, 0);
    if (count > 0) log.info({ count }, `${count} more connection attempts from other addresses: refused`);
    kinds.clear();
    others.folded = 0;
    lines = 0;
  };

  return {
    admitted(attempt, user, warning) {
      log.info({ ...facts(attempt), user }, `${label(attempt)} Connection attempt from user ${user}: admitted`);
      if (warning !== undefined) log.warn({ attempt: attempt.attempt, user }, `${label(attempt)} ${warning}`);
    },
    refused(attempt, user, refusal) {
      if (!isWritten(attempt, refusal)) return;
      const { code, name, stage, reason, detail, setting } = refusal;
      log.info(
        { ...facts(attempt), user, code, name, stage, detail, setting },
        `${label(attempt)} Connection attempt from user ${user ?? 'unknown'}: refused ${wordsOf(refusal)}: ${reason}`,
      );
    },
    left(attempt, user, { decidedMs }) {
      log.info(
        { ...facts(attempt), user, decidedMs },
        `${label(attempt)} Connection attempt from user ${user}: ${leftTitle}`,
      );
    },
    stop() {
      cancel?.();
      if (cancel !== undefined) endWindow();
    },
  };
}

type End = Pick<Extract<GatewayEvent, { type: 'ended' }>, 'code' | 'name' | 'by' | 'reason'>;

/** The line of a session's end. */
export function endedLine(attempt: Attempt, user: string, { code, name, by, reason }: End): string {
  const why = reason === '' ? '' : `: ${reason}`;
  return `${label(attempt)} Session of user ${user} ended ${code} ${name} by the ${by} (${endTitle({ name, by })})${why}`;
}

/** `4401 token-missing (no credential)`: code and name to look for, and what the page of connections calls it. */
const wordsOf = ({ code, name }: Pick<Refusal, 'code' | 'name'>): string => `${code} ${name} (${refusalTitle(name)})`;

const label = ({ title }: Attempt): string => `[${title ?? 'Unknown'}]`;

const facts = ({ attempt, address, origin, path }: Attempt): object => ({ attempt, address, origin, path });
