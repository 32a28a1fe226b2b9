// Calls the application's listeners: one that throws is reported and takes nothing else with it.

import type { ClientLogger } from './types.ts';

export function tell<Args extends unknown[]>(
  listeners: Iterable<(...args: Args) => void>,
  logger: ClientLogger,
  ...args: Args
): void {
  for (const listener of [...listeners]) {
    try {
      listener(...args);
    } catch (error) {
      logger.warn('a listener threw', { error });
    }
  }
}
