-- KEYS: due. ARGV: now, what stands before a record's name in its key, until when, limit.
-- Answer: name, bytes, name, bytes …
local now, before, limit = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[4])
local found, seen = {}, 0
while #found < 2 * limit do
  local some = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[3], 'LIMIT', seen, limit)
  for _, name in ipairs(some) do
    if #found < 2 * limit then add(found, name, before .. name, now) end
  end
  seen = seen + #some
  if #some < limit then break end
end
return found
