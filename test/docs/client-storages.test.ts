// Runs the storages of docs/client.md: real files, the localStorage of jsdom, and stand-ins for what only a phone or a desktop has.

import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createClient, type Client, type TokenStorage } from '@tokenpair/client';

import { JSDOM } from '../support/jsdom.js';
import { openClientWorld, type ClientWorld } from '../support/recipe-client.js';
import { runRecipe } from '../support/recipe.js';

type FileStorage = (path: string) => TokenStorage;

const recipe = 'client.md';
const ada = { id: 'u_1', role: 'admin' };

let world: ClientWorld;
let folder: string;
let fileStorage: FileStorage;
let clients: Client[];

beforeEach(async () => {
  world = await openClientWorld();
  folder = await mkdtemp(join(tmpdir(), 'client-storages-'));
  clients = [];
  ({ fileStorage } = await runRecipe<{ fileStorage: FileStorage }>(recipe, {
    under: 'A file of a program',
    exported: ['fileStorage'],
  }));
});
afterEach(async () => {
  for (const client of clients) client.close();
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

/** A start of the page, app or program: a client over what the last one has left. */
type Start = () => Promise<Client>;

function begin(storage: TokenStorage): Client {
  const client = createClient({ mount: world.mount, transport: 'body', storage });
  clients.push(client);
  return client;
}

const beginHere = ({ storage }: { readonly storage: TokenStorage }) => begin(storage);

/** Starts the client of a recipe. Its server has another address in the test. */
async function startRecipe(
  under: string,
  modules: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>> = {},
): Promise<Client> {
  const { client } = await runRecipe<{ client: Client }>(recipe, {
    under,
    language: under === 'localStorage' ? 'ts' : 'js',
    modules: { '@tokenpair/client': { createClient: beginHere }, ...modules },
    given,
    exported: ['client'],
  });
  return client;
}

const storages: Readonly<Record<string, () => Start>> = {
  'A file of a program': () => {
    const path = join(folder, 'app', 'session.json');
    return async () => begin(fileStorage(path));
  },
  localStorage: () => {
    const { localStorage } = new JSDOM('', { url: 'https://app.example.com' }).window;
    return () => startRecipe('localStorage', {}, { localStorage });
  },
  Expo: () => {
    const SecureStore = createSecureStore();
    return () => startRecipe('Expo', { 'expo-secure-store': SecureStore });
  },
  Capacitor: () => {
    const kept = new Map<string, string>();
    const SecureStorage = {
      getItem: async (key: string) => kept.get(key) ?? null,
      setItem: async (key: string, value: string) => void kept.set(key, value),
      removeItem: async (key: string) => void kept.delete(key),
    };
    return () =>
      startRecipe('Capacitor', { '@aparajita/capacitor-secure-storage': { SecureStorage } });
  },
  Tauri: () => {
    const kept = new Map<string, string>();
    const keyring = {
      getPassword: async (service: string, user: string) => kept.get(`${service}/${user}`) ?? null,
      setPassword: async (service: string, user: string, text: string) =>
        void kept.set(`${service}/${user}`, text),
      async deletePassword(service: string, user: string) {
        if (!kept.delete(`${service}/${user}`)) throw new Error('No matching entry found');
      },
    };
    return () => startRecipe('Tauri', { 'tauri-plugin-keyring-api': keyring });
  },
  Electron: () => {
    const electron = createElectron(join(folder, 'user-data'));
    return () => startRecipe('Electron', { electron }, { fileStorage });
  },
};

describe.each(Object.entries(storages))('%s', (_name, open) => {
  let start: Start;
  beforeEach(() => {
    start = open();
  });

  it('keeps the user signed in over a restart, with one refresh', async () => {
    const first = await start();
    await expect(first.start()).resolves.toMatchObject({ status: 'signed-out', reason: 'none' });
    await world.signIn(first);
    first.close();
    const second = await start();
    await expect(second.start()).resolves.toEqual(first.session());
    expect(await me(second)).toEqual(ada);
    expect(world.seen('/auth/refresh')).toHaveLength(1);
    world.expire();
    expect(await me(second)).toEqual(ada);
    expect(world.seen('/auth/refresh')).toHaveLength(2);
  });

  it('is empty after a sign-out, and a second one does no harm', async () => {
    const first = await start();
    await world.signIn(first);
    await expect(first.signOut()).resolves.toEqual({ ended: true });
    const second = await start();
    await second.signOut();
    await expect(second.start()).resolves.toMatchObject({ status: 'signed-out' });
  });

  it('is empty after the session was ended elsewhere', async () => {
    const first = await start();
    await world.signIn(first);
    expect(await me(first)).toEqual(ada);
    await world.signOutElsewhere();
    world.expire();
    const response = await first.fetch(`${world.url}/me`);
    expect([response.status, first.session()]).toEqual([
      401,
      { status: 'signed-out', reason: 'ended' },
    ]);
    await expect((await start()).start()).resolves.toMatchObject({ reason: 'none' });
  });
});

describe('a file', () => {
  let path: string;
  beforeEach(() => {
    path = join(folder, 'app', 'session.json');
  });

  it('can be read by the user only, and so can its folder', async () => {
    await fileStorage(path).set('secret');
    const modes = [await stat(path), await stat(join(folder, 'app'))].map(
      ({ mode }) => mode & 0o777,
    );
    expect(modes).toEqual([0o600, 0o700]);
  });

  it('is replaced and not written over, and leaves no second file', async () => {
    const storage = fileStorage(path);
    await storage.set('first');
    const { ino } = await stat(path);
    await storage.set('second');
    expect(await storage.get()).toBe('second');
    expect((await stat(path)).ino).not.toBe(ino);
    expect(await readdir(join(folder, 'app'))).toEqual(['session.json']);
  });

  it('that cannot be written keeps its old text, leaves no second file, and says so', async () => {
    // A folder that is not empty cannot be replaced by a file, also by root.
    await mkdir(join(path, 'in the way'), { recursive: true });
    await expect(fileStorage(path).set('text')).rejects.toThrow(expect.anything());
    expect(await readdir(join(folder, 'app'))).toEqual(['session.json']);
  });

  it('that cannot be read is no sign-out', async () => {
    await mkdir(path, { recursive: true });
    const client = begin(fileStorage(path));
    await expect(client.start()).rejects.toMatchObject({ code: 'storage', cause: 'EISDIR' });
    expect(client.session()).toEqual({ status: 'starting' });
  });

  it('that was cut off is no sign-out', async () => {
    await mkdir(join(folder, 'app'));
    await writeFile(path, '{"refresh_tok');
    await expect(begin(fileStorage(path)).start()).rejects.toMatchObject({ code: 'storage' });
  });

  it('serves two clients that refresh at once', async () => {
    await world.signIn(begin(fileStorage(path)));
    for (let round = 0; round < 5; round += 1) {
      const two = [begin(fileStorage(path)), begin(fileStorage(path))];
      world.expire();
      expect(await Promise.all(two.map(me))).toEqual([ada, ada]);
    }
  });

  it('is written as the example writes it', async () => {
    const page = await readFile(join(__dirname, '../../docs/client.md'), 'utf8');
    const [, shown] = /^(\/\*\* Keeps the text in a file.*?)^```$/ms.exec(page) ?? [];
    const example = join(__dirname, '../../examples/cli-login/src/file-storage.ts');
    expect((await readFile(example, 'utf8')).replaceAll('export ', '')).toContain(shown);
  });
});

test('a sign-out reaches the other tab at once where the storage is localStorage', async () => {
  const start = storages['localStorage']!();
  const [first, second] = [await start(), await start()];
  await world.signIn(first);
  await second.start();
  const told = new Promise((resolve) => {
    second.subscribe(resolve);
  });
  await first.signOut();
  await expect(told).resolves.toEqual({ status: 'signed-out', reason: 'elsewhere' });
  expect((await second.fetch(`${world.url}/me`)).status).toBe(401);
});

test('a phone that is locked stores the token of a refresh in the background', async () => {
  const SecureStore = createSecureStore();
  const client = await startRecipe('Expo', { 'expo-secure-store': SecureStore });
  await world.signIn(client);
  SecureStore.lock();
  world.expire();
  expect(await me(client)).toEqual(ada);
});

async function me(client: Client): Promise<unknown> {
  return (await client.fetch(`${world.url}/me`)).json();
}

/** Behaves as expo-secure-store is documented to, on iOS: a key keeps the accessibility that it was first written with. */
function createSecureStore() {
  interface Options {
    readonly keychainAccessible?: number;
  }
  const afterFirstUnlock = 1;
  const kept = new Map<string, { readonly value: string; readonly accessible?: number }>();
  let isLocked = false;
  const mayUse = (accessible?: number) => {
    if (isLocked && accessible !== afterFirstUnlock)
      throw new Error('User interaction is not allowed.');
  };
  return {
    AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY: afterFirstUnlock,
    async getItemAsync(key: string) {
      const entry = kept.get(key);
      if (entry) mayUse(entry.accessible);
      return entry?.value ?? null;
    },
    async setItemAsync(key: string, value: string, { keychainAccessible }: Options = {}) {
      const { accessible = keychainAccessible } = kept.get(key) ?? {};
      mayUse(accessible);
      kept.set(key, { value, ...(accessible !== undefined && { accessible }) });
    },
    deleteItemAsync: async (key: string) => void kept.delete(key),
    lock() {
      isLocked = true;
    },
  };
}

const flip = (bytes: Buffer) => bytes.map((byte) => byte ^ 0xff);

/** Its encryption hides nothing; it is only another text. */
function createElectron(userData: string) {
  let isReady = false;
  const onlyReady = () => {
    if (!isReady) throw new Error('safeStorage cannot be used before the app is ready');
  };
  return {
    app: {
      async whenReady() {
        isReady = true;
      },
      getPath: (_name: string) => userData,
    },
    safeStorage: {
      encryptString(text: string) {
        onlyReady();
        return Buffer.from(flip(Buffer.from(text)));
      },
      decryptString(bytes: Buffer) {
        onlyReady();
        return Buffer.from(flip(bytes)).toString();
      },
    },
  };
}
