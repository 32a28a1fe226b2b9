// What one can do with a message: react, answer, change one's own, delete one's own or, as an operator, any. Where one may
// not write, delete alone.

import type { ReactElement } from 'react';
import { Button, DangerButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { ReactionPicker } from './reactions.tsx';
import styles from './room.module.css';

export interface Doing {
  /** Undefined: they may not write here. */
  readonly react: ((emoji: string, isOn: boolean) => void) | undefined;
  readonly answer: (() => void) | undefined;
  /** Undefined: it is not theirs, or they may not write here. */
  readonly edit: (() => void) | undefined;
  /** Undefined: it is not theirs. */
  readonly remove: (() => void) | undefined;
}

export function MessageTools({
  doing: { react, answer, edit, remove },
  onOpen,
}: {
  readonly doing: Doing;
  readonly onOpen: (isOpen: boolean) => void;
}): ReactElement {
  return (
    <div className={styles.tools} role="toolbar" aria-label="Message">
      {react === undefined ? null : <ReactionPicker onReact={(emoji) => react(emoji, true)} onOpen={onOpen} />}
      {answer === undefined ? null : (
        <Button look="quiet" size="small" icon label="Answer" onPress={answer}>
          <Icon name="reply" size={14} />
        </Button>
      )}
      {edit === undefined ? null : (
        <Button look="quiet" size="small" icon label="Change" onPress={edit}>
          <Icon name="pencil" size={14} />
        </Button>
      )}
      {remove === undefined ? null : (
        <DangerButton armedText="Press again" label="Delete message" onPress={remove}>
          <Icon name="trash-2" size={14} />
        </DangerButton>
      )}
    </div>
  );
}
