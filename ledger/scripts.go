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

// guard is Lua for the right to write. A step names the generation in which the run became the
// owner's own, or that anyone has seen; a run that was continued since has another one, and so
// has one that was lost and made anew. It guards against accidents, not against attackers.
const guard = `
local function refused(key, generation)
  local h = redis.call('HMGET', key, 'state', 'generation')
  if not h[1] then return {'gone'} end
  if h[2] ~= generation then return {'replaced'} end
end
`

// openScript: KEYS run, expect, decided, begun, attempts, events, folders, earlier, waiting,
// claimed, kinds; ARGV generation, ttl, patience, whether the run must be there, attempts an epoch,
// format, plan, shared, owner, how long it may take if it is detached, else 0, the newest format, and of each kind its name and
// shared. Makes the run, or continues the one that is there under a new epoch:
// its events become the earlier ones, and everything else begins anew. A run whose owner was
// heard within patience is left alone. The generation, made for one call, tells that call
// again what it was told. Replies with a word, and how long ago the owner was heard.
var openScript = redis.NewScript(now + `
local h = redis.call('HMGET', KEYS[1], 'state', 'generation', 'epoch', 'owned', 'first', 'started', 'plan', 'format')
if h[2] == ARGV[1] then return {h[3] == '1' and 'opened' or 'continued'} end
if not h[1] and ARGV[4] == '1' then return {'gone'} end
local written = tonumber(h[8] or '') or 0
if h[1] and (written < 1 or written > tonumber(ARGV[11])) then return {'format', h[8] or ''} end
if h[1] and h[4] and now - tonumber(h[4]) <= tonumber(ARGV[3]) then return {'owned', text(now - tonumber(h[4]))} end
local epoch, at = 1, '*'
if h[1] then
  epoch = tonumber(h[3] or '0') + 1
  if epoch == 1 then epoch = 2 end -- of a version without epochs
  redis.call('DEL', KEYS[8])
  local last = redis.call('XREVRANGE', KEYS[6], '+', '-', 'COUNT', 1)[1]
  if last then
    -- Followers go on after the last event that they have read, whatever the clock says.
    at = string.gsub(last[1], '%d+$', function(n) return text(n + 1) end)
    redis.call('RENAME', KEYS[6], KEYS[8])
    redis.call('EXPIRE', KEYS[8], ARGV[2])
  end
  redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[7], KEYS[9], KEYS[10], KEYS[11])
end
redis.call('HSET', KEYS[1], 'generation', ARGV[1], 'epoch', text(epoch), 'base', text((epoch - 1) * tonumber(ARGV[5])), 'format', ARGV[6],
  'state', 'open', 'plan', ARGV[7], 'shared', ARGV[8], 'owner', ARGV[9],
  'started', text(now), 'first', h[5] or h[6] or text(now), 'owned', text(now), 'followed', text(now))
if ARGV[10] ~= '0' then redis.call('HSET', KEYS[1], 'deadline', text(now + tonumber(ARGV[10]))) end
for i = 12, #ARGV, 2 do redis.call('HSET', KEYS[1], 'shared:' .. ARGV[i], ARGV[i + 1]) end
redis.call('EXPIRE', KEYS[1], ARGV[2])
if not h[1] then return {'opened'} end
redis.call('HSET', KEYS[1], 'earlierPlan', h[7], 'earlierStarted', h[6])
redis.call('XADD', KEYS[6], at, 'e', 'opened', 's', ARGV[1])
redis.call('EXPIRE', KEYS[6], ARGV[2])
return {'continued'}
`)

// addExpectedScript: KEYS run, expect; ARGV generation, ttl, name, … A name that is there stays
// as it is. A sealed run takes no new one.
var addExpectedScript = redis.NewScript(guard + `
local no = refused(KEYS[1], ARGV[1])
if no then return no end
local fresh = redis.call('EXISTS', KEYS[2]) == 0
local names = {unpack(ARGV, 3)}
local was, set = {}, {}
if #names > 0 then was = redis.call('HMGET', KEYS[2], unpack(names)) end
for i, name in ipairs(names) do
  if not was[i] then set[#set + 1], set[#set + 2] = name, '' end
end
if #set > 0 then
  if redis.call('HEXISTS', KEYS[1], 'total') == 1 then return {'sealed', set[1]} end
  redis.call('HSET', KEYS[2], unpack(set))
end
if fresh then redis.call('EXPIRE', KEYS[2], ARGV[2]) end
return {'ok'}
`)

