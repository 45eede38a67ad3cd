-- Asks Vestibule about a request, for HAProxy 2.6 or newer, which has an HTTP client of its own. Whatever is not a clear
-- yes goes back to the client as it came; a fault of any kind is a no.

local IDENTITY = {
  "remote-user", "remote-email", "remote-name", "remote-groups", "x-vestibule-auth", "x-vestibule-jwt",
}
-- What decides about a request. Hop-by-hop headers and bodies stay here.
local ASKED = {
  "cookie", "authorization", "accept", "accept-language", "x-requested-with", "sec-fetch-mode", "upgrade",
  "x-forwarded-for",
}
-- What a client is told by a no.
local TOLD = {
  "location", "www-authenticate", "content-type", "content-language", "content-security-policy", "cache-control",
  "retry-after", "referrer-policy", "x-content-type-options", "x-frame-options",
}

local function deny(txn, status, headers, body)
  txn:done(txn:reply({ status = status, headers = headers, body = body }))
end

core.register_action("vestibule", { "http-req" }, function(txn)
  local received = txn.http:req_get_headers()
  local sent = {
    ["x-forwarded-method"] = { txn.sf:method() },
    ["x-forwarded-proto"] = { received["x-forwarded-proto"][0] },
    ["x-forwarded-host"] = { received["x-forwarded-host"][0] },
    -- The path and query as they came, not mended.
    ["x-forwarded-uri"] = { txn.sf:pathq() },
  }
  for _, name in ipairs(ASKED) do
    local values = received[name]
    if values then
      sent[name] = {}
      for at = 0, #values do sent[name][at + 1] = values[at] end
    end
  end

  local asked, answer = pcall(function()
    return core.httpclient():get({ url = txn:get_var("txn.vestibule"), headers = sent, timeout = 5000 })
  end)
  if not asked or not answer or not answer.status or answer.status == 0 then
    return deny(txn, 503, { ["retry-after"] = { "5" } }, "")
  end

  local given = answer.headers or {}
  if answer.status == 200 then
    for _, name in ipairs(IDENTITY) do
      local value = given[name] and given[name][0] or ""
      if value == "" then txn.http:req_del_header(name) else txn.http:req_set_header(name, value) end
    end
    return
  end
  local headers = {}
  for _, name in ipairs(TOLD) do
    if given[name] then headers[name] = { given[name][0] } end
  end
  deny(txn, answer.status, headers, answer.body or "")
end, 0)
