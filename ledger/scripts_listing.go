package ledger

import "github.com/redis/go-redis/v9"

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

// addExpectedScript: KEYS run, expect, kinds; ARGV generation, ttl, kind, name, … A name that is
// there stays as it is, and so does its kind. A sealed run takes no new one. The kind is that of
// all names, "" where it is not to be recorded.
var addExpectedScript = redis.NewScript(guard + kindsOf + `
local no = refused(KEYS[1], ARGV[1])
if no then return no end
local fresh = redis.call('EXISTS', KEYS[2]) == 0
local names = {unpack(ARGV, 4)}
local was, set, kinds = {}, {}, {}
if #names > 0 then was = redis.call('HMGET', KEYS[2], unpack(names)) end
for i, name in ipairs(names) do
  if not was[i] then
    set[#set + 1], set[#set + 2] = name, ''
    kinds[name] = ARGV[3]
  end
end
if #set > 0 then
  if redis.call('HEXISTS', KEYS[1], 'total') == 1 then return {'sealed', set[1]} end
  redis.call('HSET', KEYS[2], unpack(set))
  kindsOf(KEYS[1], KEYS[3], ARGV[2], kinds)
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
var expectScript = redis.NewScript(kindsOf + `
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
    kinds[name] = kind -- which may be forgotten, or be another one than the name has promised
  end
  reply[#reply + 1], reply[#reply + 2] = word, detail
end
if #set > 0 then redis.call('HSET', KEYS[2], unpack(set)) end
kindsOf(KEYS[1], KEYS[5], ARGV[2], kinds)
return reply
`)

// restoreScript: KEYS run, expect, kinds; ARGV generation, unit, digest, kind, ttl. Says again with
// which bytes a unit is expected, and of which kind it is, where that is forgotten.
var restoreScript = redis.NewScript(guard + kindsOf + `
local no = refused(KEYS[1], ARGV[1])
if no then return no end
local expected = redis.call('HGET', KEYS[2], ARGV[2])
if not expected then return {'unlisted'} end
if expected ~= '' and expected ~= ARGV[3] then return {'changed', expected} end
if expected == '' then redis.call('HSET', KEYS[2], ARGV[2], ARGV[3]) end
kindsOf(KEYS[1], KEYS[3], ARGV[5], {[ARGV[2]] = ARGV[4]})
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
