// What delivery to viewers costs, in words: now, and at its highest in what is held of this machine. Pure: samples in, rows
// out. A hub that does not report a figure gets a dash.

import type { HubCost, Sample } from '@telltale/agent/sample';
import { duration } from '../../words/time.ts';
import { bytes, grouped, milliseconds, missing, short, together } from '../../words/units.ts';

export interface DeliveryRow {
  readonly id: string;
  readonly name: string;
  readonly now: string;
  readonly highest: string;
}

interface Figure {
  readonly id: string;
  readonly name: string;
  readonly value: (hub: HubCost) => number | undefined;
  readonly words: (value: number) => string;
}

const perSecond = (value: number): string => `${value > 0 && value < 0.1 ? '< 0.1' : short(value)} /s`;
/** Ages below a second are no news; nobody behind is no age at all. */
const age = (value: number): string => (value === 0 ? missing : duration(Math.max(1_000, value)));

const figures: readonly Figure[] = [
  { id: 'messages', name: 'Messages', value: (hub) => hub.messagesPerSecond, words: perSecond },
  { id: 'bytes', name: 'Bytes', value: (hub) => hub.bytesPerSecond, words: (value) => `${together(bytes(value))}/s` },
  { id: 'joined', name: 'Updates per write', value: ({ delivery }) => delivery?.updatesPerWrite, words: short },
  { id: 'behind', name: 'Viewers behind', value: ({ delivery }) => delivery?.viewersBehind, words: grouped },
  { id: 'age', name: 'Longest behind', value: ({ delivery }) => delivery?.behindMs, words: age },
  { id: 'catch-ups', name: 'Catch-ups', value: ({ delivery }) => delivery?.catchUpsPerSecond, words: perSecond },
  { id: 'gaps', name: 'Gaps told', value: ({ delivery }) => delivery?.gapsPerSecond, words: perSecond },
  {
    id: 'missing',
    name: 'Messages in them',
    value: ({ delivery }) => delivery?.gapMessagesPerSecond,
    words: perSecond,
  },
  {
    id: 'unanswered',
    name: 'On the way',
    value: ({ delivery }) => delivery?.unansweredBytes,
    words: (value) => together(bytes(value)),
  },
  { id: 'loop', name: 'Event loop delay, p99', value: (hub) => hub.loopDelayP99, words: milliseconds },
];

/** A row for each figure; none where the machine is not a hub's. */
export function deliveryRows(samples: readonly Sample[]): readonly DeliveryRow[] {
  const newest = samples.at(-1)?.hub;
  if (newest === undefined) return [];
  return figures.map(({ id, name, value, words }) => {
    const now = value(newest);
    const known = samples.flatMap(({ hub }) => (hub === undefined ? [] : (value(hub) ?? [])));
    const said = (number: number | undefined): string => (number === undefined ? missing : words(number));
    const highest = known.length === 0 ? undefined : known.reduce((most, one) => Math.max(most, one));
    return { id, name, now: said(now), highest: said(highest) };
  });
}
