// The gateway's limits, checked before sending: what can't be sent is said to its sender, not found out by an end.

import { isKey, isNestedWithin, type Limits } from '@telltale/protocol';

/** Bytes of a value as JSON in UTF-8; undefined: it is no JSON value. */
export function byteLength(value: unknown): number | undefined {
  try {
    const json = JSON.stringify(value) as string | undefined;
    return json === undefined ? undefined : new TextEncoder().encode(json).length;
  } catch {
    return undefined;
  }
}

/** Why a message can't be sent within these limits; undefined: it can. */
export function unsendable(
  item: { readonly data: unknown; readonly key?: string; readonly bytes: number },
  { maxMessageBytes, maxFrameBytes, maxDepth }: Limits,
): { code: number; message: string } | undefined {
  const most = Math.min(maxMessageBytes, maxFrameBytes - 512);
  if (item.bytes > most)
    return { code: 1009, message: `found a message of ${item.bytes} bytes, expected at most ${most}` };
  const { key } = item;
  if (key !== undefined && !isKey(key)) {
    return { code: 4400, message: `found a key of ${String(key).length} characters, expected 1 to 256` };
  }
  if (isNestedWithin(item.data, maxDepth - 3)) return undefined;
  return { code: 4400, message: `found data nested deeper than ${maxDepth - 3}, expected less` };
}

/** Paces frames by the session's rates. */
export interface RateGate {
  /** Takes a frame of so many bytes: 0, or after how many milliseconds to ask again. */
  take(bytes: number): number;
  /** A session with these limits began. */
  begin(limits: Limits): void;
}

export function createRateGate(now: () => number): RateGate {
  let limits: Limits | undefined;
  let frames = 0;
  let bytesLeft = 0;
  let at = 0;
  return {
    begin(begun) {
      limits = begun;
      // Half, so that subscribing anew and answering pings have room too.
      frames = begun.frameBurst / 2;
      bytesLeft = begun.byteBurst / 2;
      at = now();
    },
    take(bytes) {
      if (limits === undefined) return 0;
      const { framesPerSecond, bytesPerSecond, frameBurst, byteBurst } = limits;
      const seconds = Math.max(0, now() - at) / 1000;
      at = now();
      frames = Math.min(frameBurst / 2, frames + (seconds * framesPerSecond) / 2);
      bytesLeft = Math.min(byteBurst / 2, bytesLeft + (seconds * bytesPerSecond) / 2);
      const wait = Math.max(
        (1 - frames) / (framesPerSecond / 2),
        (Math.min(bytes, byteBurst / 2) - bytesLeft) / (bytesPerSecond / 2),
      );
      // Limits an older gateway does not state make no number: then nothing is paced.
      if (wait > 0) return Math.ceil(wait * 1000);
      frames -= 1;
      bytesLeft -= bytes;
      return 0;
    },
  };
}
