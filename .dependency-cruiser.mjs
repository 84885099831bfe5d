/** Imports point one way: server → schema → resolvers → src → contracts ← adapters. */

const only = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });

/** @type {import('dependency-cruiser').IConfiguration} */
const configuration = {
  forbidden: [
    only('no-cycles', {}, { circular: true }, 'A cycle has no first file to read.'),
    only('no-orphans', { orphan: true, pathNot: ['\\.d\\.ts$', '^bench/', '^test/', '^\\.'] }, {}, 'Nothing uses it.'),
    only(
      'providers-stand-alone',
      { path: '^providers' },
      { path: '^(src|server|schema|resolvers|clients|examples)' },
      'Adapters know contracts, not the application.',
    ),
    only(
      'contracts-stand-alone',
      { path: '^providers/contract' },
      { path: '^providers/(?!contract)' },
      'Contracts know no adapter.',
    ),
    only(
      'peers-stand-alone',
      { path: '^providers/peers' },
      { path: '^providers/(?!contract|peers)' },
      'What is on the other end of a line is guarded against in one way.',
    ),
    only(
      'adapters-are-apart',
      { path: '^providers/(?!contract|sql|embedded|peers|pgvector)([^/]+)' },
      { path: '^providers/(?!contract|sql|embedded|peers|$1)' },
      'One product, one folder.',
    ),
    only(
      'pgvector-is-postgres',
      { path: '^providers/pgvector' },
      { path: '^providers/(?!contract|sql|peers|postgres|pgvector)' },
      'pgvector is PostgreSQL with an extension, and shares its connections.',
    ),
    only(
      'application-knows-no-graphql',
      { path: '^src' },
      { path: ['^(schema|resolvers|server)', 'node_modules/(graphql|@apollo|@pothos|fastify)'] },
      'The application is not its API.',
    ),
    only(
      'application-opens-no-adapter',
      { path: '^src', pathNot: '^src/stores/adapters' },
      { path: '^providers/(?!contract|peers)' },
      'One place constructs adapters.',
    ),
    only(
      'resolvers-below-schema',
      { path: '^resolvers' },
      { path: '^(schema|server)' },
      'The schema asks resolvers, not the other way.',
    ),
    only('schema-below-server', { path: '^schema' }, { path: '^server' }, 'The server serves the schema.'),
    only(
      'clients-stand-alone',
      { path: '^clients' },
      { path: '^(src|server|providers|schema|resolvers)/.*\\.ts$' },
      'A client has no server code.',
    ),
    only(
      'examples-use-the-client',
      { path: '^examples', pathNot: '\\.test\\.ts$' },
      { path: '^(schema|resolvers|providers|src)' },
      'An example does only what a user can.',
    ),
    only(
      'dashboard-knows-the-graph-alone',
      { path: '^dashboard' },
      { path: '^(src|server|schema|resolvers|providers|clients|test)/' },
      'The dashboard does only what a user of the graph can.',
    ),
    only(
      'dashboard-parts-below-views',
      { path: '^dashboard/(parts|graph)/' },
      { path: '^dashboard/(?!parts|graph|generated|shell/(key-form|graph-provider))', pathNot: 'node_modules' },
      'What views share knows no view.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['node_modules/(?!graphql|@apollo|@pothos|fastify)', 'dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};

export default configuration;
