// How much the hub takes of one agent at once: the agent keeps to these and the hub refuses what is more. One place for
// both, since a sample or a status that is over them is refused whole.

/** File systems in a sample. */
export const mostDisks = 64;
/** Characters of where one is mounted. */
export const mostMountCharacters = 256;
/** Log files an agent follows. */
export const mostLogFiles = 64;
