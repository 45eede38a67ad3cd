-- Redeems the codes in the file CODES, each once, and stops when there are no more.
local form = os.getenv("FORM")
local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
local codes = io.lines(os.getenv("CODES"))

function request()
  local code = codes and codes()
  if not code then
    codes = nil
    wrk.thread:stop()
    return wrk.format("GET", "/jwks")
  end
  return wrk.format("POST", nil, headers, form .. code)
end
