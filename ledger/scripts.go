package ledger

import "github.com/redis/go-redis/v9"

// The scripts keep to what both redis-server 6.2 and miniredis run. A key gets
// its time to live from the call that makes it: nothing stays for ever when its
// owner dies at once.

// openScript: KEYS run; ARGV generation, ttl, field, value, … Makes the header, or
// leaves the one that is there. Replies with the header.
var openScript = redis.NewScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then
  local t = redis.call('TIME')
  local started = t[1] .. string.format('%03d', math.floor(tonumber(t[2]) / 1000))
  redis.call('HSET', KEYS[1], 'generation', ARGV[1], 'started', started, unpack(ARGV, 3))
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
return redis.call('HGETALL', KEYS[1])
`)

// namesScript: KEYS run, expect; ARGV ttl, name, … A name that is there stays as
// it is.
var namesScript = redis.NewScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then return {'gone'} end
local fresh = redis.call('EXISTS', KEYS[2]) == 0
for i = 2, #ARGV do redis.call('HSETNX', KEYS[2], ARGV[i], '') end
if fresh then redis.call('EXPIRE', KEYS[2], ARGV[1]) end
return {'ok'}
`)

// foldersScript: KEYS run, folders; ARGV ttl, name, …
var foldersScript = redis.NewScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then return {'gone'} end
local fresh = redis.call('EXISTS', KEYS[2]) == 0
for i = 2, #ARGV do redis.call('SADD', KEYS[2], ARGV[i]) end
if fresh then redis.call('EXPIRE', KEYS[2], ARGV[1]) end
return {'ok'}
`)

// expectScript: KEYS run, expect, decided; ARGV service, digest.
var expectScript = redis.NewScript(`
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'gone'} end
if state == 'closed' then return {'closed'} end
if redis.call('HEXISTS', KEYS[3], ARGV[1]) == 1 then return {'decided'} end
local was = redis.call('HGET', KEYS[2], ARGV[1])
if not was then return {'unlisted'} end
if was == '' then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
  return {'expected'}
end
if was == ARGV[2] then return {'expected'} end
return {'changed', was}
`)

// sealScript: KEYS run, expect, events; ARGV total, ttl.
var sealScript = redis.NewScript(`
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
redis.call('XADD', KEYS[3], '*', 'e', 'sealed')
if redis.call('XLEN', KEYS[3]) == 1 then redis.call('EXPIRE', KEYS[3], ARGV[2]) end
return {'sealed'}
`)

// beginScript: KEYS run, expect, decided, begun; ARGV service, digest, delivery,
// ttl.
var beginScript = redis.NewScript(`
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'gone'} end
if state == 'closed' then return {'closed'} end
if redis.call('HEXISTS', KEYS[3], ARGV[1]) == 1 then return {'decided'} end
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then return {'stale'} end
local t = redis.call('TIME')
redis.call('HSET', KEYS[4], ARGV[1], t[1] .. ' ' .. ARGV[3])
if redis.call('HLEN', KEYS[4]) == 1 then redis.call('EXPIRE', KEYS[4], ARGV[4]) end
return {'go'}
`)

// releaseScript: KEYS begun; ARGV service, delivery.
var releaseScript = redis.NewScript(`
local v = redis.call('HGET', KEYS[1], ARGV[1])
if v and string.sub(v, -#ARGV[2] - 1) == ' ' .. ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
return {'ok'}
`)

// recordScript: KEYS run, expect, decided, begun, events; ARGV service, digest,
// shared, fingerprint, delivery, kind, body, ttl. The same delivery again gets
// the same answer and counts nothing. The digest '*' stands for whatever is
// expected.
var recordScript = redis.NewScript(`
local h = redis.call('HMGET', KEYS[1], 'state', 'shared')
if not h[1] then return {'gone'} end
local was = redis.call('HGET', KEYS[3], ARGV[1])
if was and was == ARGV[4] .. ' ' .. ARGV[5] then return {'recorded'} end
if h[1] == 'closed' then
  redis.call('HINCRBY', KEYS[1], 'late', 1)
  return {'late'}
end
local expected = redis.call('HGET', KEYS[2], ARGV[1])
if not expected or (ARGV[2] ~= '*' and (expected ~= ARGV[2] or h[2] ~= ARGV[3])) then
  redis.call('HINCRBY', KEYS[1], 'stale', 1)
  return {'stale'}
end
if was then
  if string.sub(was, 1, #ARGV[4]) == ARGV[4] then
    redis.call('HINCRBY', KEYS[1], 'duplicates', 1)
    return {'duplicate'}
  end
  redis.call('HINCRBY', KEYS[1], 'contradictions', 1)
  redis.call('XADD', KEYS[5], '*', 'e', 'verdict', 's', ARGV[1], 'b', ARGV[7])
  return {'contradiction'}
end
redis.call('HSET', KEYS[3], ARGV[1], ARGV[4] .. ' ' .. ARGV[5])
redis.call('HDEL', KEYS[4], ARGV[1])
local n = redis.call('HINCRBY', KEYS[1], ARGV[6], 1)
redis.call('XADD', KEYS[5], '*', 'e', 'verdict', 's', ARGV[1], 'b', ARGV[7])
if n == 1 then
  redis.call('EXPIRE', KEYS[3], ARGV[8])
  redis.call('EXPIRE', KEYS[5], ARGV[8])
end
return {'recorded'}
`)

// noteScript: KEYS run, events; ARGV event, service, detail, ttl. Tells the
// followers something that changes no state.
var noteScript = redis.NewScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then return {'gone'} end
redis.call('XADD', KEYS[2], '*', 'e', ARGV[1], 's', ARGV[2], 'b', ARGV[3])
if redis.call('XLEN', KEYS[2]) == 1 then redis.call('EXPIRE', KEYS[2], ARGV[4]) end
return {'ok'}
`)

// closeScript: KEYS run, events, begun; ARGV final, ttl. A closed run stays as it
// was closed.
var closeScript = redis.NewScript(`
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'gone'} end
if state == 'closed' then return {'closed'} end
local t = redis.call('TIME')
local now = t[1] .. string.format('%03d', math.floor(tonumber(t[2]) / 1000))
redis.call('HSET', KEYS[1], 'state', 'closed', 'ended', now, 'final', ARGV[1])
redis.call('DEL', KEYS[3])
redis.call('XADD', KEYS[2], '*', 'e', 'closed')
if redis.call('XLEN', KEYS[2]) == 1 then redis.call('EXPIRE', KEYS[2], ARGV[2]) end
return {'closed'}
`)
