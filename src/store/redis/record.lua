-- What every script here knows of a record: format (1 byte), version (16), when it ends (8, big-endian
-- milliseconds, 0 for never), then its value. `redis/value.rs` writes it.

-- When a record ends, 0 for never; nil if the bytes are not ours.
local function ends_at(bytes)
  if type(bytes) ~= 'string' or #bytes < 25 or string.byte(bytes) ~= 1 then return nil end
  return (struct.unpack('>I8', bytes, 18))
end

-- Whether these bytes are ours and over by our clock, though Redis may not have removed them yet.
local function is_over(bytes, now)
  local at = ends_at(bytes)
  return at ~= nil and at > 0 and at <= now
end

-- Adds name and bytes of a record to what a script returns, unless it is gone. What is not ours is returned, too:
-- who reads it says so.
local function add(found, name, key, now)
  local bytes = redis.pcall('GET', key)
  if type(bytes) == 'table' then bytes = '' end
  if bytes and not is_over(bytes, now) then
    found[#found + 1] = name
    found[#found + 1] = bytes
  end
end
