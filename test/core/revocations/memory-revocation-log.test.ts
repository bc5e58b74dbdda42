import { MemoryRevocationLog } from '@tokenpair/core/store';

const issuer = 'https://api.example.com';
const keep = 60_000;

function setUp() {
  let now = 1_795_858_821_000;
  const log = new MemoryRevocationLog(() => now);
  return {
    log,
    advance: (ms: number) => (now += ms),
    now: () => now,
    append: (text: string, floor = 0, everything?: 'here' | number) =>
      log.append({ issuer, text, floor, keep, everything }),
    read: (after = 0, limit = 200) => log.read(issuer, after, limit),
  };
}

describe('the revocation log in memory', () => {
  it('numbers entries by its clock, and by one more than the last where the clock gives no greater number', async () => {
    const { append, advance, now } = setUp();
    const first = await append('a');
    expect(first).toBe(now() * 1_000);
    expect(await append('b')).toBe(first + 1);
    advance(-3_600_000);
    expect(await append('c')).toBe(first + 2);
    advance(3_600_001);
    expect(await append('d')).toBe(first + 1_000);
  });

  it('puts an entry above the floor', async () => {
    const { append, now } = setUp();
    const floor = (now() + 3_600_000) * 1_000;
    expect(await append('a', floor)).toBe(floor + 1);
  });

  it('answers pages: the entries after a position, each with the position before it', async () => {
    const { append, read } = setUp();
    const positions = [await append('a'), await append('b'), await append('c')];
    const [a = 0, b = 0, c = 0] = positions;
    expect(await read(0, 2)).toEqual({
      head: c,
      from: a,
      everything: 0,
      keep,
      more: true,
      entries: [
        { position: a, previous: 0, text: 'a' },
        { position: b, previous: a, text: 'b' },
      ],
    });
    expect(await read(b)).toMatchObject({ more: false, entries: [{ position: c, previous: b }] });
    expect(await read(c + 1)).toMatchObject({ head: c, more: false, entries: [] });
    expect(await read(0, 0)).toMatchObject({ head: c, more: false, entries: [] });
  });

  it('answers head 0 while there is no log, and keeps issuers apart', async () => {
    const { log, append, read } = setUp();
    await append('a');
    expect(await log.read('https://other.example.com', 0, 10)).toEqual({
      head: 0,
      from: 0,
      everything: 0,
      keep: 0,
      more: false,
      entries: [],
    });
    expect((await read()).entries).toHaveLength(1);
  });

  it('keeps entries for the greatest keep, and the mark and the start of the log without limit', async () => {
    const { log, append, advance, read } = setUp();
    const first = await append('a', 0, 'here');
    await log.append({ issuer, text: 'b', floor: 0, keep: 2 * keep });
    advance(2 * keep - 1);
    await append('c');
    expect((await read()).entries.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
    advance(2);
    await append('d');
    expect(await read()).toMatchObject({
      keep: 2 * keep,
      from: first,
      everything: first,
      entries: [{ text: 'c' }, { text: 'd' }],
    });
  });

  it('raises the mark to the entry or to a position, and never lowers it', async () => {
    const { append, read } = setUp();
    const position = await append('O', 0, 'here');
    await append(`O ${position - 5}`, 0, position - 5);
    expect(await read()).toMatchObject({ everything: position });
    await append(`O ${position + 900}`, 0, position + 900);
    expect(await read()).toMatchObject({ everything: position + 900 });
  });

  it('says that young entries may be missing when its clock jumps ahead', async () => {
    const { append, advance, read } = setUp();
    await append('a');
    advance(keep + 1);
    const position = await append('b');
    expect(await read()).toMatchObject({ from: position, entries: [{ text: 'b' }] });
  });
});
