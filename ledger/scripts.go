package ledger

import "github.com/redis/go-redis/v9"

// The scripts use only what both redis-server 6.2 and miniredis know. The call that makes
// a key sets its time to live, so that nothing stays for ever when its owner dies at once.
// Times are Redis's own, in milliseconds.

// now is Lua that reads the time into now, and defines text, which prints a time in full.
const now = `
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
local function text(ms) return string.format('%.0f', ms) end
`

// tell is Lua that defines a function. The function appends an event to a stream, and
// gives a new stream its time to live.
const tell = `
local function tell(key, ttl, ...)
  redis.call('XADD', key, '*', ...)
  if redis.call('XLEN', key) == 1 then redis.call('EXPIRE', key, ttl) end
end
`

// openScript: KEYS run; ARGV generation, ttl, field, value, … Makes the header unless
// there is one. Replies with the header.
var openScript = redis.NewScript(now + `
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'generation', ARGV[1], 'started', text(now), 'owned', text(now), 'followed', text(now), unpack(ARGV, 3))
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
return redis.call('HGETALL', KEYS[1])
`)

// addExpectedScript: KEYS run, expect; ARGV ttl, name, … A name that is there stays as it
// is.
var addExpectedScript = redis.NewScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then return {'gone'} end
local fresh = redis.call('EXISTS', KEYS[2]) == 0
local names = {unpack(ARGV, 2)}
local was, set = redis.call('HMGET', KEYS[2], unpack(names)), {}
for i, name in ipairs(names) do
  if not was[i] then set[#set + 1], set[#set + 2] = name, '' end
end
if #set > 0 then redis.call('HSET', KEYS[2], unpack(set)) end
if fresh then redis.call('EXPIRE', KEYS[2], ARGV[1]) end
return {'ok'}
`)

// addKnownScript: KEYS run, folders; ARGV ttl, name, …
var addKnownScript = redis.NewScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then return {'gone'} end
local fresh = redis.call('EXISTS', KEYS[2]) == 0
redis.call('SADD', KEYS[2], unpack(ARGV, 2))
if fresh then redis.call('EXPIRE', KEYS[2], ARGV[1]) end
return {'ok'}
`)

// expectScript: KEYS run, expect, decided, attempts; ARGV unit, digest, unit, digest, …
// Replies with a word and a detail for each unit: the attempt that the unit is in, or the
// digest that is expected instead. Many units in one call share the fixed cost of a
// script.
var expectScript = redis.NewScript(`
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'gone'} end
if state == 'closed' or state == 'cancelled' then return {'ended'} end
local names = {}
for i = 1, #ARGV, 2 do names[#names + 1] = ARGV[i] end
local was = redis.call('HMGET', KEYS[2], unpack(names))
local decided = redis.call('HMGET', KEYS[3], unpack(names))
local attempts = redis.call('HMGET', KEYS[4], unpack(names))
local set, now, reply = {}, {}, {}
for i, name in ipairs(names) do
  local digest, expected = ARGV[2 * i], now[name] or was[i]
  local word, detail = 'expected', ''
  if not expected then
    word = 'unlisted'
  elseif expected ~= '' and expected ~= digest then
    word, detail = 'changed', expected
  elseif decided[i] then
    word = 'decided'
  else
    detail = string.match(attempts[i] or '1', '^%d+')
    if expected == '' then
      now[name] = digest
      set[#set + 1], set[#set + 2] = name, digest
    end
  end
  reply[#reply + 1], reply[#reply + 2] = word, detail
end
if #set > 0 then redis.call('HSET', KEYS[2], unpack(set)) end
return reply
`)

