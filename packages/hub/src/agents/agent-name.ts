// What agents and machines may be called. Names become parts of channels, addresses and directories, so they are refused
// where a title would be cleaned. Called by whoever takes a name from outside.

// As a username: one that begins with a dot could mean a directory above.
const nameGrammar = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** The agent that is the hub's own machine. */
export const localAgentName = 'local';

export const agentNameRule =
  '1 to 64 characters of a-z, 0-9, ".", "_" and "-", beginning with a letter or a digit, and not "local"';

/** Whether a machine may be enrolled under this name. */
export function isAgentName(text: string): boolean {
  return nameGrammar.test(text) && text !== localAgentName;
}

/** A name made of a machine's own name for itself; undefined where nothing of it can be in a name. */
export function agentNameOf(title: string): string | undefined {
  const name = title
    .slice(0, 256)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, 64)
    .replace(/[._-]+$/, '');
  return isAgentName(name) ? name : undefined;
}

export const machineRule = '16 to 128 characters of A-Z, a-z, 0-9, "_" and "-"';

/** Whether a text can be a machine's fingerprint. */
export function isMachine(text: string): boolean {
  return /^[A-Za-z0-9_-]{16,128}$/.test(text);
}
