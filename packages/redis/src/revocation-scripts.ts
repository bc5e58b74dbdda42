// The two steps of the revocation log as Lua scripts. Both keys of an issuer are in one slot of a cluster and never expire.
//
//   L  the entries: a stream. The ID of an entry is its position, cut into milliseconds and microseconds: 1795858821257-487.
//      Its fields are `p`, the position of the entry before it, and `s`, its text, in this order.
//   F  the feed: a hash of `head`, `from`, `keep` (milliseconds) and `everything`, as decimal text.
//
// A position is microseconds of Redis's own clock, or one more than the last position.

import { script, type Script } from './evaluate.js';

// Lua itself would write 1.7e15.
const text = `
local function text(number) return string.format('%.0f', number) end
local function id(position) return text(math.floor(position / 1000)) .. '-' .. text(position % 1000) end`;

/**
 * KEYS L F, ARGV floor, keep, everything (empty, `here` or a position), text of the entry. Returns its position.
 *
 * When one of the keys is missing, a new log begins. When the clock has jumped ahead by more than 10 minutes, entries that are
 * young in truth may be cut off, so the log is complete from this entry on. Issuers let `keep` have room for a smaller jump.
 */
export const append: Script = script(
  text,
  `
local L, F = KEYS[1], KEYS[2]
local everything = ARGV[3]
local feed = redis.call('HMGET', F, 'head', 'from', 'keep', 'everything')
local head, from = tonumber(feed[1] or '0'), tonumber(feed[2] or '0')
local keep, mark = math.max(tonumber(ARGV[2]), tonumber(feed[3] or '0')), tonumber(feed[4] or '0')
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local position = math.max(now, head + 1, ARGV[1] + 1)
if head == 0 or redis.call('EXISTS', L) == 0 then
  redis.call('DEL', L)
  head, from = 0, position
elseif now - head > math.min(keep, 600000) * 1000 then from = position end
local oldest = text(math.floor(now / 1000) - keep)
redis.call('XADD', L, 'MINID', '~', oldest, id(position), 'p', text(head), 's', ARGV[4])
if everything == 'here' then mark = math.max(mark, position)
elseif everything ~= '' then mark = math.max(mark, tonumber(everything)) end
redis.call('HSET', F, 'head', text(position), 'from', text(from), 'keep', text(keep), 'everything', text(mark))
return text(position)`,
);

/**
 * KEYS L F, ARGV after, limit. Returns head, from, everything and keep, then position, previous position and text of each
 * entry. The commands are all that a user of Redis who only verifies needs.
 */
export const read: Script = script(
  text,
  `
local L, F = KEYS[1], KEYS[2]
local after, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local feed = redis.call('HMGET', F, 'head', 'from', 'everything', 'keep')
local reply = { feed[1] or '0', feed[2] or '0', feed[3] or '0', feed[4] or '0' }
if redis.call('EXISTS', L) == 0 then reply[1] = '0' end
if limit == 0 then return reply end
for _, entry in ipairs(redis.call('XRANGE', L, '(' .. id(after), '+', 'COUNT', limit)) do
  local milliseconds, microseconds = string.match(entry[1], '^(%d+)-(%d+)$')
  table.insert(reply, text(milliseconds * 1000 + microseconds))
  table.insert(reply, entry[2][2])
  table.insert(reply, entry[2][4])
end
return reply`,
);
