// Runs the recipes of docs/client.md: the libraries that others wrote send their requests through the client, to a server of ours.

import { inspect } from 'node:util';

import type { ApolloClient, gql as Gql } from '@apollo/client';
import type { QueryClient } from '@tanstack/query-core';
import { isClientError } from '@tokenpair/client';
import type { AxiosInstance } from 'axios';
import type { KyInstance } from 'ky';
import type { $Fetch } from 'ofetch';

import { openClientWorld, type ClientWorld } from '../support/recipe-client.js';
import { runRecipe } from '../support/recipe.js';

// Some libraries are ES modules only, which Jest cannot load: Node loads them.
const { createRequire } = process.getBuiltinModule('node:module');
const loadModule = createRequire(__filename);
const names = ['@apollo/client', '@reduxjs/toolkit', '@tanstack/query-core', 'ky', 'ofetch'];
const modules = Object.fromEntries(names.map((name) => [name, loadModule(name) as unknown]));

const recipe = 'client.md';

type OnOtherSession = (forget: () => void) => () => void;

/** A recipe in use. */
interface Library {
  /** Reads the ID of the user, from the path `/me` of the API or from another URL. */
  me(url?: string): Promise<string | undefined>;
  /** The ID of the user that is kept, and would be shown. */
  kept?(): string | undefined;
}

interface User {
  readonly id: string;
}

/** The answer of GraphQL. */
interface Me {
  readonly me: string;
}

const ada = 'u_1';
const alan = 'u_2';

let world: ClientWorld;
let states: string[];

beforeEach(async () => {
  world = await openClientWorld();
  states = [];
  world.client.subscribe(({ status }) => states.push(status));
  await world.signIn(world.client);
});
afterEach(() => world.close());

const libraries: Readonly<Record<string, () => Promise<Library>>> = {
  async axios() {
    const { axiosApi } = await run<{ axiosApi: AxiosInstance }>('axios', ['axiosApi']);
    return { me: async (url = '/me') => (await axiosApi.get<User>(url)).data.id };
  },
  async ky() {
    const { kyApi } = await run<{ kyApi: KyInstance }>('ky', ['kyApi']);
    return {
      async me(url) {
        const api = url === undefined ? kyApi : kyApi.extend({ prefixUrl: '' });
        return (await api.get(url ?? 'me').json<User>()).id;
      },
    };
  },
  async ofetch() {
    const { $fetch } = await run<{ $fetch: $Fetch }>('ofetch', ['$fetch']);
    return { me: async (url = '/me') => (await $fetch<User>(url)).id };
  },
  async 'RTK Query'() {
    interface Query {
      initiate(argument: undefined, options: object): unknown;
      select(): (state: unknown) => { readonly data?: User };
    }
    interface Build {
      query(options: { readonly query: () => string }): unknown;
    }
    interface Program {
      readonly shop: {
        readonly endpoints: { readonly me: Query };
        injectEndpoints(options: object): { readonly endpoints: { readonly other: Query } };
      };
      readonly store: {
        dispatch(action: unknown): { unwrap(): Promise<User> };
        getState(): unknown;
      };
    }
    const { shop, store } = await run<Program>('RTK Query', ['shop', 'store']);
    const options = { forceRefetch: true };
    return {
      async me(url) {
        let { me } = shop.endpoints;
        if (url !== undefined) {
          const endpoints = (build: Build) => ({ other: build.query({ query: () => url }) });
          me = shop.injectEndpoints({ endpoints }).endpoints.other;
        }
        return (await store.dispatch(me.initiate(undefined, options)).unwrap()).id;
      },
      kept: () => shop.endpoints.me.select()(store.getState()).data?.id,
    };
  },
  async 'TanStack Query'() {
    interface Program {
      readonly me: { readonly queryKey: readonly string[] };
      readonly queries: QueryClient;
    }
    const { me, queries } = await run<Program>('TanStack Query', ['me', 'queries']);
    return {
      async me(url) {
        const queryFn = async () => {
          const response = await world.client.fetch(url as string);
          return (await response.json()) as User;
        };
        const options = url === undefined ? me : { queryKey: [url], queryFn };
        return (await queries.fetchQuery<User>(options)).id;
      },
      kept: () => queries.getQueryData<User>(me.queryKey)?.id,
    };
  },
  async 'Apollo Client'() {
    const { apollo } = await run<{ apollo: ApolloClient }>('Apollo Client', ['apollo']);
    const { gql } = modules['@apollo/client'] as { readonly gql: typeof Gql };
    const query = gql`
      {
        me
      }
    `;
    return {
      async me(uri) {
        // With the recipe's link, to another address.
        const context = uri === undefined ? {} : { uri };
        const { data } = await apollo.query<Me>({ query, context, fetchPolicy: 'network-only' });
        return data?.me;
      },
      kept: () => apollo.readQuery<Me>({ query })?.me,
    };
  },
};

describe.each(Object.entries(libraries))('%s through the client', (name, open) => {
  const path = name === 'Apollo Client' ? '/graphql' : '/me';
  let library: Library;

  beforeEach(async () => {
    library = await open();
  });

  it('refreshes once when the access token has expired, and repeats the request', async () => {
    await expect(library.me()).resolves.toBe(ada);
    world.expire();
    await expect(library.me()).resolves.toBe(ada);
    expect(world.seen(path).map(({ status }) => status)).toEqual([200, 401, 200]);
    expect(world.seen('/auth/refresh')).toHaveLength(1);
  });

  it('learns of a sign-out elsewhere at the next refresh, and so does the page', async () => {
    await expect(library.me()).resolves.toBe(ada);
    await world.signOutElsewhere();
    world.expire();
    await failureOf(library.me());
    expect(states).toEqual(['signed-in', 'signed-out']);
    expect(world.seen(path).map(({ status }) => status)).toEqual([200, 401]);
  });

  it('sends no token and no request to another origin', async () => {
    const url = `${world.foreign.url}/me`;
    const refusal = await failureOf(world.client.fetch(url));
    expect(refusal).toMatchObject({ code: 'origin' });
    // Each library wraps it in its own way.
    const failure = await failureOf(library.me(url));
    expect(inspect(failure, { depth: 5 })).toContain((refusal as Error).message);
    expect(world.foreign.seen).toEqual([]);
  });
});

describe.each(Object.entries(libraries).filter(([name]) => / /.test(name)))('%s', (_name, open) => {
  it('forgets what it has kept when another user signs in', async () => {
    const library = await open();
    await library.me();
    expect(library.kept?.()).toBe(ada);
    await world.signIn(world.client, 'alan');
    expect(library.kept?.()).toBeUndefined();
    await expect(library.me()).resolves.toBe(alan);
  });
});

test('the error of the client is the cause of an error of axios', async () => {
  const library = await libraries['axios']!();
  const failure = await failureOf(library.me(world.foreign.url));
  expect(isClientError((failure as Error).cause)).toBe(true);
});

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  const answered = Symbol('answered');
  const failure = await call.then(
    () => answered,
    (error: unknown) => error,
  );
  expect(failure).not.toBe(answered);
  return failure;
}

async function run<T>(under: string, exported: readonly string[]): Promise<T> {
  const given = { client: world.client, api: world.url };
  const { onOtherSession } = await runRecipe<{ onOtherSession: OnOtherSession }>(recipe, {
    under: 'Forget what belonged to another user',
    given,
    exported: ['onOtherSession'],
  });
  return runRecipe<T>(recipe, { under, given: { ...given, onOtherSession }, modules, exported });
}
