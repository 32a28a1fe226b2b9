// What stands above and below an attempt's thread: the verdict, and the facts that are no steps. Pure.

import type { AttemptRecord } from '@telltale/hub/api';
import type { ThreadState } from '../../ui/thread.tsx';
import { browserOf } from '../../words/browser.ts';
import { shownName } from '../../words/name.ts';
import { sentence } from '../../words/sentence.ts';
import { ago, clock, dayOr, duration } from '../../words/time.ts';
import { bytes, grouped, milliseconds, together } from '../../words/units.ts';
import { endedTitle, unsaid } from './titles.ts';

export interface Verdict {
  readonly thread: ThreadState;
  readonly tone: 'refused' | 'live' | 'ended' | 'none';
  readonly title: string;
  readonly text: string;
}

/** Whether more will come of it: then the record is asked for again. */
export function isAlive(record: AttemptRecord): boolean {
  return record.refusal === null && record.ending === null && !hasLeft(record);
}

/** Whether whoever made it was gone before it was decided. */
export function hasLeft({ events }: AttemptRecord): boolean {
  return events.some(({ type }) => type === 'left');
}

export function verdictOf(record: AttemptRecord, now: number): Verdict {
  const { refusal, session, ending } = record;
  if (refusal !== null) {
    return {
      thread: 'refused',
      tone: 'refused',
      title: `Refused at ${refusal.stage}: ${refusal.code}`,
      text: [sentence(shownName(refusal.reason)), sentence(shownName(refusal.detail ?? ''))]
        .filter((part) => part !== '')
        .join(' '),
    };
  }
  if (hasLeft(record)) {
    const why =
      'Admission let it in, and whoever made it had already gone: a page that was left, or one that waits for less time.';
    return {
      thread: 'ended',
      tone: 'ended',
      title: 'Left before it was decided',
      text: ending === null ? why : `${why} It had been there for ${duration(ending.endedAt - ending.since)}.`,
    };
  }
  if (ending !== null) {
    return {
      thread: 'ended',
      tone: ending.code === 4409 || ending.code === 4410 ? 'refused' : 'ended',
      title: `${endedTitle(ending)}: ${ending.code}`,
      text: `${ending.reason === '' ? '' : `${sentence(shownName(ending.reason))} `}It had been connected for ${duration(ending.endedAt - ending.since)}, and ended ${ago(now - ending.endedAt)}.`,
    };
  }
  if (session !== null) {
    return {
      thread: session.behind > 0 ? 'catching' : 'live',
      tone: 'live',
      title: `Connected for ${duration(Math.max(1_000, now - session.since))}`,
      text: `As ${session.kind === 'user' ? '' : `${session.kind} `}${shownName(session.user)}, ${session.scope}.`,
    };
  }
  return {
    thread: 'none',
    tone: 'none',
    title: 'Being decided',
    text: 'It has arrived; admission has not answered yet.',
  };
}

export interface Fact {
  readonly title: string;
  readonly text: string;
}

export function factsOf(record: AttemptRecord, now: number): readonly Fact[] {
  const { refusal, session, told, program, origin, title, events, at, decidedMs } = record;
  const facts: Fact[] = [];
  const add = (name: string, text: string | undefined): void => {
    if (text !== undefined && text !== '') facts.push({ title: name, text });
  };
  if (refusal !== null && told !== null) {
    add(
      'Told',
      told === 'frame' ? `refused frame, then close ${refusal.code}` : 'an HTTP answer with the reason, as JSON',
    );
  }
  add('Program', program === null ? unsaid(refusal?.name, 'did not say') : shownName(browserOf(program)));
  add('Origin', origin === null ? unsaid(refusal?.name, 'none sent') : shownName(origin));
  add('Endpoint', title ?? (refusal === null ? undefined : 'none that is known'));
  if (refusal?.user !== undefined && refusal.user !== null) add('User', shownName(refusal.user));
  const asked = events.find(({ type }) => type === 'asked');
  if (refusal !== null) {
    add(
      'Asked later',
      asked === undefined
        ? 'no'
        : `yes, ${duration(Math.max(0, asked.at - at - (decidedMs ?? 0)))} after it was refused`,
    );
  }
  if (refusal !== null && refusal.count > 1) {
    add(
      'Same before',
      `${grouped(refusal.count - 1)} ${refusal.count === 2 ? 'time' : 'times'} since ${dayOr(clock, refusal.first, now)}, folded`,
    );
  }
  if (session !== null) {
    add('Round trip', session.roundTripMs === null ? undefined : milliseconds(session.roundTripMs));
    add('Sent', `${grouped(session.sentMessages)} messages, ${together(bytes(session.sentBytes))}`);
    add('Received', together(bytes(session.receivedBytes)));
  }
  return facts;
}
