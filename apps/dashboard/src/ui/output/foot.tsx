// Under an output: that it follows its newest line and how old that is, or that it stands still, since when so many new
// lines came, and the way back; how many lines are selected, and the keys for all of it.

import { useRef, type ReactElement } from 'react';
import { counted } from '../../words/units.ts';
import { Button } from '../button.tsx';
import { Thread } from '../thread.tsx';
import styles from './output.module.css';
import type { OutputFoot } from './output-viewer.tsx';
import type { Follow } from './use-follow.ts';

export function Foot({
  foot: { thread, title, detail, isGrowing },
  follow: { isFollowing, goLive },
  arrived,
  selected,
  onShare,
  hasShortcuts,
  hintId,
}: {
  readonly foot: OutputFoot;
  readonly follow: Follow;
  readonly arrived: number;
  /** Lines that are selected by keys. */
  readonly selected: number;
  /** Shares them, as its key does; undefined: nobody may here, or by no key. */
  readonly onShare: (() => void) | undefined;
  readonly hasShortcuts: boolean;
  /** Id of what says how to pause and to go live. */
  readonly hintId: string;
}): ReactElement {
  const pausedAt = useRef(arrived);
  if (isFollowing) pausedAt.current = arrived;
  const key = hasShortcuts ? <kbd>L</kbd> : null;
  const isPaused = isGrowing && !isFollowing;
  return (
    <footer className={styles.foot}>
      {isPaused ? (
        <Thread state="paused" size="small" />
      ) : thread === undefined ? null : (
        <Thread state={thread} size="small" />
      )}
      <span className={styles.said}>
        {isPaused ? (
          <>
            <b>Paused.</b> {counted(arrived - pausedAt.current, 'new line', 'new lines')}
          </>
        ) : (
          <>
            <b>{title}</b> {detail}
          </>
        )}
      </span>
      {/* Not new where the same number is selected: who goes from line to line hears the lines. */}
      <span className={styles.said} role="status">
        {selected === 0 ? null : `${counted(selected, 'line', 'lines')} selected`}
      </span>
      {isFollowing ? (
        <span className={styles.hint} id={hintId}>
          {isGrowing ? <>Scroll up to pause {key}</> : null}
          Select lines <kbd>↑</kbd> <kbd>↓</kbd>
        </span>
      ) : (
        <span className={styles.back} id={hintId}>
          {selected === 0 || onShare === undefined ? null : (
            <>
              <span className={styles.hint}>
                More <kbd>Shift</kbd> <kbd>↑</kbd> <kbd>↓</kbd>
              </span>
              <Button size="small" look="quiet" onPress={onShare}>
                Share <kbd>S</kbd>
              </Button>
            </>
          )}
          <Button size="small" onPress={goLive}>
            {isGrowing ? 'Go live' : 'To the end'} {key}
          </Button>
        </span>
      )}
    </footer>
  );
}
