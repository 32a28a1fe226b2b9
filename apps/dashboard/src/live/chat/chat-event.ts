// What a message of `chat/<room>` must look like to be shown. The hub has checked it, but it may be newer than this page:
// what has another shape is passed over. Pure.

import type { ChatEvent } from '@telltale/hub/api';

/** Undefined: a kind of event that this page does not know. */
export function chatEventOf(data: unknown): ChatEvent | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const event = data as Readonly<Record<string, unknown>>;
  if (typeof event['by'] !== 'string') return undefined;
  switch (event['type']) {
    case 'said':
      return isText(event['text']) && isAnswer(event['reply']) ? (data as ChatEvent) : undefined;
    case 'edited':
      return (isText(event['text']) || event['text'] === null) && isOffset(event['message'])
        ? (data as ChatEvent)
        : undefined;
    case 'deleted':
      return isOffset(event['message']) ? (data as ChatEvent) : undefined;
    case 'reacted':
      return isOffset(event['message']) && isText(event['emoji']) ? (data as ChatEvent) : undefined;
    default:
      return undefined;
  }
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isOffset = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;
const isAnswer = (value: unknown): boolean => value === undefined || isOffset(value);
