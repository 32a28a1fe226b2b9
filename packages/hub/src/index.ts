// The hub: gateway, accounts, HTTP API and dashboard in one server. What the command and other programs may use of it.

export type * from './api.ts';
export { mintToken, type TokenClaims } from './accounts/access-token.ts';
export { isUsername, usernameRule } from './accounts/accounts.ts';
export { type ListedAgent, listAgents, revokeAgent } from './agents/agent-errands.ts';
export { agentNameRule, isAgentName } from './agents/agent-name.ts';
export { createEnrolmentIn, type NewEnrolment } from './agents/enrolment.ts';
export { enrolmentLine } from './agents/enrolment-token.ts';
export { createPasswords, isAcceptablePassword, type Passwords, passwordRule } from './accounts/passwords.ts';
export type { HubChannels } from './channels.ts';
export { readPackedCommand } from './http/download.ts';
export { type Hub, type HubOptions, resolveSecret, startHub } from './hub.ts';
export type { LogSink } from './log.ts';
export { hubVersion } from './places.ts';
export { readSettings, type Settings, type SettingsResult, type SettingsSource } from './settings.ts';
export { flagOf, type SettingKey, type SettingRule, settingRules } from './settings-table.ts';
export { errorCode, StartFault } from './start-fault.ts';
export { restoreBackup } from './storage/restore.ts';
export { openStorage, openStorageHere, type Storage } from './storage/storage.ts';
