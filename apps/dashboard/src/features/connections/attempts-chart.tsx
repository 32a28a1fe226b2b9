// Attempts over time: admitted or not in each few seconds, a storm bracketed and told in words.

import { memo, useMemo, type ReactElement } from 'react';
import { ratesSpanMs, knownSpanMs } from '../../live/connections/use-attempt-rates.ts';
import { Bars } from '../../ui/bars/bars.tsx';
import { phone, useMedia } from '../../ui/use-media.ts';
import { attemptsChart } from '../chat/cards/card-paths.ts';
import { shareCard } from '../chat/chat-side.ts';
import { useMayShare } from '../chat/use-may-share.ts';
import { attemptsPicture } from './attempts-picture.ts';
import { axisTop, barSpan, barsOf, stormsOf } from './rates-model.ts';
import { barWords, stormSentence, stormWords, summaryOf } from './storm-words.ts';
import styles from './connections.module.css';
import type { Connections } from './use-connections.ts';

/** Bars on a phone are fewer, and as wide. */
const barMs = { wide: 10_000, narrow: 30_000 } as const;
/** Storms that are told below the chart; of older ones the bracket tells. */
const mostStorms = 2;

const names = { low: 'admitted', high: 'not admitted' };

/** Drawn anew when a bar is full or something happened, not each second. */
export const AttemptsChart: typeof Drawn = memo(Drawn) as typeof Drawn;

function Drawn({
  rates,
  refusals,
  holes,
  now,
  isUp,
}: Pick<Connections, 'rates' | 'refusals' | 'holes' | 'isUp'> & {
  /** In steps of a bar, or less. */
  readonly now: number;
}): ReactElement {
  const everyMs = useMedia(phone) ? barMs.narrow : barMs.wide;
  const turn = Math.floor(now / everyMs);
  const span = useMemo(() => barSpan(turn * everyMs, ratesSpanMs, everyMs), [turn, everyMs]);
  const past = useMemo(
    () => barsOf(rates, barSpan(turn * everyMs, knownSpanMs, everyMs), everyMs),
    [rates, turn, everyMs],
  );
  const bars = useMemo(() => past.filter(({ at }) => at >= span.from), [past, span]);
  const storms = useMemo(
    () => stormsOf(past, rates, everyMs).filter(({ to }) => to > span.from),
    [past, rates, everyMs, span],
  );
  const stacked = useMemo(
    () => bars.map(({ at, admitted, refused, left }) => ({ at, low: admitted, high: refused + left })),
    [bars],
  );
  const brackets = useMemo(
    () =>
      storms.map((storm) => ({
        from: Math.max(storm.from, span.from),
        to: storm.to,
        text: stormWords(storm, refusals, everyMs),
      })),
    [storms, refusals, everyMs, span],
  );
  const mayShare = useMayShare();
  const share = (): void => {
    const seen = attemptsPicture({ bars: stacked, everyMs, names, top: axisTop(bars), holes });
    if (seen !== undefined) shareCard({ type: 'chart', ...attemptsChart, ...seen });
  };
  const told = storms.slice(-mostStorms).toReversed();
  const newest = storms.at(-1);
  return (
    <Bars
      title="Attempts"
      note={`per ${everyMs / 1_000} s`}
      names={names}
      bars={stacked}
      span={span}
      top={axisTop(bars)}
      holes={holes}
      brackets={brackets}
      summary={summaryOf(bars, storms, ratesSpanMs)}
      wordsOf={(index) => {
        const bar = bars[index];
        return bar === undefined ? '' : barWords(bar);
      }}
      isStale={!isUp}
      onShare={mayShare ? share : undefined}
    >
      {told.length === 0 ? null : (
        <ul className={styles.storms}>
          {told.map((storm) => (
            <li key={storm.from}>
              <b>Storm</b> {stormSentence(storm)}
            </li>
          ))}
        </ul>
      )}
      <span className="sr" role="status">
        {newest !== undefined && span.to - newest.to <= everyMs ? 'Far more attempts than usual: a storm.' : ''}
      </span>
    </Bars>
  );
}
