// The pill's panel: which hop is broken, why, the cure with its line to copy, the attempt, and when.

import type { Cause, ConnectionState } from '../../live/connection.ts';
import type { ReactElement } from 'react';
import type { Line } from '../../live/live.tsx';
import { Button } from '../../ui/button.tsx';
import { Snippet } from '../../ui/snippet.tsx';
import { Thread } from '../../ui/thread.tsx';
import { clock, dayAndTime, duration, zone } from '../../words/time.ts';
import { milliseconds } from '../../words/units.ts';
import styles from './connection-panel.module.css';
import { brokenHop, copyableLine, type Pill } from './pill-model.ts';

export function ConnectionPanel({
  pill,
  line,
  newest,
  now,
}: {
  readonly pill: Pill;
  readonly line: Line;
  readonly newest: { readonly at: number; readonly intervalMs: number } | undefined;
  readonly now: number;
}): ReactElement {
  const cause = causeOf(line.state);
  const cut = brokenHop(pill.state);
  const cure = cause === undefined ? undefined : copyableLine(cause.hint);
  return (
    <div className={styles.panel} data-state={pill.state}>
      <div className={styles.head}>
        <Thread state={pill.state} size="wide" />
        <b>{pill.says}</b>
        {cause === undefined ? null : (
          <span className={styles.code} title={cause.name}>
            {cause.code}
          </span>
        )}
      </div>
      <p className={styles.hops}>
        <span>this page</span>
        <Hop isCut={cut === 'page-hub'} isKnown />
        <span>hub</span>
        <Hop isCut={cut === 'hub-source'} isKnown={cut !== 'page-hub'} />
        <span>this machine</span>
      </p>
      <p className={styles.reason}>{reasonWords(line, cause, newest, now)}</p>
      {cause === undefined || cause.hint === '' ? null : <p className={styles.hint}>{cause.hint}</p>}
      {cure === undefined ? null : <Snippet text={cure} />}
      <div className={styles.foot}>
        <span className={styles.facts}>
          {attemptOf(line.state) === undefined ? null : (
            <span>
              Attempt <span className={styles.id}>{attemptOf(line.state)}</span>
            </span>
          )}
          <span>
            {clock(now)} {zone(now)}
          </span>
        </span>
        {line.isUp || line.state.kind === 'idle' ? null : (
          <Button size="small" onPress={line.retryNow}>
            Retry now
          </Button>
        )}
      </div>
    </div>
  );
}

function Hop({ isCut, isKnown }: { readonly isCut: boolean; readonly isKnown: boolean }): ReactElement {
  const words = isCut ? 'does not reach' : isKnown ? 'reaches' : 'unknown whether it reaches';
  return (
    <i className={styles.hop} data-cut={isCut} data-known={isKnown}>
      <span className="sr"> {words} </span>
    </i>
  );
}

function causeOf(state: ConnectionState): Cause | undefined {
  return 'cause' in state ? state.cause : undefined;
}

function attemptOf(state: ConnectionState): string | undefined {
  return 'attempt' in state
    ? state.attempt
    : state.kind === 'closed' || state.kind === 'offline'
      ? state.cause.attempt
      : undefined;
}

function reasonWords(
  { state, roundTripMs }: Line,
  cause: Cause | undefined,
  newest: { readonly at: number; readonly intervalMs: number } | undefined,
  now: number,
): string {
  if (state.kind !== 'open') {
    const reason = cause?.reason ?? '';
    return reason === '' ? 'The line to the hub is being opened.' : reason;
  }
  const trip = roundTripMs === undefined ? '' : ` The round trip takes ${milliseconds(roundTripMs)}.`;
  const who =
    state.identity.kind === 'anonymous' ? 'nobody signed in' : (state.identity.name ?? state.identity.subject);
  const since = `The line is open since ${dayAndTime(state.since)}, as ${who}.${trip}`;
  if (newest === undefined) return `${since} No data has come yet.`;
  const age = now - newest.at;
  return age > 5 * newest.intervalMs
    ? `${since} The hub answers, but this machine’s source has been silent for ${duration(age)}.`
    : `${since} A sample comes each ${duration(newest.intervalMs)}; the newest is ${duration(age)} old.`;
}
