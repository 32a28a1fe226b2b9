// Reactions below a message, and the few that one can add, by pointer and by keys.

import type { ChatMessage } from '@telltale/hub/api';
import { useState, type KeyboardEvent, type ReactElement } from 'react';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { offeredReactions, shownReactions } from './pending-model.ts';
import styles from './reactions.module.css';

export type React = (emoji: string, isOn: boolean) => void;

export function Reactions({
  message,
  me,
  nameOf,
  onReact,
}: {
  readonly message: ChatMessage;
  readonly me: string | undefined;
  readonly nameOf: (id: string) => string | undefined;
  /** Undefined: this person only reads. */
  readonly onReact: React | undefined;
}): ReactElement | null {
  const shown = shownReactions(message, me);
  if (shown.length === 0) return null;
  return (
    <div className={styles.reactions}>
      {shown.map(({ emoji, count, isMine, ids }) => {
        const names = ids.map((id) => (id === me ? 'you' : nameOf(id))).filter((name) => name !== undefined);
        const others = ids.length - names.length;
        const who = [...names.slice(0, 12), ...(others > 0 ? [`${others} more`] : [])].join(', ');
        return (
          <button
            key={emoji}
            type="button"
            className={styles.reaction}
            aria-pressed={isMine}
            aria-label={`${emoji} ${count}: ${who}`}
            title={who}
            disabled={onReact === undefined}
            onClick={() => onReact?.(emoji, !isMine)}
          >
            <bdi>{emoji}</bdi> {count}
          </button>
        );
      })}
    </div>
  );
}

export function ReactionPicker({
  onReact,
  onOpen,
}: {
  readonly onReact: (emoji: string) => void;
  /** While it is open the message keeps its tools. */
  readonly onOpen: (isOpen: boolean) => void;
}): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const open = (next: boolean): void => {
    setOpen(next);
    onOpen(next);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const buttons = [...event.currentTarget.querySelectorAll('button')];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[(at + step + buttons.length) % buttons.length]?.focus();
  };
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={open}>
      <Button look="quiet" size="small" icon label="React">
        <Icon name="smile" size={14} />
      </Button>
      <Popover className={styles.popover ?? ''} placement="top end">
        <Dialog className={styles.picker ?? ''} aria-label="Reaction">
          {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- hears the arrows of its buttons */}
          <div className={styles.choices} onKeyDown={onKeyDown}>
            {offeredReactions.map(({ emoji, name }, index) => (
              <button
                key={emoji}
                type="button"
                // oxlint-disable-next-line jsx-a11y/no-autofocus -- whoever opened it chooses
                autoFocus={index === 0}
                aria-label={name}
                onClick={() => {
                  open(false);
                  onReact(emoji);
                }}
              >
                {emoji}
              </button>
            ))}
          </div>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
