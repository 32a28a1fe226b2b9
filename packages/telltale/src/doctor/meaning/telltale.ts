// What a Telltale gateway says by HTTP when it does not upgrade: a refusal, or which headers of a handshake arrived. Pure.

import type { PublicRefusal } from '@telltale/protocol';

export type GatewayWord =
  | { readonly kind: 'refusal'; readonly refusal: PublicRefusal }
  /** It got a plain request: these headers of a handshake are missing. */
  | { readonly kind: 'eaten'; readonly missing: readonly string[] };

/** Reads the body of an answer; undefined: it is not of a Telltale gateway. */
export function gatewayWord(body: string): GatewayWord | undefined {
  const value = parseObject(body);
  if (value === undefined) return undefined;
  const { code, name, missing } = value;
  if (name === 'upgrade-missing' && Array.isArray(missing)) {
    return { kind: 'eaten', missing: missing.map(String) };
  }
  if (typeof code === 'number' && code >= 4000 && code < 5000 && typeof name === 'string' && /^[a-z-]+$/.test(name)) {
    return { kind: 'refusal', refusal: value as unknown as PublicRefusal };
  }
  return undefined;
}

/** A JSON object; undefined: it is none. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
