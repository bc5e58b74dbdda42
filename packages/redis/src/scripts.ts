// The steps of the store as Lua scripts: each is atomic and takes one round trip. All keys of a step are declared and in one
// slot of a cluster.
//
//   U  index of an owner: a hash from session name (the random part of the session ID) to "rotatedAt:remaining lifetime".
//      A session that is not in the index has ended, even if its record exists. The lifetime of the index is that of the
//      longest session in it. It is set at login and when an end is moved, so that a rotation need not change it.
//   S  record of a session (record-text.ts). Its lifetime is that of the session.
//
// Time is Redis's own, in milliseconds. At the instant of its end a session has ended. An argument that is empty is not given.

import { script, type Script } from './evaluate.js';

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
 * KEYS U S and the record of the session that it replaces, if any; ARGV name, head, idle lifetime, tail, lifetime without a
 * refresh, absolute lifetime, max, onLimit, name of the session that it replaces. Returns `created`, now, record, whether it
 * replaced that session, evicted names; or `limit`.
 * A call that is repeated with the same generation and hash changes nothing.
 */
export const create: Script = script(
  now,
  text,
  readIndex,
  `
local U, S = KEYS[1], KEYS[2]
local name, head, max = ARGV[1], ARGV[2], tonumber(ARGV[7])
local there = redis.call('GET', S)
local entry = there and redis.call('HGET', U, name)
-- A record outlives its session by a moment when its end was brought into the past.
local _, ended = readEntry(entry or '')
if entry and (not ended or ended > now) then
  local named = string.match(head, '^%d+|[^|]*|')
  if string.sub(there, 1, #named) == named then return { 'created', instant, there, '0' } end
  return ${garbled}
end
local live, over, replaced = {}, {}, false
local entries = redis.call('HGETALL', U)
for i = 1, #entries, 2 do
  local rotatedAt, finish = readEntry(entries[i + 1])
  if not finish then return ${garbled} end
  if entries[i] == name then -- an earlier session of this ID has ended, and its entry is written again
  elseif finish <= now then table.insert(over, entries[i])
  elseif entries[i] == ARGV[9] then replaced = true
  else table.insert(live, { name = entries[i], rotatedAt = rotatedAt }) end
end
local surplus = #live - max + 1
if surplus > 0 and ARGV[8] == 'reject' then return { 'limit' } end
local finish = text(now + ARGV[6])
local record = head .. instant .. ';0|' .. ARGV[3] .. '|' .. finish .. '|' .. instant .. '|' .. ARGV[4]
redis.call('SET', S, record, 'PX', ARGV[5])
redis.call('HSET', U, name, instant .. ':' .. ARGV[5])
if redis.call('PTTL', U) < tonumber(ARGV[6]) then redis.call('PEXPIRE', U, ARGV[6]) end
if replaced then
  redis.call('HDEL', U, ARGV[9])
  redis.call('DEL', KEYS[3])
end
for _, gone in ipairs(over) do redis.call('HDEL', U, gone) end
table.sort(live, function(one, other)
  if one.rotatedAt == other.rotatedAt then return one.name < other.name end
  return one.rotatedAt < other.rotatedAt
end)
local reply = { 'created', instant, record, replaced and '1' or '0' }
for i = 1, surplus do
  redis.call('HDEL', U, live[i].name)
  table.insert(reply, live[i].name)
end
return reply`,
);

// Reads a record that has not expired, or returns from the script. `boundary` is the place of the semicolon, `rest` that of
// `createdAt`. Whether the session is in the index is left to the script.
const readRecord = `
local U, S, name = KEYS[1], KEYS[2], ARGV[1]
local record = redis.call('GET', S)
if not record then return { 'absent' } end
local generation, rotatedAt, boundary, confirmed, idle, finish, rest =
  string.match(record, '^(%d+)|[%w_-]+|[^|;]*|(%d+)();(%d+)|(%d+)|(%d+)|()')
if not rest or #rotatedAt ~= 13 then return ${garbled} end
if now >= tonumber(finish) or now - rotatedAt >= tonumber(idle) then return { 'absent' } end`;

/** KEYS U S, ARGV name. Returns `live`, now and the record; or `absent`. */
export const get: Script = script(
  now,
  readRecord,
  `
if redis.call('HEXISTS', U, name) == 0 then return { 'absent' } end
return { 'live', instant, record }`,
);

