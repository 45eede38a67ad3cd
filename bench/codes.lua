-- Asks /authorize as a browser that is signed in, and keeps the codes that come back in the file CODES.
local file = io.open(os.getenv("CODES"), "a")
local headers = { ["Cookie"] = os.getenv("COOKIE") }

function request()
  return wrk.format("GET", nil, headers)
end

function response(_, answer)
  local location = answer["location"] or answer["Location"] or ""
  local code = location:match("[?&]code=([^&]+)")
  if code then
    file:write(code, "\n")
    file:flush()
  end
end
