-- Posts the same form again and again.
local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
request = function() return wrk.format("POST", nil, headers, os.getenv("FORM")) end