/**
 * KEYS U S, ARGV name; expected: head, `confirmed`, age to exceed in either direction, data; next: head, data, idle lifetime,
 * absolute end. Data has an equals sign before it, so that empty data differs from none.
 * Returns `swapped` or `conflict`, now, record; or `absent`. Never creates.
 */
export const swap: Script = script(
  now,
  text,
  readRecord,
  `
local expectedHead, expectedConfirmed, olderThan, expectedData = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local nextHead, nextData, nextIdle, nextFinish = ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local fits = string.sub(record, 1, #expectedHead) == expectedHead
  and (expectedConfirmed == '' or expectedConfirmed == confirmed)
  and (olderThan == '' or math.abs(now - rotatedAt) > tonumber(olderThan))
local tail = string.sub(record, rest)
if expectedData ~= '' or nextData ~= '' then
  local before, data = string.match(tail, '^(%d+|[^|]*|[^|]*|)(.*)$')
  if not before then return ${garbled} end
  if expectedData ~= '' and expectedData ~= '=' .. data then fits = false end
  if nextData ~= '' then tail = before .. string.sub(nextData, 2) end
end
if not fits then
  if redis.call('HEXISTS', U, name) == 0 then return { 'absent' } end
  return { 'conflict', instant, record }
end
local head = string.sub(record, 1, boundary - 1)
if nextHead ~= '' then rotatedAt, head = instant, nextHead .. instant end
if nextIdle ~= '' then idle = nextIdle end
if nextFinish ~= '' then finish = nextFinish end
local lifetime = math.max(0, math.min(tonumber(idle), finish - rotatedAt))
if redis.call('HSET', U, name, rotatedAt .. ':' .. text(lifetime)) == 1 then
  redis.call('HDEL', U, name)
  return { 'absent' }
end
local swapped = head .. ';' .. confirmed .. '|' .. idle .. '|' .. finish .. '|' .. tail
redis.call('SET', S, swapped, 'PX', text(math.max(1, rotatedAt + lifetime - now)))
if nextFinish ~= '' and redis.call('PTTL', U) < finish - now then
  redis.call('PEXPIRE', U, text(finish - now))
end
return { 'swapped', instant, swapped }`,
);

/**
 * KEYS U S, ARGV name, generation. Returns `confirmed`, `known`, `ignored` or `absent`. A record that is not in the index has
 * ended, and what is written to it is not read.
 */
export const confirm: Script = script(
  now,
  readRecord,
  `
if tonumber(ARGV[2]) > generation + 1 then return { 'ignored' } end
if tonumber(ARGV[2]) <= tonumber(confirmed) then return { 'known' } end
local after = string.sub(record, boundary + 1 + #confirmed)
redis.call('SET', S, string.sub(record, 1, boundary) .. ARGV[2] .. after, 'KEEPTTL')
return { 'confirmed' }`,
);

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

/** KEYS U. Returns the names in the index, of sessions that have ended too. */
export const names: Script = script(`return redis.call('HKEYS', KEYS[1])`);

/**
 * KEYS U and the record of each name, ARGV name of a session to keep, or empty, and the names. Ends all sessions of the owner,
 * also those that are not named, and deletes the records of the named ones. Returns how many sessions it ended, their names,
 * and the names of the records that are left: those of sessions that began after the names were read.
 */
export const revokeOwner: Script = script(
  now,
  readIndex,
  `
local records, ended, left = {}, {}, {}
for i = 2, #KEYS do records[ARGV[i]] = KEYS[i] end
local entries = redis.call('HGETALL', KEYS[1])
for i = 1, #entries, 2 do
  local name = entries[i]
  if name ~= ARGV[1] then
    redis.call('HDEL', KEYS[1], name)
    local _, finish = readEntry(entries[i + 1])
    if finish and finish > now then table.insert(ended, name) end
    if records[name] then redis.call('DEL', records[name]) else table.insert(left, name) end
  end
end
local reply = { tostring(#ended) }
for _, name in ipairs(ended) do table.insert(reply, name) end
for _, name in ipairs(left) do table.insert(reply, name) end
return reply`,
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

/** KEYS the record of a name, ARGV value. Returns the greater of the value and what is stored. */
export const raise: Script = script(
  text,
  `
local stored = tonumber(redis.call('GET', KEYS[1]) or '0')
if not stored then return redis.error_reply('GARBLED not a number') end
local value = tonumber(ARGV[1])
if value > stored then redis.call('SET', KEYS[1], text(value)) end
return text(math.max(value, stored))`,
);
