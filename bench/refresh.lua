-- Uses refresh tokens, each once, and goes on with those that come back. The file TOKENS has the first ones.
local form = os.getenv("FORM")
local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
local tokens, first, last = {}, 1, 0

local function keep(token)
  last = last + 1
  tokens[last] = token
end

for token in io.lines(os.getenv("TOKENS")) do keep(token) end

function request()
  local token = tokens[first]
  tokens[first], first = nil, first + 1
  return wrk.format("POST", nil, headers, form .. token)
end

function response(_, _, body)
  keep(body:match('"refresh_token":"([^"]+)"'))
end