// addKnownScript: KEYS run, folders; ARGV generation, ttl, name, …
var addKnownScript = redis.NewScript(guard + `
local no = refused(KEYS[1], ARGV[1])
if no then return no end
local fresh = redis.call('EXISTS', KEYS[2]) == 0
redis.call('SADD', KEYS[2], unpack(ARGV, 3))
if fresh then redis.call('EXPIRE', KEYS[2], ARGV[2]) end
return {'ok'}
`)

// expectScript: KEYS run, expect, decided, attempts, kinds; ARGV generation, ttl, unit, digest,
// kind, unit, digest, kind, …
// Replies with a word and a detail for each unit: the attempt that the unit is in, or the
// digest that is expected instead. Many units in one call share the fixed cost of a
// script.
var expectScript = redis.NewScript(`
local h = redis.call('HMGET', KEYS[1], 'state', 'generation', 'base')
if not h[1] then return {'gone'} end
if h[2] ~= ARGV[1] then return {'replaced'} end
if h[1] == 'closed' or h[1] == 'cancelled' then return {'ended'} end
local first, names = string.format('%d', tonumber(h[3]) + 1), {}
for i = 3, #ARGV, 3 do names[#names + 1] = ARGV[i] end
local was = redis.call('HMGET', KEYS[2], unpack(names))
local decided = redis.call('HMGET', KEYS[3], unpack(names))
local attempts = redis.call('HMGET', KEYS[4], unpack(names))
local set, kinds, now, reply = {}, {}, {}, {}
for i, name in ipairs(names) do
  local digest, kind, expected = ARGV[3 * i + 1], ARGV[3 * i + 2], now[name] or was[i]
  local word, detail = 'expected', ''
  if not expected then
    word = 'unlisted'
  elseif expected ~= '' and expected ~= digest then
    word, detail = 'changed', expected
  elseif decided[i] then
    word = 'decided'
  else
    detail = string.match(attempts[i] or first, '^%d+')
    if expected == '' then
      now[name] = digest
      set[#set + 1], set[#set + 2] = name, digest
    end
    if kind ~= '' then kinds[#kinds + 1], kinds[#kinds + 2] = name, kind end -- which may be forgotten
  end
  reply[#reply + 1], reply[#reply + 2] = word, detail
end
if #set > 0 then redis.call('HSET', KEYS[2], unpack(set)) end
if #kinds > 0 then
  redis.call('HSET', KEYS[5], unpack(kinds))
  if redis.call('HLEN', KEYS[5]) <= #kinds / 2 then redis.call('EXPIRE', KEYS[5], ARGV[2]) end
end
return reply
`)

// restoreScript: KEYS run, expect, kinds; ARGV generation, unit, digest, kind, ttl. Says again with
// which bytes a unit is expected, and of which kind it is, where that is forgotten.
var restoreScript = redis.NewScript(guard + `
local no = refused(KEYS[1], ARGV[1])
if no then return no end
local expected = redis.call('HGET', KEYS[2], ARGV[2])
if not expected then return {'unlisted'} end
if expected ~= '' and expected ~= ARGV[3] then return {'changed', expected} end
if expected == '' then redis.call('HSET', KEYS[2], ARGV[2], ARGV[3]) end
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[3], ARGV[2], ARGV[4])
  if redis.call('HLEN', KEYS[3]) == 1 then redis.call('EXPIRE', KEYS[3], ARGV[5]) end
end
return {'expected'}
`)

