import { createHash } from 'node:crypto';

/**
 * Exchanges rows of one view whose present version is the expected one. KEYS are the hashes, one per row; ARGV[1] is the
 * field, then two for each row: the expected version (empty for no row) and the packed row. Answers for each row 1 or 0.
 * What is exchanged is kept for ever, and with it its hash.
 */
export const exchangeRows = `
local field, done = ARGV[1], {}
for index, key in ipairs(KEYS) do
  local expected, row = ARGV[2 * index], ARGV[2 * index + 1]
  local present = redis.call('HGET', key, field)
  local version = present and string.sub(present, 2, 17) or ''
  done[index] = 0
  if version == expected then
    redis.call('HSET', key, field, row)
    redis.call('PERSIST', key)
    done[index] = 1
  end
end
return done
`;

export const exchangeRowsSha = createHash('sha1').update(exchangeRows).digest('hex');
