// The shape of what a message points at, checked field by field. What is quoted in it, lines and the picture of a chart, is
// bounded here, since each reader of the room gets it; whether it is true is nobody's to say.

import { channelPartGrammar, isChannelName, isChannelPart } from '@telltale/protocol';
import { z } from 'zod';
import type { ChatCard } from '../api.ts';

/** Of a picture, in UTF-16 units of its JSON. */
const mostPictureUnits = 8 * 1024;
const mostPoints = 120;
/** Longest range a chart shows: the splits of its axis are drawn one by one. */
const mostRangeMs = 24 * 3_600_000;
/** Beyond it a number is no reading any more, and its digits would fill the screen. */
const mostValue = 1e15;

const offset = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const time = z.number().nonnegative().max(8.64e15);
const part = z.string().refine(isChannelPart, `expected ${channelPartGrammar}`);

/** A word on a screen: letters, figures, signs and spaces, none that turns the direction or has no width. */
const word = z
  .string()
  .regex(/^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]{0,120}$/u, 'expected at most 120 characters that can be seen');
const values = z.array(z.number().min(-mostValue).max(mostValue).nullable()).max(mostPoints);
const picture = z
  .strictObject({
    times: z.array(time).min(1).max(mostPoints),
    lines: z
      .array(z.strictObject({ name: word, values }))
      .min(1)
      .max(4),
    band: z.strictObject({ name: word, low: values, high: values }).optional(),
    unit: word,
    top: z.number().positive().max(mostValue),
    holes: z.array(z.strictObject({ from: time, to: time, reason: word })).max(8),
  })
  .superRefine((given, context) => {
    const { times, lines, band } = given;
    const found = JSON.stringify(given).length;
    const wrong = (message: string): void => context.addIssue({ code: 'custom', message });
    if (found > mostPictureUnits) wrong(`found ${found} characters, expected at most ${mostPictureUnits}`);
    if (times.some((at, index) => at <= (times[index - 1] ?? -1))) wrong('expected times that rise');
    const columns = [...lines.map((line) => line.values), ...(band === undefined ? [] : [band.low, band.high])];
    if (columns.some(({ length }) => length !== times.length)) wrong('expected a value or null for each time');
  });

export const chatCard: z.ZodType<ChatCard> = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('chart'),
      agent: part,
      chart: z.string().min(1).max(64),
      from: time,
      to: time,
      picture: picture.optional(),
    })
    .refine(({ from, to }) => to > from && to - from <= mostRangeMs, 'expected a range of at most 24 hours'),
  z.strictObject({
    type: z.literal('lines'),
    channel: z
      .string()
      .refine(
        (name) => isChannelName(name) && /^(?:logs|runs)\//.test(name),
        'expected logs/<agent>/<file> or runs/<run>',
      ),
    epoch: z.string().regex(/^[a-z0-9]{1,64}$/, 'expected an epoch'),
    from: offset,
    to: offset,
    lines: z.array(z.string().max(1000)).min(1).max(20),
    of: offset.optional(),
  }),
  z.strictObject({ type: z.literal('run'), run: part }),
]) as unknown as z.ZodType<ChatCard>;
