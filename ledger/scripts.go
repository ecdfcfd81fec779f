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

// kindsOf is Lua that notes the kinds of units, and counts in the run how many units of each kind it
// knows. A kind that is "" says nothing. What is noted already counts nothing.
const kindsOf = `
local function kindsOf(run, key, ttl, kinds)
  local names, set, counts = {}, {}, {}
  for name, kind in pairs(kinds) do
    if kind ~= '' then names[#names + 1] = name end
  end
  if #names == 0 then return end
  local was = redis.call('HMGET', key, unpack(names))
  for i, name in ipairs(names) do
    local kind = kinds[name]
    if was[i] ~= kind then
      set[#set + 1], set[#set + 2] = name, kind
      counts[kind] = (counts[kind] or 0) + 1
      if was[i] then counts[was[i]] = (counts[was[i]] or 0) - 1 end
    end
  end
  if #set == 0 then return end
  redis.call('HSET', key, unpack(set))
  if redis.call('HLEN', key) <= #set / 2 then redis.call('EXPIRE', key, ttl) end
  for kind, n in pairs(counts) do redis.call('HINCRBY', run, '` + expectedPrefix + `' .. kind, n) end
end
`

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
