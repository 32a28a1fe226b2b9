// Under an output: that it follows its newest line and how old that is, or that it stands still, since when so many new
// lines came, and the way back.

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
  hasShortcuts,
  hintId,
}: {
  readonly foot: OutputFoot;
  readonly follow: Follow;
  readonly arrived: number;
  readonly hasShortcuts: boolean;
  /** Id of what says how to pause and to go live. */
  readonly hintId: string;
}): ReactElement {
  const pausedAt = useRef(arrived);
  if (isFollowing) pausedAt.current = arrived;
  const key = hasShortcuts ? <kbd>L</kbd> : null;
  return (
    <footer className={styles.foot}>
      {isFollowing || !isGrowing ? (
        <>
          {thread === undefined ? null : <Thread state={thread} size="small" />}
          <span className={styles.said}>
            <b>{title}</b> {detail}
          </span>
          {isGrowing ? (
            <span className={styles.hint} id={hintId}>
              Scroll up to pause {key}
            </span>
          ) : isFollowing ? null : (
            <span className={styles.back} id={hintId}>
              <Button size="small" onPress={goLive}>
                To the end {key}
              </Button>
            </span>
          )}
        </>
      ) : (
        <>
          <Thread state="paused" size="small" />
          <span className={styles.said}>
            <b>Paused.</b> {counted(arrived - pausedAt.current, 'new line', 'new lines')}
          </span>
          <span className={styles.back} id={hintId}>
            <Button size="small" onPress={goLive}>
              Go live {key}
            </Button>
          </span>
        </>
      )}
    </footer>
  );
}
