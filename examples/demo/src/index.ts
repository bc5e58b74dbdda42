// Exports what the login examples share, so that each example shows its framework only.

export { checkPassword, findUser, readCredentials } from './users.js';
export type { Credentials, User } from './users.js';
export { describeServer } from './describe-server.js';
export { story } from './story.js';
export type { RequestStep, Step, WaitStep } from './story.js';
