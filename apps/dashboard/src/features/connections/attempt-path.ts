// The addresses of this page: the list, and one attempt on it. Pure but for the query of the address, which stays: it
// says how the list is filtered and sorted.

export const connectionsPath = '/connections';

/** The address of one attempt, for a link that is shared. */
export function attemptPath(attempt: string): string {
  return `${connectionsPath}/${encodeURIComponent(attempt)}`;
}

/** From one place of this page to another, the list as it is. */
export function withQuery(path: string, search: string = location.search): string {
  return path + search;
}

/** `9fK2xq…Qw7`: enough to know an id by, where there is no room for all of it. */
export function shortId(attempt: string): string {
  return attempt.length <= 12 ? attempt : `${attempt.slice(0, 6)}…${attempt.slice(-4)}`;
}
