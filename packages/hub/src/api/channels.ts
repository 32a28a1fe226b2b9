// What publishing and reading history by HTTP take and answer: types only.

import type { Once, Position } from '@telltale/protocol';

/** As the `publish` frame, by a Bearer, at most 1,000 requests and 2.5 MiB in 10 s; `data: null` removes a key of a table. */
export interface PublishRequest {
  readonly channel: string;
  readonly key?: string;
  readonly data: unknown;
  readonly once?: Once;
}

export interface PublishAnswer {
  readonly position: Position;
  readonly duplicate: boolean;
}

/** Older messages, oldest first; `position` is the head at which the page is true. Another epoch answers 409. */
export interface HistoryPage {
  readonly channel: string;
  readonly epoch: string | null;
  readonly position: Position | null;
  readonly messages: readonly {
    readonly offset: number;
    readonly time: number;
    readonly key?: string;
    readonly data: unknown;
  }[];
  readonly more: boolean;
}
