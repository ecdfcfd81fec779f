package ledger

import "github.com/redis/go-redis/v9"

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
local h = redis.call('HMGET', KEYS[1], 'state', 'followed', 'detached', 'lonely', 'base')
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
  elseif expected[i] ~= digest or tonumber(attempt) <= tonumber(h[5] or '0') then
    word = 'stale'
  elseif lonely and h[4] and now - tonumber(h[4]) > tonumber(ARGV[3]) then
    redis.call('HSET', KEYS[1], 'state', 'cancelled', 'ended', text(now), 'reason', 'nobody followed the run any more',
      'by', 'worker ' .. (string.match(delivery, '^(.*)#') or delivery))
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

// impureMark begins the fingerprint of a verdict that depends on more than bytes.
const impureMark = "~"

// recordScript: KEYS run, expect, decided, begun, events, kinds; ARGV ttl, and for each verdict
// unit, digest, shared, fingerprint, delivery, kind, body, attempt. Replies with a word for each
// verdict. Where one of two different verdicts is impure, the later one is a duplicate. The
// verdict that stands, from the same delivery again, gets the same answer and counts nothing. The digest '*' stands for whatever digest is expected. All verdicts
// that followers are to get are one entry of the stream, because Redis copies the
// stream's last block for each entry.
var recordScript = redis.NewScript(`
local h = redis.call('HMGET', KEYS[1], 'state', 'shared', 'base')
if not h[1] then return {'gone'} end
local base = tonumber(h[3] or '0')
local ended = h[1] == 'closed' or h[1] == 'cancelled'
local kinds, sharedOf = {}, {}
local function kindOf(name)
  kinds[name] = kinds[name] or redis.call('HGET', KEYS[6], name) or ''
  return kinds[name]
end
-- In a run of several kinds each has shared files of its own.
local function isShared(name, shared)
  if h[2] ~= '' then return h[2] == shared end
  local kind = kindOf(name)
  sharedOf[kind] = sharedOf[kind] or redis.call('HGET', KEYS[1], 'shared:' .. kind)
  return sharedOf[kind] == shared
end
local function impure(verdict) return string.sub(verdict, 1, 1) == '` + impureMark + `' end
local names = {}
for i = 2, #ARGV, 8 do names[#names + 1] = ARGV[i] end
local expected = redis.call('HMGET', KEYS[2], unpack(names))
local decided = redis.call('HMGET', KEYS[3], unpack(names))
local now, set, done, told, counts, reply = {}, {}, {}, {}, {}, {}
for i, name in ipairs(names) do
  local digest, shared, fingerprint, delivery, kind, body, attempt = unpack(ARGV, 8 * i - 5, 8 * i + 1)
  local was, is = now[name] or decided[i], fingerprint .. ' ' .. kind .. ' ' .. delivery
  local word, count = 'recorded', nil
  if was == is then
    -- told before
  elseif ended then
    word, count = 'ended', 'late'
  elseif not expected[i] or (attempt ~= '0' and tonumber(attempt) <= base) or (digest ~= '*' and (expected[i] ~= digest or not isShared(name, shared))) then
    word, count = 'stale', 'stale'
  elseif was and (string.sub(was, 1, #fingerprint) == fingerprint or impure(was) or impure(fingerprint)) then
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
  if count == kind and h[2] == '' and kindOf(name) ~= '' then
    local decided = '` + decidedPrefix + `' .. kindOf(name)
    counts[decided] = (counts[decided] or 0) + 1
  end
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
// died is 1 if the attempt's worker died, and the death speaks against the unit. The
// attempts after that are a suspect's, and each further death counts. The unit is poisoned
// once the count reaches deaths.
var reissueScript = redis.NewScript(`
local h = redis.call('HMGET', KEYS[1], 'state', 'base')
if not h[1] then return {'gone'} end
if h[1] == 'closed' or h[1] == 'cancelled' then return {'ended'} end
local first = string.format('%d 0 0', tonumber(h[2] or '0') + 1)
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return {'decided'} end
local attempt, alone, deaths, token = string.match(redis.call('HGET', KEYS[4], ARGV[1]) or first, '^(%d+) (%d) (%d+) ?(.*)$')
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
