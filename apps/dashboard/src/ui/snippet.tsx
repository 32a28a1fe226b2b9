// A line to copy: a setting or a command.

import { useEffect, useState, type ReactElement } from 'react';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';
import styles from './snippet.module.css';

export function Snippet({ text }: { readonly text: string }): ReactElement {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <div className={styles.snippet}>
      <code>{text}</code>
      <Button
        look="quiet"
        size="small"
        icon
        label={copied ? 'Copied' : 'Copy'}
        onPress={() => {
          void navigator.clipboard?.writeText(text).then(() => setCopied(true));
        }}
      >
        <Icon name={copied ? 'check' : 'copy'} size={14} />
      </Button>
    </div>
  );
}