// sealScript: KEYS run, expect, events; ARGV generation, total, ttl. Seals the run if exactly
// total names are listed. A sealed run stays as it is.
var sealScript = redis.NewScript(guard + tell + `
local no = refused(KEYS[1], ARGV[1])
if no then return no end
local h = redis.call('HMGET', KEYS[1], 'state', 'total')
if h[2] then
  if h[2] == ARGV[2] then return {'sealed'} end
  return {'different', h[2]}
end
local listed = redis.call('HLEN', KEYS[2])
if listed ~= tonumber(ARGV[2]) then return {'unequal', tostring(listed)} end
redis.call('HSET', KEYS[1], 'total', ARGV[2])
if h[1] == 'open' then redis.call('HSET', KEYS[1], 'state', 'sealed') end
tell(KEYS[3], ARGV[3], 'e', 'sealed')
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
local sharedOf = {}
-- In a run of several kinds each has shared files of its own.
local function isShared(name, shared)
  if h[2] ~= '' then return h[2] == shared end
  local kind = redis.call('HGET', KEYS[6], name) or ''
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

// noteScript: KEYS run, events; ARGV event, unit, detail, ttl. Tells the followers of
// something that changes no state.
var noteScript = redis.NewScript(tell + `
if redis.call('EXISTS', KEYS[1]) == 0 then return {'gone'} end
tell(KEYS[2], ARGV[4], 'e', ARGV[1], 's', ARGV[2], 'b', ARGV[3])
return {'ok'}
`)

// markAliveScript: KEYS run; ARGV generation, field, … Records the time in the fields given. The
// generation is that of an owner, "" for anyone.
var markAliveScript = redis.NewScript(now + `
local h = redis.call('HMGET', KEYS[1], 'state', 'generation')
if not h[1] then return {'gone'} end
if ARGV[1] ~= '' and ARGV[1] ~= h[2] then return {'replaced'} end
-- An owner that has left stays so, whatever it still had under way.
local left = ARGV[1] ~= '' and redis.call('HEXISTS', KEYS[1], 'owned') == 0
for i = 2, #ARGV do
  if not left then redis.call('HSET', KEYS[1], ARGV[i], text(now)) end
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

// cancelScript: KEYS run, events, begun; ARGV reason, ttl, by, the run that supersedes it or
// "". A run that has ended stays as it ended.
var cancelScript = redis.NewScript(now + tell + `
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'gone'} end
if state == 'closed' or state == 'cancelled' then return {state} end
redis.call('HSET', KEYS[1], 'state', 'cancelled', 'ended', text(now), 'reason', ARGV[1], 'by', ARGV[3])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'supersededBy', ARGV[4]) end
redis.call('DEL', KEYS[3])
tell(KEYS[2], ARGV[2], 'e', 'cancelled')
return {'cancelled'}
`)

// endScript: KEYS run, events, begun; ARGV generation, final, ttl. The owner's word about a run
// that is not complete. A closed run stays as it was closed.
var endScript = redis.NewScript(guard + now + tell + `
local no = refused(KEYS[1], ARGV[1])
if no then return no end
if redis.call('HGET', KEYS[1], 'state') == 'closed' then return {'closed'} end
redis.call('HSET', KEYS[1], 'state', 'closed', 'ended', text(now), 'final', ARGV[2])
redis.call('DEL', KEYS[3])
tell(KEYS[2], ARGV[3], 'e', 'closed')
return {'closed'}
`)

// completeScript: KEYS run, expect, decided, begun, events; ARGV generation, final, ttl. Notes
// that a run is complete, if it is: sealed, with all its names and a verdict of each.
var completeScript = redis.NewScript(guard + now + tell + `
local no = refused(KEYS[1], ARGV[1])
if no then return no end
local h = redis.call('HMGET', KEYS[1], 'state', 'total', 'final')
if h[1] == 'closed' and string.find(h[3] or '', '"complete":true', 1, true) then return {'closed'} end
if h[1] == 'closed' or h[1] == 'cancelled' then return {'ended'} end
local total = tonumber(h[2] or '-1')
if redis.call('HLEN', KEYS[2]) ~= total or redis.call('HLEN', KEYS[3]) ~= total then return {'open'} end
redis.call('HSET', KEYS[1], 'state', 'closed', 'ended', text(now), 'final', ARGV[2])
redis.call('DEL', KEYS[4])
tell(KEYS[5], ARGV[3], 'e', 'closed')
return {'closed'}
`)

// leaveScript: KEYS run; ARGV generation. The owner leaves the run: whoever continues it need not
// wait until it has been silent.
var leaveScript = redis.NewScript(guard + `
local no = refused(KEYS[1], ARGV[1])
if no then return no end
redis.call('HDEL', KEYS[1], 'owned')
return {'ok'}
`)

// supersedeScript: KEYS newest; ARGV run, ttl, order, kept. Replies with the newest run of a
// key if that is another one, or with the one before this. The order is a number that grows
// from run to run; "" stands for the time at which the run was first named here.
var supersedeScript = redis.NewScript(now + `
local order = ARGV[3]
if order == '' then order = redis.call('ZSCORE', KEYS[1], ARGV[1]) or text(now) end
redis.call('ZADD', KEYS[1], order, ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -tonumber(ARGV[4]) - 1)
redis.call('EXPIRE', KEYS[1], ARGV[2])
local runs = redis.call('ZREVRANGE', KEYS[1], 0, 1, 'WITHSCORES')
if runs[1] ~= ARGV[1] and tonumber(runs[2]) > tonumber(order) then return {'older', runs[1]} end
return {'newest', runs[1] ~= ARGV[1] and runs[1] or runs[3] or ''}
`)
