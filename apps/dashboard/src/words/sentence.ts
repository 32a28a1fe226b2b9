// Makes a sentence of a text that another program wrote for us. Pure.

/** Begins with a capital and ends with a full stop; a text that does so already stays as it is. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const begun = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.:;…]$/.test(begun) ? begun : `${begun}.`;
}
