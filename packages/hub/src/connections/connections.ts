// Everything the hub remembers and tells of attempts to connect, put together: the recorder, its tables and rates, what is
// stored of it, and the lines of the log that belong to an attempt. Fed by the gateway's events. Operators read it.

import type { AttemptOutcome, Gateway, GatewayEvent, GatewayLog } from '@telltale/gateway';
import type { AttemptRecord, EndingRow, RefusalRow } from '../api.ts';
import type { HubChannels } from '../channels.ts';
import { LiveTable } from '../live-table.ts';
import { tapLog } from '../log.ts';
import type { Storage } from '../storage/storage.ts';
import { endedByRestart } from './attempt-record.ts';
import { returnMs } from './attempt-rates.ts';
import { attemptRetention, createAttemptSaver } from './attempt-saver.ts';
import { Recorder } from './recorder.ts';
import { createSessionsTable } from './sessions-table.ts';

const tickMs = 250;
/** Rows of `refusals` and `endings` published in one tick. */
const mostPerTick = 100;
const mostEndings = 500;
const dayMs = 24 * 3_600_000;
const everyExpiryMs = 60_000;
/** Records that are read back at a start, beside those of the last minute; older ones stay on the disk. */
const newestRecords = 2_000;

export interface ConnectionsOptions {
  readonly storage: Pick<Storage, 'attemptFacts' | 'attempt' | 'endLiveAttempts' | 'saveAttempts' | 'dropAttempts'>;
  readonly gateway: () => Pick<
    Gateway<HubChannels>,
    'publish' | 'publishBatch' | 'read' | 'hasReaders' | 'sessions' | 'onInterest'
  >;
  readonly log: GatewayLog;
}

export interface Connections {
  /** The newest time among what was stored before this hub started; undefined: nothing was. */
  readonly newestAt: number | undefined;
  /** The hub's log, whose lines about an attempt are also kept with it. */
  readonly log: GatewayLog;
  onEvent(event: GatewayEvent): void;
  /** Everything the hub remembers of one attempt. */
  record(id: string): Promise<AttemptRecord | undefined>;
  /** What became of an attempt that the gateway has forgotten; for the page that made it. */
  outcome(id: string): AttemptOutcome | undefined;
  start(): void;
  stop(): void;
  /** Saves what is not saved. */
  flush(): Promise<void>;
}

export async function createConnections({ storage, gateway, log }: ConnectionsOptions): Promise<Connections> {
  const sessions = createSessionsTable(gateway, log);
  const refusals = new LiveTable({ gateway, channel: 'refusals', everyMs: 1_000, log, mostPerTick });
  const endings = new LiveTable({ gateway, channel: 'endings', everyMs: 1_000, log, mostPerTick });
  /** The keys of `endings`, the first to have ended first. */
  const ended = new Set<string>();
  const saver = createAttemptSaver({ storage, recorder: () => recorder, log });
  const recorder: Recorder = new Recorder({
    onEnded: (ending) => putEnding(ending),
    onChanged: (id, saved) => saver.changed(id, saved),
    onEvicted: (id, record) => saver.evicted(id, record),
    onForgotten(gone) {
      for (const id of gone.refusals) refusals.remove(id);
      saver.forgotten(gone);
    },
  });

  const putEnding = (ending: EndingRow): void => {
    const key = ending.session ?? ending.attempt;
    endings.put(key, ending);
    ended.add(key);
    if (ended.size <= mostEndings) return;
    const [oldest = ''] = ended;
    ended.delete(oldest);
    endings.remove(oldest);
  };

  const beganAt = Date.now();
  const facts = await storage.attemptFacts(newestRecords, beganAt - returnMs);
  await storage.endLiveAttempts();
  const records = facts.records.map((text) => JSON.parse(text) as AttemptRecord);
  const restoredEndings = records.flatMap((record) => recorder.restore(record, beganAt) ?? []);
  for (const ending of restoredEndings.toSorted((one, other) => one.endedAt - other.endedAt)) {
    putEnding(ending);
    // Whoever was here before comes back now.
    if (ending.session !== null) recorder.rates.wentAway(ending, ending.endedAt);
  }
  const rows = facts.refusals.map((text) => JSON.parse(text) as RefusalRow);
  for (const row of rows) {
    const attempts = records.flatMap(({ attempt, refusal }) => (refusal?.id === row.id ? [attempt] : []));
    recorder.rows.restore(row, attempts);
    saver.restored([row.id, ...attempts]);
    refusals.put(row.id, row);
  }

  const times = [...records.map(({ at, ending }) => ending?.endedAt ?? at), ...rows.map(({ last }) => last)];

  let expiredAt = 0;
  /** What is kept no longer on the disk is not told from memory either. */
  const expire = (now: number): void => {
    expiredAt = now;
    const before = now - attemptRetention.days * dayMs;
    recorder.expire(before);
    for (const key of ended) {
      if ((endings.get(key)?.endedAt ?? 0) >= before) break;
      ended.delete(key);
      endings.remove(key);
    }
  };
  const tick = (): void => {
    const now = Date.now();
    sessions.tick();
    const changed = recorder.rows.takeChanged(now);
    for (const row of changed) refusals.put(row.id, row);
    saver.refused(changed);
    refusals.tick();
    endings.tick();
    if (Math.abs(now - expiredAt) >= everyExpiryMs) expire(now);
    for (const rates of recorder.rates.take(now)) {
      gateway()
        .publish('attempts', rates)
        .catch((error: unknown) => log.error({ err: error }, 'Counts of attempts could not be published'));
    }
    saver.tick();
  };
  const tables = { sessions, refusals, endings };
  let timer: NodeJS.Timeout | undefined;
  let forgetInterest = (): void => {};

  return {
    newestAt: times.length === 0 ? undefined : times.reduce((one, other) => Math.max(one, other)),
    log: tapLog(log, (attempt, line) => recorder.onLine(attempt, line)),
    onEvent(event) {
      recorder.onEvent(event);
      sessions.onEvent(event);
    },
    async record(id) {
      const found = recorder.record(id) ?? saver.held(id);
      if (found !== undefined) return found;
      const text = await storage.attempt(id);
      if (text === undefined) return undefined;
      const record = JSON.parse(text) as AttemptRecord;
      return record.at < beganAt ? endedByRestart(record, beganAt) : record;
    },
    outcome: (id) => recorder.outcome(id),
    start() {
      timer = setInterval(tick, tickMs);
      timer.unref();
      forgetInterest = gateway().onInterest((channel, interested) => {
        if (!interested || !(channel in tables)) return;
        tables[channel as keyof typeof tables]
          .restore()
          .catch((error: unknown) => log.error({ err: error, channel }, 'A table could not be read'));
      });
    },
    stop() {
      clearInterval(timer);
      forgetInterest();
    },
    async flush() {
      saver.refused(recorder.rows.takeChanged());
      await saver.flush();
    },
  };
}
