// The hub's log: readable lines in development, JSON lines in production, and one line for each step of a connection.
// A credential never gets here: paths come without query, and nothing logs a request's headers.

import type { GatewayEvent, GatewayLog, SessionView } from '@telltale/gateway';
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Settings } from './settings.ts';

/** Where lines go. Default: standard error, so that standard output stays for what a person started. */
export type LogSink = NodeJS.WritableStream & { isTTY?: boolean };

export function createLog(settings: Pick<Settings, 'mode' | 'logLevel'>, sink: LogSink = process.stderr): Logger {
  const options = { level: settings.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (settings.mode === 'production') return pino(options, sink);
  return pino(
    options,
    pretty({
      destination: sink,
      colorize: sink.isTTY === true,
      translateTime: 'SYS:HH:MM:ss.l',
      singleLine: true,
      ignore: 'pid,hostname',
    }),
  );
}

// Control characters, separators and marks that change the direction of text: a name must not forge a line.
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function plain(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return short.replace(unprintable, '?');
}

function userOf(session: SessionView): string {
  const { kind, name, subject } = session.identity;
  if (kind === 'anonymous') return 'anonymous';
  return plain(name === undefined || name === subject ? subject : `${subject} (${name})`);
}

/** Turns the gateway's events into log lines, each with the attempt's id. */
export function logEvents(log: GatewayLog): (event: GatewayEvent) => void {
  return (event) => {
    if (event.type === 'attempt' || event.type === 'subscribed' || event.type === 'unsubscribed') return;
    if (event.type === 'renewed') {
      const { session } = event;
      log.debug({ attempt: session.attempt.attempt, session: session.id }, `Token renewed for ${userOf(session)}`);
      return;
    }
    const { attempt, address, origin, path, title = 'Unknown path' } = event.attempt;
    const where = { attempt, address: plain(address), origin: origin ?? null, path };
    switch (event.type) {
      // The attempt is told when it is decided, for only then is it known from whom it was.
      case 'refused': {
        const { code, name, stage, reason, detail, setting } = event.refusal;
        const user = event.user === undefined ? 'unknown' : plain(event.user);
        log.info(where, `[${title}] Connection attempt from user ${user}`);
        const fields = { attempt, code, name, stage, detail, setting };
        log.warn(fields, `[${title}] Refused: ${code} ${name}: ${reason}`);
        return;
      }
      case 'admitted': {
        const { session, warning } = event;
        log.info(where, `[${title}] Connection attempt from user ${userOf(session)}`);
        const fields = { attempt, session: session.id, scope: session.identity.scope };
        log.info(fields, `[${title}] Admitted ${userOf(session)}`);
        if (warning !== undefined) log.warn({ attempt }, `[${title}] ${warning}`);
        return;
      }
      case 'ended': {
        const { session, code, name, reason, by, wasClean, durationMs } = event;
        const fields = { attempt, session: session.id, code, name, by, wasClean, durationMs: Math.round(durationMs) };
        const why = reason === '' || reason === name ? '' : `: ${plain(reason)}`;
        log.info(fields, `[${title}] Ended for ${userOf(session)}: ${code} ${name}${why}`);
        return;
      }
    }
  };
}
