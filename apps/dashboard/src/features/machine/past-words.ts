// What a machine's page says and shows of a span of the past that a message leads to: what is kept of it, and where that is
// gone, the chart as the message has it. Pure.

import type { ChatCard, ChartPicture } from '@telltale/hub/api';
import type { ChartSpan } from '../../ui/chart/chart-columns.ts';
import { chartDefinitions } from './charts-model.ts';

/** One of the charts as somebody saw it, in the place of what is not kept any more. */
export interface SharedPicture {
  /** The chart's id. */
  readonly chart: string;
  readonly picture: ChartPicture;
}

interface Kept {
  readonly agent: string;
  readonly span: ChartSpan;
  /** Time of the first sample that is kept; undefined: none is. */
  readonly firstAt: number | undefined;
}

/** Undefined: the card is of something else, or what is kept tells as much. */
export function sharedPicture(
  card: Extract<ChatCard, { type: 'chart' }>,
  { agent, span, firstAt }: Kept,
): SharedPicture | undefined {
  const { chart, picture } = card;
  const [begun] = picture?.times ?? [];
  if (picture === undefined || begun === undefined || card.agent !== agent) return undefined;
  if (Math.round(card.from) !== span.from || Math.round(card.to) !== span.to) return undefined;
  return firstAt === undefined || begun < firstAt ? { chart, picture } : undefined;
}

export function pastWords(firstAt: number | undefined, shared: SharedPicture | undefined): string {
  if (firstAt !== undefined && shared === undefined) return 'As it was then.';
  const gone = `${firstAt === undefined ? 'No' : 'Not all'} samples of that time are kept any more`;
  if (shared === undefined) return `${gone}.`;
  const title = chartDefinitions.find(({ id }) => id === shared.chart)?.title ?? 'the chart';
  return `${gone}: ${title} is drawn as the message has it.`;
}
