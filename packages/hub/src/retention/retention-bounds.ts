// What may be chosen for how long and how much is kept, and what holds until somebody chooses. Read by the route and by
// who keeps to it.

import { z } from 'zod';
import type { Retention } from '../api.ts';

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;

export const defaultRetention: Retention = {
  runDays: 30,
  runBytes: 2 * gibibyte,
  logDays: 14,
  logBytes: gibibyte,
};

const days = z
  .number()
  .refine((found) => Number.isInteger(found) && found >= 1 && found <= 3650, 'expected whole days, from 1 to 3,650');
const bytes = z
  .number()
  .refine(
    (found) => Number.isInteger(found) && found >= mebibyte && found <= 1024 * gibibyte,
    'expected whole bytes, from 1,048,576 (1 MiB) to 1,099,511,627,776 (1 TiB)',
  );

export const retentionSchema: z.ZodType<Retention> = z.strictObject({
  runDays: days,
  runBytes: bytes,
  logDays: days,
  logBytes: bytes,
});

export function isRetention(value: unknown): value is Retention {
  return retentionSchema.safeParse(value).success;
}
