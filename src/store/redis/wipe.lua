-- KEYS: names, ends, due. ARGV: now, what stands before a record's name in its key, then the names to keep.
local names, ends, due = KEYS[1], KEYS[2], KEYS[3]
local keep = {}
for i = 3, #ARGV do keep[ARGV[i]] = true end
local gone = {}
for _, name in ipairs(redis.call('ZRANGE', names, 0, -1)) do
  if not keep[name] then
    redis.call('UNLINK', ARGV[2] .. name)
    gone[#gone + 1] = name
  end
end
forget(names, ends, due, gone)
tidy(names, ends, due, tonumber(ARGV[1]))
return 1
