// Rows of the tables as the hub tells them, for the tests of the models.

import type { EndingRow, RefusalRow, SessionRow } from '@telltale/hub/api';

const facts = {
  attempt: 'AAAAAAAAAAAAAAAAAAAAAA',
  address: '203.0.113.77',
  origin: 'https://ops.example.com',
  path: '/ws/dashboard/',
  program: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
} as const;

export function refusalRow(more: Partial<RefusalRow> = {}): RefusalRow {
  return {
    ...facts,
    id: 'r1',
    code: 4403,
    name: 'origin-not-allowed',
    stage: 'origin',
    reason: 'pages of origin "https://ops.example.com" may not connect to this gateway',
    hint: 'Add it where the gateway runs, behind the origins that are there: TELLTALE_ALLOWED_ORIGINS=https://ops.example.com',
    setting: 'TELLTALE_ALLOWED_ORIGINS=https://dash.example.com,https://ops.example.com',
    detail: null,
    user: null,
    first: 1_000,
    last: 2_000,
    count: 1,
    ...more,
  };
}

export function endingRow(more: Partial<EndingRow> = {}): EndingRow {
  return {
    ...facts,
    session: 's1',
    code: 4419,
    name: 'token-expired',
    reason: 'the token expired and was not renewed in time',
    by: 'gateway',
    wasClean: true,
    user: 'ada',
    kind: 'user',
    since: 1_000,
    endedAt: 2_000,
    ...more,
  };
}

export function sessionRow(more: Partial<SessionRow> = {}): SessionRow {
  return {
    ...facts,
    session: 's2',
    user: 'ada',
    kind: 'user',
    scope: 'viewer',
    since: 1_000,
    roundTripMs: 38,
    subscriptions: 14,
    behind: 0,
    behindSince: null,
    sentBytes: 1_000,
    sentMessages: 20,
    receivedBytes: 300,
    ...more,
  };
}
