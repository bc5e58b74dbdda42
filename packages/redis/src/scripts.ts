// The atomic steps, in Lua. Each names its keys and arguments; all keys of a step are declared and live in one slot.
//
//   U  index of a subject: a hash of session name (the random part of its id) to "rotatedAt:time left from there". The
//      index is the authority: a session that is not in it is over, whatever else there is. It lives as long as the
//      longest session in it can, which is settled at login, so that a rotation need not see to it.
//   S  record of a session (record-text.ts), whose lifetime is that of the session.
//
// A rotation is what there is most of, and Redis does one thing at a time: so whatever core can write, it writes.
// Time is Redis's own, in milliseconds; numbers in what is kept are in base 36, which Lua reads but does not write.
// A session is over at its end, not after it.

import { createHash } from 'node:crypto';

export interface Script {
  readonly text: string;
  readonly sha1: string;
}

function script(...parts: readonly string[]): Script {
  const text = parts.join('\n');
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}

const now = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

// Numbers past 2^47 lose digits in Lua's own notation.
const text = `
local function text(number) return string.format('%.0f', number) end`;

const garbled = `
local function garbled() return redis.error_reply('GARBLED no session record') end`;

const short = `
local function short(number)
  local digits = ''
  repeat
    local digit = number % 36
    digits = string.sub('0123456789abcdefghijklmnopqrstuvwxyz', digit + 1, digit + 1) .. digits
    number = (number - digit) / 36
  until number == 0
  return digits
end`;

const readIndex = `
local function readEntry(entry)
  local rotated, left = string.match(entry, '^(%w+):(%w+)$')
  if not rotated then return nil end
  local rotatedAt = tonumber(rotated, 36)
  return rotatedAt, rotatedAt + tonumber(left, 36)
end`;

/**
 * KEYS U S, ARGV name, head, cnf, tail, lifetime without a refresh, absolute lifetime, max, onLimit.
 * Answers `created`, now, record, evicted names; or `limit`. Repeated by the same attempt it answers as before.
 */
export const create: Script = script(
  now,
  text,
  short,
  garbled,
  readIndex,
  `
local U, S = KEYS[1], KEYS[2]
local name, head, max = ARGV[1], ARGV[2], tonumber(ARGV[7])
local there = redis.call('GET', S)
if there and redis.call('HEXISTS', U, name) == 1 then
  if string.sub(there, 1, #head) == head then return { 'created', text(now), there } end
  return garbled()
end
local live, over = {}, {}
local entries = redis.call('HGETALL', U)
for i = 1, #entries, 2 do
  local rotatedAt, finish = readEntry(entries[i + 1])
  if not finish then return garbled() end
  if finish <= now then table.insert(over, entries[i])
  else table.insert(live, { name = entries[i], rotatedAt = rotatedAt }) end
end
local surplus = #live - max + 1
if surplus > 0 and ARGV[8] == 'reject' then return { 'limit' } end
local instant = short(now)
local record = head .. instant .. '||' .. ARGV[3] .. '|' .. instant .. '|' .. ARGV[4]
redis.call('SET', S, record, 'PX', ARGV[5])
redis.call('HSET', U, name, instant .. ':' .. short(tonumber(ARGV[5])))
if redis.call('PTTL', U) < tonumber(ARGV[6]) then redis.call('PEXPIRE', U, ARGV[6]) end
for _, gone in ipairs(over) do redis.call('HDEL', U, gone) end
table.sort(live, function(one, other)
  if one.rotatedAt == other.rotatedAt then return one.name < other.name end
  return one.rotatedAt < other.rotatedAt
end)
local reply = { 'created', text(now), record }
for i = 1, surplus do
  redis.call('HDEL', U, live[i].name)
  table.insert(reply, live[i].name)
end
return reply`,
);

const readLive = `
local function readLive(U, S, name)
  local record = redis.call('GET', S)
  local entry = redis.call('HGET', U, name)
  if not record or not entry then return nil end
  local _, finish = readEntry(entry)
  if not finish then return nil, garbled() end
  if finish <= now then return nil end
  return record
end`;

/**
 * KEYS U S, ARGV name, what the record must begin with, its next head, whether the anchor moves. Answers `swapped` or
 * `conflict`, now, record; or `absent`. Never creates.
 */
export const rotate: Script = script(
  now,
  text,
  short,
  garbled,
  readIndex,
  readLive,
  `
local U, S, name, expected = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
local record, problem = readLive(U, S, name)
if problem then return problem end
if not record then return { 'absent' } end
local rotated, anchor, rest, created, absolute, left = string.match(record,
  '^%w+|[%w_-]+|%w+|%w*|[^|]*|1?|(%w+)|(%w*)|([^|]*|(%w+)|(%w+)|(%w+)|.*)$')
if not rest then return garbled() end
if string.sub(record, 1, #expected) ~= expected then return { 'conflict', text(now), record } end
local span = tonumber(left, 36)
local remaining = tonumber(created, 36) + tonumber(absolute, 36) - now
if remaining < span then span, left = remaining, short(remaining) end
if ARGV[4] == '1' then anchor = '' elseif anchor == '' then anchor = rotated end
local instant = short(now)
local swapped = ARGV[3] .. instant .. '|' .. anchor .. '|' .. rest
redis.call('SET', S, swapped, 'PX', text(span))
redis.call('HSET', U, name, instant .. ':' .. left)
return { 'swapped', text(now), swapped }`,
);

/** KEYS U S, ARGV name. Answers now and record, or nothing. */
export const get: Script = script(
  now,
  text,
  garbled,
  readIndex,
  readLive,
  `
local record, problem = readLive(KEYS[1], KEYS[2], ARGV[1])
if problem then return problem end
if not record then return {} end
return { text(now), record }`,
);

/** KEYS U S, ARGV name. Answers 1 to the one caller that ended the session, else 0. */
export const revoke: Script = script(
  now,
  garbled,
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
  text,
  garbled,
  readIndex,
  `
local reply = { text(now) }
local entries = redis.call('HGETALL', KEYS[1])
for i = 1, #entries, 2 do
  local _, finish = readEntry(entries[i + 1])
  if not finish then return garbled() end
  if finish <= now then redis.call('HDEL', KEYS[1], entries[i])
  else table.insert(reply, entries[i]) end
end
return reply`,
);
