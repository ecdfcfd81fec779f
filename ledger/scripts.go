package ledger

import "github.com/redis/go-redis/v9"

// The scripts keep to what both redis-server 6.2 and miniredis run. A key gets
// its time to live from the call that makes it: nothing stays for ever when its
// owner dies at once. Times are Redis's own, in milliseconds.

// now is Lua for the time.
const now = `
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
local function text(ms) return string.format('%.0f', ms) end
`

// tell is Lua that appends an event to the stream in KEYS[i].
const tell = `
local function tell(key, ttl, ...)
  redis.call('XADD', key, '*', ...)
  if redis.call('XLEN', key) == 1 then redis.call('EXPIRE', key, ttl) end
end
`

// openScript: KEYS run; ARGV generation, ttl, field, value, … Makes the header, or
// leaves the one that is there. Replies with the header.
var openScript = redis.NewScript(now + `
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'generation', ARGV[1], 'started', text(now), 'owned', text(now), 'followed', text(now), unpack(ARGV, 3))
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
return redis.call('HGETALL', KEYS[1])
`)

// namesScript: KEYS run, expect; ARGV ttl, name, … A name that is there stays as
// it is.
var namesScript = redis.NewScript(`
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

// foldersScript: KEYS run, folders; ARGV ttl, name, …
var foldersScript = redis.NewScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then return {'gone'} end
local fresh = redis.call('EXISTS', KEYS[2]) == 0
redis.call('SADD', KEYS[2], unpack(ARGV, 2))
if fresh then redis.call('EXPIRE', KEYS[2], ARGV[1]) end
return {'ok'}
`)

// expectScript: KEYS run, expect, decided, attempts; ARGV service, digest, service,
// digest, … Replies with a word and a detail for each: the attempt that the service is
// in, or the digest that is expected instead. One call for many costs a service less
// than its own would before its first line.
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

// replaceScript: KEYS run, expect, decided, begun, attempts, events; ARGV service,
// digest, ttl, delivery. Expects other bytes of a service and drops the verdict about
// the old ones. The same digest again changes nothing; '*' keeps the digest and
// drops a verdict whose delivery is the one given.
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

// sealScript: KEYS run, expect, events; ARGV total, ttl.
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

// beginScript: KEYS run, expect, decided, begun, events, attempts; ARGV ttl, patience,
// grace, and for each task service, digest, attempt, delivery. Replies with a word for
// each. An attempt whose next one was asked for is not begun: it would hide the next
// one's worker. A run that nobody has followed for patience is noted as lonely, and
// cancelled when it has been so for grace: its enqueuer was killed without a word.
// Without the grace a Redis that was away would cancel every run on its return, before a
// follower can be heard.
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

// releaseScript: KEYS begun; ARGV service, delivery.
var releaseScript = redis.NewScript(`
local v = redis.call('HGET', KEYS[1], ARGV[1])
if v and string.match(v, '^%d+ %d+ (.*)$') == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
return {'ok'}
`)

// recordScript: KEYS run, expect, decided, begun, events; ARGV ttl, and for each
// verdict service, digest, shared, fingerprint, delivery, kind, body. Replies with a
// word for each. The same delivery again gets the same answer and counts nothing. The
// digest '*' stands for whatever is expected. What there is to tell of all of them is
// one event: Redis copies what its last block of a stream holds for each.
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

// reissueScript: KEYS run, decided, begun, attempts; ARGV service, attempt, died,
// deaths, ttl, token. Whoever says first that the attempt is lost gets the next one;
// the token, made for one call, tells that call again what it was told. died is 1
// if its worker died; the attempt after that is made alone, and a death alone
// counts: deaths of them condemn the service.
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

// noteScript: KEYS run, events; ARGV event, service, detail, ttl. Tells the
// followers something that changes no state.
var noteScript = redis.NewScript(tell + `
if redis.call('EXISTS', KEYS[1]) == 0 then return {'gone'} end
tell(KEYS[2], ARGV[4], 'e', ARGV[1], 's', ARGV[2], 'b', ARGV[3])
return {'ok'}
`)

// attendScript: KEYS run; ARGV field, … Notes the time in the fields given.
var attendScript = redis.NewScript(now + `
if redis.call('EXISTS', KEYS[1]) == 0 then return {'gone'} end
for i = 1, #ARGV do
  redis.call('HSET', KEYS[1], ARGV[i], text(now))
  if ARGV[i] == 'followed' then redis.call('HDEL', KEYS[1], 'lonely') end
end
return {'ok'}
`)

// beatScript: KEYS workers, capacity; ARGV worker, ttl, capacity. Notes the time of a
// worker's beat and what it can do, and forgets those of an hour ago.
var beatScript = redis.NewScript(now + `
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

// cancelScript: KEYS run, events, begun; ARGV reason, ttl. A run that has ended
// stays as it ended.
var cancelScript = redis.NewScript(now + tell + `
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'gone'} end
if state == 'closed' or state == 'cancelled' then return {state} end
redis.call('HSET', KEYS[1], 'state', 'cancelled', 'ended', text(now), 'reason', ARGV[1])
redis.call('DEL', KEYS[3])
tell(KEYS[2], ARGV[2], 'e', 'cancelled')
return {'cancelled'}
`)

// closeScript: KEYS run, events, begun; ARGV final, ttl. A closed run stays as it
// was closed.
var closeScript = redis.NewScript(now + tell + `
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'gone'} end
if state == 'closed' then return {'closed'} end
redis.call('HSET', KEYS[1], 'state', 'closed', 'ended', text(now), 'final', ARGV[1])
redis.call('DEL', KEYS[3])
tell(KEYS[2], ARGV[2], 'e', 'closed')
return {'closed'}
`)

// reopenScript: KEYS run, events; ARGV ttl. Makes a run that has ended go on: its
// tasks are still to be pushed by whoever reopens it. The followers are told, so
// that those from the beginning do not stop at its end.
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

// supersedeScript: KEYS newest; ARGV run, ttl. Replies with the run before this one.
var supersedeScript = redis.NewScript(`
local newest = redis.call('HGET', KEYS[1], 'run')
if newest ~= ARGV[1] then redis.call('HSET', KEYS[1], 'run', ARGV[1], 'before', newest or '') end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return {'ok', redis.call('HGET', KEYS[1], 'before')}
`)
