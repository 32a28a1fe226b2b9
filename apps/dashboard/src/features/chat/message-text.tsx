// The text of a message as React elements, never as markup. Each line is isolated, so that no text turns its neighbours'
// direction; a link says where it leads unless its text does.

import { useMemo, useState, type ReactElement } from 'react';
import { counted } from '../../words/units.ts';
import { blocksOf, type Block, type Inline } from './markdown.ts';
import styles from './message-text.module.css';
import { saysItself } from './safe-link.ts';

/** What a name in a text is: somebody who is named, oneself, or just a word behind an `@`. */
export type NameLook = 'named' | 'me' | 'word';

/** Lines that are shown before somebody asks for more, and how many more are worth hiding. */
const shownLines = 24;
const worthHiding = 8;

export function MessageText({
  text,
  lookOf,
}: {
  readonly text: string;
  /** The same function while its answers are the same. */
  readonly lookOf: (name: string) => NameLook;
}): ReactElement {
  const [isWhole, setWhole] = useState(false);
  const lines = useMemo(() => text.split('\n'), [text]);
  const isCut = !isWhole && lines.length > shownLines + worthHiding;
  const blocks = useMemo(() => blocksOf(isCut ? lines.slice(0, shownLines).join('\n') : text), [text, lines, isCut]);
  return (
    <div className={styles.text}>
      {blocks.map((block, index) => (
        <BlockView key={index} block={block} lookOf={lookOf} />
      ))}
      {isCut ? (
        <button type="button" className={styles.more} onClick={() => setWhole(true)}>
          {counted(lines.length - shownLines, 'more line', 'more lines')}
        </button>
      ) : null}
    </div>
  );
}

interface PartProps {
  readonly lookOf: (name: string) => NameLook;
}

function BlockView({ block, lookOf }: PartProps & { readonly block: Block }): ReactElement {
  switch (block.kind) {
    case 'code':
      return (
        // Wider than its column: it scrolls by itself, also by keys.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keys
        <pre className={styles.block} dir="ltr" tabIndex={0} aria-label="Code">
          <code>{block.text}</code>
        </pre>
      );
    case 'list': {
      const items = block.items.map((item, index) => (
        <li key={index} dir="auto">
          <Parts parts={item} lookOf={lookOf} />
        </li>
      ));
      return block.isOrdered ? (
        <ol className={styles.list} start={block.start}>
          {items}
        </ol>
      ) : (
        <ul className={styles.list}>{items}</ul>
      );
    }
    case 'lines':
      return (
        <p>
          {block.lines.map((line, index) => (
            <span key={index} className={styles.line} dir="auto">
              <Parts parts={line} lookOf={lookOf} />
            </span>
          ))}
        </p>
      );
  }
}

function Parts({ parts, lookOf }: PartProps & { readonly parts: readonly Inline[] }): ReactElement {
  return (
    <>
      {parts.map((part, index) => (
        <Part key={index} part={part} lookOf={lookOf} />
      ))}
    </>
  );
}

function Part({ part, lookOf }: PartProps & { readonly part: Inline }): ReactElement {
  switch (part.kind) {
    case 'text':
      return <>{part.text}</>;
    case 'code':
      return (
        <code className={styles.code} dir="ltr">
          {part.text}
        </code>
      );
    case 'bold':
      return (
        <strong>
          <Parts parts={part.parts} lookOf={lookOf} />
        </strong>
      );
    case 'link':
      return (
        <>
          <a href={part.link.href} target="_blank" rel="noopener noreferrer nofollow">
            <bdi>{part.text}</bdi>
          </a>
          {saysItself(part.text, part.link) ? null : (
            <bdi className={styles.host} dir="ltr">
              {` (${part.link.leadsTo})`}
            </bdi>
          )}
        </>
      );
    case 'name': {
      const look = lookOf(part.name);
      return look === 'word' ? (
        <>@{part.name}</>
      ) : (
        <bdi className={styles.name} data-look={look}>
          @{part.name}
        </bdi>
      );
    }
  }
}
