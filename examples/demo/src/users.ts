// Two demo users and their passwords. An application has its own users and checks their passwords before it issues tokens.

import { randomBytes, scrypt, scryptSync, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

export interface User {
  /** The claim `sub`. It never changes, and no other user ever gets it. */
  readonly id: string;
  readonly username: string;
  readonly role: 'admin' | 'user';
}

/** The input of a login form. */
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

const unknownPassword = storePassword(randomBytes(16).toString('hex'));

/** Reads credentials from a parsed body of any type. A member that is not a string becomes the empty string, which no user has. */
export function readCredentials(body: unknown): Credentials {
  const { username, password } = (body ?? {}) as Readonly<Record<string, unknown>>;
  return {
    username: typeof username === 'string' ? username : '',
    password: typeof password === 'string' ? password : '',
  };
}

/** Returns the user with this name if the password is correct, else `undefined`. */
export async function checkPassword({
  username,
  password,
}: Credentials): Promise<User | undefined> {
  const account = accounts.find((one) => one.username === username);
  // Hash a password for an unknown name too: otherwise the time would show which names exist.
  const { salt, hash } = account?.password ?? unknownPassword;
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
