-- Ask what a file says, line after line, from a place of its own for each connection's turn.
-- A line is: method TAB path TAB token TAB body. Arguments: the file, and in which line to begin.

local requests = {}
local place = 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    local method, path, token, body = line:match("^(%S+)\t(%S+)\t(%S*)\t(.*)$")
    local headers = {}
    if token ~= "" then headers["Authorization"] = "Bearer " .. token end
    if body ~= "" then headers["Content-Type"] = "application/json" end
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
  place = tonumber(arguments[2] or "0") % #requests
end

function request()
  place = place % #requests + 1
  return requests[place]
end
