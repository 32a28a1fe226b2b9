// The pill's panel: which hop is broken, why, the cure with its line to copy, the attempt, and when. Without a line it
// looks along the way to the hub, once, and says what it found.

import type { Cause, ConnectionState } from '../../live/connection.ts';
import type { ReactElement } from 'react';
import type { Line } from '../../live/live.tsx';
import { Button } from '../../ui/button.tsx';
import { Snippet } from '../../ui/snippet.tsx';
import { Thread } from '../../ui/thread.tsx';
import { shownName } from '../../words/name.ts';
import { sentence } from '../../words/sentence.ts';
import { clock, dayAndTime, duration, zone } from '../../words/time.ts';
import { milliseconds } from '../../words/units.ts';
import styles from './connection-panel.module.css';
import { Examination } from './examination.tsx';
import { copyableLine, hopsOf, isUnexplained, type Pill } from './pill-model.ts';

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
  const [toHub, toSource] = hopsOf(pill);
  // What is looked into comes with its own advice.
  const isExamined = isUnexplained(line.state);
  const hint = isExamined ? '' : (cause?.hint ?? '');
  const cure = copyableLine(hint);
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
        <Hop state={toHub} />
        <span>hub</span>
        <Hop state={toSource} />
        <span>this machine</span>
      </p>
      <p className={styles.reason}>{reasonWords(line, pill, cause, newest, now)}</p>
      {hint === '' ? null : <p className={styles.hint}>{sentence(hint)}</p>}
      {cure === undefined ? null : <Snippet text={cure} />}
      {isExamined ? <Examination /> : null}
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

const hopWords = { reached: 'reaches', cut: 'does not reach', unknown: 'unknown whether it reaches' } as const;

function Hop({ state }: { readonly state: keyof typeof hopWords }): ReactElement {
  return (
    <i className={styles.hop} data-state={state}>
      <span className="sr"> {hopWords[state]} </span>
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
  { state, roundTripMs, heardAt }: Line,
  { cut }: Pill,
  cause: Cause | undefined,
  newest: { readonly at: number; readonly intervalMs: number } | undefined,
  now: number,
): string {
  if (state.kind !== 'open') {
    const reason = cause?.reason ?? '';
    return reason === '' ? 'The line to the hub is being opened.' : sentence(reason);
  }
  const trip = roundTripMs === undefined ? '' : ` The round trip takes ${milliseconds(roundTripMs)}.`;
  const who =
    state.identity.kind === 'anonymous' ? 'nobody signed in' : shownName(state.identity.name ?? state.identity.subject);
  const since = `The line is open since ${dayAndTime(state.since)}, as ${who}.${trip}`;
  if (newest === undefined) return `${since} No data has come yet.`;
  const age = now - newest.at;
  if (age <= 5 * newest.intervalMs) {
    return `${since} A sample comes each ${duration(newest.intervalMs)}; the newest is ${duration(age)} old.`;
  }
  return cut === 'hub-source'
    ? `${since} The hub answers, but this machine’s source has been silent for ${duration(age)}.`
    : `The line is open, but nothing has come from the hub for ${duration(now - (heardAt ?? newest.at))}. If that goes on, it is replaced.`;
}
