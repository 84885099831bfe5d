import { type SubgraphServer, startSubgraph } from './subgraph-server.ts';

/** How many airports the team knows; the n-th is called `A0007`, and the first thousand are in our world too. */
export const airportCount = 1_001;

export function airportCode(index: number): string {
  return `A${String(index).padStart(4, '0')}`;
}

/** Beyond what a double holds exactly. */
export const largeDriverId = '9007199254740993';

const sdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])

  scalar BigInt

  type Query {
    destinations(first: Int! = 3): [Airport!]!
    fleet: [Driver!]!
  }

  type Airport @key(fields: "faa") {
    faa: String!
    id: ID!
    name: String
    city: String
  }

  type Driver @key(fields: "id") {
    id: BigInt!
    name: String
  }
`;

const drivers = [
  { id: 1, name: 'Ada' },
  { id: 2, name: 'Ben' },
  { id: largeDriverId, name: 'Cleo' },
  { id: 99, name: 'Nobody whom featuregraph knows' },
];

function airport(index: number) {
  const faa = airportCode(index);
  return { faa, id: String(index), name: `Airport ${faa}`, city: `City ${index % 10}` };
}

/** The product team's part of the company's graph: it owns `Airport { id name city }` and `Driver { id name }`. */
export function startProductTeam(): Promise<SubgraphServer> {
  return startSubgraph('product', sdl, {
    Query: {
      destinations: (_: unknown, { first }: { first: number }) => Array.from({ length: first }, (_, at) => airport(at)),
      fleet: () => drivers,
    },
    Airport: { __resolveReference: ({ faa }: { faa: string }) => airport(Number(faa.slice(1))) },
    Driver: {
      __resolveReference: ({ id }: { id: string | number }) => drivers.find((each) => String(each.id) === String(id)),
    },
  });
}
