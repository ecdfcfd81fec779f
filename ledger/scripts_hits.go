package ledger

import "github.com/redis/go-redis/v9"

// hitScript: KEYS run, expect, decided, begun, events, kinds; ARGV generation, ttl, how many other names are to be recorded,
// "" where those of the units are to be recorded already, these names, and for each unit
// its name, digest, kind, mark, verdict's kind and pointer. Replies with a word for each unit. A unit that
// has this verdict gets the same answer and counts nothing. The pointers that are news are one event: one
// behind the other, for each tells where it ends. A sealed run takes no new name.
var hitScript = redis.NewScript(guard + kindsOf + `
local no = refused(KEYS[1], ARGV[1])
if no then return no end
local state = redis.call('HGET', KEYS[1], 'state')
local others = tonumber(ARGV[3]) or 0
local first, names, asked = 4 + others, {}, {}
for i = first, #ARGV, 6 do names[#names + 1] = ARGV[i] end
for i, name in ipairs(names) do asked[i] = name end
for i = 4, first - 1 do asked[#asked + 1] = ARGV[i] end
local expected = redis.call('HMGET', KEYS[2], unpack(asked))
local now, set, done, told, digests, kinds, counts, reply = {}, {}, {}, {}, {}, {}, {}, {}
local ended = state == 'closed' or state == 'cancelled'
if ARGV[3] ~= '' then
  for i, name in ipairs(asked) do
    if not expected[i] then
      if redis.call('HEXISTS', KEYS[1], 'total') == 1 then return {'sealed'} end
      expected[i] = ''
      if ended or i > #names then digests[#digests + 1], digests[#digests + 2] = name, '' end
    end
  end
end
if not ended then
  local decided = redis.call('HMGET', KEYS[3], unpack(names))
  for i, name in ipairs(names) do
    local at = first + 6 * i - 5
    local digest, kind, mark, count = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
    local was, is, word = now[name] or decided[i], expected[i], 'recorded'
    if was == mark then
      -- told before
    elseif not is or (is ~= '' and is ~= digest) then
      word = 'stale'
    elseif was then
      word = 'decided'
    else
      now[name], done[#done + 1], told[#told + 1] = mark, name, ARGV[at + 4]
      set[#set + 1], set[#set + 2] = name, mark
      if is == '' then digests[#digests + 1], digests[#digests + 2] = name, digest end
      counts[count] = (counts[count] or 0) + 1
      if kind ~= '' then
        kinds[name] = kind
        local of = '` + decidedPrefix + `' .. kind
        counts[of] = (counts[of] or 0) + 1
      end
    end
    reply[i] = word
  end
end
if #digests > 0 then
  redis.call('HSET', KEYS[2], unpack(digests))
  if redis.call('HLEN', KEYS[2]) <= #digests / 2 then redis.call('EXPIRE', KEYS[2], ARGV[2]) end
end
if ended then return {'ended'} end
if #done == 0 then return reply end
kindsOf(KEYS[1], KEYS[6], ARGV[2], kinds)
redis.call('HSET', KEYS[3], unpack(set))
if redis.call('EXISTS', KEYS[4]) == 1 then redis.call('HDEL', KEYS[4], unpack(done)) end
for count, n in pairs(counts) do redis.call('HINCRBY', KEYS[1], count, n) end
redis.call('XADD', KEYS[5], '*', 'e', '` + string(VerdictsKept) + `', 'b', table.concat(told))
if redis.call('HLEN', KEYS[3]) == #done then redis.call('EXPIRE', KEYS[3], ARGV[2]) end
if redis.call('XLEN', KEYS[5]) == 1 then redis.call('EXPIRE', KEYS[5], ARGV[2]) end
return reply
`)
