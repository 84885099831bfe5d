import { createHash } from 'node:crypto';

/**
 * Keeps rows of one view that are not older than what is there. KEYS are the hashes, one per row; ARGV[1] is the
 * field, then two for each row: the packed row, and for how many milliseconds it must be kept (empty for ever). Answers how many were kept.
 *
 * Bytes 2 to 17 of a row, counted from 1, in plain byte order are its version (`online-row.ts`). They are compared
 * as four numbers: Lua's numbers hold no 64 bits, and its strings compare by the server's locale.
 *
 * A hash expires when the last of its rows may go, and never while one of them is kept for ever.
 */
export const keepNewest = `
local function older(left, right)
  for at = 2, 14, 4 do
    local ours, theirs = struct.unpack('>I4', left, at), struct.unpack('>I4', right, at)
    if ours ~= theirs then return ours < theirs end
  end
  return false
end

local field, kept = ARGV[1], 0
for index, key in ipairs(KEYS) do
  local row, keepForMs = ARGV[2 * index], ARGV[2 * index + 1]
  local present = redis.call('HGET', key, field)
  if not present or not older(row, present) then
    local isNew = not present and redis.call('EXISTS', key) == 0
    redis.call('HSET', key, field, row)
    if keepForMs == '' then
      if not isNew then redis.call('PERSIST', key) end
    elseif isNew then
      redis.call('PEXPIRE', key, keepForMs)
    else
      redis.call('PEXPIRE', key, keepForMs, 'GT')
    end
    kept = kept + 1
  end
end
return kept
`;

export const keepNewestSha = createHash('sha1').update(keepNewest).digest('hex');
