// One attempt as a thread from its arrival to its end: the checks of admission in their order, then what happened to the
// session. Pure: the hub's record in, the pins of the thread out.

import type { AttemptEvent, AttemptRecord } from '@telltale/hub/api';
import type { Stage } from '@telltale/protocol';
import { shownName } from '../../words/name.ts';
import { sentence } from '../../words/sentence.ts';
import { clock, clockThousandth, dayAndTime, exactDuration } from '../../words/time.ts';
import { counted, grouped, milliseconds, short } from '../../words/units.ts';
import { hasLeft } from './attempt-facts.ts';
import { endedTitle } from './titles.ts';

/** How a pin is drawn: passed, walled off, never reached, alive, something missing, ended. */
export type PinKind = 'passed' | 'refused' | 'never' | 'live' | 'gap' | 'ended';

export interface Pin {
  readonly key: string;
  readonly kind: PinKind;
  /** When, in words; empty: not told. */
  readonly at: string;
  readonly what: string;
  /** Under it, fainter. */
  readonly more?: string;
  /** At the right edge: `passed`, `refused`. */
  readonly end: string;
}

const stageTitles: Readonly<Record<Stage, string>> = {
  route: 'Route',
  form: 'Method and headers',
  origin: 'Origin',
  rate: 'Rate and capacity',
  credential: 'Credential',
  permission: 'Permission',
};

/** Of many events the newest; what was before is one pin that counts it. */
const mostEvents = 100;

export function pinsOf(record: AttemptRecord): readonly Pin[] {
  return [arrived(record), ...steps(record), ...sessionPins(record)];
}

function arrived({ at, address, proxies }: AttemptRecord): Pin {
  const by = proxies.length === 0 ? '' : ` by ${proxies.length === 1 ? 'proxy' : 'proxies'} ${proxies.join(', ')}`;
  return {
    key: 'arrived',
    kind: 'passed',
    at: clockThousandth(at),
    what: 'Arrived',
    more: shownName(address + by),
    end: '',
  };
}

function steps({ steps: checks, decidedMs }: AttemptRecord): readonly Pin[] {
  // The hub knows how long the whole decision took: it stands where the decision fell.
  const decided = checks.findLastIndex(({ outcome }) => outcome !== 'not-reached');
  return checks.map(({ stage, outcome, found }, index) => ({
    key: stage,
    kind: outcome === 'passed' ? 'passed' : outcome === 'refused' ? 'refused' : 'never',
    at:
      index === decided && decidedMs !== null
        ? `+${decidedMs < 10 ? decidedMs.toFixed(1) : grouped(decidedMs)} ms`
        : '',
    what: stageTitles[stage] ?? stage,
    ...(found === null || found === '' ? {} : { more: shownName(found) }),
    end: outcome === 'not-reached' ? 'not reached' : outcome,
  }));
}

function sessionPins(record: AttemptRecord): readonly Pin[] {
  const { session, ending, refusal, at } = record;
  if (session === null && (ending === null || ending.session === null)) {
    const end = refusal === null && !hasLeft(record) ? 'not decided yet' : 'never began';
    return [
      ...eventPins(record).filter(({ kind }) => kind === 'ended'),
      { key: 'session', kind: 'never', at: '', what: 'Session', end },
    ];
  }
  const since = session?.since ?? ending?.since ?? at;
  const of = ending ?? session;
  const who = of === null ? '' : `${of.kind === 'user' ? '' : `${of.kind} `}${shownName(of.user)}`;
  const began: Pin = {
    key: 'session',
    kind: 'passed',
    at: timeOf(since, at),
    what: 'Session',
    more: who,
    end: 'began',
  };
  return [began, ...eventPins(record), ending === null ? alive(record) : ended(record, ending)];
}

function alive({ session }: AttemptRecord): Pin {
  const more =
    session === null
      ? ''
      : `${counted(session.subscriptions, 'channel', 'channels')}${session.behind > 0 ? `, ${grouped(session.behind)} behind` : ''}`;
  return { key: 'live', kind: 'live', at: 'now', what: 'Connected', ...(more === '' ? {} : { more }), end: 'live' };
}

function ended({ at }: AttemptRecord, ending: NonNullable<AttemptRecord['ending']>): Pin {
  const lasted = `after ${exactDuration(ending.endedAt - ending.since)}, by the ${ending.by}${ending.wasClean ? '' : ', without a close frame'}`;
  return {
    key: 'ended',
    kind: 'ended',
    at: timeOf(ending.endedAt, at),
    what: endedTitle(ending),
    more: [lasted, sentence(shownName(ending.reason))].filter((part) => part !== '').join('. '),
    end: String(ending.code),
  };
}

