// Frames of growing size: what stands between may end the connection at one that the server would take. To a Telltale
// gateway they are pings with padding, which do nothing; to others they are sent only where that was asked for.

import { type Check, done, type Exam, fail, pass, skip, type Trouble, warn } from '../check.ts';
import type { Line, LineEnd } from '../wire/line.ts';

const kilobytes: readonly number[] = [1, 4, 16, 32, 60];

/** How long an answer is waited for, in milliseconds. */
const patienceMs = 3000;

export const sizes: Check = {
  name: 'sizes',
  title: 'sizes',
  async run(exam) {
    const { facts, options, budget } = exam;
    const { welcome } = facts;
    if (welcome === undefined && !options.triesSizes) return skip();
    if (budget.left() < 4000) return skip('the time is used up');
    const mostBytes = welcome?.limits.maxFrameBytes ?? Number.POSITIVE_INFINITY;
    const ladder = kilobytes.filter((size) => size * 1024 <= mostBytes);
    for (const [step, size] of ladder.entries()) {
      // Once more on a session of its own: the first may have ended at that moment for another reason.
      const first = await send(exam, size);
      if (first.kind === 'none') return skip('there is no session');
      const second = first.kind === 'lost' ? await send(exam, size) : first;
      if (second.kind === 'none') return skip('there is no session');
      if (second.kind === 'lost') {
        return done(trouble(second.end, { size, before: ladder[step - 1] ?? 0, isTelltale: welcome !== undefined }));
      }
    }
    return done(pass(`messages of up to ${ladder.at(-1) ?? 0} kB pass`));
  },
};

/** Sends one message; a session on which it was lost is closed. */
async function send(
  exam: Exam,
  size: number,
): Promise<{ readonly kind: 'none' | 'through' } | { readonly kind: 'lost'; readonly end: LineEnd | undefined }> {
  const line = await exam.session();
  if (line === undefined) return { kind: 'none' };
  const isTelltale = exam.facts.welcome !== undefined;
  const timeoutMs = Math.min(patienceMs, exam.budget.step());
  const isThrough = isTelltale ? await answersPing(line, size, timeoutMs) : await sendsText(line, size);
  if (isThrough) return { kind: 'through' };
  const { end } = line;
  line.close();
  return { kind: 'lost', end };
}

/** A ping with padding, answered: fields that nobody knows are ignored (FRM2). */
async function answersPing(line: Line, size: number, timeoutMs: number): Promise<boolean> {
  const at = size;
  const bare = JSON.stringify({ type: 'ping', at, padding: '' });
  line.send(JSON.stringify({ type: 'ping', at, padding: 'x'.repeat(size * 1024 - bare.length) }));
  const isAnswer = (text: string): boolean => text.includes('"pong"') && text.includes(`"at":${at},`);
  await line.until(() => (line.end !== undefined || line.texts.some(isAnswer) ? true : undefined), timeoutMs);
  return line.texts.some(isAnswer);
}

/** A text, taken without an end for a moment. */
async function sendsText(line: Line, size: number): Promise<boolean> {
  line.send('x'.repeat(size * 1024));
  await line.until(() => (line.end === undefined ? undefined : true), 300);
  return line.end === undefined;
}

function trouble(end: LineEnd | undefined, found: { size: number; before: number; isTelltale: boolean }): Trouble {
  const { size, before, isTelltale } = found;
  const how =
    end === undefined
      ? 'is lost'
      : end.kind === 'closed'
        ? `ends the connection with ${end.code}`
        : 'ends the connection without a close frame';
  return (isTelltale ? fail : warn)({
    id: 'frame-size',
    hop: isTelltale ? 'proxy' : 'server',
    found: `a message of ${size} kB ${how}${before > 0 ? `, one of ${before} kB passes` : ''}${isTelltale ? ', though the gateway takes it' : ''}`,
    cure: isTelltale
      ? 'raise the limit for messages in what stands between: a firewall or an API gateway'
      : 'send smaller messages, or raise the limit of the server',
  });
}
