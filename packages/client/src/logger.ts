// Where the client's log lines go unless the application says otherwise: the console, without the debug lines.

import type { ClientLogger } from './types.ts';

export const consoleLogger: ClientLogger = {
  debug() {},
  info: (text, fields) => console.info(`[telltale] ${text}`, fields ?? ''),
  warn: (text, fields) => console.warn(`[telltale] ${text}`, fields ?? ''),
};
