// Fetches what is missing from the hub's store, page by page, and gives it to the model. Knows no row and no frame; who
// fetches is passed in.

import type { HistoryPage } from '@telltale/hub/api';
import type { Hole, OutputModel } from './output-model.ts';

/** One page of messages before a position, the newest of them. */
export type FetchPage = (
  before: { readonly epoch: string; readonly offset: number },
  limit: number,
) => Promise<HistoryPage | 'other-epoch'>;

/** Most messages of one answer. */
export const pageSize = 1_000;

/** Fetches the newest of what is older than the first row: one page. */
export async function fetchOlder(hole: Hole, model: OutputModel, fetchPage: FetchPage): Promise<void> {
  await fetchDown({ ...hole, from: hole.to }, model, fetchPage, pageSize);
}

/** Fetches a hole between two rows from its top, at most `most` messages of it. */
export async function fetchHole(hole: Hole, model: OutputModel, fetchPage: FetchPage, most: number): Promise<void> {
  const end = Math.min(hole.to, hole.from + most - 1);
  for (let from = hole.from; from <= end; from += pageSize) {
    const to = Math.min(end, from + pageSize - 1);
    await fetchDown({ ...hole, from, to }, model, fetchPage, to - from + 1);
  }
}

/** Pages end where the hub says, by count or by bytes, so one may hold only the newer part of what was asked for. */
async function fetchDown(
  { epoch, from, to }: Hole,
  model: OutputModel,
  fetchPage: FetchPage,
  limit: number,
): Promise<void> {
  let end = to;
  while (end >= from) {
    const page = await fetchPage({ epoch, offset: end + 1 }, limit);
    if (page === 'other-epoch' || page.epoch !== epoch) {
      model.gone(epoch, end);
      return;
    }
    const first = page.messages[0]?.offset ?? end + 1;
    model.take(epoch, page.messages);
    if (!page.more || first > end) {
      model.gone(epoch, first - 1);
      return;
    }
    end = first - 1;
  }
}
