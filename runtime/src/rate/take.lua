-- Takes one from each limit, or none from any. Keys: one for each limit. Arguments: for each limit its kind (b, f, s), its
-- count, and its period in microseconds. Time is the server's, so that replicas need not agree on theirs.
-- Answers {0, number of the limit, microseconds to wait}, or {1, left, microseconds until all is there again, ...}.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local write, answer = {}, {1}

-- Lua would write large numbers with an exponent.
local function text(number)
  return string.format('%.0f', number)
end

local function milliseconds(microseconds)
  return text(math.max(1, math.ceil(microseconds / 1000)))
end

local take = {}

-- A bucket: when it is empty again.
function take.b(key, count, period)
  local interval = math.max(1, math.ceil(period / count))
  local after = math.max(tonumber(redis.call('GET', key) or '0') or 0, now) + interval
  local ahead = after - now
  if ahead > interval * count then
    return ahead - interval * count
  end
  write[#write + 1] = {'SET', key, text(after), 'PX', milliseconds(ahead)}
  return 0, math.floor((interval * count - ahead) / interval), ahead
end

-- A fixed window: number of the period, and calls in it.
function take.f(key, count, period)
  local index = math.floor(now / period)
  local state = redis.call('HMGET', key, 'period', 'used')
  local used = 0
  if state[1] == text(index) then
    used = tonumber(state[2]) or 0
  end
  local reset = (index + 1) * period - now
  if used >= count then
    return math.max(1, reset)
  end
  write[#write + 1] = {'HSET', key, 'period', text(index), 'used', text(used + 1)}
  write[#write + 1] = {'PEXPIRE', key, milliseconds(reset)}
  return 0, count - used - 1, reset
end

-- A sliding window: calls in each sixteenth of the period, seventeen of them.
function take.s(key, count, period)
  local slot = math.ceil(period / 16)
  local number = math.floor(now / slot)
  local state = redis.call('HGETALL', key)
  local used, oldest, over = 0, nil, {'HDEL', key}
  for at = 1, #state, 2 do
    local of = tonumber(state[at]) or 0
    if of > number - 17 then
      used = used + (tonumber(state[at + 1]) or 0)
      oldest = math.min(oldest or of, of)
    else
      over[#over + 1] = state[at]
    end
  end
  if used >= count then
    return math.max(1, ((oldest or number) + 17) * slot - now)
  end
  if #over > 2 then
    write[#write + 1] = over
  end
  write[#write + 1] = {'HINCRBY', key, text(number), '1'}
  write[#write + 1] = {'PEXPIRE', key, milliseconds(17 * slot)}
  return 0, count - used - 1, (number + 17) * slot - now
end

for at, key in ipairs(KEYS) do
  local wait, left, reset = take[ARGV[3 * at - 2]](key, tonumber(ARGV[3 * at - 1]), tonumber(ARGV[3 * at]))
  if wait > 0 then
    return {0, at, math.ceil(wait)}
  end
  answer[#answer + 1] = left
  answer[#answer + 1] = math.ceil(reset)
end
for _, command in ipairs(write) do
  redis.call(unpack(command))
end
return answer
