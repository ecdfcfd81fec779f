package ledger

import "github.com/redis/go-redis/v9"

// handOverScript: KEYS run, waiting, claimed; ARGV generation, ttl, unit, place, … Lists units whose
// tasks the workers are to push: each lane in a span of scores that begins at the place given with
// the unit, and in it in the order in which they come. Replies with a word for each.
var handOverScript = redis.NewScript(guard + `
local no = refused(KEYS[1], ARGV[1])
if no then return no end
local state = redis.call('HGET', KEYS[1], 'state')
if state == 'closed' or state == 'cancelled' then return {'ended'} end
local units = (#ARGV - 2) / 2
local n = redis.call('HINCRBY', KEYS[1], 'handedOver', units) - units
local reply = {}
for i = 3, #ARGV, 2 do
  n = n + 1
  if not redis.call('ZSCORE', KEYS[3], ARGV[i]) then
    redis.call('ZADD', KEYS[2], 'NX', string.format('%.0f', tonumber(ARGV[i + 1]) + n), ARGV[i])
  end
  reply[#reply + 1] = 'ok'
end
redis.call('EXPIRE', KEYS[2], ARGV[2])
return reply
`)

// claimScript: KEYS run, expect, decided, begun, attempts, waiting, claimed, kinds; ARGV worker, lease,
// quiet, ttl, most, generation, how many lanes, and of each lane the size of its window, where its span
// of scores begins, and where it ends; then of each kind its name and the number of its lane. Gives a
// worker that has the run's lease, or takes it, units that wait: of each lane, the first one first,
// as many as are missing in its window, and at most most of them in all. What is
// decided leaves its window. Replies with "held" and for how long, with another single word, or
// with "claimed", how many units are decided, how many are new, and how many of each lane are claimed; then
// four values for each new unit: unit, digest, kind, and its attempts entry; then two for each that
// was claimed, or last seen to, longer than quiet ago and has not begun: unit and attempt.
var claimScript = redis.NewScript(now + `
local h = redis.call('HMGET', KEYS[1], 'state', 'lease', 'leased', 'deadline', 'base', 'total', 'generation')
if not h[1] then return {'gone'} end
if h[7] ~= ARGV[6] then return {'replaced'} end
if h[1] == 'closed' or h[1] == 'cancelled' then return {'ended'} end
if not h[4] then return {'attached'} end
local decided = redis.call('HLEN', KEYS[3])
if h[6] and decided >= tonumber(h[6]) then
  redis.call('DEL', KEYS[6], KEYS[7])
  return {'decided'}
end
if now > tonumber(h[4]) then return {'overdue'} end
if h[2] and h[2] ~= ARGV[1] and now < tonumber(h[3]) then return {'held', text(tonumber(h[3]) - now)} end
redis.call('HSET', KEYS[1], 'lease', ARGV[1], 'leased', text(now + tonumber(ARGV[2])))
local first = string.format('%d 0 0', tonumber(h[5] or '0') + 1)
local most, lanes, quiet = tonumber(ARGV[5]), tonumber(ARGV[7]), {}
local claimed, laneOf = {}, {}
for lane = 1, lanes do claimed[lane] = 0 end
for i = 8 + 3 * lanes, #ARGV, 2 do laneOf[ARGV[i]] = tonumber(ARGV[i + 1]) end
local old = redis.call('ZRANGE', KEYS[7], 0, -1, 'WITHSCORES')
for from = 1, #old, 2000 do
  local names, times = {}, {}
  for i = from, math.min(from + 1999, #old), 2 do names[#names + 1], times[#times + 1] = old[i], tonumber(old[i + 1]) end
  local done, gone = redis.call('HMGET', KEYS[3], unpack(names)), {}
  local kinds = lanes > 1 and redis.call('HMGET', KEYS[8], unpack(names)) or {}
  local begun, attempts
  for i, name in ipairs(names) do
    local lane = laneOf[kinds[i] or ''] or 1
    claimed[lane] = claimed[lane] + (done[i] and 0 or 1)
    if done[i] then
      gone[#gone + 1] = name
    elseif now - times[i] > tonumber(ARGV[3]) and #quiet < 2 * most then
      begun = begun or redis.call('HMGET', KEYS[4], unpack(names))
      attempts = attempts or redis.call('HMGET', KEYS[5], unpack(names))
      if not begun[i] then
        quiet[#quiet + 1], quiet[#quiet + 2] = name, string.match(attempts[i] or first, '^%d+')
      end
    end
  end
  if #gone > 0 then redis.call('ZREM', KEYS[7], unpack(gone)) end
end
local reply, new = {'claimed', text(decided)}, 0
for lane = 1, lanes do reply[#reply + 1] = '' end
reply[#reply + 1] = ''
for lane = 1, lanes do
  local at = 5 + 3 * lane
  local room = math.min(tonumber(ARGV[at]) - claimed[lane], most - new)
  local fresh = room > 0 and redis.call('ZRANGEBYSCORE', KEYS[6], ARGV[at + 1], '(' .. ARGV[at + 2], 'LIMIT', 0, room) or {}
  if #fresh > 0 then
    redis.call('ZREM', KEYS[6], unpack(fresh))
    local done = redis.call('HMGET', KEYS[3], unpack(fresh))
    local digests = redis.call('HMGET', KEYS[2], unpack(fresh))
    local attempts = redis.call('HMGET', KEYS[5], unpack(fresh))
    local kinds = redis.call('HMGET', KEYS[8], unpack(fresh))
    for i, name in ipairs(fresh) do
      if not done[i] then
        new, claimed[lane] = new + 1, claimed[lane] + 1
        redis.call('ZADD', KEYS[7], text(now), name)
        local n = #reply
        reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = name, digests[i] or '', kinds[i] or '', attempts[i] or first
      end
    end
    redis.call('EXPIRE', KEYS[7], ARGV[4])
  end
  reply[3 + lane] = text(claimed[lane])
end
reply[3] = text(new)
for _, value in ipairs(quiet) do reply[#reply + 1] = value end
return reply
`)

// endDetachedScript: KEYS list; ARGV run, start. Takes a run out of a list of detached ones, if
// it is there with that start or an earlier one; one that was opened since has a later. "" stands
// for any.
var endDetachedScript = redis.NewScript(`
local start = redis.call('ZSCORE', KEYS[1], ARGV[1])
if start and (ARGV[2] == '' or tonumber(start) <= tonumber(ARGV[2])) then redis.call('ZREM', KEYS[1], ARGV[1]) end
return {'ok'}
`)

// deadlineScript: KEYS run, events, begun, decided; ARGV final, ttl. Ends a detached run whose
// time is over and that is not decided. Anyone may: the script looks at the clock.
var deadlineScript = redis.NewScript(now + tell + `
local h = redis.call('HMGET', KEYS[1], 'state', 'deadline', 'total')
if not h[1] then return {'gone'} end
if h[3] and redis.call('HLEN', KEYS[4]) >= tonumber(h[3]) then return {'decided'} end
if h[1] == 'closed' or h[1] == 'cancelled' then return {'ended'} end
if not h[2] or now <= tonumber(h[2]) then return {'open'} end
redis.call('HSET', KEYS[1], 'state', 'closed', 'ended', text(now), 'final', ARGV[1])
redis.call('DEL', KEYS[3])
tell(KEYS[2], ARGV[2], 'e', 'closed')
return {'closed'}
`)
