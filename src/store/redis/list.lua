-- KEYS: names. ARGV: now, what stands before a record's name in its key, kind, where to begin (a bound of
-- ZRANGEBYLEX), limit. Answer: name, bytes, name, bytes …
local now, before, kind, from, limit = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local found = {}
while #found < 2 * limit do
  local some = redis.call('ZRANGEBYLEX', KEYS[1], from, '(' .. kind .. ';', 'LIMIT', 0, limit)
  for _, name in ipairs(some) do
    -- Between a kind's own name and its prefix with a colon stand names of other kinds.
    if #found < 2 * limit and (name == kind or string.sub(name, 1, #kind + 1) == kind .. ':') then
      add(found, name, before .. name, now)
    end
    from = '(' .. name
  end
  if #some < limit then break end
end
return found
