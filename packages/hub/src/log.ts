// The hub's log: readable lines in development, JSON lines in production. The gateway writes its line for each attempt,
// refusal and end into it. A credential never gets here: paths come without query, and nothing logs a request's headers.

import type { GatewayLog } from '@telltale/gateway';
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Settings } from './settings.ts';

/** Where lines go. Default: standard error, so that standard output stays for what a person started. */
export type LogSink = NodeJS.WritableStream & { isTTY?: boolean };

// Control characters, separators and marks that change the direction of text: a name must not forge a line.
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const longestText = 1000;

/** A text from outside as one line of bounded length. */
export function plainLine(text: string): string {
  const short = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  return short.replace(unprintable, '?');
}

export function createLog(settings: Pick<Settings, 'mode' | 'logLevel'>, sink: LogSink = process.stderr): Logger {
  const options: pino.LoggerOptions = {
    level: settings.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    hooks: {
      logMethod(values, method) {
        const [fields, text, ...rest] = values as [unknown, unknown, ...unknown[]];
        method.apply(this, [fields, typeof text === 'string' ? plainLine(text) : text, ...rest] as never);
      },
    },
  };
  if (settings.mode === 'production') return pino(options, sink);
  return pino(
    options,
    pretty({
      destination: sink,
      colorize: sink.isTTY === true,
      translateTime: 'SYS:HH:MM:ss.l',
      singleLine: true,
      // pino-pretty takes `name` for the logger's; what ended or was refused says its name in the text.
      ignore: 'pid,hostname,name',
    }),
  );
}

/** A log that also gives each line about an attempt, as one line of text, to a listener; debug lines are not for keeps. */
export function tapLog(log: GatewayLog, onLine: (attempt: string, line: string) => void): GatewayLog {
  const tapped =
    (level: 'info' | 'warn' | 'error') =>
    (fields: object, text: string): void => {
      log[level](fields, text);
      const { attempt, address, origin, path } = fields as Readonly<Record<string, unknown>>;
      if (typeof attempt !== 'string') return;
      const facts = Object.entries({ attempt, address, origin, path }).filter(([, value]) => typeof value === 'string');
      const line = `${new Date().toISOString()} ${level} ${text} ${facts.map(([name, value]) => `${name}=${String(value)}`).join(' ')}`;
      onLine(attempt, plainLine(line));
    };
  return {
    debug: (fields, text) => log.debug(fields, text),
    info: tapped('info'),
    warn: tapped('warn'),
    error: tapped('error'),
  };
}
