// What the shop knows of its users. In memory, for an example only.

import type { VerifiedToken } from '@tokenpair/core';
import { checkPassword, findUser, readCredentials, type User } from '@tokenpair/example-demo';

import type { Visitor } from './html.js';

export interface Shop {
  ordersOf(userId: string): readonly string[];
  order(userId: string, article: string): void;
  addressOf(userId: string): string;
  move(userId: string, address: string): void;
}

export function createShop(): Shop {
  const orders = new Map<string, readonly string[]>();
  const addresses = new Map<string, string>();
  const ordersOf = (userId: string) => orders.get(userId) ?? [];
  return {
    ordersOf,
    order: (userId, article) => orders.set(userId, [...ordersOf(userId), article]),
    addressOf: (userId) => addresses.get(userId) ?? 'unknown',
    move: (userId, address) => addresses.set(userId, address),
  };
}

/** What a page shows of the user. */
export function visitorOf({ claims }: VerifiedToken): Visitor {
  return { name: String(claims['name']), isAdmin: claims['role'] === 'admin' };
}

/** The user of a sign-in form, if name and password are right. */
export function userOf(form: unknown): Promise<User | undefined> {
  return checkPassword(readCredentials(form));
}

/** Whether the form has the password of the user who is signed in. */
export async function isPasswordOf({ subject }: VerifiedToken, form: unknown): Promise<boolean> {
  const username = findUser(subject)?.username ?? '';
  return (await checkPassword({ ...readCredentials(form), username })) !== undefined;
}

/** A field of a form, at most 100 characters. */
export function fieldOf(form: unknown, name: string): string {
  const value: unknown = Object(form)[name];
  return typeof value === 'string' ? value.slice(0, 100) : '';
}
