-- KEYS: names, ends, due; then each record that the commit touches, once.
-- ARGV: now, length of what stands before a record's name in its key, number of guards, puts, deletes; then
-- for each guard: record (place in KEYS), version ('' for absence);
-- for each put: record, bytes, time to live ('' for ever), end (a score), due ('' for none);
-- for each delete: record.
-- Answer: 1 committed (now or before), 0 a guard does not hold, -1 bytes that are not ours are in the way.
local names, ends, due = KEYS[1], KEYS[2], KEYS[3]
local now, before = tonumber(ARGV[1]), tonumber(ARGV[2])
local guards, puts, deletes = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local first_put = 6 + 2 * guards
local first_delete = first_put + 5 * puts

local version = {}
for i = 4, #KEYS do
  local head = redis.pcall('GETRANGE', KEYS[i], 0, 24)
  if head == '' or is_over(head, now) then
    version[i] = ''
  elseif ends_at(head) then
    version[i] = string.sub(head, 2, 17)
  else
    return -1
  end
end

local function has_happened()
  for at = first_put, first_delete - 1, 5 do
    if version[tonumber(ARGV[at])] ~= string.sub(ARGV[at + 1], 2, 17) then return false end
  end
  return puts > 0
end

for at = 6, first_put - 1, 2 do
  if version[tonumber(ARGV[at])] ~= ARGV[at + 1] then return has_happened() and 1 or 0 end
end

-- Writing comes first: where Redis refuses to (memory, disk), it refuses the first write, and nothing is changed. The
-- index comes before its record: where something else stands in its place, that stops a commit before it has begun.
for at = first_put, first_delete - 1, 5 do
  local key = KEYS[tonumber(ARGV[at])]
  local name = string.sub(key, before + 1)
  redis.call('ZADD', names, 0, name)
  redis.call('ZADD', ends, ARGV[at + 3], name)
  if ARGV[at + 4] == '' then
    redis.call('ZREM', due, name)
  else
    redis.call('ZADD', due, ARGV[at + 4], name)
  end
  if ARGV[at + 2] == '' then
    redis.call('SET', key, ARGV[at + 1])
  else
    redis.call('SET', key, ARGV[at + 1], 'PX', ARGV[at + 2])
  end
end
local gone = {}
for at = first_delete, #ARGV do
  gone[#gone + 1] = string.sub(KEYS[tonumber(ARGV[at])], before + 1)
end
forget(names, ends, due, gone)
for at = first_delete, #ARGV do
  redis.call('DEL', KEYS[tonumber(ARGV[at])])
end
tidy(names, ends, due, now)
return 1
