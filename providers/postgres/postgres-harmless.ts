/*
 * What of PostgreSQL's own a registered query may use: what is not listed here is refused. "Immutable" is the server's
 * promise that a function reads nothing but its arguments, so that of those only the few that tell of the server are left out.
 */

/** They tell of the server, or make what only it reads. */
const refusedImmutable =
  /^(?:pg_(?!size_pretty$|size_bytes$).*|acl.*|makeaclitem|satisfies_hash_partition|shell_.*|.*_(?:validator|handler))$/;

/** Their answers depend on the session's settings (which we set), on the time, or on the types of their arguments. */
const harmlessStable = new Set(
  [
    'age anytextcat array_to_json array_to_string concat concat_ws convert convert_from convert_to date date_part',
    'date_trunc extract format generate_series in_range interval_pl_timestamptz',
    'json_build_array json_build_object json_populate_record json_populate_recordset json_to_record json_to_recordset',
    'json_to_tsvector jsonb_build_array jsonb_build_object jsonb_path_exists_tz jsonb_path_match_tz jsonb_path_query_array_tz',
    'jsonb_path_query_first_tz jsonb_path_query_tz jsonb_populate_record jsonb_populate_recordset jsonb_to_record',
    'jsonb_to_recordset jsonb_to_tsvector length make_timestamptz money now numeric overlaps pg_column_size',
    'phraseto_tsquery plainto_tsquery quote_literal quote_nullable row_to_json statement_timestamp textanycat time',
    'timestamp timestamptz timetz timezone to_char to_date to_json to_jsonb to_number to_timestamp to_tsquery to_tsvector',
    'transaction_timestamp ts_headline ts_match_tq ts_match_tt websearch_to_tsquery xml xml_is_well_formed date_add',
    'date_subtract timestamptz_mi_interval timestamptz_pl_interval',
  ].flatMap((names) => names.split(' ')),
);
/** Comparisons of times, and the parts of the aggregates that make JSON and arrays. */
const harmlessStableParts =
  /^(?:(?:date|timestamp|timestamptz)_(?:cmp|eq|ge|gt|le|lt|ne)_(?:date|timestamp|timestamptz)|(?:jsonb?_(?:object_)?agg|array_agg)_\w*(?:transfn|finalfn|combine|serialize))$/;

/** They change nothing, though their answer does change. */
const harmlessVolatile = new Set(
  'random random_normal gen_random_uuid uuidv4 uuidv7 clock_timestamp timeofday'.split(' '),
);

/** Whether a function that comes with the server is one for queries. `volatility` is as in `pg_proc`. */
export function isHarmlessOwn(name: string, volatility: string): boolean {
  if (volatility === 'i') return !refusedImmutable.test(name);
  if (volatility === 's') return harmlessStable.has(name) || harmlessStableParts.test(name);
  return harmlessVolatile.has(name);
}

/** The server's own types of values. Those that look names up in its catalog (`regclass`, `aclitem`) are none. */
const plainTypes = new Set(
  [
    'bool int2 int4 int8 float4 float8 numeric money oid text varchar bpchar name char uuid bytea bit varbit',
    'date time timetz timestamp timestamptz interval json jsonb jsonpath xml tsvector tsquery',
    'inet cidr macaddr macaddr8 point line lseg box path polygon circle int2vector oidvector tid xid xid8 cid pg_lsn',
    'int4range int8range numrange tsrange tstzrange daterange',
    'int4multirange int8multirange nummultirange tsmultirange tstzmultirange datemultirange',
  ].flatMap((names) => names.split(' ')),
);
/** How text search is configured is no secret, and its functions take it as an argument that is written as a text. */
const searchTypes = new Set(['regconfig', 'regdictionary']);

export function isPlainType(name: string): boolean {
  return plainTypes.has(name);
}

export function isSearchType(name: string): boolean {
  return searchTypes.has(name);
}