// replaceScript: KEYS run, expect, decided, begun, attempts, events; ARGV unit, digest,
// ttl, recorded. Expects other bytes of a unit, drops the verdict about the old ones, and
// makes the unit's next attempt the current one. The same digest again changes nothing.
// The digest '*' keeps the digest; it drops the verdict, and changes anything, only if
// the verdict is still the recorded one.
var replaceScript = redis.NewScript(tell + `
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'gone'} end
if state == 'closed' or state == 'cancelled' then return {'ended'} end
local digest, was = redis.call('HGET', KEYS[2], ARGV[1]), redis.call('HGET', KEYS[3], ARGV[1])
if not digest then return {'unlisted'} end
if digest == ARGV[2] then return {'expected'} end
if ARGV[2] == '*' then
  if not was or was ~= ARGV[4] then return {'expected'} end
else
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
end
if was then
  redis.call('HDEL', KEYS[3], ARGV[1])
  redis.call('HINCRBY', KEYS[1], string.match(was, '^%S+ (%S+)'), -1)
  redis.call('HINCRBY', KEYS[1], 'dropped', 1)
  tell(KEYS[6], ARGV[3], 'e', 'dropped', 's', ARGV[1])
end
redis.call('HDEL', KEYS[4], ARGV[1])
local attempt = tonumber(string.match(redis.call('HGET', KEYS[5], ARGV[1]) or '1', '^%d+')) + 1
redis.call('HSET', KEYS[5], ARGV[1], string.format('%d 0 0', attempt))
if redis.call('HLEN', KEYS[5]) == 1 then redis.call('EXPIRE', KEYS[5], ARGV[3]) end
return {'expected'}
`)

// sealScript: KEYS run, expect, events; ARGV total, ttl. Seals the run if exactly total
// names are listed. A sealed run stays as it is.
var sealScript = redis.NewScript(tell + `
local h = redis.call('HMGET', KEYS[1], 'state', 'total')
if not h[1] then return {'gone'} end
if h[2] then
  if h[2] == ARGV[1] then return {'sealed'} end
  return {'different', h[2]}
end
local listed = redis.call('HLEN', KEYS[2])
if listed ~= tonumber(ARGV[1]) then return {'unequal', tostring(listed)} end
redis.call('HSET', KEYS[1], 'total', ARGV[1])
if h[1] == 'open' then redis.call('HSET', KEYS[1], 'state', 'sealed') end
tell(KEYS[3], ARGV[2], 'e', 'sealed')
return {'sealed'}
`)

// beginScript: KEYS run, expect, decided, begun, events, attempts; ARGV ttl, orphanAfter,
// orphanGrace, and for each task unit, digest, attempt, delivery. Replies with a word for
// each task.
//
// An attempt does not begin once the next one was issued, because its entry would hide
// the worker of the next one.
//
// A run that no follower was alive for within orphanAfter is marked lonely, and cancelled
// when it has been lonely for orphanGrace: its enqueuer was killed without a word.
// Without the grace, every run would be cancelled when a Redis comes back after a pause,
// before any follower can mark itself alive.
var beginScript = redis.NewScript(now + tell + `
local h = redis.call('HMGET', KEYS[1], 'state', 'followed', 'detached', 'lonely')
if not h[1] then return {'gone'} end
if h[1] == 'closed' or h[1] == 'cancelled' then return {'ended'} end
local names = {}
for i = 4, #ARGV, 4 do names[#names + 1] = ARGV[i] end
local expected = redis.call('HMGET', KEYS[2], unpack(names))
local decided = redis.call('HMGET', KEYS[3], unpack(names))
local attempts = redis.call('HMGET', KEYS[6], unpack(names))
local lonely = not h[3] and now - tonumber(h[2]) > tonumber(ARGV[2])
local since, set, reply = text(now) .. ' ', {}, {}
for i, name in ipairs(names) do
  local digest, attempt, delivery = unpack(ARGV, 4 * i + 1, 4 * i + 3)
  local word = 'go'
  if decided[i] then
    word = 'decided'
  elseif expected[i] ~= digest then
    word = 'stale'
  elseif lonely and h[4] and now - tonumber(h[4]) > tonumber(ARGV[3]) then
    redis.call('HSET', KEYS[1], 'state', 'cancelled', 'ended', text(now), 'reason', 'nobody followed the run any more')
    redis.call('DEL', KEYS[4])
    tell(KEYS[5], ARGV[1], 'e', 'cancelled')
    return {'ended'} -- for all: it is what they hear if they ask again
  else
    if lonely and not h[4] then
      h[4] = text(now)
      redis.call('HSET', KEYS[1], 'lonely', h[4])
    end
    if attempts[i] and tonumber(attempt) < tonumber(string.match(attempts[i], '^%d+')) then
      word = 'stale'
    else
      set[#set + 1], set[#set + 2] = name, since .. attempt .. ' ' .. delivery
    end
  end
  reply[i] = word
end
if #set > 0 then
  redis.call('HSET', KEYS[4], unpack(set))
  if redis.call('HLEN', KEYS[4]) <= #set / 2 then redis.call('EXPIRE', KEYS[4], ARGV[1]) end
end
return reply
`)

