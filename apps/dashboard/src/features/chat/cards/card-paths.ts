// Where cards lead, and what an address of such a place says. Pure.

import type { ChatCard } from '@telltale/hub/api';
import { isChannelPart } from '@telltale/protocol';

type Chart = Extract<ChatCard, { type: 'chart' }>;
type Lines = Extract<ChatCard, { type: 'lines' }>;

/** Where a message stands. */
export interface MessagePlace {
  readonly room: string;
  readonly offset: number;
}

/** What a chart card calls the attempts to connect; they are the hub's, as its own machine is. */
export const attemptsChart: Pick<Chart, 'agent' | 'chart'> = { agent: 'local', chart: 'attempts' };

export function isAttemptsChart({ agent, chart }: Pick<Chart, 'agent' | 'chart'>): boolean {
  return agent === attemptsChart.agent && chart === attemptsChart.chart;
}

/**
 * A machine at a moment. `place`: the message that says how it was, for when its samples are gone. Attempts have a page that
 * knows no moment: it leads there, with all reasons that are kept.
 */
export function momentPath(
  { agent, chart, from, to }: Pick<Chart, 'agent' | 'chart' | 'from' | 'to'>,
  place?: MessagePlace,
): string {
  if (isAttemptsChart({ agent, chart })) return '/connections?range=all';
  const shared = place === undefined ? '' : `&shared=${place.room}:${place.offset}`;
  return `/agents/${encodeURIComponent(agent)}?from=${Math.round(from)}&to=${Math.round(to)}${shared}`;
}

/** The message from which an address of a moment was opened. */
export function sharedIn(query: URLSearchParams): MessagePlace | undefined {
  const [, room, offset] = /^([^:]*):(\d{1,15})$/.exec(query.get('shared') ?? '') ?? [];
  return isChannelPart(room) ? { room, offset: Number(offset) } : undefined;
}

/** Lines in their output; undefined: in none that has a page. */
export function linesPath({ channel, epoch, from }: Pick<Lines, 'channel' | 'epoch' | 'from'>): string | undefined {
  const [kind, id, file] = channel.split('/');
  const at = `at=${epoch}:${from}`;
  if (kind === 'runs' && id !== undefined && file === undefined) return `/runs/${id}?${at}`;
  if (kind === 'logs' && id !== undefined && file !== undefined) return `/agents/${id}?log=${file}&${at}`;
  return undefined;
}

/** A message in its room. */
export function messagePath(room: string, offset: number): string {
  return `/chat/${room}?at=${offset}`;
}

/** The message that an address of a room asks for. */
export function messageOf(query: URLSearchParams): number | undefined {
  const at = query.get('at') ?? '';
  return /^\d{1,15}$/.test(at) ? Number(at) : undefined;
}

/** The span that an address asks for; undefined: none, or none that can be. */
export function spanOf(query: URLSearchParams): { readonly from: number; readonly to: number } | undefined {
  const [from, to] = [Number(query.get('from') ?? NaN), Number(query.get('to') ?? NaN)];
  const isSpan = Number.isSafeInteger(from) && Number.isSafeInteger(to) && from > 0 && to > from;
  return isSpan && to - from <= 24 * 3_600_000 ? { from, to } : undefined;
}

/** The line that an address asks for. */
export function lineOf(query: URLSearchParams): { readonly epoch: string; readonly offset: number } | undefined {
  const [, epoch, offset] = /^([a-z0-9]{1,64}):(\d{1,15})$/.exec(query.get('at') ?? '') ?? [];
  return epoch === undefined ? undefined : { epoch, offset: Number(offset) };
}
