// What a message points at, as it is now or as it was seen; opening it leads there.

import type { ChatCard } from '@telltale/hub/api';
import { lazy, Suspense, type ReactElement } from 'react';
import { FaultBoundary } from '../../../ui/fault-boundary.tsx';
import { cardWords } from '../chat-words.ts';
import type { MessagePlace } from './card-paths.ts';
import styles from './cards.module.css';
import { LinesCard } from './lines-card.tsx';
import { RunCard } from './run-card.tsx';

// Most rooms have none, and what draws charts is loaded by the pages that have them.
const ChartCard = lazy(() => import('./chart-card.tsx').then((module) => ({ default: module.ChartCard })));

export interface MessageCardProps {
  readonly card: ChatCard;
  /** The message that carries it; undefined: one that waits. */
  readonly place?: MessagePlace | undefined;
}

export function MessageCard({ card, place }: MessageCardProps): ReactElement {
  return (
    <FaultBoundary onRetry={() => {}} frame={() => <p className={styles.words}>{cardWords(card)}</p>}>
      <Suspense fallback={<p className={styles.words}>{cardWords(card)}</p>}>
        <Card card={card} place={place} />
      </Suspense>
    </FaultBoundary>
  );
}

function Card({ card, place }: MessageCardProps): ReactElement {
  switch (card.type) {
    case 'chart':
      return <ChartCard card={card} place={place} />;
    case 'lines':
      return <LinesCard card={card} />;
    case 'run':
      return <RunCard run={card.run} />;
    default:
      // A newer hub knows more.
      return <p className={styles.words}>something this page does not know</p>;
  }
}
