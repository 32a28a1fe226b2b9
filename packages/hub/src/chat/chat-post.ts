// The shape of what is posted to a room, checked field by field; a text that is not as it should be is told in words. Whether
// what it is about exists, and is the sender's, is judged behind it (chat-desk.ts).

import type { StandardSchema } from '@telltale/gateway';
import { z } from 'zod';
import type { ChatEvent, ChatPost } from '../api.ts';
import { chatCard } from './chat-card.ts';
import { checkText, isEmoji } from './chat-text.ts';

/** A post with its type, which may be left out. */
export type TypedPost =
  | Extract<ChatPost, { type: string }>
  | (Extract<ChatPost, { text: string; type?: 'said' }> & { readonly type: 'said' });

const text = z.string().transform((given, context) => {
  const checked = checkText(given);
  if (checked.kind === 'text') return checked.text;
  context.addIssue({ code: 'custom', message: checked.why });
  return z.NEVER;
});
const offset = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const emoji = z.string().refine(isEmoji, 'expected one emoji');

const post = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('said'), text, reply: offset.optional(), card: chatCard.optional() }),
  z.strictObject({ type: z.literal('edited'), message: offset, text }),
  z.strictObject({ type: z.literal('deleted'), message: offset }),
  z.strictObject({ type: z.literal('reacted'), message: offset, emoji, on: z.boolean() }),
]);

/** Of `chat/<room>`. What is posted becomes an event only behind it, when its sender is known. */
export const chatPost: StandardSchema<ChatEvent> = z.preprocess(
  (given) => (isPlainText(given) ? { type: 'said', ...given } : given),
  post,
) as unknown as StandardSchema<ChatEvent>;

function isPlainText(given: unknown): given is object {
  return typeof given === 'object' && given !== null && !Object.hasOwn(given, 'type');
}