interface EventGroup {
  readonly first: AttemptEvent;
  readonly events: readonly AttemptEvent[];
}

/** How close the same kind of event must follow to be told as one, in milliseconds. */
const togetherMs = 2_000;

function eventPins({ events, at }: AttemptRecord): readonly Pin[] {
  const groups: { first: AttemptEvent; events: AttemptEvent[] }[] = [];
  for (const event of events.toSorted((one, other) => one.at - other.at)) {
    const group = groups.at(-1);
    const last = group?.events.at(-1);
    if (group !== undefined && last !== undefined && isMore(event, last)) group.events.push(event);
    else groups.push({ first: event, events: [event] });
  }
  const shown = groups.slice(-mostEvents);
  const left = groups.length - shown.length;
  return [
    ...(left === 0
      ? []
      : [
          {
            key: 'earlier',
            kind: 'gap' as const,
            at: '',
            what: counted(left, 'earlier event', 'earlier events'),
            end: '',
          },
        ]),
    ...shown.map((group, index) => eventPin(group, `event ${left + index}`, at)),
  ];
}

/** Whether an event only says more of what the one before it said. */
function isMore(event: AttemptEvent, last: AttemptEvent): boolean {
  if (event.type !== last.type) return false;
  if (event.type === 'round-trip') return true;
  return isChannelEvent(event) && event.at - last.at <= togetherMs && whyOf(event) === whyOf(last);
}

const isChannelEvent = (event: AttemptEvent): event is AttemptEvent & { readonly channel: string } =>
  'channel' in event;

/** Why a subscription ended, where nobody asked for it. Records of before hold none. */
const whyOf = (event: AttemptEvent): string => (event.type === 'unsubscribed' ? (event.reason ?? '') : '');

const channelWords = {
  subscribed: 'Subscribed',
  unsubscribed: 'Unsubscribed',
  'catching-up': 'Behind',
  'caught-up': 'Caught up',
} as const;

/** Channels that are named; the rest is counted. */
const mostChannels = 4;

function eventPin({ first, events }: EventGroup, key: string, begun: number): Pin {
  const at = timeOf(first.at, begun);
  const pin = { key, kind: 'passed' as const, at, end: '' };
  switch (first.type) {
    case 'subscribed':
    case 'unsubscribed':
    case 'catching-up':
    case 'caught-up': {
      const channels = [...new Set(events.filter(isChannelEvent).map(({ channel }) => shownName(channel)))];
      const rest = channels.length - mostChannels;
      const more = channels.slice(0, mostChannels).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
      const why = sentence(shownName(whyOf(first)));
      return why === ''
        ? { ...pin, what: channelWords[first.type], more }
        : { ...pin, kind: 'gap', what: 'Subscription ended by the hub', more: `${more}. ${why}` };
    }
    case 'gap': {
      const count = first.to - first.from + 1;
      return {
        ...pin,
        kind: 'gap',
        what: counted(count, 'message missed', 'messages missed'),
        more: shownName(first.channel),
        end: 'gap',
      };
    }
    case 'round-trip':
      return { ...pin, what: 'Round trip', more: tripWords(events) };
    case 'renewed':
      return {
        ...pin,
        what: 'Credential renewed',
        ...(first.expiresAt === null ? {} : { more: `good until ${timeOf(first.expiresAt, begun)}` }),
      };
    case 'renewal-refused':
      return {
        ...pin,
        kind: 'refused',
        what: 'New credential refused',
        more: sentence(shownName(first.reason)),
        end: String(first.code),
      };
    case 'asked':
      return { ...pin, what: 'The page asked what had become of it' };
    case 'left':
      return {
        ...pin,
        kind: 'ended',
        what: 'Left before it could be told that it was admitted',
        more: shownName(first.user),
      };
    case 'dropped':
      return { ...pin, kind: 'gap', what: counted(first.count, 'earlier event not kept', 'earlier events not kept') };
  }
}

/** `38 ms`, `16 to 140 ms`. */
function tripWords(events: readonly AttemptEvent[]): string {
  const trips = events.flatMap((event) => (event.type === 'round-trip' ? [event.roundTripMs] : []));
  const [least, most] = [Math.min(...trips), Math.max(...trips)];
  return least === most ? milliseconds(most) : `${short(least)} to ${milliseconds(most)}`;
}

/** A time of the session, with its day where that is not the day on which it began. */
function timeOf(at: number, begun: number): string {
  return new Date(at).toDateString() === new Date(begun).toDateString() ? clock(at) : dayAndTime(at);
}
