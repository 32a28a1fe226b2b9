// What the hub says over HTTP and in its own channels: types shared with the dashboard. No code.

export type * from './api/accounts.ts';
export type * from './api/agents.ts';
export type * from './api/channels.ts';
export type * from './api/chat.ts';
export type * from './api/connections.ts';
export type * from './api/runs.ts';

/** `GET /api/hub`: what anybody may know before signing in. */
export interface HubFacts {
  readonly version: string;
  readonly mode: 'development' | 'production';
  readonly anonymous: boolean;
  readonly time: number;
}

/** Body of every HTTP error. A refusal's own fields where admission said no. */
export interface ApiError {
  readonly error: {
    readonly code: number;
    readonly name: string;
    /** What was found, what was expected. */
    readonly message: string;
    /** What to do. */
    readonly hint?: string;
    readonly retryAfterMs?: number;
    /** The `seq` a publish with `once` must have; as in the `error` frame. */
    readonly expected?: number;
  };
}

/*
 * Bodies and answers of the routes. Every state-changing request is a POST with a JSON object; every answer is one.
 *
 *   POST /api/password       PasswordChange   → TokenAnswer: all other logins and every socket of theirs end (4410
 *                                               password-changed); the browser that asked gets a new login
 *   POST /api/logout         {}               → {}
 *   POST /api/tickets        {}               → TicketAnswer
 *   POST /api/publish        PublishRequest   → PublishAnswer
 *   GET  /api/channels/<channel>/messages?before=<epoch>:<offset>&limit=<n> → HistoryPage
 *   GET  /api/logins                          → LoginList
 *   POST /api/logins/end     {sid}            → {ended}: one's own login and its sockets
 *   POST /api/sessions/end   {session, reason?} → {ended} (operators): the reason is read on the page that is ended
 *   GET  /api/attempts/<id>                   → AttemptRecord (operators): 404 where nothing is known of it
 *   GET  /api/users                           → UserList (admins, as all below)
 *   POST /api/users          NewUser          → UserRow
 *   POST /api/users/role     {username, role} → UserRow
 *   POST /api/users/disable  {username}       → UserRow
 *   POST /api/users/enable   {username}       → UserRow
 *   POST /api/users/password {username, password} → UserRow
 *
 *   POST /api/enrolments     {name?}          → Enrolment (admins): a token for one machine, shown once
 *   POST /api/enrolments/end {name}           → {ended} (admins)
 *   POST /api/enrol          EnrolRequest     → EnrolAnswer (anyone who has a token)
 *   POST /api/agents/revoke  {agent}          → {} (admins): its credential ends, and its sockets with it
 *   POST /api/agents/remove  {agent}          → {} (admins): a revoked agent and all it reported are forgotten
 *   POST /api/agents/machine {agent, decision: 'allow' | 'keep', since} → {} (admins): which machine the credential is for
 *   GET  /api/runs?agent=<name>&before=<next>&limit=<n> → RunPage (whoever may read the table `runs`): ended ones
 *   GET  /api/runs/<run>                      → RunSnapshot (whoever may read `runs/<run>`)
 *   POST /api/runs/cancel    {run}            → {} (operators)
 *   GET  /api/retention                       → Retention (admins)
 *   POST /api/retention      Retention        → Retention (admins)
 *   GET  /api/download                        → Download (anyone)
 *   GET  /download/telltale-<version>.tgz     the command for other machines, its dependencies inside (anyone)
 */
