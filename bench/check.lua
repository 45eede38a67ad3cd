-- Asks the gate about one person after the other: the file COOKIES has a line for each. The twin is asked the same.
local cookies, last = {}, 0
for cookie in io.lines(os.getenv("COOKIES")) do
  last = last + 1
  cookies[last] = cookie
end
local headers = {
  ["X-Forwarded-Method"] = "GET",
  ["X-Forwarded-Proto"] = "http",
  ["X-Forwarded-Host"] = os.getenv("GATED"),
  ["X-Forwarded-Uri"] = "/page?x=1",
}
local at = 0

function request()
  at = at % last + 1
  headers["Cookie"] = cookies[at]
  return wrk.format("GET", nil, headers)
end
