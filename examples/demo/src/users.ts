// Two demo users. An application has its own: tokenpair comes in once somebody has proved who they are.

import { randomBytes, scrypt, scryptSync, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

export interface User {
  /** Never changes and is never given to somebody else: it becomes the claim `sub`. */
  readonly id: string;
  readonly username: string;
  readonly role: 'admin' | 'user';
}

/** What a login form sends. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

interface Password {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const hashLength = 32;
const hashOf = promisify<string, Buffer, number, Buffer>(scrypt);

const accounts: readonly (User & { readonly password: Password })[] = [
  { id: 'u_1', username: 'ada', role: 'admin', password: storePassword('lovelace') },
  { id: 'u_2', username: 'alan', role: 'user', password: storePassword('turing') },
];

const nobodysPassword = storePassword(randomBytes(16).toString('hex'));

/** Reads a parsed body, whatever that is: what is no text is nobody's name and nobody's password. */
export function readCredentials(body: unknown): Credentials {
  const { username, password } = (body ?? {}) as Readonly<Record<string, unknown>>;
  return {
    username: typeof username === 'string' ? username : '',
    password: typeof password === 'string' ? password : '',
  };
}

/** The user of that name, if the password is theirs. */
export async function checkPassword({
  username,
  password,
}: Credentials): Promise<User | undefined> {
  const account = accounts.find((one) => one.username === username);
  // An unknown name costs as much time as a known one: how long it takes does not tell which names exist.
  const { salt, hash } = account?.password ?? nobodysPassword;
  const matches = timingSafeEqual(await hashOf(password, salt, hashLength), hash);
  return matches ? account : undefined;
}

export function findUser(id: string): User | undefined {
  return accounts.find((one) => one.id === id);
}

function storePassword(password: string): Password {
  const salt = randomBytes(16);
  return { salt, hash: scryptSync(password, salt, hashLength) };
}
