// What agents may report: the schemas of their channels. Machines are not trusted to send what they should: every text
// has a length, every list a number, and what is not known is refused by name.

import { mostDisks, mostMountCharacters } from '@telltale/agent';
import { gapReasons, type LogMessage, type RunEvent } from '@telltale/agent/run-events';
import type { MetricsMessage, ProcessRow } from '@telltale/agent/sample';
import type { StandardSchema } from '@telltale/gateway';
import { z } from 'zod';

/** Longest text of one line or part, in characters. */
const mostText = 16_384;

const time = z.number().nonnegative().max(8.64e15);
const amount = z.number().nonnegative();
const count = z.number().int().nonnegative();
const short = z.string().max(256);
const id = z.string().min(1).max(64);
const sentence = z.string().max(2000);

const dropped = z.strictObject({
  type: z.literal('gap'),
  at: time,
  count,
  orMore: z.literal(true).optional(),
  from: time,
  to: time,
  reason: z.enum(gapReasons),
});

const line = {
  type: z.literal('line'),
  at: time,
  text: z.string().max(mostText),
  part: count.optional(),
  more: z.literal(true).optional(),
};

/** Of `logs/<agent>/<file>`. */
export const logMessage: StandardSchema<LogMessage> = z.discriminatedUnion('type', [
  z.strictObject(line),
  dropped,
]) as unknown as StandardSchema<LogMessage>;

const attribute = z.union([z.string().max(2000), z.number(), z.boolean(), z.null()]);

/** Of `runs/<run>`. */
export const runEvent: StandardSchema<RunEvent> = z.discriminatedUnion('type', [
  z.strictObject({ ...line, stream: z.literal('err').optional(), step: id.optional() }),
  dropped,
  z.strictObject({
    type: z.literal('started'),
    at: time,
    name: short.min(1),
    command: z.string().max(4000).optional(),
    by: short.optional(),
  }),
  z.strictObject({
    type: z.literal('text'),
    at: time,
    id,
    text: z.string().max(mostText),
    step: id.optional(),
    isLast: z.literal(true).optional(),
  }),
  z.strictObject({ type: z.literal('step'), at: time, id, parent: id.optional(), name: short.min(1) }),
  z.strictObject({
    type: z.literal('step-ended'),
    at: time,
    id,
    outcome: z.enum(['succeeded', 'failed', 'cancelled']),
    error: sentence.optional(),
  }),
  z.strictObject({
    type: z.literal('progress'),
    at: time,
    done: z.number().min(0).max(1).nullable(),
    note: short.optional(),
  }),
  z.strictObject({
    type: z.literal('attributes'),
    at: time,
    set: z.record(z.string().min(1).max(128), attribute).refine((set) => Object.keys(set).length <= 100, {
      message: 'expected at most 100 attributes',
    }),
    step: id.optional(),
  }),
  z.strictObject({ type: z.literal('cancelling'), at: time, by: short }),
  z.strictObject({
    type: z.literal('ended'),
    at: time,
    outcome: z.enum(['succeeded', 'failed', 'cancelled', 'lost']),
    exitCode: z.number().int().optional(),
    signal: z.string().max(32).optional(),
    error: sentence.optional(),
    result: z.unknown().optional(),
  }),
]) as unknown as StandardSchema<RunEvent>;

const bytes = z.object({ used: amount, total: amount });

/** Of `metrics/<agent>`. Fields that are not known are left out: a newer agent may say more. */
export const metricsMessage: StandardSchema<MetricsMessage> = z.union([
  z.object({
    at: time,
    intervalMs: z.number().positive().max(3_600_000),
    cpu: z.object({
      total: amount.max(100),
      cores: z.array(amount.max(100)).max(1024),
      load: z.tuple([amount, amount, amount]),
    }),
    memory: bytes.extend({ swap: bytes.optional() }),
    disks: z.array(bytes.extend({ mount: z.string().max(mostMountCharacters) })).max(mostDisks),
    disksLeftOut: count.optional(),
    diskRate: z.object({ read: amount, write: amount }).optional(),
    networkRate: z.object({ in: amount, out: amount }).optional(),
    temperature: z.number().optional(),
    uptime: amount,
    // From the hub's own machine only; a remote agent's is passed over.
    hub: z.unknown().optional(),
  }),
  dropped,
]) as unknown as StandardSchema<MetricsMessage>;

/** Of `processes/<agent>`. */
export const processRow: StandardSchema<ProcessRow> = z.object({
  pid: count,
  name: short,
  cpu: amount,
  rss: amount,
  user: short,
}) as unknown as StandardSchema<ProcessRow>;
