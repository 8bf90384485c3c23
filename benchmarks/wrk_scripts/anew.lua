-- Ask what nobody has asked before. Arguments: the path, the token, and the second since 1970 to begin with.

local path, token, second

function init(arguments)
  path, token, second = arguments[1], arguments[2], tonumber(arguments[3])
end

function request()
  second = second + 1
  local query = "?to=" .. os.date("!%Y-%m-%dT%H:%M:%SZ", second)
  return wrk.format("GET", path .. query, { ["Authorization"] = "Bearer " .. token })
end
