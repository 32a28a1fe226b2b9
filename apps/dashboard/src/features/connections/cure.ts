// What an operator reads about a group of refusals or ends: what was found, in whole sentences, and what to do. Pure.
// What strangers chose stands apart as `strong`, as text.

import { explainEnd } from '@telltale/protocol/explain';
import { ends, refusals, stages, type EndName, type RefusalName } from '@telltale/protocol';
import { shownName } from '../../words/name.ts';
import { sentence } from '../../words/sentence.ts';
import { counted, grouped } from '../../words/units.ts';
import type { Reason } from './reasons-model.ts';

/** A piece of a sentence; `strong`: a name in it. */
export type Piece = string | { readonly strong: string };

export interface Cure {
  readonly found: readonly Piece[];
  /** What to do; with a setting it ends in a colon, and the line follows. */
  readonly advice: string;
  /** The exact line for the hub's settings. */
  readonly setting: string | undefined;
}

export function cureOf(reason: Reason): Cure {
  return reason.kind === 'refused' ? refusedCure(reason) : endedCure(reason);
}

function refusedCure(reason: Reason): Cure {
  const { rows, name, origin } = reason;
  const newest = rows[0];
  const setting = newest?.setting ?? undefined;
  if (newest === undefined) return { found: [], advice: '', setting };
  if (name === 'origin-not-allowed' && origin !== undefined) {
    return {
      found: [
        'The page at ',
        { strong: shownName(origin) },
        ` is not on the list of origins that may connect. It tried ${triedWords(reason)} and was told to stop each time${untouched(name)}.`,
      ],
      advice:
        setting === undefined
          ? sentence(shownName(newest.hint))
          : 'If this page is yours, add its origin and restart the hub:',
      setting,
    };
  }
  const isOne = new Set(rows.map((row) => row.reason)).size === 1;
  const found = [
    sentence(shownName(newest.reason)),
    ` ${isOne ? 'It happened' : 'This is the newest; it happened'} ${triedWords(reason)}${untouched(name)}.`,
  ];
  if (setting !== undefined) {
    return { found, advice: 'The line that cures it, for the settings of the hub; restart it afterwards:', setting };
  }
  return { found, advice: sentence(shownName(newest.hint)), setting };
}

function endedCure({ rows, name, code }: Reason): Cure {
  const newest = rows[0];
  if (newest === undefined) return { found: [], advice: '', setting: undefined };
  if (newest.isEarly) {
    return {
      found: [
        sentence(shownName(newest.reason)),
        ` ${rows.length === 1 ? 'It happened once' : `This is the newest of ${grouped(rows.length)}`}.`,
      ],
      advice:
        'A page that was left needs nothing. If it happens to many, look at what admission waits for: a key server, a hook of the application, or a machine that is busy.',
      setting: undefined,
    };
  }
  if (newest.by !== 'gateway' && name === 'closed') {
    return {
      found: [
        newest.by === 'client'
          ? `It said goodbye itself, ${grouped(rows.length)} ${rows.length === 1 ? 'time' : 'times'}: a page that was left, or a program that ended.`
          : 'The network between broke, or what stands between cut it: a proxy with a short idle time-out, a laptop that slept.',
      ],
      advice:
        newest.by === 'client'
          ? 'Nothing needs doing.'
          : code === 1006
            ? 'If it happens to many at once, look at the proxy before the hub. Who lost the line comes back by itself.'
            : '',
      setting: undefined,
    };
  }
  const hint = isEndName(name) ? explainEnd(name).hint : '';
  return { found: [sentence(shownName(newest.reason))], advice: hint, setting: undefined };
}

const isEndName = (name: string): name is EndName => Object.hasOwn(ends, name);
const isRefusalName = (name: string): name is RefusalName => Object.hasOwn(refusals, name);

/** `128 times from 3 addresses`. */
function triedWords({ rows, count }: Reason): string {
  const addresses = new Set(rows.map(({ address }) => address)).size;
  return `${count === 1 ? 'once' : `${grouped(count)} times`} from ${counted(addresses, 'address', 'addresses')}`;
}

/** Whoever is turned away before the credential has shown it to nobody. */
function untouched(name: string): string {
  if (!isRefusalName(name)) return '';
  const isBefore = stages.indexOf(refusals[name].stage) < stages.indexOf('credential');
  return isBefore ? '; its token was never looked at' : '';
}
