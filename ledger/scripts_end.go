package ledger

import "github.com/redis/go-redis/v9"

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
