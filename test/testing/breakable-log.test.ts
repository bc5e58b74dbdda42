import { MemoryRevocationLog } from '@tokenpair/core/store';
import { breakableLog } from '@tokenpair/testing';

const entry = (text: string) => ({ issuer: 'https://issuer.test', text, floor: 0, keep: 1_000 });

describe('a breakable log', () => {
  it.each([
    ['down', 0],
    ['mute', 1],
  ] as const)('rejects while it is %s, and has appended %d entries then', async (how, appended) => {
    const { log, ...switches } = breakableLog(new MemoryRevocationLog());
    switches.break(how);
    await expect(log.append(entry('a'))).rejects.toThrow('ECONNREFUSED');
    await expect(log.read('https://issuer.test', 0, 10)).rejects.toThrow('ECONNREFUSED');
    switches.repair();
    const { entries } = await log.read('https://issuer.test', 0, 10);
    expect(entries).toHaveLength(appended);
  });

  it('answers something that is no page while it is garbled', async () => {
    const { log, ...switches } = breakableLog(new MemoryRevocationLog());
    switches.break('garbled');
    expect(await log.read('https://issuer.test', 0, 10)).toBe('QUEUED');
  });

  it('loses only the next answer after loseNextAnswer', async () => {
    const { log, loseNextAnswer } = breakableLog(new MemoryRevocationLog());
    loseNextAnswer();
    await expect(log.append(entry('a'))).rejects.toThrow('ECONNREFUSED');
    await log.append(entry('b'));
    const { entries } = await log.read('https://issuer.test', 0, 10);
    expect(entries.map(({ text }) => text)).toEqual(['a', 'b']);
  });

  it('refuses what is no revocation log', () => {
    expect(() => breakableLog({} as MemoryRevocationLog)).toThrow(TypeError);
  });
});
