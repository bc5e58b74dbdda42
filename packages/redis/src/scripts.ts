// The atomic steps, in Lua. Each names its keys and arguments; all keys of a step are declared and live in one slot.
//
//   U  index of a subject: a hash of session name (the random part of its id) to "rotatedAt:time left from there". The
//      index is the authority: a session that is not in it is over, whatever else there is. It lives as long as the
//      longest session in it can, which is settled at login, so that a rotation need not see to it.
//   S  record of a session (record-text.ts), whose lifetime is that of the session.
//
// A rotation is what there is most of, and Redis does one thing at a time: so whatever core can write, it writes, and the
// script takes a record apart no further than it must. Time is Redis's own, in milliseconds. A session is over at its end,
// not after it.

import { createHash } from 'node:crypto';

export interface Script {
  readonly text: string;
  readonly sha1: string;
}

function script(...parts: readonly string[]): Script {
  const text = parts.join('\n');
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}

// As a number, and as the thirteen digits that are kept: Lua itself would write 1.7e12.
const now = `
local time = redis.call('TIME')
local instant = time[1] .. string.sub('00000' .. time[2], -6, -4)
local now = tonumber(instant)`;

const text = `
local function text(number) return string.format('%.0f', number) end`;

// Written where it is answered: in a rotation, which does without functions, one would have to be made each time.
const garbled = `redis.error_reply('GARBLED no session record')`;

const readIndex = `
local function readEntry(entry)
  local rotatedAt, left = string.match(entry, '^(%d+):(%d+)$')
  if not rotatedAt then return nil end
  return tonumber(rotatedAt), rotatedAt + left
end`;

/**
 * KEYS U S, ARGV name, head, idle lifetime, tail, lifetime without a refresh, absolute lifetime, max, onLimit.
 * Answers `created`, now, record, evicted names; or `limit`. Repeated by the same attempt it answers as before.
 */
export const create: Script = script(
  now,
  text,
  readIndex,
  `
local U, S = KEYS[1], KEYS[2]
local name, head, max = ARGV[1], ARGV[2], tonumber(ARGV[7])
local there = redis.call('GET', S)
if there and redis.call('HEXISTS', U, name) == 1 then
  if string.sub(there, 1, #head) == head then return { 'created', instant, there } end
  return ${garbled}
end
local live, over = {}, {}
local entries = redis.call('HGETALL', U)
for i = 1, #entries, 2 do
  local rotatedAt, finish = readEntry(entries[i + 1])
  if not finish then return ${garbled} end
  if finish <= now then table.insert(over, entries[i])
  else table.insert(live, { name = entries[i], rotatedAt = rotatedAt }) end
end
local surplus = #live - max + 1
if surplus > 0 and ARGV[8] == 'reject' then return { 'limit' } end
local finish = text(now + ARGV[6])
local record = head .. '|' .. instant .. ';' .. ARGV[3] .. '|' .. finish .. '|' .. instant .. '|' .. ARGV[4]
redis.call('SET', S, record, 'PX', ARGV[5])
redis.call('HSET', U, name, instant .. ':' .. ARGV[5])
if redis.call('PTTL', U) < tonumber(ARGV[6]) then redis.call('PEXPIRE', U, ARGV[6]) end
for _, gone in ipairs(over) do redis.call('HDEL', U, gone) end
table.sort(live, function(one, other)
  if one.rotatedAt == other.rotatedAt then return one.name < other.name end
  return one.rotatedAt < other.rotatedAt
end)
local reply = { 'created', instant, record }
for i = 1, surplus do
  redis.call('HDEL', U, live[i].name)
  table.insert(reply, live[i].name)
end
return reply`,
);

// Leaves `record` empty when there is none that lives, and tells its parts that count.
const readRecord = `
local U, S, name = KEYS[1], KEYS[2], ARGV[1]
local record = redis.call('GET', S)
local boundary, rotatedAt, idle, finish, span, remaining
if record then
  boundary = string.find(record, ';', 1, true) or 0
  rotatedAt, idle, finish = string.match(record, '^(%d+);(%d+)|(%d+)|', boundary - 13)
  if not finish then return ${garbled} end
  span, remaining = tonumber(idle), finish - now
  if remaining <= 0 or now - rotatedAt >= span then record = nil end
end`;

/**
 * KEYS U S, ARGV name, what the record must begin with, its next head, whether the anchor moves, the age that its generation
 * must exceed in either direction (-1: any age). Answers `swapped` or
 * `conflict`, now, record; or `absent`. Never creates: that a name was not in the index shows when it is put there, which
 * is one command less than to ask first, and it is taken out again.
 */
export const rotate: Script = script(
  now,
  readRecord,
  `
if not record then return { 'absent' } end
local expected = ARGV[2]
if string.sub(record, 1, #expected) ~= expected or math.abs(now - rotatedAt) <= tonumber(ARGV[5]) then
  if redis.call('HEXISTS', U, name) == 0 then return { 'absent' } end
  return { 'conflict', instant, record }
end
local left, anchor = idle, ''
if remaining < span then left = string.format('%.0f', remaining) end
if ARGV[4] == '0' then
  anchor = string.match(record, '|(%d*)|%d+;')
  if anchor == '' then anchor = rotatedAt end
end
if redis.call('HSET', U, name, instant .. ':' .. left) == 1 then
  redis.call('HDEL', U, name)
  return { 'absent' }
end
local swapped = ARGV[3] .. anchor .. '|' .. instant .. string.sub(record, boundary)
redis.call('SET', S, swapped, 'PX', left)
return { 'swapped', instant, swapped }`,
);

/** KEYS U S, ARGV name. Answers now and record, or nothing. */
export const get: Script = script(
  now,
  readRecord,
  `
if not record or redis.call('HEXISTS', U, name) == 0 then return {} end
return { instant, record }`,
);

/** KEYS U S, ARGV name. Answers 1 to the one caller that ended the session, else 0. */
export const revoke: Script = script(
  now,
  readIndex,
  `
local entry = redis.call('HGET', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])
if not entry then return 0 end
local _, finish = readEntry(entry)
if not finish or finish <= now then return 0 end
return 1`,
);

/** KEYS U, ARGV name to spare or nothing. Answers the names of the sessions that it ended. */
export const revokeSubject: Script = script(
  now,
  readIndex,
  `
local ended = {}
local entries = redis.call('HGETALL', KEYS[1])
for i = 1, #entries, 2 do
  if entries[i] ~= ARGV[1] then
    redis.call('HDEL', KEYS[1], entries[i])
    local _, finish = readEntry(entries[i + 1])
    if finish and finish > now then table.insert(ended, entries[i]) end
  end
end
return ended`,
);

/** KEYS U. Answers now, then the names of the live sessions; takes the others out of the index. */
export const list: Script = script(
  now,
  readIndex,
  `
local reply = { instant }
local entries = redis.call('HGETALL', KEYS[1])
for i = 1, #entries, 2 do
  local _, finish = readEntry(entries[i + 1])
  if not finish then return ${garbled} end
  if finish <= now then redis.call('HDEL', KEYS[1], entries[i])
  else table.insert(reply, entries[i]) end
end
return reply`,
);
