// The steps of the store as Lua scripts: each is atomic and takes one round trip. All keys of a step are declared and in one
// slot of a cluster.
//
//   U  index of a subject: a hash from session name (the random part of the session ID) to "rotatedAt:remaining lifetime".
//      A session that is not in the index has ended, even if its record exists. The lifetime of the index is that of the
//      longest session in it. It is set at login, so that a rotation need not change it.
//   S  record of a session (record-text.ts). Its lifetime is that of the session.
//
// Time is Redis's own, in milliseconds. At the instant of its end a session has ended.

import { createHash } from 'node:crypto';

export interface Script {
  readonly text: string;
  readonly sha1: string;
}

function script(...parts: readonly string[]): Script {
  const text = parts.join('\n');
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}

// As a number, and as the thirteen digits that are stored.
const now = `
local time = redis.call('TIME')
local instant = time[1] .. string.sub('00000' .. time[2], -6, -4)
local now = tonumber(instant)`;

// Lua itself would write 1.7e12.
const text = `
local function text(number) return string.format('%.0f', number) end`;

const garbled = `redis.error_reply('GARBLED not a session record')`;

const readIndex = `
local function readEntry(entry)
  local rotatedAt, left = string.match(entry, '^(%d+):(%d+)$')
  if not rotatedAt then return nil end
  return tonumber(rotatedAt), rotatedAt + left
end`;

/**
 * KEYS U S, ARGV name, head, idle lifetime, tail, lifetime without a refresh, absolute lifetime, max, onLimit.
 * Returns `created`, now, record, evicted names; or `limit`. A call that is repeated with the same attempt changes nothing.
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
local record = head .. instant .. '|' .. instant .. ';' .. ARGV[3] .. '|' .. finish .. '|' .. instant .. '|' .. ARGV[4]
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

// Reads a live session, or returns from the script. `head` is the record up to `rotatedAt`.
const readLive = `
local U, S, name = KEYS[1], KEYS[2], ARGV[1]
local record = redis.call('GET', S)
if not record or redis.call('HEXISTS', U, name) == 0 then return { 'absent' } end
local head, rotatedAt, idle, finish = string.match(record, '^([^;]*|)(%d+);(%d+)|(%d+)|')
if not finish or #rotatedAt ~= 13 then return ${garbled} end
local remaining = finish - now
if remaining <= 0 or now - rotatedAt >= tonumber(idle) then return { 'absent' } end`;

/**
 * KEYS U S, ARGV name, beginning of the expected record, next head, whether the anchor moves, the age that the generation
 * must exceed in either direction (-1: any age). Returns `swapped` or `conflict`, now, record; or `absent`. Never creates.
 */
export const rotate: Script = script(
  now,
  text,
  readLive,
  `
local expected = ARGV[2]
if string.sub(record, 1, #expected) ~= expected or math.abs(now - rotatedAt) <= tonumber(ARGV[5]) then
  return { 'conflict', instant, record }
end
local anchor = instant
if ARGV[4] == '0' then anchor = string.match(head, '|(%d+)|$') end
if not anchor then return ${garbled} end
local left = text(math.min(remaining, tonumber(idle)))
local swapped = ARGV[3] .. anchor .. '|' .. instant .. string.sub(record, #head + #rotatedAt + 1)
redis.call('SET', S, swapped, 'PX', left)
redis.call('HSET', U, name, instant .. ':' .. left)
return { 'swapped', instant, swapped }`,
);

/** KEYS U S, ARGV name. Returns `live`, now and the record; or `absent`. */
export const get: Script = script(now, readLive, `return { 'live', instant, record }`);

/** KEYS U S, ARGV name. Returns 1 to the one caller that ended the session, else 0. */
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

/** KEYS U, ARGV name of a session to keep, or empty. Returns the names of the sessions that it ended. */
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

/** KEYS U. Returns now, then the names of the live sessions. Removes the others from the index. */
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
