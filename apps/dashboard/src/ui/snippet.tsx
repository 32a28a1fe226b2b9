// A line to copy: a setting or a command.

import { useEffect, useState, type ReactElement } from 'react';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';
import styles from './snippet.module.css';

export function Snippet({
  text,
  isNamed = false,
  isOver = false,
}: {
  readonly text: string;
  /** With the word beside the icon: where copying is the one thing to do. */
  readonly isNamed?: boolean;
  /** It can be read and does nothing any more: there is no copying it. */
  readonly isOver?: boolean;
}): ReactElement {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  const word = copied ? 'Copied' : 'Copy';
  return (
    <div className={styles.snippet} data-over={isOver}>
      <code>{text}</code>
      {isOver ? null : (
        <Button
          size="small"
          {...(isNamed ? {} : { look: 'quiet', icon: true, label: word })}
          onPress={() => {
            void navigator.clipboard?.writeText(text).then(() => setCopied(true));
          }}
        >
          <Icon name={copied ? 'check' : 'copy'} size={14} />
          {isNamed ? word : null}
        </Button>
      )}
    </div>
  );
}
