-- The index of a partition: names (for order), ends (when each record ends, +inf for never), due.

local function forget(names, ends, due, gone)
  for first = 1, #gone, 1000 do
    local some = { unpack(gone, first, math.min(first + 999, #gone)) }
    redis.call('ZREM', names, unpack(some))
    redis.call('ZREM', ends, unpack(some))
    redis.call('ZREM', due, unpack(some))
  end
end

-- Forgets what has ended, a few at a time, and lets the index end a second after its last record: that long, two
-- clocks may differ.
local function tidy(names, ends, due, now)
  forget(names, ends, due, redis.call('ZRANGEBYSCORE', ends, '-inf', now, 'LIMIT', 0, 64))
  local last = redis.call('ZREVRANGE', ends, 0, 0, 'WITHSCORES')[2]
  if not last then return end
  for _, key in ipairs({ names, ends, due }) do
    if last == 'inf' then
      redis.call('PERSIST', key)
    else
      redis.call('PEXPIRE', key, string.format('%.0f', math.max(tonumber(last) - now, 0) + 1000))
    end
  end
end