// releaseScript: KEYS begun; ARGV unit, delivery. Ends the unit's attempt in progress if
// it is that of the delivery.
var releaseScript = redis.NewScript(`
local v = redis.call('HGET', KEYS[1], ARGV[1])
if v and string.match(v, '^%d+ %d+ (.*)$') == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
return {'ok'}
`)

// recordScript: KEYS run, expect, decided, begun, events; ARGV ttl, and for each verdict
// unit, digest, shared, fingerprint, delivery, kind, body. Replies with a word for each
// verdict. The verdict that stands, from the same delivery again, gets the same answer
// and counts nothing. The digest '*' stands for whatever digest is expected. All verdicts
// that followers are to get are one entry of the stream, because Redis copies the
// stream's last block for each entry.
var recordScript = redis.NewScript(`
local h = redis.call('HMGET', KEYS[1], 'state', 'shared')
if not h[1] then return {'gone'} end
local ended = h[1] == 'closed' or h[1] == 'cancelled'
local names = {}
for i = 2, #ARGV, 7 do names[#names + 1] = ARGV[i] end
local expected = redis.call('HMGET', KEYS[2], unpack(names))
local decided = redis.call('HMGET', KEYS[3], unpack(names))
local now, set, done, told, counts, reply = {}, {}, {}, {}, {}, {}
for i, name in ipairs(names) do
  local digest, shared, fingerprint, delivery, kind, body = unpack(ARGV, 7 * i - 4, 7 * i + 1)
  local was, is = now[name] or decided[i], fingerprint .. ' ' .. kind .. ' ' .. delivery
  local word, count = 'recorded', nil
  if was == is then
    -- told before
  elseif ended then
    word, count = 'ended', 'late'
  elseif not expected[i] or (digest ~= '*' and (expected[i] ~= digest or h[2] ~= shared)) then
    word, count = 'stale', 'stale'
  elseif was and string.sub(was, 1, #fingerprint) == fingerprint then
    word, count = 'duplicate', 'duplicates'
  else
    local n = #told == 0 and '' or #told / 4 + 1
    told[#told + 1], told[#told + 2], told[#told + 3], told[#told + 4] = 's' .. n, name, 'b' .. n, body
    if was then
      word, count = 'contradiction', 'contradictions'
    else
      count, now[name], done[#done + 1] = kind, is, name
      set[#set + 1], set[#set + 2] = name, is
    end
  end
  if count then counts[count] = (counts[count] or 0) + 1 end
  reply[i] = word
end
if #told > 0 then redis.call('XADD', KEYS[5], '*', 'e', 'verdict', unpack(told)) end
if #done > 0 then
  redis.call('HSET', KEYS[3], unpack(set))
  redis.call('HDEL', KEYS[4], unpack(done))
end
local first = false
for count, n in pairs(counts) do
  first = redis.call('HINCRBY', KEYS[1], count, n) == n or first
end
if first and #done > 0 then
  redis.call('EXPIRE', KEYS[3], ARGV[1])
  redis.call('EXPIRE', KEYS[5], ARGV[1])
end
return reply
`)

// reissueScript: KEYS run, decided, begun, attempts; ARGV unit, attempt, died, deaths,
// ttl, token. The first call that says that the attempt is lost gets the next one. The
// token is made for one call: if the call is repeated, it gets the same answer again.
//
// died is 1 if the attempt's worker died. The attempts after that are made in the
// quarantine lane, where each further death counts. The unit is poisoned once the count
// reaches deaths.
var reissueScript = redis.NewScript(`
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'gone'} end
if state == 'closed' or state == 'cancelled' then return {'ended'} end
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return {'decided'} end
local attempt, alone, deaths, token = string.match(redis.call('HGET', KEYS[4], ARGV[1]) or '1 0 0', '^(%d+) (%d) (%d+) ?(.*)$')
if token ~= ARGV[6] then
  if attempt ~= ARGV[2] then return {'taken', attempt} end
  if ARGV[3] == '1' then
    if alone == '1' then deaths = string.format('%d', tonumber(deaths) + 1) end
    alone = '1'
  end
  attempt = string.format('%d', tonumber(attempt) + 1)
  redis.call('HDEL', KEYS[3], ARGV[1])
  redis.call('HSET', KEYS[4], ARGV[1], table.concat({attempt, alone, deaths, ARGV[6]}, ' '))
  if redis.call('HLEN', KEYS[4]) == 1 then redis.call('EXPIRE', KEYS[4], ARGV[5]) end
end
if tonumber(deaths) >= tonumber(ARGV[4]) then return {'condemned', deaths} end
return {alone == '1' and 'alone' or 'again', attempt}
`)

