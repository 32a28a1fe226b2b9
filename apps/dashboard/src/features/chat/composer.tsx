// The field in which one writes to a room: Enter sends, Shift and Enter begins a line, `@` offers names, Escape lets go of
// an answer or a change. What was typed is kept as it is typed.

import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactElement } from 'react';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useMedia } from '../../ui/use-media.ts';
import { takeAsked } from './chat-side.ts';
import { cardWords, mostCharacters, senderWords } from './chat-words.ts';
import styles from './composer.module.css';
import { begunName, offeredPeople, withName, type Person } from './mention-model.ts';
import { NameList } from './name-list.tsx';
import type { Composer } from './use-composer.ts';

/** So few characters are left that somebody wants to know. */
const worthTelling = 300;

export function ComposerField({
  composer,
  title,
  people,
  me,
  onSent,
  onUp,
}: {
  readonly composer: Composer;
  /** Of the room. */
  readonly title: string;
  readonly people: readonly Person[];
  readonly me: string | undefined;
  readonly onSent: () => void;
  /** Up, where nothing is written: to the messages. */
  readonly onUp: () => void;
}): ReactElement {
  const { text, type, reply, answer, isChanging, edit, fault, unkept, send, asked } = composer;
  const field = useRef<HTMLTextAreaElement>(null);
  const names = useId();
  const said = useId();
  const [caret, setCaret] = useState(0);
  const [chosen, setChosen] = useState(0);
  /** The name for which somebody has put the list away. */
  const [closedFor, setClosedFor] = useState<number>();
  const [hasTried, setTried] = useState(false);
  const isTouch = useMedia('(pointer: coarse)');
  const begun = begunName(text, caret);
  const offered = begun === undefined || begun.from === closedFor ? [] : offeredPeople(people, begun.query, me);
  const current = offered[Math.min(chosen, offered.length - 1)];

  const first = useRef(asked);
  useEffect(() => {
    // Asked for on the page, perhaps before the field was there, or in the room since it is.
    if (takeAsked() || asked !== first.current) field.current?.focus();
    first.current = asked;
  }, [asked]);

  const put = (person: Person): void => {
    if (begun === undefined) return;
    const named = withName(text, begun, person);
    type(named.text);
    setCaret(named.caret);
    // After React has written the text.
    requestAnimationFrame(() => field.current?.setSelectionRange(named.caret, named.caret));
  };
  const go = (): void => {
    setTried(true);
    if (!send()) return;
    setTried(false);
    setCaret(0);
    onSent();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    // Enter that ends the writing of a character is not for us.
    if (event.nativeEvent.isComposing) return;
    const { key } = event;
    if (current !== undefined && ['ArrowDown', 'ArrowUp', 'Enter', 'Tab', 'Escape'].includes(key)) {
      event.preventDefault();
      if (key === 'Escape') setClosedFor(begun?.from);
      else if (key === 'Enter' || key === 'Tab') put(current);
      else setChosen((chosen + (key === 'ArrowDown' ? 1 : offered.length - 1)) % offered.length);
    } else if (key === 'Enter' && !event.shiftKey && !isTouch) {
      event.preventDefault();
      go();
    } else if (key === 'Escape' && isChanging) edit(undefined);
    else if (key === 'Escape' && reply !== undefined) answer(undefined);
    else if (key === 'ArrowUp' && text === '') {
      event.preventDefault();
      onUp();
    }
  };
  const left = mostCharacters - text.length;
  const hasCount = fault === undefined && left < worthTelling;
  return (
    <div className={styles.composer}>
      <Context composer={composer} />
      <div className={styles.box} data-fault={fault !== undefined || undefined}>
        <textarea
          ref={field}
          rows={1}
          aria-label={isChanging ? 'Change message' : `Message ${title}`}
          placeholder={`Message ${title}`}
          value={text}
          autoComplete="off"
          aria-invalid={fault === undefined ? undefined : true}
          aria-describedby={said}
          aria-controls={names}
          aria-autocomplete="list"
          aria-activedescendant={current === undefined ? undefined : `${names}-${current.id}`}
          onChange={(event) => {
            type(event.target.value);
            setCaret(event.target.selectionStart);
            setChosen(0);
            if (begun === undefined) setClosedFor(undefined);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
        />
        <Button size="small" onPress={go}>
          {isChanging ? 'Save' : 'Send'}
        </Button>
        <NameList id={names} people={offered} current={current} onChoose={put} />
      </div>
      <p
        className={styles.said}
        id={said}
        data-fault={fault !== undefined || undefined}
        data-counts={hasCount || unkept !== undefined || undefined}
      >
        {/* A figure that changes with each key is not announced. */}
        <span role="status">{fault === undefined ? unkept : `${hasTried ? 'not sent: ' : ''}${fault}`}</span>
        {hasCount ? `${left} left` : ''}
      </p>
    </div>
  );
}

/** Above the field: what it answers, what it changes, what goes with it. */
function Context({ composer }: { readonly composer: Composer }): ReactElement {
  const { reply, answer, isChanging, edit, card, dropCard } = composer;
  return (
    <>
      {isChanging ? (
        <ContextRow words="Changing a message" detail="" label="Do not change it" onDrop={() => edit(undefined)} />
      ) : null}
      {reply === undefined ? null : (
        <ContextRow
          words={reply.subject === undefined ? 'Answering' : `Answering ${senderWords(reply.subject, reply.kind)}`}
          detail={reply.words}
          label="Do not answer"
          onDrop={() => answer(undefined)}
        />
      )}
      {card === undefined ? null : (
        <ContextRow words="Sharing" detail={cardWords(card)} label="Do not share it" onDrop={dropCard} />
      )}
    </>
  );
}

function ContextRow({
  words,
  detail,
  label,
  onDrop,
}: {
  readonly words: string;
  readonly detail: string;
  readonly label: string;
  readonly onDrop: () => void;
}): ReactElement {
  return (
    <div className={styles.context}>
      <b>{words}</b>
      <bdi>{detail}</bdi>
      <Button look="quiet" size="small" icon label={label} onPress={onDrop}>
        <Icon name="x" size={14} />
      </Button>
    </div>
  );
}
