// What somebody had begun in a room in which they cannot write any more: to be read, copied, or let go.

import type { ReactElement } from 'react';
import { Button } from '../../ui/button.tsx';
import styles from './kept-draft.module.css';
import type { Composer } from './use-composer.ts';

export function KeptDraft({ composer }: { readonly composer: Composer }): ReactElement | null {
  const { begun, forget } = composer;
  if (begun.length === 0) return null;
  return (
    <div className={styles.kept}>
      <label>
        You had begun to write, and it was not sent
        <textarea readOnly rows={Math.min(6, begun.join('\n').split('\n').length)} value={begun.join('\n')} />
      </label>
      <Button size="small" look="quiet" onPress={forget}>
        Discard
      </Button>
    </div>
  );
}
