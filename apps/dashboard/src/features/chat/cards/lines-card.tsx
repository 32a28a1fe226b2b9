// Lines of an output as they were seen: they outlive the log they are from. What a machine printed is text here.

import type { ChatCard } from '@telltale/hub/api';
import type { ReactElement } from 'react';
import { Link } from '../../../router/router.tsx';
import { plainText } from '../../../ui/output/spans.ts';
import { personName } from '../../../words/name.ts';
import { linesWords } from '../chat-words.ts';
import { linesPath } from './card-paths.ts';
import styles from './cards.module.css';

export function LinesCard({ card }: { readonly card: Extract<ChatCard, { type: 'lines' }> }): ReactElement {
  const { channel, lines } = card;
  const path = linesPath(card);
  const [kind, id, file] = channel.split('/');
  const title = kind === 'runs' ? `Output of run ${id}` : `${file}, ${id}`;
  const cap = (
    <>
      <b>
        <bdi>{personName(title)}</bdi>
      </b>
      <span className={styles.end}>{linesWords(card)}</span>
    </>
  );
  return (
    <div className={styles.card}>
      {path === undefined ? (
        <div className={styles.cap}>{cap}</div>
      ) : (
        <Link to={path} className={styles.cap}>
          {cap}
        </Link>
      )}
      {/* Wider than its column: it scrolls by itself, also by keys. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keys */}
      <pre className={styles.lines} dir="ltr" tabIndex={0} aria-label={`Lines of ${personName(title)}`}>
        {lines.map(plainText).join('\n')}
      </pre>
    </div>
  );
}
