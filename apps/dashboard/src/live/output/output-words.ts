// The rows between lines, in words: what is missing and why, what can be fetched. Pure.

import type { DroppedMessages } from '@telltale/agent/run-events';
import type { HoleRow, NoteRow } from '../../ui/output/rows.ts';
import { clock } from '../../words/time.ts';
import { counted } from '../../words/units.ts';
import type { HoleState } from './output-model.ts';

const reasons: Readonly<Record<DroppedMessages['reason'], string>> = {
  'spool-full': 'The agent’s spool was full.',
  'disk-full': 'The agent’s disk was full.',
  refused: 'The hub refused them.',
  'too-large': 'They were too large to send.',
  'spool-damaged': 'The agent’s spool was damaged.',
  rotated: 'The log file was rotated away or emptied before the agent could read them.',
};

/** `214 lines missing, 14:06:04 to 14:06:11. The agent’s spool was full.` */
export function missingRow(key: string, { count, orMore, from, to, reason }: DroppedMessages): NoteRow {
  const lines = counted(count, 'line', 'lines');
  const known = orMore === true ? `At least ${lines} missing` : `${lines} missing`;
  const title = orMore === true && count === 0 ? 'An unknown number of lines may be missing' : known;
  const [began, ended] = [clock(from), clock(to)];
  const when = began === ended ? `at ${began}` : `${began} to ${ended}`;
  // A newer agent may know more reasons than this page.
  const why = Object.hasOwn(reasons, reason) ? ` ${reasons[reason]}` : '';
  return {
    kind: 'note',
    key,
    look: 'gap',
    title,
    detail: `, ${when}.${why}`,
  };
}

/** Lines that this page was not sent, or let go; the hub has them. `lines`: exactly so many, where that is known. */
export function skippedRow(
  key: string,
  skipped: { readonly messages: number; readonly lines: number | undefined; readonly state: HoleState | undefined },
): HoleRow {
  const { messages, lines, state } = skipped;
  const count = lines ?? messages;
  // Not each message is a line of its own: some are parts of one, or no output.
  const title = `${lines === undefined && count > 1 ? 'Up to ' : ''}${counted(count, 'line', 'lines')} skipped`;
  return { kind: 'hole', key, title, isAutomatic: false, ...said(state, '. The hub has them.', 'Show them') };
}

/** What comes before the first line that is here. */
export function olderRow(key: string, lines: number | undefined, state: HoleState | undefined): HoleRow {
  const title = lines === undefined ? 'Older output' : counted(lines, 'older line', 'older lines');
  return { kind: 'hole', key, title, isAutomatic: true, ...said(state, '', 'Show older') };
}

function said(
  state: HoleState | undefined,
  detail: string,
  action: string,
): Pick<HoleRow, 'state' | 'detail' | 'action'> {
  if (state === undefined) return { state: 'shut', detail, action };
  if (state.kind === 'opening') return { state: 'opening', detail: '. Asking the hub for them.', action };
  return { state: 'failed', detail: `. ${state.why}`, action: 'Try again' };
}

/** What nobody has any more: retention took it. At the top, or between two lines. */
export function goneRow(key: string, where: 'older' | 'between', lines: number | undefined): NoteRow {
  const isOlder = where === 'older';
  const [one, many] = isOlder ? (['older line', 'older lines'] as const) : (['line', 'lines'] as const);
  return {
    kind: 'note',
    key,
    look: isOlder ? 'quiet' : 'gap',
    title: lines !== undefined ? counted(lines, one, many) : isOlder ? 'Older output' : 'Output between',
    detail: `${lines === undefined || lines === 1 ? ' is' : ' are'} no longer kept by the hub.`,
  };
}

/** The log lost its content and began a new life; what is above is from the one before. */
export function anewRow(key: string, at: number): NoteRow {
  return {
    kind: 'note',
    key,
    look: 'gap',
    title: 'The hub began this output anew',
    detail: `, ${clock(at)}. What is above was read before; lines between may be missing.`,
  };
}
