type Provider = { ref: string; roles: readonly string[] };

/** Where the server doesn't say what there is. */
export const keylessTabs = [
  `# This server asks who you are: give an API key or a token in the field below, then ask again.
# An operator makes keys with "featuregraph keys create".
query Registered {
  resources(first: 50) {
    totalCount
    edges {
      node {
        kind
        ref
        status
        description
      }
    }
  }
}
`,
];

/** On a registry without anything: something to register that needs no file, what it would do, and how to read it. */
export function beginningTabs(providers: readonly Provider[]): string[] {
  const lacks = (role: string) => !providers.some(({ roles }) => roles.includes(role));
  const stores = [
    lacks('OFFLINE_STORE') && '      { provider: { name: "warehouse", config: { duckdb: {} } } }',
    lacks('ONLINE_STORE') && '      { provider: { name: "latest", config: { lmdb: {} } } }',
  ].filter((line) => typeof line === 'string');
  const definitions = [...stores, world].join('\n');
  return [
    `# Nothing is registered here yet. This says what the next tab would register, and what is wrong with it, if anything.
query Plan {
  plan(
    definitions: [
${definitions}
    ]
  ) {
    steps {
      action
      kind
      ref
    }
    issues {
      path
      message
      fix
    }
    jobs {
      kind
      ref
    }
  }
}
`,
    `# An entity, rows, and features of them that are served. Run this, then load the page anew: its tabs are made of what
# is registered. Rows of your own come from files or tables: "featuregraph init --from FILE" writes the definitions.
mutation Register {
  apply(
    definitions: [
${definitions}
    ]
  ) {
    steps {
      action
      kind
      ref
    }
    jobs {
      kind
      ref
      state
    }
  }
}
`,
  ];
}

const world = `      { entity: { name: "driver", joinKeys: [{ name: "driver_id", type: "INT64" }] } }
      {
        source: {
          name: "trips"
          transformation: {
            sql: "select * from (values (cast(7 as bigint), 4.5e0, cast('2024-05-01T10:00:00Z' as timestamptz)), (8, 3.9e0, '2024-05-01T11:00:00Z')) as t(driver_id, rating, seen_at)"
          }
        }
      }
      {
        featureView: {
          name: "driver_stats"
          entity: "driver"
          source: "trips"
          eventTimestamp: "seen_at"
          features: [{ name: "rating", type: "FLOAT64" }]
        }
      }
      { featureService: { name: "dispatch", features: [{ feature: "driver_stats:rating" }] } }`;