// noteScript: KEYS run, events; ARGV event, unit, detail, ttl. Tells the followers of
// something that changes no state.
var noteScript = redis.NewScript(tell + `
if redis.call('EXISTS', KEYS[1]) == 0 then return {'gone'} end
tell(KEYS[2], ARGV[4], 'e', ARGV[1], 's', ARGV[2], 'b', ARGV[3])
return {'ok'}
`)

// markAliveScript: KEYS run; ARGV field, … Notes the time in the fields given. A run that
// is followed is not lonely.
var markAliveScript = redis.NewScript(now + `
if redis.call('EXISTS', KEYS[1]) == 0 then return {'gone'} end
for i = 1, #ARGV do
  redis.call('HSET', KEYS[1], ARGV[i], text(now))
  if ARGV[i] == 'followed' then redis.call('HDEL', KEYS[1], 'lonely') end
end
return {'ok'}
`)

// heartbeatScript: KEYS workers, capacity; ARGV worker, ttl, capacity. Notes the time of
// a worker's heartbeat and what the worker can do, and forgets the workers whose last
// heartbeat was an hour ago.
var heartbeatScript = redis.NewScript(now + `
redis.call('ZADD', KEYS[1], text(now), ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', text(now - 3600000))) do
  redis.call('ZREM', KEYS[1], gone)
  redis.call('HDEL', KEYS[2], gone)
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
return {'ok'}
`)

// cancelScript: KEYS run, events, begun; ARGV reason, ttl. A run that has ended stays as
// it is.
var cancelScript = redis.NewScript(now + tell + `
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'gone'} end
if state == 'closed' or state == 'cancelled' then return {state} end
redis.call('HSET', KEYS[1], 'state', 'cancelled', 'ended', text(now), 'reason', ARGV[1])
redis.call('DEL', KEYS[3])
tell(KEYS[2], ARGV[2], 'e', 'cancelled')
return {'cancelled'}
`)

// closeScript: KEYS run, events, begun; ARGV final, ttl. A closed run stays as it is.
var closeScript = redis.NewScript(now + tell + `
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'gone'} end
if state == 'closed' then return {'closed'} end
redis.call('HSET', KEYS[1], 'state', 'closed', 'ended', text(now), 'final', ARGV[1])
redis.call('DEL', KEYS[3])
tell(KEYS[2], ARGV[2], 'e', 'closed')
return {'closed'}
`)

// reopenScript: KEYS run, events; ARGV ttl. Makes a run that has ended open or sealed
// again. In any run it deletes what an earlier enqueuer has marked: the process that
// reopens the run must push its tasks. Followers get an event, so that one that reads
// from the beginning does not stop at the earlier end.
var reopenScript = redis.NewScript(now + tell + `
local h = redis.call('HMGET', KEYS[1], 'state', 'total')
if not h[1] then return {'gone'} end
redis.call('HSET', KEYS[1], 'owned', text(now), 'followed', text(now))
redis.call('HDEL', KEYS[1], 'handed', 'detached', 'lonely')
if h[1] ~= 'closed' and h[1] ~= 'cancelled' then return {'open'} end
redis.call('HSET', KEYS[1], 'state', h[2] and 'sealed' or 'open')
redis.call('HDEL', KEYS[1], 'ended', 'final', 'reason')
tell(KEYS[2], ARGV[1], 'e', 'reopened')
return {'open'}
`)

// supersedeScript: KEYS newest; ARGV run, ttl. Makes the run the newest. Replies with the
// run before it.
var supersedeScript = redis.NewScript(`
local newest = redis.call('HGET', KEYS[1], 'run')
if newest ~= ARGV[1] then redis.call('HSET', KEYS[1], 'run', ARGV[1], 'before', newest or '') end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return {'ok', redis.call('HGET', KEYS[1], 'before')}
`)
