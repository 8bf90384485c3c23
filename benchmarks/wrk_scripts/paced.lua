-- Ask at a given mean pace: the argument is how many milliseconds a connection waits before each request.

local pause = 0

function init(arguments)
  pause = tonumber(arguments[1])
end

function delay()
  return math.random() * 2 * pause
end
