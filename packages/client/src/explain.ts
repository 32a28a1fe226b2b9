// Brings the full texts for people when there is something to explain; until they are here, the short hint stands.

import type { EndName, RefusalName } from '@telltale/protocol';
import type { End } from './retry.ts';
import type { Cause } from './types.ts';

/** Calls back with a better cause where the end brought no hint of its own. Without the texts nothing changes. */
export async function explainLater(
  end: End,
  cause: Cause,
  onBetter: (old: Cause, better: Cause) => void,
): Promise<void> {
  if (end.hint) return;
  try {
    const { explainCode, explainEnd, explainRefusal } = await import('@telltale/protocol/explain');
    let text: { readonly reason: string; readonly hint: string } | undefined;
    try {
      text = explainRefusal(cause.name as RefusalName);
    } catch {
      text = explainEnd(cause.name as EndName) as typeof text;
    }
    text ??= explainCode(cause.code);
    onBetter(cause, { ...cause, hint: text.hint, ...(end.reason === '' ? { reason: text.reason } : {}) });
  } catch {
    // The page is offline, or the hub that serves the texts is the one that is away: the short hint stays.
  }
}
